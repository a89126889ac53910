"""Running one verb in this process, for tests that look at what it says."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.cli import main

Run = Callable[..., tuple[int, str, str]]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Return what runs a command in a folder, and gives its exit code, output and error output."""
    monkeypatch.chdir(home)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sse-digest", *arguments])
        code = 0
        try:
            main()
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
