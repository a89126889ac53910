"""A transaction in one piece: statements written for the event loop, run in a thread without one.

For the hot path of sending only. Nothing here decides what is written.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, Result
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

BEGIN_WRITING = "BEGIN IMMEDIATE"  # SQLite's default would let two writers lose each other's updates

T = TypeVar("T")
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]]


class Whole(AsyncConnection):
    """A connection whose `execute` is finished when it is awaited: nothing waits for another thread.

    `many` and `rows` hand a statement to the driver as it is, for those that are executed for every message:
    values are what the driver knows (text, numbers, None), and instants are text already.
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

    def many(self, sql: str, values: Sequence[tuple[object, ...]]) -> int:
        """Execute one statement for each row of values; gives how many rows of the table it changed."""
        cursor = self._driver.cursor()
        cursor.executemany(sql, values)
        return int(cursor.rowcount)

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> Sequence[tuple[Any, ...]]:
        """Execute one statement; gives all of its rows."""
        cursor = self._driver.cursor()
        cursor.execute(sql, values)
        return cursor.fetchall()

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


Work = Callable[[Whole], Coroutine[Any, Any, T]]


class WholeWriter:
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
        whole = Whole(self._engine, connection, driver, self._own)
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


def _finish(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    work.close()
    raise RuntimeError("in a whole transaction nothing but its connection can be awaited")
