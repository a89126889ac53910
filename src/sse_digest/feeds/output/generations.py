"""The folder of the published documents: its generations, the current one, and the publish lock.

FOLDER/generations/NAME holds the documents. FOLDER/current is a symbolic link to it that is replaced by
rename, so that one complete generation is published even if a publish is killed. The manifest of a
generation is a file next to it. The previous generation is kept for a rollback, and the one before that to
build the next one from.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

from sse_digest.errors import FeedError
from sse_digest.feeds.output.compression import ENDINGS

GENERATIONS = "generations"
RECORD = ".record"  # appended to the name of a generation
_CURRENT = "current"
_PREVIOUS = "previous"  # a link in `generations` to what `current` was before the last swap
_LOCK = ".lock"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLock:
    """The file lock that only one publish of a folder holds at a time; released at the end of `with`."""

    folder: Path
    lock: BufferedWriter
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        """Return the lock itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock; threads inside `held` keep it until they leave."""
        with self.guard:
            self.lock.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the lock during the block, even if it is released meanwhile.

        For threads, which continue when the caller that waits for them is cancelled.

        Raises:
            FeedError: the lock was released already.
        """
        with self.guard:
            if self.lock.closed:
                raise FeedError("The publish was stopped. The previous generation is still published.")
            handle = os.dup(self.lock.fileno())  # a lock lasts until all its handles are closed
        try:
            yield
        finally:
            os.close(handle)


def take_turn(folder: Path, *, patience_s: float = 60) -> PublishLock:
    """Wait for the publish lock of a folder and take it; the system releases it when the process ends.

    Take it before reading what is to be published. Otherwise an older state could replace a newer one that
    another process publishes meanwhile.

    Args:
        folder: created if missing; see `FeedOptions`.
        patience_s: seconds to wait for another publish of this folder.

    Raises:
        FeedError: the folder cannot be written, or another publish held the lock too long.
    """
    with explained(folder):
        (folder / GENERATIONS).mkdir(parents=True, exist_ok=True)
        lock = (folder / GENERATIONS / _LOCK).open("ab")
    try:
        _wait_for(lock, folder, patience_s)
    except BaseException:
        lock.close()
        raise
    return PublishLock(folder=folder, lock=lock)


def roll_back(folder: Path, *, patience_s: float = 60) -> str:
    """Publish the previous generation again and return its name; a second call undoes the first.

    Raises:
        FeedError: there is no previous generation, the folder cannot be written, or another publish held the
            lock too long.
    """
    with take_turn(folder, patience_s=patience_s), explained(folder):
        return _roll_back(folder)


def _roll_back(folder: Path) -> str:
    generations, current = folder / GENERATIONS, standing(folder)
    before = previous(generations)
    if current is None or before is None or before == current or not before.is_dir():
        raise FeedError(f"There is no previous generation in {folder} to roll back to. Publish instead.")
    sweep(generations, current)
    # If the process is killed between the two, `previous` links to the current generation; nothing is lost.
    _point(folder / _CURRENT, f"{GENERATIONS}/{before.name}", generations)
    _point(generations / _PREVIOUS, current.name, generations)
    return before.name


def published_names(folder: Path) -> frozenset[str]:
    """Return the names of the published documents; empty before the first publish.

    Raises:
        FeedError: the folder cannot be read, or `current` is not a symbolic link.
    """
    with explained(folder):
        generation = standing(folder)
        return frozenset(documents_in(generation) if generation else ())


def published_body(folder: Path, name: str) -> bytes | None:
    """Return the bytes of a published document, or None if there is none of that name.

    Raises:
        FeedError: the folder cannot be read, or `current` is not a symbolic link.
    """
    with explained(folder):
        generation = standing(folder)
        path = generation / name if generation and is_name(name) else None
        return path.read_bytes() if path and path.is_file() else None


def is_name(name: str) -> bool:
    """Return whether a document may have this name: inside its folder and not hidden."""
    return _NAME.fullmatch(name) is not None


