"""Puts a whole generation of documents in place at once, or leaves the old one.

FOLDER/generations/NAME holds the documents, FOLDER/current is a symbolic link to it that is replaced by
rename: whenever a publish is killed, one complete generation stands. Unchanged files are hard links, so
their times stay. Beside a document stand its packed forms. It never looks into a document.
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

from sse_digest.errors import FeedError
from sse_digest.feeds.packing import ENDINGS, packed
from sse_digest.feeds.websub import PingReport

_GENERATIONS = "generations"
_CURRENT = "current"
_PREVIOUS = "previous"  # a link in the folder of generations: what `current` was before the last swap
_LOCK = ".lock"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What one publish did."""

    generation: str  # name of the generation that stands now
    changed: tuple[str, ...]  # files that are new or have new bytes, sorted; empty: nothing was done
    unchanged: tuple[str, ...]  # files that kept bytes and times, sorted
    removed: tuple[str, ...]  # files of the generation before that are no more, sorted
    files: Mapping[str, Path]  # every published file, by name
    pings: PingReport | None = None  # what a hub was told; None: none is configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The right to publish into a folder, one at a time; given back at the end of `with`."""

    folder: Path
    lock: BufferedWriter

    def __enter__(self) -> Self:
        """Give the turn that was taken."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one publish."""
        self.lock.close()


def take_turn(folder: Path, *, patience_s: float = 60) -> Turn:
    """Wait for the right to publish into a folder; the system gives it back when the process ends.

    Take it before reading what is to be published: who waits with what was read before would put an
    older state in place of a newer one.

    Args:
        folder: made if absent; see FeedOptions.
        patience_s: seconds to wait for another publish of this folder.

    Raises:
        FeedError: the folder cannot be written, or another publish took too long.
    """
    try:
        (folder / _GENERATIONS).mkdir(parents=True, exist_ok=True)
        lock = (folder / _GENERATIONS / _LOCK).open("ab")
    except OSError as error:
        raise FeedError(_explain(error, folder)) from error
    try:
        _wait_for(lock, folder, patience_s)
    except BaseException:
        lock.close()
        raise
    return Turn(folder=folder, lock=lock)


def publish(turn: Turn, documents: Mapping[str, bytes]) -> PublishReport:
    """Publish documents as one generation; the same documents twice change nothing.

    Args:
        turn: of the folder.
        documents: bytes by file name.

    Raises:
        FeedError: the folder cannot be written, or something else is called `current`; the last
            generation stands.
        ValueError: a name would leave the folder or hide.
    """
    for name in documents:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a published document")
    try:
        return _publish(turn.folder, documents)
    except OSError as error:
        raise FeedError(_explain(error, turn.folder)) from error


def roll_back(folder: Path, *, patience_s: float = 60) -> str:
    """Let the generation before stand again, and give its name; a second time undoes the first.

    Raises:
        FeedError: there is none before, or as `publish`.
    """
    with take_turn(folder, patience_s=patience_s):
        try:
            return _roll_back(folder)
        except OSError as error:
            raise FeedError(_explain(error, folder)) from error


def _roll_back(folder: Path) -> str:
    generations, current = folder / _GENERATIONS, _current(folder)
    link = generations / _PREVIOUS
    before = generations / str(link.readlink()) if link.is_symlink() else None
    if current is None or before is None or before == current or not before.is_dir():
        raise FeedError(f"There is no generation before the one that stands in {folder}. Publish instead.")
    _sweep(generations, current)
    # Killed in between, the link says "before" of what stands, and nothing is lost.
    _point(folder / _CURRENT, f"{_GENERATIONS}/{before.name}", generations)
    _point(link, current.name, generations)
    return before.name


def published_names(folder: Path) -> frozenset[str]:
    """Give the file names of the generation that stands; empty before the first publish.

    Raises:
        FeedError: the folder cannot be read, or something else is called `current`.
    """
    try:
        generation = _current(folder)
        return frozenset(_names(generation))
    except OSError as error:
        raise FeedError(_explain(error, folder)) from error


def published_body(folder: Path, name: str) -> bytes | None:
    """Give the bytes of one document of the generation that stands; None: there is none of that name.

    Raises:
        FeedError: the folder cannot be read, or something else is called `current`.
    """
    try:
        generation = _current(folder)
        path = generation / name if generation and _NAME.fullmatch(name) else None
        return path.read_bytes() if path and path.is_file() else None
    except OSError as error:
        raise FeedError(_explain(error, folder)) from error


