"""Convert values for the database, and rows back into values.

Instants are stored as ISO 8601 text in UTC with microseconds, so that they sort as text; days as ISO 8601
text; lists and mappings as JSON; enums as their value. SQLite and PostgreSQL accept all of these.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache, partial
from sqlite3 import Row
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def stored_instant(value: datetime) -> str:
    """Return the text that is stored for an aware instant.

    Raises:
        ValueError: the instant has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be stored")
    return value.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def stored(value: object) -> object:
    """Return a value in a type that the driver accepts."""
    if value is None or isinstance(value, Enum):
        return None if value is None else value.value
    if isinstance(value, str | int | float | bytes):
        return value
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def read_instant(value: str | None) -> datetime | None:
    """Return the instant in a column, or None if the column is null."""
    return None if value is None else datetime.fromisoformat(value)


def read_row(kind: type[T], row: Row, **given: object) -> T:
    """Return a dataclass whose fields are read from the columns with the same names.

    Args:
        kind: the dataclass; the types of its fields decide how columns are read.
        row: the row. Other columns are ignored; a field without a column gets its default.
        given: values of fields that are not read from the row.
    """
    columns = set(row.keys())
    read = {
        name: row[name] if convert is None or row[name] is None else convert(row[name])
        for name, convert in _converters(kind)  # type: ignore[arg-type] # a type is hashable
        if name in columns and name not in given
    }
    return kind(**read, **given)


@lru_cache(maxsize=64)
def _converters(kind: Any) -> tuple[tuple[str, Callable[[Any], object] | None], ...]:  # noqa: ANN401 # a dataclass
    hints = get_type_hints(kind)
    return tuple((field.name, _converter(hints[field.name])) for field in fields(kind))


def _converter(hint: Any) -> Callable[[Any], object] | None:  # noqa: ANN401 # a type annotation
    origin = get_origin(hint)
    if origin is not None and NoneType in get_args(hint):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        origin = get_origin(hint)
    if origin is tuple:
        return partial(_tuple_of, get_args(hint)[0])
    if origin is not None:  # a mapping
        return json.loads
    if issubclass(hint, datetime | date):
        hint = hint.fromisoformat
    elif not issubclass(hint, Enum | bool):
        return None
    convert: Callable[[Any], object] = hint
    return convert


def _tuple_of(kind: Any, text: str) -> tuple[object, ...]:  # noqa: ANN401 # as above
    values = json.loads(text)
    return (
        tuple(kind(**value) for value in values) if hasattr(kind, "__dataclass_fields__") else tuple(values)
    )
