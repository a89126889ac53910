"""A transaction in one piece: statements written for the event loop, run in a thread without one.

For the hot path of sending only. Nothing here decides what is written.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Result
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
Work = Callable[[AsyncConnection], Coroutine[Any, Any, T]]
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]]


class _Here(AsyncConnection):
    """A connection whose `execute` is finished when it is awaited: nothing waits for another thread."""

    def __init__(self, engine: AsyncEngine, connection: Connection) -> None:
        super().__init__(engine, connection)
        self._here = connection

    async def execute(  # type: ignore[override] # of all its forms the one that statements here use
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Result[Any]:
        """Execute in this thread."""
        return self._here.execute(statement, parameters)


def run_whole(blocking: Engine, engine: AsyncEngine, work: Work[T]) -> T:
    """Run `work` in one writing transaction of this thread: committed at its end, rolled back if it raises.

    Raises:
        RuntimeError: `work` waited for something else than its connection.
    """
    with blocking.begin() as connection:
        return _finish(work(_Here(engine, connection)))


def _finish(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    work.close()
    raise RuntimeError("in a whole transaction nothing but its connection can be awaited")
