"""A transaction in one piece: statements written for the event loop, run in a thread without one.

For the hot path of sending only. Nothing here decides what is written.
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, Result
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

BEGIN_WRITING = "BEGIN IMMEDIATE"  # SQLite's default would let two writers lose each other's updates

_MOST = 256  # keys in one statement

T = TypeVar("T")
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]]


class HotConnection(AsyncConnection):
    """A connection whose `execute` is finished when it is awaited: nothing waits for another thread.

    `change`, `rows` and `rows_of` hand a statement to the driver as it is, for those that are executed for
    every message: values are what the driver knows (text, numbers, None), and instants are text already.
    """

    def __init__(
        self, engine: AsyncEngine, connection: Connection, driver: DBAPIConnection, own: list[int]
    ) -> None:
        """`own`: counts the changes that were noted, for all transactions of the connection."""
        super().__init__(engine, connection)
        self._here, self._driver, self._own = connection, driver, own

    async def execute(  # type: ignore[override] # of all its forms the one that statements here use
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Result[Any]:
        """Execute in this thread."""
        return self._here.execute(statement, parameters)

    def change(self, sql: str, values: tuple[object, ...], ids: Sequence[int]) -> int:
        """Execute a statement for several rows; gives how many it changed. See `rows_of`."""
        return sum(int(self._run(text, (*values, *some)).rowcount) for text, some in _portions(sql, ids))

    def rows_of(
        self, sql: str, values: tuple[object, ...], keys: Sequence[int] | Sequence[str]
    ) -> list[tuple[Any, ...]]:
        """Execute a statement for several keys, which stand for `{ids}` in it; gives all of its rows."""
        found: list[tuple[Any, ...]] = []
        for text, some in _portions(sql, keys):
            found += self._run(text, (*values, *some)).fetchall()
        return found

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> Sequence[tuple[Any, ...]]:
        """Execute one statement; gives all of its rows."""
        return self._run(sql, values).fetchall()

    def _run(self, sql: str, values: tuple[object, ...]) -> DBAPICursor:
        cursor = self._driver.cursor()
        cursor.execute(sql, values)
        return cursor

    def version(self) -> tuple[int, int]:
        """Give what changes whenever any other connection, of whatever process, committed anything.

        Asked within a transaction: as long as it is the same, what was read in an earlier transaction of this
        connection still stands, but for what this connection itself wrote and did not note
        (SQLite's `PRAGMA data_version`).
        """
        return int(self.rows("PRAGMA data_version")[0][0]), self._own[0]

    def note_change(self) -> None:
        """Let `version` change, too, for something that was written here and that others may have read."""
        self._own[0] += 1


Work = Callable[[HotConnection], Coroutine[Any, Any, T]]


class WriteThread:
    """The one connection that whole transactions use, always in the same thread."""

    def __init__(self, blocking: Engine, engine: AsyncEngine) -> None:
        self._blocking, self._engine = blocking, engine
        self._connection: Connection | None = None
        self._own = [0]

    def run(self, work: Work[T]) -> T:
        """Run `work` in one writing transaction: committed at its end, rolled back if it raises.

        Raises:
            RuntimeError: `work` waited for something else than its connection.
        """
        connection = self._connection = self._connection or self._connect()
        pooled, dialect = connection.connection, self._blocking.dialect
        driver = cast("DBAPIConnection", pooled.dbapi_connection)
        whole = HotConnection(self._engine, connection, driver, self._own)
        pooled.cursor().execute(BEGIN_WRITING)  # SQLAlchemy begins nothing on this connection
        try:
            value = _finish(work(whole))
            dialect.do_commit(pooled)
        except BaseException:
            dialect.do_rollback(pooled)
            raise
        finally:
            connection.rollback()  # SQLAlchemy's own notion of a transaction, if it executed anything
        return value

    @property
    def is_open(self) -> bool:
        """Whether there is anything to close."""
        return self._connection is not None

    def close(self) -> None:
        """Close everything that was opened."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._blocking.dispose()

    def _connect(self) -> Connection:
        return self._blocking.connect().execution_options(sse_begun=True)


def _portions(
    sql: str, keys: Sequence[int] | Sequence[str]
) -> Iterator[tuple[str, Sequence[int] | Sequence[str]]]:
    """Give the statement for some of the keys at a time.

    In few lengths, the last key repeated, so that the driver finds the statement among those it has prepared.
    """
    for start in range(0, len(keys), _MOST):
        some = keys[start : start + _MOST]
        length = 1 << (len(some) - 1).bit_length()
        yield _of_length(sql, length), [*some, *[some[-1]] * (length - len(some))]


@lru_cache(maxsize=64)
def _of_length(sql: str, length: int) -> str:
    return sql.format(ids=",".join("?" * length))


def _finish(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    work.close()
    raise RuntimeError("in a whole transaction nothing but its connection can be awaited")
