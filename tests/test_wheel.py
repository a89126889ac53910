"""The wheel alone is enough: it is installed where no source tree is, and the demo runs from it."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import run
from sse_digest import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"


def succeed(*command: str | Path, cwd: Path) -> str:
    """Run a program that must end with 0; return what it printed."""
    environment = {
        key: value for key, value in run.environment().items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }
    arguments = [os.fspath(part) for part in command]
    done = subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    succeed(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    uv = (sys.executable, "-m", "uv")
    succeed(*uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    programs = folder / "venv" / "bin"
    target = ("--python", programs / "python", "--constraint", CONSTRAINTS)
    succeed(*uv, "pip", "install", "--quiet", *target, wheel, cwd=folder)
    return programs


def test_the_wheel_carries_what_the_program_reads_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    folders = {"/".join(name.split("/")[:2]) for name in names}

    assert tops == {"sse_digest", f"sse_digest-{__version__}.dist-info"}
    assert folders >= {"sse_digest/templates", "sse_digest/locales", "sse_digest/examples"}
    assert any(name.startswith("sse_digest/store/migrations/versions/0001") for name in names)


def test_the_installed_package_does_not_come_from_the_source_tree(installed: Path, tmp_path: Path) -> None:
    where = succeed(installed / "python", "-c", "import sse_digest; print(sse_digest.__file__)", cwd=tmp_path)

    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"

    succeed(installed / "sse-digest", "demo", folder, cwd=tmp_path)

    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert any(b"http://www.w3.org/2005/Atom" in text for text in texts)
    assert any(re.search(rb"^List-Unsubscribe:", text, re.MULTILINE) for text in texts)


def names_of(requirements: list[str]) -> set[str]:
    """Return the normalised names of requirements (the packaging rules, PEP 503)."""
    names = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name.group()).lower() for name in names if name}


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    pinned = names_of(CONSTRAINTS.read_text(encoding="utf-8").splitlines())

    assert names_of(asked) - pinned == set()


def test_the_constraints_hold_names_and_versions_and_nothing_else() -> None:
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert len(names_of(lines)) == len(lines)


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert "version" not in project
    assert project["dynamic"] == ["version"]
    assert metadata.version("sse-digest") == __version__
    assert f"## {__version__} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
