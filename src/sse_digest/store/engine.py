"""Open the database, bring it up to date, and read and write in transactions.

Every writing transaction begins with BEGIN IMMEDIATE, because with SQLite's default, two writers can lose
each other's updates. WAL with synchronous FULL makes a commit survive a killed process and a power cut.

`reading` and `writing` are for code that may block. `read` and `write` run a function in another thread, for
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

SCHEMA = "0004"  # the newest of store/migrations/versions
BUSY_TIMEOUT_MS = 30_000
CACHE_KB = 500  # for each connection; the operating system caches the file anyway
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_PREFIX = "sqlite://"
_IN_MEMORY = ("", "/", "/:memory:")
# All stores share these threads, which start when they are first used.
_WRITER = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
_READERS = ThreadPoolExecutor(4, thread_name_prefix="store-reader")

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Connection, P], T]


class Store:
    """An open database, one for each process. Close it with `close`, or use it as a context manager."""

    def __init__(self, path: Path | None) -> None:
        self.path = path  # the database file; None: in memory
        self._turn = threading.RLock()  # writers of this process wait here, not on SQLite's busy timeout
        self._writer: Connection | None = None
        self._readers: list[Connection] = []  # those not in use

    @contextmanager
    def writing(self, *, patience_ms: int | None = None) -> Iterator[Connection]:
        """Begin a writing transaction. Commit it when the block ends, or roll it back if the block raises.

        Args:
            patience_ms: how long to wait for other threads, and then for other processes; None: as long as
                necessary for threads, 30 seconds for processes.

        Raises:
            StoreBusyError: others lock the database for longer than that.
            StoreError: the disk is full, or the database cannot be read or written.
        """
        with self._turn_within(patience_ms), self._explained():
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

    @contextmanager
    def _turn_within(self, patience_ms: int | None) -> Iterator[None]:
        """Wait for the turn of this thread."""
        if not self._turn.acquire(timeout=-1 if patience_ms is None else patience_ms / 1000):
            raise StoreBusyError(f"Database {self.path or 'in memory'}: this program is writing to it.")
        try:
            yield
        finally:
            self._turn.release()

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(connection, ...)` in a writing transaction in the writer's thread, and return its value.

        Raises:
            StoreError: as for `writing`.
        """

        def run() -> T:
            with self.writing() as connection:
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(_WRITER, run)

    async def write_deliveries(self, work: Callable[[Connection], T]) -> T:
        """Run `work(connection)` as `write` does. Use it for work that is done for every message.

        `work` may change only deliveries and attempts, unless it calls `connection.note_change()`.

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
        """Begin a reading transaction, which sees one state of the database and never waits for a writer.

        Raises:
            StoreError: the database is unreadable.
        """
        if self.path is None:  # in memory there is one connection only, so readers and writers take turns
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
        """Run `work(connection, ...)` in a reading transaction in a reader's thread, and return its value.

        Raises:
            StoreError: as for `reading`.
        """

        def run() -> T:
            with self.reading() as connection:
                return work(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(_READERS, run)

    def close(self) -> None:
        """Close all connections."""
        with self._turn:
            for connection in (*self._readers, *filter(None, [self._writer])):
                connection.driver.close()
            self._readers, self._writer = [], None

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the store."""
        self.close()

    def _connect(self) -> Connection:
        driver = sqlite3.connect(
            self.path or ":memory:",
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,  # prevents the driver from beginning transactions by itself
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
            driver.execute("SELECT 1 FROM sqlite_master").fetchone()  # reads and checks the schema
        except UnicodeDecodeError as error:  # of SQLite's own message, which quotes the damaged schema
            driver.close()
            raise sqlite3.DatabaseError("malformed database schema") from error
        except sqlite3.Error:
            driver.close()
            raise
        return Connection(driver)

    def migrate(self) -> None:
        """Bring the schema up to date. A database that is up to date is only read.

        Raises:
            StoreError: the database cannot be opened, or was made by a newer version.
        """
        with self.reading() as connection:
            if _is_current(connection):
                return
        # Alembic and SQLAlchemy take a second to import, so import them only if there is something to do.
        from sse_digest.store.migrate import migrate  # noqa: PLC0415 # slow to import

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
        connection.driver.rollback()  # does nothing if SQLite has already rolled back
        raise


def _commit(connection: Connection) -> None:
    connection.driver.execute("COMMIT")


def open_store(url: str) -> Store:
    """Open the database at `url` and migrate it to the newest schema.

    Args:
        url: `sqlite:///PATH`, or `sqlite://` for a database in memory.

    Raises:
        StoreError: the address is not valid, the file cannot be opened, or was made by a newer version.
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
            f"database.url: the folder {path.parent} does not exist. Create it, or run `sse-digest init`."
        )
    _make_private(path)
    return path


def _make_private(path: Path) -> None:
    """Create the file, readable by its owner only, because it contains everybody's address.

    Errors are ignored, because SQLite reports them better when it opens the file.
    """
    with contextlib.suppress(FileExistsError, OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _is_current(connection: Connection) -> bool:
    """Return whether the schema is up to date. To ask Alembic would take half a second in every command."""
    if not connection.value("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return False
    return [tuple(row) for row in connection.rows("SELECT version_num FROM alembic_version")] == [(SCHEMA,)]


def _explain(error: sqlite3.Error, path: Path | None) -> str:
    cause = str(error)
    where = path or "in memory"
    cure = {
        "locked": "Another process is writing to it. Wait until it has ended, then run the command again.",
        "full": "Nothing was lost. Free some disk space, then run the command again.",
        "not a database": "Restore it from a backup, or set database.url to another file.",
        "malformed": "It is damaged. Restore it from a backup.",
        "unable to open": "Check that the folder exists and that this user may write to it.",
        "readonly": "Allow this user to write to the file and its folder.",
    }
    hint = next((text for sign, text in cure.items() if sign in cause), "Run `sse-digest doctor`.")
    return f"Database {where}: {cause}. {hint}"
