"""`templates`: a copy of the mail's templates to change."""

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
    """Copy the mail's templates, to change them."""


@templates.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@json_option
def copy(directory: Path, as_json: bool) -> None:
    """Copy the templates of the mail to DIR, which must not exist yet."""
    try:
        shutil.copytree(folder("templates") / "email", directory)
    except FileExistsError:
        raise UsageError(f"{directory} exists already; nothing was copied. Name a new folder.") from None
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror or error}. Name another folder.") from error
    files = sorted(str(path) for path in directory.rglob("*.*"))
    lines = (
        *files,
        "Change what you like, then name the folder:",
        "",
        "[templates]",
        f"email = {json.dumps(str(directory.resolve()), ensure_ascii=False)}",
    )
    emit({"files": files}, lines, as_json=as_json)
