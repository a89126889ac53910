"""`templates`: copy the mail templates, to change them."""

import json
import shutil
from pathlib import Path

import click

from sse_digest.cli.context import json_option
from sse_digest.cli.output import emit
from sse_digest.errors import UsageError
from sse_digest.rendering.resources import folder


@click.group()
def templates() -> None:
    """Copy the mail templates, to change them."""


@templates.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@json_option
def copy(directory: Path, as_json: bool) -> None:
    """Copy the mail templates to DIR, which must not exist yet."""
    try:
        shutil.copytree(folder("templates") / "email", directory)
    except FileExistsError:
        raise UsageError(f"{directory} exists already, so nothing was copied. Choose a new folder.") from None
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror or error}. Choose another folder.") from error
    files = sorted(str(path) for path in directory.rglob("*.*"))
    lines = (
        *files,
        "Change the templates, then set the folder:",
        "",
        "[templates]",
        f"email = {json.dumps(str(directory.resolve()), ensure_ascii=False)}",
    )
    emit({"files": files}, lines, as_json=as_json)
