"""The summary at the end of a test run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import closing
from tests.account import FROM_OUTSIDE
from tests.proofs import Proof, page

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = "tests/samples/wants.py"


def summary(lines: int, lines_run: int, branches: int, branches_run: int) -> dict[str, Any]:
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": lines_run,
            "num_branches": branches,
            "covered_branches": branches_run,
        }
    }


def run_sample(tmp_path: Path, **environment: str) -> tuple[int, str]:
    """Run the sample in a pytest of its own; return its exit code and output."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SSE_TEST_", "COVERAGE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}", SAMPLE],
        cwd=ROOT,
        env={**kept, **dict.fromkeys(FROM_OUTSIDE, "present"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_test_that_was_skipped_for_a_need_is_listed(tmp_path: Path) -> None:
    code, output = run_sample(tmp_path)

    assert code == 0
    assert "NOT TESTED ON THIS MACHINE" in output
    assert "1 test skipped: needs a unicorn" in output


@pytest.mark.slow
def test_a_need_that_is_no_package_is_named() -> None:
    kept = {key: value for key, value in os.environ.items() if key not in {*FROM_OUTSIDE, "SSE_TEST_REPORT"}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/digest/test_fixtures.py"],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert all(f"1 test skipped: needs {what}" in done.stdout for what in FROM_OUTSIDE.values())


def test_a_skipped_test_fails_if_everything_is_required(tmp_path: Path) -> None:
    code, output = run_sample(tmp_path, SSE_TEST_REQUIRE="all")

    assert code == 1
    assert "SSE_TEST_REQUIRE=all, but this test needs a unicorn" in output


@pytest.mark.slow
def test_the_report_is_written_on_request(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    _, output = run_sample(tmp_path, SSE_TEST_REPORT=str(report))

    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["needs"] == {"a unicorn": 1}
    assert told["rooms"]["samples"][0] == 1
    assert "NOT TESTED" not in output


def test_files_are_added_up_by_room() -> None:
    rooms = closing.by_room(
        {
            "src/sse_digest/store/a.py": summary(10, 9, 4, 3),
            "src/sse_digest/store/deep/b.py": summary(5, 5, 0, 0),
            "/elsewhere/src/sse_digest/cli.py": summary(2, 0, 0, 0),
        }
    )

    assert rooms == {"store": closing.Counts(15, 14, 4, 3), "cli": closing.Counts(2, 0, 0, 0)}


@pytest.mark.parametrize(
    ("counts", "is_low"),
    [((0, 0, 0, 0), False), ((100, 95, 20, 19), False), ((100, 94, 0, 0), True), ((100, 100, 20, 18), True)],
)
def test_both_lines_and_branches_must_be_covered_enough(counts: tuple[int, ...], is_low: bool) -> None:
    assert closing.Counts(*counts).is_low() is is_low


@pytest.mark.parametrize(("room", "code"), [("store", 1), ("cli", 0)])
def test_only_a_room_that_needs_coverage_fails_the_run(
    room: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSE_TEST_ABSENT", raising=False)
    report, sums = tmp_path / "tests.json", tmp_path / "sums.json"
    report.write_text(json.dumps({"rooms": {room: [3, 60.0]}, "needs": {}}), encoding="utf-8")
    files = {f"src/sse_digest/{room}/a.py": summary(10, 5, 2, 1)}
    sums.write_text(json.dumps({"files": files}), encoding="utf-8")

    assert closing.main(report, sums) == code
    assert f"{room:14}      3     1.00    50.0 %    50.0 %" in capsys.readouterr().out


def test_a_run_without_a_report_fails(tmp_path: Path) -> None:
    assert closing.main(tmp_path / "none.json", tmp_path / "none") == 1


def test_the_list_of_what_was_not_tested_names_needs_and_absent_packages() -> None:
    assert closing.not_tested({}, {}) == []
    assert closing.not_tested({"Chromium": 2}, {"chromium": "only root can install it"}) == [
        "NOT TESTED ON THIS MACHINE",
        "  2 tests skipped: needs Chromium",
        "  chromium is absent: only root can install it",
    ]


def test_the_page_of_proofs_has_a_row_with_the_result_of_each() -> None:
    proofs = [
        Proof(name="Kills", text="50 kills", node_id="tests/test_crash.py::kills"),
        Proof(name="Dates", text="29 pages", node_id="tests/test_dates.py::pages"),
    ]

    text = page(proofs, {"tests/test_crash.py::kills"}, ["Commit: abc"])

    assert "- Commit: abc" in text
    assert text.endswith("| Dates | 29 pages | passed |\n| Kills | 50 kills | failed |\n")
