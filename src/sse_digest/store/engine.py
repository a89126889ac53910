"""The door to the database: open it, bring it up to date, read and write in transactions.

SQLite's default transactions lose updates silently, so every writing transaction begins with
BEGIN IMMEDIATE; WAL with synchronous FULL makes a commit survive a killed process and a power cut.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from sse_digest.errors import StoreBusyError, StoreError
from sse_digest.store.news.item_json import MARK, mark_of
from sse_digest.store.write_thread import BEGIN_WRITING, T, Work, WriteThread

SCHEMA = "0001"  # the newest of store/migrations/versions
BUSY_TIMEOUT_MS = 30_000
CACHE_KB = 500  # of each connection; the system keeps the file in its own memory anyway
_MEMORY = ":memory:"
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="store")  # of all stores; it starts with its first work


class Store:
    """An open database. One per process; close it with `close`, or use it as `async with`."""

    def __init__(self, engine: AsyncEngine, blocking: Engine, path: Path | None) -> None:
        self._engine = engine
        self._blocking = blocking  # the same database, for the thread of `write_whole`
        self._writer = WriteThread(blocking, engine)
        self._is_closed = False
        self._turn = asyncio.Lock()  # writers of this process queue here, not on SQLite's busy timer
        self.path = path  # the database file; None: in memory

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction: committed at the end of the block, rolled back if it raises.

        Raises:
            StoreError: the database is locked by others for 30 seconds, full, or unreadable.
        """
        try:
            async with self._turn, self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _explained(error, self.path) from error

    async def write_whole(self, work: Work[T]) -> T:
        """One writing transaction that runs from begin to commit in a thread, for what is done often.

        A `write` changes threads four times for each statement; this once. So `work` may await its
        connection's methods and nothing else, and must not touch what belongs to the event loop.

        Raises:
            StoreError: as for `write`.
        """
        try:
            async with self._turn:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(_THREAD, self._writer.run, work)
        except (SQLAlchemyError, self._blocking.dialect.loaded_dbapi.Error) as error:
            raise _explained(error, self.path) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One reading transaction: sees one state of the database, never waits for a writer.

        Raises:
            StoreError: the database is unreadable.
        """
        try:
            if self.path is None:  # one connection only: readers and writers must take turns
                async with self._turn, self._engine.begin() as connection:
                    yield connection
            else:
                async with self._engine.connect() as connection:
                    await connection.execution_options(sse_read_only=True)
                    yield connection
        except SQLAlchemyError as error:
            raise _explained(error, self.path) from error

    async def close(self) -> None:
        """Give back every connection."""
        if not self._is_closed:
            self._is_closed = True
            if self._writer.is_open:  # closed in the thread in which it was opened
                await asyncio.get_running_loop().run_in_executor(_THREAD, self._writer.close)
            await self._engine.dispose()

    async def __aenter__(self) -> Self:
        """Give the store itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self.close()


async def open_store(url: str) -> Store:
    """Open the database at `url` and migrate it to the newest schema.

    Args:
        url: `sqlite:///PATH`, or `sqlite://` for one that lives in memory.

    Raises:
        StoreError: the address is not understood, the file cannot be opened, or was made by a newer version.
    """
    store = _make_store(url)
    try:
        # Looking needs no lock: what only reads works while somebody else writes, or died writing slowly.
        async with store.read() as connection:
            is_current = await connection.run_sync(_is_current)
        if not is_current:
            async with store.write() as connection:
                await connection.run_sync(_migrate)
    except StoreError:
        await store.close()
        raise
    return store


def _make_store(url: str) -> Store:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"database.url: {url!r} is not a database address. Use sqlite:///PATH.") from error
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(
            f"database.url: {parsed.get_backend_name()!r} is not supported yet. Use sqlite:///PATH."
        )
    name = parsed.database or _MEMORY
    path = None if name == _MEMORY else Path(name)
    if path is not None:
        if not path.parent.is_dir():
            raise StoreError(
                f"database.url: the folder {path.parent} does not exist. Make it, or run `sse-digest init`."
            )
        _make_private(path)
        engine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"))
        blocking = create_engine(parsed.set(drivername="sqlite+pysqlite"))
    else:
        engine = create_async_engine(_in_memory("aiosqlite", name := uuid4().hex), poolclass=StaticPool)
        blocking = create_engine(_in_memory("pysqlite", name), poolclass=StaticPool)
    for one in (engine.sync_engine, blocking):
        event.listen(one, "connect", _on_connect)
        event.listen(one, "begin", _on_begin)
    return Store(engine, blocking, path)


def _in_memory(driver: str, name: str) -> URL:
    """Name a database in memory that two connections can share."""
    return make_url(f"sqlite+{driver}:///file:{name}?mode=memory&cache=shared&uri=true")


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner only: it holds everybody's address."""
    with contextlib.suppress(FileExistsError, OSError):  # SQLite says better what is wrong with the place
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _on_connect(dbapi_connection: object, record: object) -> None:
    del record
    # The driver must not begin transactions by itself.
    dbapi_connection.isolation_level = None  # type: ignore[attr-defined] # an aiosqlite adapter
    cursor = dbapi_connection.cursor()  # type: ignore[attr-defined] # as above
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    dbapi_connection.create_function(MARK, -1, mark_of, deterministic=True)  # type: ignore[attr-defined] # as above


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("sse_begun", False):
        connection.exec_driver_sql("BEGIN" if options.get("sse_read_only", False) else BEGIN_WRITING)


def _is_current(connection: Connection) -> bool:
    """Whether there is nothing to migrate; asked without Alembic, which costs every command half a second."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [SCHEMA]


def _migrate(connection: Connection) -> None:
    from sse_digest.store.migrate import migrate  # noqa: PLC0415 # only for a database that is new or old

    migrate(connection)


def _explained(error: Exception, path: Path | None) -> StoreError:
    kind = StoreBusyError if "locked" in str(getattr(error, "orig", None) or error) else StoreError
    return kind(_explain(error, path))


def _explain(error: Exception, path: Path | None) -> str:
    cause = str(getattr(error, "orig", None) or error)
    where = path or "in memory"
    cure = {
        "locked": "Another process is writing to it; wait until that has ended and run the command again.",
        "full": "Free some disk space and run the command again; nothing was lost.",
        "not a database": "Restore it from a backup, or name another file in database.url.",
        "unable to open": "Check that the folder exists and that this user may write there.",
        "readonly": "Give this user the right to write the file and its folder.",
    }
    hint = next((text for sign, text in cure.items() if sign in cause), "Run `sse-digest doctor`.")
    return f"Database {where}: {cause}. {hint}"