def documents_in(generation: Path) -> Iterator[str]:
    """Yield the names of a generation's documents, without their compressed forms."""
    with os.scandir(generation) as files:
        yield from (
            file.name
            for file in files
            if is_name(file.name) and not file.name.endswith(ENDINGS) and file.is_file()
        )


def standing(folder: Path) -> Path | None:
    """Return the current generation; None if there is none or the link leads elsewhere.

    Raises:
        FeedError: `current` is not a symbolic link.
        OSError: the folder cannot be read.
    """
    link = folder / _CURRENT
    if not link.is_symlink():
        if link.exists():
            raise FeedError(
                f"{link} is not a symbolic link, so publish did not create it. Move it away and publish "
                "again, which creates the link that web servers read."
            )
        return None
    parent, _, name = str(link.readlink()).rpartition("/")
    generation = folder / GENERATIONS / name
    return generation if parent == GENERATIONS and generation.is_dir() else None


def swap(folder: Path, fresh: Path, current: Path | None) -> None:
    """Make `fresh` the current generation and `current` the previous one; remove the oldest ones."""
    generations = folder / GENERATIONS
    if current is not None:
        _point(generations / _PREVIOUS, current.name, generations)
    _point(folder / _CURRENT, f"{GENERATIONS}/{fresh.name}", generations)
    sweep(generations, fresh)


def _point(link: Path, target: str, generations: Path) -> None:
    """Point a symbolic link to a target atomically."""
    beside = generations / f".{link.name}.new"
    beside.symlink_to(target)
    beside.replace(link)
    sync(link.parent)


def sweep(generations: Path, current: Path | None) -> None:
    """Remove all but the last three generations, and what a killed publish left behind."""
    kept = {path.name for path in (current, previous(generations), spare(generations, current)) if path}
    kept |= {_LOCK, _PREVIOUS, *(f"{name}{RECORD}" for name in kept)}
    for path in generations.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def previous(generations: Path) -> Path | None:
    """Return the previous generation, or None; it may no longer exist."""
    link = generations / _PREVIOUS
    return generations / str(link.readlink()) if link.is_symlink() else None


def spare(generations: Path, current: Path | None) -> Path | None:
    """Return a generation that is neither current nor previous, to build the next one from, or None."""
    named = (
        path.with_name(path.name.removesuffix(RECORD)) for path in sorted(generations.glob(f"*{RECORD}"))
    )
    others = (path for path in named if path.is_dir() and path not in (current, previous(generations)))
    return next(others, None)


def remove(name: str, folder: int | None) -> None:
    """Remove a file or folder; do nothing if there is none of that name.

    Args:
        name: of the file or folder.
        folder: an open descriptor of the folder that contains it.
    """
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def sync(folder: Path) -> None:
    """Sync a folder to disk, with the names in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _wait_for(lock: BufferedWriter, folder: Path, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise FeedError(
                    f"Another publish has been writing to {folder} for {patience_s:g} seconds. "
                    "Wait until it has ended, or end it, and publish again."
                ) from None
            time.sleep(_POLL_S)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an OSError in the block into a FeedError that says what to do.

    Raises:
        FeedError: the block raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise FeedError(_explain(error, folder)) from error


def _explain(error: OSError, folder: Path) -> str:
    cures = {
        errno.EACCES: "Allow this user to write there.",
        errno.EPERM: "Allow this user to write there.",
        errno.EROFS: "The file system is mounted read-only; set feeds.folder to another folder.",
        errno.ENOSPC: "Free some disk space and publish again.",
        errno.EDQUOT: "Free some of this user's disk quota and publish again.",
        errno.ENOTDIR: "Part of the path is a file; move it away or set feeds.folder to another folder.",
        errno.EEXIST: "A file of that name exists; move it away or set feeds.folder to another folder.",
    }
    cure = cures.get(error.errno or 0, "Find the cause and publish again.")
    where = error.filename or folder
    return (
        f"The feeds cannot be published: {where}: {error.strerror}. {cure}"
        " The previous generation is still published."
    )
