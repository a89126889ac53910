"""A copy of the templates to change, equal to those that travel with the program."""

import tomllib
from pathlib import Path

from sse_digest.rendering.resources import folder
from tests.running import Run


def test_the_copy_is_whole_and_its_setting_is_told(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("templates", "copy", "mine")

    original = folder("templates") / "email"
    assert code == 0
    assert tomllib.loads(out[out.index("[templates]") :]) == {"templates": {"email": str(tmp_path / "mine")}}
    for path in original.rglob("*.*"):
        assert (tmp_path / "mine" / path.relative_to(original)).read_bytes() == path.read_bytes()


def test_nothing_is_ever_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "file").write_text("x")

    assert run("templates", "copy", "mine")[0] == 2
    assert run("templates", "copy", "file/inside")[0] == 2
    assert list((tmp_path / "mine").iterdir()) == []
