"""Sender locks: a running sender holds a file lock, which the kernel releases when the process dies.

A frozen sender still holds its lock, so nothing of it is taken over; a killed one does not. Never
trusts process ids or clocks.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sse_digest.errors import DeliveryError

_TRIES, _REST_S = 4, 0.005  # a process that only checks the lock holds it for an instant


class SenderLocks:
    """The locks of all senders of one database, one file each, next to the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, sender: str) -> Iterator[bool]:
        """Hold the lock of a sender while the block runs; return whether it could be had.

        Raises:
            DeliveryError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder / f"{sender}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._explained(error) from error
        if not _is_locked(handle):
            os.close(handle)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)

    def lives(self, sender: str) -> bool:
        """Return whether a sender holds its lock; changes nothing.

        Raises:
            DeliveryError: the folder cannot be read.
        """
        try:
            handle = os.open(self._folder / f"{sender}.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # it has ended
            return False
        except OSError as error:
            raise self._explained(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def _explained(self, error: OSError) -> DeliveryError:
        return DeliveryError(
            f"{self._folder}: {error.strerror}. A sender must be able to write there; check its rights."
        )

    def forget(self, sender: str) -> None:
        """Remove the file of a sender that has ended and left nothing behind."""
        (self._folder / f"{sender}.lock").unlink(missing_ok=True)


def _is_locked(handle: int) -> bool:
    """Take a lock; return False if another process holds it."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_REST_S)
        else:
            return True
    return False
