"""Print reports as one JSON object, or as lines for people."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

import click

from sse_digest.errors import OutputError
from sse_digest.model.issues import Period

# C0 except tab and line feed, DEL, C1, and marks that change the direction of the text after them.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def emit(report: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a report: as one JSON object, or as lines for people."""
    if as_json:
        say(json.dumps(json_of(report), ensure_ascii=False, indent=2))
        return
    for line in lines:
        say(line)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text that may be untrusted; its control characters are escaped.

    Raises:
        BrokenPipeError: nobody reads standard output any more.
        OutputError: standard output cannot be written. That standard error cannot is ignored.
    """
    try:
        click.echo(visible(text), err=err, nl=nl)
    except (OSError, ValueError) as error:  # ValueError: the stream is closed
        if err:
            return
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(f"Standard output cannot be written: {error}") from error


def visible(text: str) -> str:
    r"""Return text with its control characters written as escapes such as \u001b, which are valid in JSON."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_of(value: object) -> object:
    """Return a value as `json.dumps` accepts it.

    A dataclass becomes an object of its fields, a date or time its ISO 8601 text, an enum its value, a period
    or path its text.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(json_of(key)): json_of(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, Period):
        return {field.name: json_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_of(one) for one in value]
    return str(value)


def table(rows: Iterable[Iterable[object]]) -> list[str]:
    """Return lines with cells aligned in columns, two spaces apart."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 row`, `2 rows`, `1 delivery`, `2 deliveries`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def warn(message: str) -> None:
    """Print a message that needs attention to standard error."""
    say(message, err=True)
