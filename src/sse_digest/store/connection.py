"""Execute statements inside a transaction. All statements of this room go through `Connection`.

Anything that differs in PostgreSQL (placeholders, `data_version`) belongs here or in `engine`.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sse_digest.store.values import stored

_MOST = 256  # keys in one statement

Row = sqlite3.Row
Values = Sequence[object] | Mapping[str, object]
Keys = Sequence[int] | Sequence[str]


class Connection:
    """A connection to the database, used inside a transaction and by one thread at a time."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.driver = driver
        self._changes = 0  # calls of `note_change`

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Execute a statement and return a cursor over its rows."""
        if isinstance(values, Mapping):
            return self.driver.execute(sql, {name: stored(value) for name, value in values.items()})
        return self.driver.execute(sql, [stored(value) for value in values])

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """Return all rows of a query."""
        return self.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """Return the first row of a query, or None if there is none."""
        row: Row | None = self.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 # depends on the column
        """Return the first column of the first row of a query, or None if there is no row."""
        row = self.row(sql, values)
        return None if row is None else row[0]

    def change(self, sql: str, values: Values = ()) -> int:
        """Execute a statement and return how many rows it changed."""
        return self.execute(sql, values).rowcount

    def rows_in(self, sql: str, values: Sequence[object], keys: Keys) -> list[Row]:
        """Return all rows of a query for several keys, which replace `{keys}` in it.

        This is called for every message, so it does not convert values: they must be text, numbers, bytes or
        None.
        """
        found: list[Row] = []
        for text, some in _portions(sql, keys):
            found += self.driver.execute(text, (*values, *some)).fetchall()
        return found

    def change_in(self, sql: str, values: Sequence[object], keys: Keys) -> int:
        """Execute a statement for several keys as `rows_in` does, and return how many rows it changed."""
        return sum(
            self.driver.execute(text, (*values, *some)).rowcount for text, some in _portions(sql, keys)
        )

    def insert(self, table: str, *rows: Mapping[str, object]) -> None:
        """Insert rows. All must have the same columns."""
        if rows:
            self.driver.executemany(
                _insert_into(table, tuple(rows[0])), [tuple(map(stored, row.values())) for row in rows]
            )

    def replace(self, table: str, row: Mapping[str, object], *key: str) -> None:
        """Insert a row, or update the row that has the same values in the `key` columns."""
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in row if name not in key)
        sql = f"{_insert_into(table, tuple(row))} ON CONFLICT ({_quoted(key)}) DO UPDATE SET {changed}"
        self.execute(sql, tuple(row.values()))

    def update(self, table: str, values: Mapping[str, object], **where: object) -> int:
        """Update the rows whose columns have the values in `where`, and return how many there were."""
        wanted = ", ".join(f'"{name}" = ?' for name in values)
        which = " AND ".join(f'"{name}" = ?' for name in where)
        sql = f"UPDATE {table} SET {wanted} WHERE {which}"  # noqa: S608 # names are ours, values are bound
        return self.change(sql, (*values.values(), *where.values()))

    def version(self) -> tuple[int, int]:
        """Return a value that changes when anything but deliveries and attempts was committed.

        Call it inside a transaction. While the value is the same, data read in an earlier transaction is
        still valid. SQLite's `PRAGMA data_version` covers the changes of other connections.
        """
        return int(self.value("PRAGMA data_version")), self._changes

    def note_change(self) -> None:
        """Change the value of `version`, because this transaction writes data that others may have read."""
        self._changes += 1


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@lru_cache(maxsize=64)
def _insert_into(table: str, names: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({_quoted(names)}) VALUES ({places})"  # noqa: S608 # names are ours, values are bound


def _portions(sql: str, keys: Keys) -> Iterator[tuple[str, Keys]]:
    """Yield the statement and its keys, at most 256 keys at a time.

    The last key is repeated until the length is a power of two, so that the driver can reuse few prepared
    statements.
    """
    for start in range(0, len(keys), _MOST):
        some = keys[start : start + _MOST]
        length = 1 << (len(some) - 1).bit_length()
        yield _of_length(sql, length), [*some, *[some[-1]] * (length - len(some))]


@lru_cache(maxsize=64)
def _of_length(sql: str, length: int) -> str:
    return sql.format(keys=",".join("?" * length))
