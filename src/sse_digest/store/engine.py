"""The door to the database: open it, bring it up to date, read and write in transactions.

SQLite's default transactions lose updates silently, so every writing transaction begins with
BEGIN IMMEDIATE; WAL with synchronous FULL makes a commit survive a killed process and a power cut.

`reading` and `writing` are for code that may wait; `read` and `write` run a function in another thread, for
code on an event loop.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sse_digest.errors import StoreBusyError, StoreError
from sse_digest.store.connection import Connection
from sse_digest.store.news.item_json import MARK, mark_of

SCHEMA = "0003"  # the newest of store/migrations/versions
BUSY_TIMEOUT_MS = 30_000
CACHE_KB = 500  # of each connection; the system keeps the file in its own memory anyway
_BEGIN_WRITING = "BEGIN IMMEDIATE"  # SQLite's default would let two writers lose each other's updates
_PREFIX = "sqlite://"
_IN_MEMORY = ("", "/", "/:memory:")
# Threads of all stores; each starts with its first work.
_WRITER = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
_READERS = ThreadPoolExecutor(4, thread_name_prefix="store-reader")

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Connection, P], T]


class Store:
    """An open database. One per process; close it with `close`, or use it as `async with`."""

    def __init__(self, path: Path | None) -> None:
        self.path = path  # the database file; None: in memory
        self._turn = threading.RLock()  # writers of this process queue here, not on SQLite's busy timer
        self._writer: Connection | None = None
        self._readers: list[Connection] = []  # those nobody uses at the moment

    @contextmanager
    def writing(self, *, patience_ms: int | None = None) -> Iterator[Connection]:
        """One writing transaction: committed at the end of the block, rolled back if it raises.

        Args:
            patience_ms: how long to wait for other processes; None: 30 seconds.

        Raises:
            StoreError: the database is locked by others for that long, full, or unreadable.
        """
        with self._turn, self._explained():
            connection = self._writer = self._writer or self._connect()
            if patience_ms is not None:
                connection.driver.execute(f"PRAGMA busy_timeout={patience_ms:d}")
            try:
                with _transaction(connection, _BEGIN_WRITING):
                    yield connection
                    connection.note_change()
            finally:
                if patience_ms is not None:
                    connection.driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS:d}")

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, ...)` as one writing transaction in the writer's thread; return its value.

        Raises:
            StoreError: as for `writing`.
        """

        def run() -> T:
            with self.writing() as connection:
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(_WRITER, run)

    async def write_deliveries(self, work: Callable[[Connection], T]) -> T:
        """Run `work(connection)` as `write` does, for what is done for every message.

        It changes nothing but deliveries and attempts, unless it calls `connection.note_change()`.

        Raises:
            StoreError: as for `writing`.
        """
        return await asyncio.get_running_loop().run_in_executor(_WRITER, self._write_deliveries, work)

    def _write_deliveries(self, work: Callable[[Connection], T]) -> T:
        with self._turn, self._explained():
            connection = self._writer = self._writer or self._connect()
            with _transaction(connection, _BEGIN_WRITING):
                return work(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One reading transaction: sees one state of the database, never waits for a writer.

        Raises:
            StoreError: the database is unreadable.
        """
        if self.path is None:  # one connection only: readers and writers must take turns
            with self._turn, self._explained():
                connection = self._writer = self._writer or self._connect()
                with _transaction(connection, "BEGIN"):
                    yield connection
            return
        with self._explained():
            connection = self._readers.pop() if self._readers else self._connect()
            try:
                with _transaction(connection, "BEGIN"):
                    yield connection
            finally:
                self._readers.append(connection)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, ...)` as one reading transaction in a reader's thread; return its value.

        Raises:
            StoreError: as for `reading`.
        """

        def run() -> T:
            with self.reading() as connection:
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(_READERS, run)

    def close(self) -> None:
        """Close every connection."""
        with self._turn:
            for connection in (*self._readers, *filter(None, [self._writer])):
                connection.driver.close()
            self._readers, self._writer = [], None

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def _connect(self) -> Connection:
        driver = sqlite3.connect(
            self.path or ":memory:",
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,  # the driver must not begin transactions by itself
            check_same_thread=False,
        )
        driver.row_factory = sqlite3.Row
        try:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"busy_timeout={BUSY_TIMEOUT_MS}",
                f"cache_size=-{CACHE_KB}",
            ):
                driver.execute(f"PRAGMA {pragma}")
            driver.create_function(MARK, -1, mark_of, deterministic=True)
        except sqlite3.Error:
            driver.close()
            raise
        return Connection(driver)

    def migrate(self) -> None:
        """Bring the schema up to date; an up-to-date database is only read.

        Raises:
            StoreError: the database cannot be opened, or was made by a newer version.
        """
        with self.reading() as connection:
            if _is_current(connection):
                return
        # Only for a database that is new or old: Alembic and SQLAlchemy cost a second.
        from sse_digest.store.migrate import migrate  # noqa: PLC0415 # as said

        with self._turn, self._explained():
            writer = self._writer = self._writer or self._connect()
            migrate(writer.driver, _BEGIN_WRITING)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            kind = StoreBusyError if "locked" in str(error) else StoreError
            raise kind(_explain(error, self.path)) from error


@contextmanager
def _transaction(connection: Connection, begin: str) -> Iterator[None]:
    connection.driver.execute(begin)
    try:
        yield
        _commit(connection)
    except BaseException:
        connection.driver.rollback()  # does nothing where SQLite has rolled back by itself
        raise


def _commit(connection: Connection) -> None:
    connection.driver.execute("COMMIT")


def open_store(url: str) -> Store:
    """Open the database at `url` and migrate it to the newest schema.

    Args:
        url: `sqlite:///PATH`, or `sqlite://` for one that lives in memory.

    Raises:
        StoreError: the address is not understood, the file cannot be opened, or was made by a newer version.
    """
    store = Store(_path_of(url))
    try:
        store.migrate()
    except StoreError:
        store.close()
        raise
    return store


def _path_of(url: str) -> Path | None:
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise StoreError(f"database.url: {url!r} is not a database address. Use sqlite:///PATH.")
    if not url.startswith(_PREFIX):
        raise StoreError(f"database.url: {scheme!r} is not supported yet. Use sqlite:///PATH.")
    name = url.removeprefix(_PREFIX)
    if name in _IN_MEMORY:
        return None
    path = Path(name.removeprefix("/"))
    if not path.parent.is_dir():
        raise StoreError(
            f"database.url: the folder {path.parent} does not exist. Make it, or run `sse-digest init`."
        )
    _make_private(path)
    return path


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner only: it holds everybody's address."""
    with contextlib.suppress(FileExistsError, OSError):  # SQLite says better what is wrong with the place
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _is_current(connection: Connection) -> bool:
    """Return whether there is nothing to migrate; asking Alembic would cost every command half a second."""
    if not connection.value("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return False
    return [tuple(row) for row in connection.rows("SELECT version_num FROM alembic_version")] == [(SCHEMA,)]


def _explain(error: sqlite3.Error, path: Path | None) -> str:
    cause = str(error)
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
