"""Write a file as a whole or not at all: beside its place, synced, then moved there. Never follows a link."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file in place of what has its name; a link there is replaced, not followed.

    Raises:
        OSError: the disk refuses; what was there stays.
    """
    beside = _write_beside(path, content, mode)
    try:
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def create_file(path: Path, content: bytes, *, mode: int) -> bool:
    """Write a new file; return False, and change nothing, if its name is taken.

    Raises:
        OSError: the disk refuses; there is no such file then.
    """
    if path.exists() or path.is_symlink():
        return False
    beside = _write_beside(path, content, mode)
    try:
        os.link(beside, path, follow_symlinks=False)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode
        )
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    return beside


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
