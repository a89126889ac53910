"""What an operator may ask at a moment when it makes no sense: told in words, and nothing happens."""

import json
import shutil
from pathlib import Path

import pytest

from sse_digest.cli.setup.demo import FILES
from sse_digest.rendering.resources import folder
from tests.installation import change
from tests.running import Run

PERIOD = "2023-03"


@pytest.fixture(autouse=True)
def _composed(run: Run, tmp_path: Path) -> None:
    """An issue with subscribers that was never sent."""
    for name in FILES:
        shutil.copyfile(folder("examples") / name, tmp_path / name)
    config = tmp_path / "config.toml"
    config.write_text(
        change(config.read_text(encoding="utf-8"), {"first_period": f'"{PERIOD}"\nlate_days = 0'})
    )
    (tmp_path / "var").mkdir()
    (tmp_path / "secret_keys").write_text("0123456789abcdefghijklmnopqrstuvwxyzABCDEF\n")
    for command in (("fetch",), ("compose", PERIOD), ("subscribers", "import", "subscribers.csv")):
        run(*command)


def account(run: Run) -> object:
    return json.loads(run("status", PERIOD, "--json")[1])["account"]


def test_only_those_that_failed_of_an_issue_never_sent_are_nobody_and_nothing_is_frozen(run: Run) -> None:
    code, _, said = run("send", PERIOD, "--only-failed", "--yes")

    assert code == 1
    assert "nobody's delivery failed" in said
    assert account(run) is None
    assert run("compose", PERIOD)[0] == 0  # it may still change


def test_cancelling_what_was_never_sent_says_so(run: Run) -> None:
    code, _, said = run("cancel", PERIOD, "--yes")

    assert code == 1
    assert "was not sent yet" in said
    assert account(run) is None


def test_status_tells_that_an_issue_is_paused_and_how_to_go_on(run: Run) -> None:
    run("pause", PERIOD)
    before = run("status", PERIOD)[1]
    code, sent, _ = run("send", PERIOD, "--yes")
    after, paused_at = run("status", PERIOD)[1], json.loads(run("status", PERIOD, "--json")[1])["paused_at"]
    run("resume", PERIOD)

    for said in (before, after):
        assert "Paused since 2" in said
        assert f"sse-digest resume {PERIOD}" in said
    assert code == 1
    assert "Finish it with" not in sent  # it has to be resumed first
    assert paused_at is not None
    assert json.loads(run("status", PERIOD, "--json")[1])["paused_at"] is None
    assert "Paused" not in run("status", PERIOD)[1]


@pytest.mark.parametrize(
    "wrong", [("--resend", "--give-up"), ("--delivery", "1")], ids=["both", "which, but not what"]
)
def test_a_decision_is_one_decision(run: Run, wrong: tuple[str, ...]) -> None:
    code, _, said = run("resolve", PERIOD, *wrong)

    assert code == 2
    assert "--resend" in said
    assert "--give-up" in said
