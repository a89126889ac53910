"""A verb is run in an empty folder, unless its own tests say otherwise."""

from pathlib import Path

import pytest

from tests.running import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    return runner(monkeypatch, capsys, tmp_path)
