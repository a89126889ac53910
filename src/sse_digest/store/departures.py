"""Keep the departures journal: a text file next to the database, so that no wish to leave is ever lost.

A wish is appended to the file and synced before the database is changed. If the database is busy or cannot
be written, the wish stays in the file until it can. After a database is restored from a backup, the wishes
that are newer than the backup are carried out again: the database stores how many bytes of the file were
carried out.
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
_DONE = "departures"  # key of the fact that stores how many bytes of the journal were carried out
_CHECK_SIZE = 8  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A person's wish to get no more mail from a list."""

    number: int  # the person's random number
    scope: int | None  # check value of the list's name; None for all lists, if the line is damaged
    at: datetime


class DepartureJournal:
    """The departures journal of one database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, database: Path) -> "DepartureJournal":
        """Return the journal next to a database file."""
        return cls(database.with_name(database.name + ".departures"))

    def append(self, *, number: int, scope: int, at: datetime) -> None:
        """Append a departure and sync the file.

        Args:
            number: the person's random number.
            scope: `scope_of` the list's name.
            at: when the person left; aware.

        Raises:
            OSError: the journal cannot be written.
        """
        with self._opened(os.O_RDWR | os.O_APPEND | os.O_CREAT) as descriptor:
            whole = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
            body = "\t".join(
                (_VERSION, str(whole.count(b"\n") + 1), at.isoformat(), _END, f"{scope:08x}", str(number))
            )
            line = f"{body}\t{_check(body)}\n".encode()
            # If a full disk cut the last line short, begin a new line.
            os.write(descriptor, line if not whole or whole.endswith(b"\n") else b"\n" + line)
            os.fsync(descriptor)

    def carry_out(self, connection: Connection) -> int:
        """Carry out the departures that the database does not have yet, and return how many there were.

        Args:
            connection: in a writing transaction.

        Raises:
            OSError: the journal cannot be read.
        """
        done = int(connection.value("SELECT value FROM facts WHERE key = ?", (_DONE,)) or 0)
        if not self._path.exists():
            return 0
        with self._opened(os.O_RDONLY) as descriptor:
            size = os.fstat(descriptor).st_size
            begin = done if done <= size else 0  # a shorter file is a new journal
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
        """Return whether the journal contains departures that were not carried out yet."""
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
    """Yield the departures in lines. A damaged line that names a person means a departure from every list."""
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
