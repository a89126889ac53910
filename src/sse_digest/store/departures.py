"""The departures journal: a plain file beside the database, in which no wish to leave is ever lost.

A wish is appended and synced before the database is asked to carry it out. Where the database is busy or
cannot be written, the wish waits in the file; and a database restored from a backup carries out again
what came after the backup. The database remembers up to which byte of the file it has done so.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from sse_digest.store.connection import Connection
from sse_digest.store.subscribers import end_subscription, end_subscriptions

log = structlog.get_logger()

_VERSION, _END = "1", "end"
_DONE = "departures"  # key of the fact: up to which byte the journal was carried out
_CHECK_SIZE = 8  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Somebody wants no more mail from a list."""

    number: int  # the person's random number
    scope: int | None  # check value of the list's name; None: the line is damaged, and all lists are meant
    at: datetime


class DepartureJournal:
    """The journal of one database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, database: Path) -> "DepartureJournal":
        """Return the journal of the database in a file."""
        return cls(database.with_name(database.name + ".departures"))

    def append(self, *, number: int, scope: int, at: datetime) -> None:
        """Write a departure for good, before anything else is done about it.

        Raises:
            OSError: it cannot be written.
        """
        with self._opened(os.O_RDWR | os.O_APPEND | os.O_CREAT) as descriptor:
            whole = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
            body = "\t".join(
                (_VERSION, str(whole.count(b"\n") + 1), at.isoformat(), _END, f"{scope:08x}", str(number))
            )
            line = f"{body}\t{_check(body)}\n".encode()
            # After a line that a full disk cut, a new one begins.
            os.write(descriptor, line if not whole or whole.endswith(b"\n") else b"\n" + line)
            os.fsync(descriptor)

    def carry_out(self, connection: Connection) -> int:
        """Carry out what was not yet, in a writing transaction; return how many departures there were.

        Raises:
            OSError: the journal cannot be read.
        """
        done = int(connection.value("SELECT value FROM facts WHERE key = ?", (_DONE,)) or 0)
        if not self._path.exists():
            return 0
        with self._opened(os.O_RDONLY) as descriptor:
            size = os.fstat(descriptor).st_size
            begin = done if done <= size else 0  # a new journal
            found = list(_departures(os.pread(descriptor, size - begin, begin)))
        for one in found:
            origin = "unsubscribe link"
            if one.scope is None:
                end_subscriptions(connection, one.number, now=one.at, origin=origin)
            else:
                end_subscription(connection, one.number, one.scope, now=one.at, origin=origin)
        if size != done:
            connection.replace("facts", {"key": _DONE, "value": str(size)}, "key")
        return len(found)

    def is_behind(self, connection: Connection) -> bool:
        """Return whether something in the journal was not carried out yet."""
        done = int(connection.value("SELECT value FROM facts WHERE key = ?", (_DONE,)) or 0)
        return self._path.exists() and self._path.stat().st_size != done

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        descriptor = os.open(self._path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if flags & os.O_RDWR else fcntl.LOCK_SH)
            yield descriptor
        finally:
            os.close(descriptor)


def _departures(lines: bytes) -> Iterator[Departure]:
    """Yield what lines say. A damaged one that names a person counts as a departure from every list."""
    for line in lines.decode("utf-8", "replace").splitlines():
        body, _, check = line.rpartition("\t")
        parts = body.split("\t")
        if check == _check(body) and len(parts) == 6:
            yield Departure(
                number=int(parts[5]), scope=int(parts[4], 16), at=datetime.fromisoformat(parts[2])
            )
        elif len(parts) > 5 and parts[5].isdecimal():
            log.error("departures.damaged", line=parts[1])
            yield Departure(number=int(parts[5]), scope=None, at=datetime.now(UTC))
        elif line:
            log.error("departures.unreadable")


def _check(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=_CHECK_SIZE).hexdigest()