def _publish(folder: Path, documents: Mapping[str, bytes]) -> PublishReport:
    current = _current(folder)
    _sweep(folder / _GENERATIONS, current)
    before = _names(current)
    same = {name for name in before & set(documents) if current and _holds(current / name, documents[name])}
    if current is None or same != before or same != set(documents):
        current = _swap(folder, _build(folder / _GENERATIONS, documents, current, same), current)
    return PublishReport(
        generation=current.name,
        changed=tuple(sorted(set(documents) - same)),
        unchanged=tuple(sorted(same)),
        removed=tuple(sorted(before - set(documents))),
        files={name: folder / _CURRENT / name for name in sorted(documents)},
    )


def _build(generations: Path, documents: Mapping[str, bytes], current: Path | None, same: set[str]) -> Path:
    """Write a complete generation beside the others and give it its name."""
    fresh = _free_name(generations, documents)
    work = generations / f"{fresh.name}.new"
    work.mkdir()
    try:
        for name, body in sorted(documents.items()):
            old = current / name if current else None
            if old is None or name not in same or not _keep(old, work / name):
                _write(work / name, body, old)
        _sync(work)
        work.rename(fresh)
        _sync(generations)
    except OSError:
        shutil.rmtree(work, ignore_errors=True)  # a full disk gets its space back
        raise
    return fresh


def _swap(folder: Path, fresh: Path, current: Path | None) -> Path:
    """Make `fresh` current and remember what was; all older generations go."""
    generations = folder / _GENERATIONS
    if current is not None:
        _point(generations / _PREVIOUS, current.name, generations)
    _point(folder / _CURRENT, f"{_GENERATIONS}/{fresh.name}", generations)
    _sweep(generations, fresh)
    return fresh


def _point(link: Path, target: str, generations: Path) -> None:
    """Let a link point elsewhere in one step."""
    beside = generations / f".{link.name}.new"
    beside.symlink_to(target)
    beside.replace(link)
    _sync(link.parent)


def _current(folder: Path) -> Path | None:
    """Give the generation that stands; None where there is none, or the link leads elsewhere."""
    link = folder / _CURRENT
    if not link.is_symlink():
        if link.exists():
            raise FeedError(
                f"{link} is not a link that publish made. Move it away and publish again; "
                "what web servers read there will be replaced."
            )
        return None
    parent, _, name = str(link.readlink()).rpartition("/")
    generation = folder / _GENERATIONS / name
    return generation if parent == _GENERATIONS and generation.is_dir() else None


def _names(generation: Path | None) -> set[str]:
    """Give the names of a generation's documents, without their packed forms."""
    if generation is None:
        return set()
    return {path.name for path in generation.iterdir() if not path.name.endswith(ENDINGS)}


def _sweep(generations: Path, current: Path | None) -> None:
    """Remove all but the current and the previous generation: old ones, and what a kill left behind."""
    previous = generations / _PREVIOUS
    kept = {_LOCK, _PREVIOUS, current.name if current else ""}
    if previous.is_symlink():
        kept.add(str(previous.readlink()))
    for path in generations.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _free_name(generations: Path, documents: Mapping[str, bytes]) -> Path:
    """Name a generation after its contents; the same contents again get a number."""
    digest = sha256()
    for name, body in sorted(documents.items()):
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    base = digest.hexdigest()[:32]
    fresh, number = generations / base, 2
    while fresh.exists():
        fresh, number = generations / f"{base}-{number}", number + 1
    return fresh


def _holds(path: Path, body: bytes) -> bool:
    return path.is_file() and path.read_bytes() == body


def _keep(old: Path, new: Path) -> bool:
    """Share an unchanged document and its packed forms; False where they cannot be shared."""
    endings = ("", *(ending for ending in ENDINGS if _beside(old, ending).exists()))
    if all(_link(_beside(old, ending), _beside(new, ending)) for ending in endings):
        return True
    for ending in endings:
        _beside(new, ending).unlink(missing_ok=True)
    return False


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _link(old: Path, new: Path) -> bool:
    """Share an unchanged file; False where the file system has no hard links, or no more for this one."""
    try:
        new.hardlink_to(old)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            return False
        raise
    return True


def _write(path: Path, body: bytes, old: Path | None) -> None:
    """Write a file that is at least a second newer than the one it replaces: HTTP counts in seconds."""
    _put(path, body)
    if old is not None and old.exists():
        replaced = int(old.stat().st_mtime)
        if int(path.stat().st_mtime) <= replaced:
            os.utime(path, (replaced + 1, replaced + 1))
    changed = path.stat().st_mtime_ns  # web servers take Last-Modified from the file they answer with
    for ending, form in packed(body).items():
        _put(_beside(path, ending), form)
        os.utime(_beside(path, ending), ns=(changed, changed))


def _put(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
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
