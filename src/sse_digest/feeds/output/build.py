"""Build a generation next to the current one: unchanged files are hard-linked, the others are written.

Nothing is written until the first document that differs, and nothing becomes visible before `finish`.
"""

import errno
import os
import shutil
import threading
import weakref
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from sse_digest.errors import FeedError
from sse_digest.feeds.names import FEED_FORMATS
from sse_digest.feeds.output.compression import ENDINGS, packed
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.output.generations import (
    GENERATIONS,
    PublishLock,
    documents_in,
    is_name,
    remove,
    spare,
    standing,
    swap,
    sweep,
    sync,
)
from sse_digest.feeds.output.manifest import (
    ManifestEntry,
    Record,
    path_of,
    read_record,
    stamp_of,
    stem_of,
    write_record,
)

_WORK = ".next"  # the folder of the generation that is being built


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """The result of building a generation."""

    generation: str  # name of the generation that is current now
    changed: tuple[str, ...]  # new documents and documents with new bytes, sorted
    unchanged: int  # number of documents that kept their bytes and times
    removed: tuple[str, ...]  # documents of the previous generation that no longer exist, sorted


class Build:
    """A generation being built. Use it in a `with` block, whose end removes unfinished work.

    With `anew` the manifest is trusted for names only: every document is written again and compared.

    Steps run in threads, and a cancelled caller does not wait for them. So each step holds the publish lock
    itself, the end of the `with` block waits for the running step, and no step can start after it.

    Raises:
        FeedError: by every step, if the build or its publish lock has ended.
        OSError: by every method, if a file cannot be read or written.
    """

    def __init__(self, turn: PublishLock, *, anew: bool = False) -> None:
        self._turn, self._folder, self._generations = turn, turn.folder, turn.folder / GENERATIONS
        self._busy, self._is_over = threading.Lock(), False
        with turn.held():
            self._current = standing(turn.folder)
            sweep(self._generations, self._current)
            self._recorded = read_record(self._current) if self._current else {}
            self._here = os.open(self._current, os.O_RDONLY | os.O_DIRECTORY) if self._current else None
        self._close = weakref.finalize(self, _close, self._here)  # also if a caller never gets the build
        self._old: Record = {} if anew else self._recorded  # the trusted part
        self._lines: dict[str, ManifestEntry] = {}
        self._work: int | None = None  # an open descriptor of the work folder
        self._material: dict[str, ManifestEntry] = {}  # files of an older generation in the work folder
        self._done: set[str] = set()  # first names of drafts that were written into the work folder
        self._changed: list[str] = []
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}  # each tuple of endings, kept once

    def __enter__(self) -> Self:
        """Return the build itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the running step, then remove the work folder, which may have filled the disk."""
        self._is_over = True  # set first, so that the running step ends early
        with self._busy:
            self._close()
            _close(self._work)
            shutil.rmtree(self._generations / _WORK, ignore_errors=True)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """Run the block as the only step, holding the publish lock."""
        with self._busy, self._turn.held():
            self._check_not_over()
            yield

    def _check_not_over(self) -> None:
        if self._is_over:
            raise FeedError("The publish was stopped. The previous generation is still published.")

    def firsts(self) -> Collection[str]:
        """Return the names of published documents; of documents written together, only the first name."""
        return self._recorded.keys() or frozenset(self.names())

    def names(self) -> Iterator[str]:
        """Yield the name of every published document."""
        if self._recorded:
            for first, line in self._recorded.items():
                yield from (stem_of(first) + ending for ending in line.documents)
        elif self._current:
            yield from documents_in(self._current)

    def body(self, name: str) -> bytes | None:
        """Return the bytes of a published document, or None if there is none of that name."""
        path = self._current / name if self._current else None
        return path.read_bytes() if path and path.is_file() else None

    def holds(self, name: str) -> bool:
        """Return whether the new generation has a document of that name, written or still to be written."""
        stem, _, ending = name.rpartition(".")
        lines = (self._lines.get(name), self._lines.get(f"{stem}.{FEED_FORMATS[0]}"))
        return any(line is not None and f".{ending}" in line.endings for line in lines)

    def keeps(self, draft: PendingDocuments) -> bool:
        """Add a draft to the generation; return whether its documents are published already and unchanged.

        Raises:
            ValueError: a name would be a hidden file or outside the folder.
        """
        with self._busy:
            self._check_not_over()
            return self._keeps(draft)

    def _keeps(self, draft: PendingDocuments) -> bool:
        first, stem = draft.names[0], stem_of(draft.names[0])
        wanted = tuple([name.removeprefix(stem) for name in draft.names])
        old = self._old.get(first)
        if (
            old is not None
            and old.revision == draft.revision
            and old.documents == wanted
            and self._is_untouched(first, old)
        ):
            self._lines[first] = old
            return True
        for name, ending in zip(draft.names, wanted, strict=True):
            if not is_name(name) or not ending.startswith("."):
                raise ValueError(f"{name!r} cannot be the name of a published document")
        self._lines[first] = ManifestEntry(endings=self._same(wanted), revision=draft.revision, stamp=b"")
        return False

    def waits(self, draft: PendingDocuments) -> bool:
        """Return whether a draft that was added is still to be written."""
        return not self._lines[draft.names[0]].stamp

    def write(self, draft: PendingDocuments, documents: Mapping[str, bytes]) -> None:
        """Write a draft's documents; published ones with the same bytes are kept."""
        with self._step():
            self._write(draft, documents)

    def _write(self, draft: PendingDocuments, documents: Mapping[str, bytes]) -> None:
        first, stem = draft.names[0], stem_of(draft.names[0])
        trusted = self._is_trusted(draft)
        same = {name for name in draft.names if self._is_same(name, documents[name], trusted=trusted)}
        if len(same) == len(draft.names) and self._here is not None:
            endings = tuple(file.removeprefix(stem) for name in draft.names for file in self._files(name))
            stamp = stamp_of(self._here, stem, endings)
        else:
            folder = self._open_work()
            self._clear(first)
            files = [
                file
                for name in draft.names
                for file in (self._share_all(name) if name in same else self._put(name, documents[name]))
            ]
            endings = tuple(file.removeprefix(stem) for file in files)
            stamp = stamp_of(folder, stem, endings)
            self._done.add(first)
            self._changed += [name for name in draft.names if name not in same]
        self._lines[first] = replace(self._lines[first], endings=self._same(endings), stamp=stamp)

    def finish(self) -> BuildReport:
        """Swap the generation in, unless it equals the current one."""
        with self._step():
            return self._finish()

    def _finish(self) -> BuildReport:
        removed = tuple(sorted(self._removed()))
        current = self._current
        if current is None or self._changed or removed or not self._is_alone():
            current = self._complete()
        elif self._lines != self._old:
            write_record(current, self._lines)
        documents = sum(len(line.documents) for line in self._lines.values())
        return BuildReport(
            generation=current.name,
            changed=tuple(sorted(self._changed)),
            unchanged=documents - len(self._changed),
            removed=removed,
        )

    def _removed(self) -> Iterator[str]:
        """Yield the published documents that the new generation does not have."""
        if not self._old:
            yield from (name for name in self.names() if not self.holds(name))
        for first, line in self._old.items():
            if self._lines.get(first) is not line:
                names = (stem_of(first) + ending for ending in line.documents)
                yield from (name for name in names if not self.holds(name))

    def _complete(self) -> Path:
        folder = self._open_work()
        for first, line in self._lines.items():
            self._check_not_over()
            stem = stem_of(first)
            if first in self._done:
                for ending in line.endings:
                    _sync(stem + ending, folder)
            elif self._material.get(first) != line or stamp_of(folder, stem, line.endings) != line.stamp:
                self._clear(first)
                for ending in line.endings:
                    self._share(stem + ending)
        self._clear_strangers(folder)
        os.fsync(folder)
        fresh = self._free_name()
        write_record(fresh, self._lines)
        self._check_not_over()
        (self._generations / _WORK).rename(fresh)
        sync(self._generations)
        swap(self._folder, fresh, self._current)
        return fresh

    def _clear(self, first: str) -> None:
        """Remove an older generation's files of one draft from the work folder."""
        line = self._material.pop(first, None)
        for ending in line.endings if line else ():
            remove(stem_of(first) + ending, self._work)

    def _clear_strangers(self, folder: int) -> None:
        """Remove files from the work folder that do not belong to the new generation."""
        with os.scandir(folder) as files:
            if sum(1 for _ in files) == self._count():
                return
        ours = {stem_of(first) + ending for first, line in self._lines.items() for ending in line.endings}
        for name in os.listdir(folder):
            if name not in ours:
                remove(name, folder)

    def _count(self) -> int:
        """Return the number of files in the new generation."""
        return sum(len(line.endings) for line in self._lines.values())

    def _is_untouched(self, first: str, line: ManifestEntry) -> bool:
        """Return whether the files of a manifest entry are as they were written."""
        found = stamp_of(self._here, stem_of(first), line.endings) if self._here is not None else b""
        return found != b"" and found == line.stamp  # a symbolic link and a missing file have no stamp

    def _is_trusted(self, draft: PendingDocuments) -> bool:
        """Return whether the files of a draft's documents are as they were written, and no others exist."""
        first, stem = draft.names[0], stem_of(draft.names[0])
        old = self._old.get(first)
        return (
            old is not None
            and self._is_untouched(first, old)
            and all(
                file.removeprefix(stem) in old.endings for name in draft.names for file in self._files(name)
            )
        )

    def _is_alone(self) -> bool:
        """Return whether the current generation has no more files than the new one."""
        if self._current is None:
            return False
        with os.scandir(self._current) as files:
            return sum(1 for _ in files) == self._count()

    def _is_same(self, name: str, body: bytes, *, trusted: bool) -> bool:
        """Return whether a published document has these bytes, with its compressed forms unless trusted."""
        if self.body(name) != body or self._current is None:
            return False
        if trusted:
            return True
        if any((self._current / file).is_symlink() for file in self._files(name)):
            return False  # its target may change at any time
        forms = packed(body)
        return all(self.body(name + ending) == forms.get(ending) for ending in ENDINGS)

    def _same(self, endings: tuple[str, ...]) -> tuple[str, ...]:
        """Return one shared object for equal tuples, to save memory."""
        return self._known.setdefault(endings, endings)

    def _files(self, name: str) -> list[str]:
        """Return the file names of a published document and of its compressed forms."""
        assert self._current is not None  # noqa: S101 # a document in it was compared
        beside = (name + ending for ending in ENDINGS)
        return [name, *(file for file in beside if (self._current / file).is_file())]

    def _share_all(self, name: str) -> list[str]:
        files = self._files(name)
        for file in files:
            self._share(file)
        return files

    def _share(self, file: str) -> None:
        """Hard-link an unchanged file, or copy it if the file system allows no further hard link."""
        try:
            os.link(file, file, src_dir_fd=self._here, dst_dir_fd=self._work, follow_symlinks=False)
        except FileExistsError:  # a foreign file in the older generation
            remove(file, self._work)
            self._share(file)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK) or self._current is None:
                raise
            old, new = self._current / file, self._generations / _WORK / file
            _write(new, old.read_bytes(), self._work)
            _sync(file, self._work)
            shutil.copystat(old, new)

    def _put(self, name: str, body: bytes) -> list[str]:
        """Write a file at least a second newer than the one it replaces, since HTTP dates are in seconds."""
        path = self._generations / _WORK / name
        old = self._current / name if self._current else None
        _write(path, body, self._work)
        if old is not None and old.exists():
            replaced = int(old.stat().st_mtime)
            if int(path.stat().st_mtime) <= replaced:
                os.utime(path, (replaced + 1, replaced + 1))
        changed = path.stat().st_mtime_ns  # web servers send the time of the file they serve as Last-Modified
        files = [name]
        for ending, form in packed(body).items():
            beside = path.with_name(name + ending)
            _write(beside, form, self._work)
            os.utime(beside, ns=(changed, changed))
            files.append(beside.name)
        return files

    def _open_work(self) -> int:
        """Make and open the work folder; reuse an older generation, most of whose files are the same."""
        if self._work is None:
            work, old = self._generations / _WORK, spare(self._generations, self._current)
            self._material = dict(read_record(old)) if old else {}
            if old and self._material:
                old.rename(work)
            else:
                work.mkdir()
            self._work = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
            # Drafts that group documents differently now would leave files under names in use again.
            for first, line in tuple(self._material.items()):
                now = self._lines.get(first)
                if now is None or now.documents != line.documents:
                    self._clear(first)
        return self._work

    def _free_name(self) -> Path:
        """Return a folder named after the generation's content, with a number if that name is taken."""
        digest = blake2b(digest_size=16)
        for first, line in sorted(self._lines.items()):
            digest.update(f"{first} {' '.join(line.endings)} ".encode() + line.revision)
        base = digest.hexdigest()
        fresh, number = self._generations / base, 2
        while fresh.exists():
            fresh, number = self._generations / f"{base}-{number}", number + 1
        path_of(fresh).unlink(missing_ok=True)
        return fresh


def _write(path: Path, body: bytes, folder: int | None) -> None:
    remove(path.name, folder)  # other generations may share the file
    with path.open("xb") as file:
        file.write(body)


def _sync(name: str, folder: int | None) -> None:
    """Sync a file to disk; after the first file, others cost little more."""
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _close(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)
