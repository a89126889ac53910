"""What contributors use beside the program: the check of commit messages, the hooks and the forms."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CHECK = ROOT / ".ci" / "commit-subject"


def check(message: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the hook as git does, on a file that holds the message."""
    path = folder / "COMMIT_EDITMSG"
    path.write_text(message, encoding="utf-8")
    return subprocess.run([sys.executable, CHECK, path], capture_output=True, text=True, check=False)


def loaded(path: Path) -> Any:  # noqa: ANN401  what YAML holds is known to the caller only
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "message",
    [
        "feeds: an entry without a date keeps its place",
        "feeds, store: two rooms in one change",
        "docs: " + "x" * 66,
        "docs: ä" + "é" * 65,
        "\n# a comment of git's\ndocs: the subject stands below\n\nA long body: " + "x" * 200,
        "Merge branch 'main' of a place whose name is long enough to need more than 72 characters",
        'Revert "docs: something"',
    ],
)
def test_a_good_subject_is_accepted(message: str, tmp_path: Path) -> None:
    done = check(message, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("docs: " + "x" * 67, "has 73 characters"),
        ("Update the documentation", "area: what changed"),
        ("docs:", "area: what changed"),
        ("# only a comment\n", "is empty"),
    ],
)
def test_a_bad_subject_is_refused_with_the_reason(message: str, reason: str, tmp_path: Path) -> None:
    done = check(message, tmp_path)

    assert done.returncode == 1
    assert reason in done.stderr


def test_the_hooks_run_tools_of_the_project_only() -> None:
    [repository] = loaded(ROOT / ".pre-commit-config.yaml")["repos"]
    programs = [hook["entry"].split()[0] for hook in repository["hooks"]]

    assert repository["repo"] == "local"
    assert set(programs) == {".venv/bin/ruff", ".venv/bin/mypy", ".ci/commit-subject"}
    assert CHECK.stat().st_mode & 0o111


def test_the_workflow_runs_what_every_build_runs() -> None:
    jobs = loaded(ROOT / ".github" / "workflows" / "build.yml")["jobs"]

    assert [job["steps"][-1]["run"] for job in jobs.values()] == [".ci/run"]


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_an_issue_form_asks_for_something_and_names_its_fields_once(name: str) -> None:
    form = loaded(ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml")
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]

    assert {"name", "description", "body"} <= form.keys()
    assert ids
    assert len(ids) == len(set(ids))
    assert any(field.get("validations", {}).get("required") for field in form["body"])
