from pathlib import Path

import pytest

from sse_digest.errors import SseDigestError
from sse_digest.rendering.resources import folder

OURS = '[project]\nname = "sse-digest"\n'


def make(root: Path, *names: str) -> Path:
    """Lay out a package of ours with folders; return the package's folder."""
    for name in names:
        (root / name).mkdir(parents=True)
    return root / "src" / "sse_digest"


def test_a_source_tree_wins_over_a_stale_copy_inside_the_package(tmp_path: Path) -> None:
    package = make(tmp_path, "templates", "src/sse_digest/templates")
    (tmp_path / "pyproject.toml").write_text(OURS)

    assert folder("templates", package=package) == tmp_path / "templates"


def test_an_installed_package_uses_what_it_brought(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "site-packages" / "sse_digest"
    (package / "locales").mkdir(parents=True)

    assert folder("locales", package=package) == package / "locales"


@pytest.mark.parametrize("pyproject", [None, '[project]\nname = "another"\n', "[tool]\n", "not toml ["])
def test_folders_of_another_project_are_not_ours(tmp_path: Path, pyproject: str | None) -> None:
    package = make(tmp_path, "templates", "src/sse_digest/templates")
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)

    assert folder("templates", package=package) == package / "templates"


def test_a_source_tree_without_the_folder_falls_back_to_the_package(tmp_path: Path) -> None:
    package = make(tmp_path, "src/sse_digest/examples")
    (tmp_path / "pyproject.toml").write_text(OURS)

    assert folder("examples", package=package) == package / "examples"


def test_a_missing_folder_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(SseDigestError, match=r"'examples' is missing.*Install sse-digest again"):
        folder("examples", package=make(tmp_path, "src/sse_digest"))


def test_the_folders_of_this_copy_exist() -> None:
    assert (folder("templates") / "email" / "digest.html").is_file()
    assert (folder("locales") / "en").is_dir()
