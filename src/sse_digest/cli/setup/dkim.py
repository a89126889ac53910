"""`dkim`: make the key that signs mails, and print its DNS record."""

import json
import os
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from sse_digest.cli.context import Context, json_option, pass_context
from sse_digest.cli.output import emit
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key, zone_line
from sse_digest.errors import UsageError
from sse_digest.settings.types import HostName


def _host_name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Check a host name as the settings do, so that no key is made that they would refuse."""
    try:
        return TypeAdapter[str](HostName).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(f"{value!r} {problem}") from error


@click.group()
def dkim() -> None:
    """Make a key to sign mails, and show its DNS record."""


@dkim.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--domain", required=True, metavar="NAME", callback=_host_name, help="Domain of the sender's address."
)
@click.option(
    "--selector",
    default="digest",
    show_default=True,
    metavar="NAME",
    callback=_host_name,
    help="Name of this key.",
)
@json_option
def generate(file: Path, domain: str, selector: str, as_json: bool) -> None:
    """Write a new key to FILE, and print the DNS record and the settings."""
    pem = make_key()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(pem)
    except FileExistsError:
        raise UsageError(
            f"{file} exists already, and keys are never overwritten. Choose another file."
        ) from None
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}. Choose another file.") from error
    line = zone_line(DkimSigner(domain, selector, read_key(pem)))
    lines = (
        f"Wrote {file}. Publish this record, then set:",
        line,
        "",
        "[dkim]",
        f'domain = "{domain}"',
        f'selector = "{selector}"',
        f"key_file = {json.dumps(str(file.resolve()), ensure_ascii=False)}",
    )
    emit({"file": str(file), "record": line}, lines, as_json=as_json)


@dkim.command()
@json_option
@pass_context
def record(context: Context, as_json: bool) -> None:
    """Print the DNS record of the key in use."""
    signer = context.settings().signer()
    if signer is None:
        raise UsageError(
            "There is no [dkim] block, so mails are not signed here. Make a key with `sse-digest dkim"
            " generate`."
        )
    emit({"record": zone_line(signer)}, [zone_line(signer)], as_json=as_json)
