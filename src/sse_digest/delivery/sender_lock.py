"""Hold a file lock while a sender runs; the kernel releases it when the process dies.

A suspended sender still holds its lock, so nobody takes over its deliveries; a killed one does not.
Process ids and clocks play no part, because neither is reliable.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sse_digest.errors import DeliveryError

_TRIES, _REST_S = 4, 0.005  # a process that only checks a lock holds it for an instant


class SenderLocks:
    """The locks of all senders of one database: one file for each, next to the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, sender: str) -> Iterator[bool]:
        """Try to hold the lock of a sender while the block runs; yield whether this process holds it.

        Raises:
            DeliveryError: the folder is not writable.
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
        """Return whether a sender holds its lock, without changing anything.

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
            f"{self._folder}: {error.strerror}. Senders must be able to write there: check its permissions."
        )

    def forget(self, sender: str) -> None:
        """Remove the lock file of a sender that has ended and has no deliveries left."""
        (self._folder / f"{sender}.lock").unlink(missing_ok=True)


def _is_locked(handle: int) -> bool:
    """Lock a file; return False if another process has locked it."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_REST_S)
        else:
            return True
    return False
