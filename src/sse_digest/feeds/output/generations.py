"""The folder of the published documents: which generation stands, whose turn it is, what is swept away.

FOLDER/generations/NAME holds the documents, FOLDER/current is a symbolic link to it that is replaced by
rename: whenever a publish is killed, one complete generation stands. Beside a generation lies its record.
The generation before is kept to go back to, and the one before that as material for the next.
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
RECORD = ".record"  # behind the name of a generation
_CURRENT = "current"
_PREVIOUS = "previous"  # a link in the folder of generations: what `current` was before the last swap
_LOCK = ".lock"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLock:
    """The right to publish into a folder, one at a time; given back at the end of `with`."""

    folder: Path
    lock: BufferedWriter
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        """Return the turn that was taken."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one publish, when nobody holds the turn any more."""
        with self.guard:
            self.lock.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else publish during the block, even if the turn is given back meanwhile.

        A thread holds it so: it goes on when whoever waited for it was cancelled.

        Raises:
            FeedError: it was given back before.
        """
        with self.guard:
            if self.lock.closed:
                raise FeedError("The publish was stopped. The last generation stands.")
            handle = os.dup(self.lock.fileno())  # a lock lasts until all its handles are closed
        try:
            yield
        finally:
            os.close(handle)


def take_turn(folder: Path, *, patience_s: float = 60) -> PublishLock:
    """Wait for the right to publish into a folder; the system gives it back when the process ends.

    Take it before reading what is to be published: who waits with what was read before would put an
    older state in place of a newer one.

    Args:
        folder: made if absent; see FeedOptions.
        patience_s: seconds to wait for another publish of this folder.

    Raises:
        FeedError: the folder cannot be written, or another publish took too long.
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
    """Let the generation before stand again, and give its name; a second time undoes the first.

    Raises:
        FeedError: there is none before, the folder cannot be written, or another publish took too long.
    """
    with take_turn(folder, patience_s=patience_s), explained(folder):
        return _roll_back(folder)


def _roll_back(folder: Path) -> str:
    generations, current = folder / GENERATIONS, standing(folder)
    before = previous(generations)
    if current is None or before is None or before == current or not before.is_dir():
        raise FeedError(f"There is no generation before the one that stands in {folder}. Publish instead.")
    sweep(generations, current)
    # Killed in between, the link says "before" of what is there, and nothing is lost.
    _point(folder / _CURRENT, f"{GENERATIONS}/{before.name}", generations)
    _point(generations / _PREVIOUS, current.name, generations)
    return before.name


def published_names(folder: Path) -> frozenset[str]:
    """Return the file names of the generation that stands; empty before the first publish.

    Raises:
        FeedError: the folder cannot be read, or something else is called `current`.
    """
    with explained(folder):
        generation = standing(folder)
        return frozenset(documents_in(generation) if generation else ())


def published_body(folder: Path, name: str) -> bytes | None:
    """Return the bytes of one document of the generation that stands, or None if there is none of that name.

    Raises:
        FeedError: the folder cannot be read, or something else is called `current`.
    """
    with explained(folder):
        generation = standing(folder)
        path = generation / name if generation and is_name(name) else None
        return path.read_bytes() if path and path.is_file() else None


def is_name(name: str) -> bool:
    """Return whether a document may be called so: it stays in its folder and does not hide."""
    return _NAME.fullmatch(name) is not None


def documents_in(generation: Path) -> Iterator[str]:
    """Yield the names of a generation's documents, without their packed forms."""
    with os.scandir(generation) as files:
        yield from (
            file.name
            for file in files
            if is_name(file.name) and not file.name.endswith(ENDINGS) and file.is_file()
        )


def standing(folder: Path) -> Path | None:
    """Return the generation that stands; None where there is none, or the link leads elsewhere.

    Raises:
        FeedError: something else is called `current`.
        OSError: the folder cannot be read.
    """
    link = folder / _CURRENT
    if not link.is_symlink():
        if link.exists():
            raise FeedError(
                f"{link} is not a link that publish made. Move it away and publish again; "
                "what web servers read there will be replaced."
            )
        return None
    parent, _, name = str(link.readlink()).rpartition("/")
    generation = folder / GENERATIONS / name
    return generation if parent == GENERATIONS and generation.is_dir() else None


def swap(folder: Path, fresh: Path, current: Path | None) -> None:
    """Make `fresh` current and remember what was; all older generations go."""
    generations = folder / GENERATIONS
    if current is not None:
        _point(generations / _PREVIOUS, current.name, generations)
    _point(folder / _CURRENT, f"{GENERATIONS}/{fresh.name}", generations)
    sweep(generations, fresh)


def _point(link: Path, target: str, generations: Path) -> None:
    """Let a link point elsewhere in one step."""
    beside = generations / f".{link.name}.new"
    beside.symlink_to(target)
    beside.replace(link)
    sync(link.parent)


def sweep(generations: Path, current: Path | None) -> None:
    """Remove all but three generations: older ones, and what a kill left behind."""
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
    """Return the generation before the one that stands."""
    link = generations / _PREVIOUS
    return generations / str(link.readlink()) if link.is_symlink() else None


def spare(generations: Path, current: Path | None) -> Path | None:
    """Return a generation that is neither current nor the one before: material for the next one."""
    named = (
        path.with_name(path.name.removesuffix(RECORD)) for path in sorted(generations.glob(f"*{RECORD}"))
    )
    others = (path for path in named if path.is_dir() and path not in (current, previous(generations)))
    return next(others, None)


def remove(name: str, folder: int | None) -> None:
    """Remove what is called so in a folder, be it a folder itself or not there at all.

    Args:
        name: within the folder.
        folder: an open descriptor of it.
    """
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
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
    """Return what the system refuses in the block as a FeedError, with its cure."""
    try:
        yield
    except OSError as error:
        raise FeedError(_explain(error, folder)) from error


def _explain(error: OSError, folder: Path) -> str:
    cures = {
        errno.EACCES: "Give this user the right to write there.",
        errno.EPERM: "Give this user the right to write there.",
        errno.EROFS: "The file system is mounted for reading only; name another folder in feeds.folder.",
        errno.ENOSPC: "Free some disk space and publish again.",
        errno.EDQUOT: "Free some space of this user's quota and publish again.",
        errno.ENOTDIR: "Something on the way is a file; move it away or name another folder in feeds.folder.",
        errno.EEXIST: "Something is in the way; move it away or name another folder in feeds.folder.",
    }
    cure = cures.get(error.errno or 0, "Look into the cause and publish again.")
    where = error.filename or folder
    return f"The feeds cannot be published: {where}: {error.strerror}. {cure} The last generation stands."
