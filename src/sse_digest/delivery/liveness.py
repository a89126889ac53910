"""How a sender proves that it lives: it holds a file lock that the kernel gives back when it dies.

A frozen sender still holds its lock, so nothing of it is taken over; a killed one does not. Never
trusts process ids or clocks.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sse_digest.errors import DeliveryError


class FileLocks:
    """The locks of all senders of one database: one file each, beside the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, sender: str) -> Iterator[bool]:
        """Hold the lock of a sender while the block runs; gives whether it could be had.

        Raises:
            DeliveryError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder / f"{sender}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DeliveryError(
                f"{self._folder}: {error.strerror}. A sender must be able to write there; check its rights."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)

    def forget(self, sender: str) -> None:
        """Remove the file of a sender that has ended and left nothing behind."""
        (self._folder / f"{sender}.lock").unlink(missing_ok=True)
