"""Files are written as a whole or not at all, and never through a link."""

import os
from pathlib import Path

import pytest

from sse_digest.atomic_write import create_file, replace_file


def test_a_new_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    assert create_file(path, b"one", mode=0o600)
    assert not create_file(path, b"two", mode=0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["a.toml"]


def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"keep")
    link.symlink_to(target)

    assert not create_file(link, b"x", mode=0o600)
    replace_file(link, b"new", mode=0o600)

    assert (target.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"keep", b"new", False)


@pytest.mark.parametrize("write", [create_file, replace_file])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: type
) -> None:
    def full(descriptor: int) -> None:
        del descriptor
        raise OSError(28, "No space left on device")

    path = tmp_path / "a"
    if write is replace_file:
        path.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space"):
        write(path, b"after", mode=0o600)

    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([b"before"] if write is replace_file else [])
