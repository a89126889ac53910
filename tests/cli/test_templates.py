"""A copy of the templates to change, equal to those that travel with the program."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.cli import main
from sse_digest.rendering.places import folder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sse-digest", *arguments])
        code = 0
        try:
            main()
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoke


def test_the_copy_is_whole_and_its_setting_is_told(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("templates", "copy", "mine")

    original = folder("templates") / "email"
    assert code == 0
    assert out.endswith('[templates]\nemail = "mine"\n')
    for path in original.rglob("*.*"):
        assert (tmp_path / "mine" / path.relative_to(original)).read_bytes() == path.read_bytes()


def test_nothing_is_ever_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "file").write_text("x")

    assert run("templates", "copy", "mine")[0] == 2
    assert run("templates", "copy", "file/inside")[0] == 2
    assert list((tmp_path / "mine").iterdir()) == []
