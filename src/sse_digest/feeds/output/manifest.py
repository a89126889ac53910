"""The manifest of a generation: the revision of each document and a stamp of its files.

It is a text file next to the generation that only saves work. If it is missing, damaged or of another
generation, or if a file does not match its stamp, documents are written again and compared.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sse_digest.feeds.output.compression import ENDINGS
from sse_digest.feeds.output.generations import RECORD

_FORM = "sse-digest-record-1"  # a manifest in another format is ignored
_SIZE = 16  # bytes of a hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """Documents that were written together; their names differ in their endings only."""

    endings: tuple[str, ...]  # of all files, compressed forms too, after the common part of the names
    revision: bytes
    stamp: bytes  # of the files; empty if they are not written yet

    @property
    def documents(self) -> tuple[str, ...]:
        """The endings of the documents themselves."""
        return tuple(ending for ending in self.endings if not ending.endswith(ENDINGS))


Record = Mapping[str, ManifestEntry]
"""The manifest of a generation: its entries by the name of the first document of each."""


def stem_of(name: str) -> str:
    """Return the part of a name that documents written together have in common."""
    return name.rpartition(".")[0]


def path_of(generation: Path) -> Path:
    """Return the path of a generation's manifest."""
    return generation.with_name(generation.name + RECORD)


def read_record(generation: Path) -> Record:
    """Read the manifest of a generation; empty if it is missing, damaged or of another generation."""
    try:
        body = path_of(generation).read_bytes()
    except OSError:
        return {}
    whole, _, digest = body.rstrip(b"\n").rpartition(b"\n")
    if digest != _digest(whole) or not whole.startswith(_title(generation)):
        return {}
    known: dict[tuple[str, ...], tuple[str, ...]] = {}  # each tuple of endings, kept once
    return dict(_lines(whole[len(_title(generation)) :].decode(), known))


def _lines(text: str, known: dict[tuple[str, ...], tuple[str, ...]]) -> Iterator[tuple[str, ManifestEntry]]:
    for line in text.splitlines():
        stem, *middle, revision, stamp = line.split(" ")
        endings = known.setdefault(tuple(middle), tuple(middle))
        yield (
            stem + endings[0],
            ManifestEntry(endings=endings, revision=bytes.fromhex(revision), stamp=bytes.fromhex(stamp)),
        )


def write_record(generation: Path, record: Record) -> None:
    """Write the manifest of a generation atomically and sync it to disk.

    Raises:
        OSError: the file cannot be written.
    """
    lines = (
        " ".join((stem_of(first), *line.endings, line.revision.hex(), line.stamp.hex()))
        for first, line in record.items()
    )
    whole = _title(generation) + "\n".join(lines).encode()
    path = path_of(generation)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with beside.open("xb") as file:
        file.write(whole + b"\n" + _digest(whole) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def stamp_of(folder: int, stem: str, endings: tuple[str, ...]) -> bytes:
    """Return a hash of the sizes and times of files; empty if one is missing or not a regular file.

    Args:
        folder: an open descriptor of their folder.
        stem: the beginning of each name.
        endings: the rest of each name.
    """
    digest = blake2b(digest_size=_SIZE)
    for ending in endings:
        try:
            found = os.stat(stem + ending, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return b""
        if not stat.S_ISREG(found.st_mode):
            return b""
        digest.update(f"{ending} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.digest()


def _title(generation: Path) -> bytes:
    return f"{_FORM} {generation.name}\n".encode()


def _digest(whole: bytes) -> bytes:
    return blake2b(whole, digest_size=_SIZE).hexdigest().encode()
