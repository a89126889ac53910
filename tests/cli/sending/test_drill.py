"""The drill kills real senders and says whether the promise was kept."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.cli.sending import drill as drill_module
from sse_digest.cli.setup.demo import FILES
from sse_digest.rendering.resources import folder
from sse_digest.sandbox.counting_smtp import CountingSmtp
from tests.installation import change
from tests.running import Run

pytestmark = pytest.mark.slow


class Doubling(CountingSmtp):
    """A relay that says of each mail that it came twice."""

    async def take(self, recipients: list[str]) -> None:
        await super().take([*recipients, *recipients])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An operator's configuration, whose secrets, database and sources are not there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    for name in FILES:
        shutil.copyfile(folder("examples") / name, tmp_path / name)
    (tmp_path / "news.html").unlink()
    return tmp_path / "config.toml"


def rewrite(config: Path, more: str = "", **values: str) -> None:
    config.write_text(change(config.read_text(encoding="utf-8"), values) + more, encoding="utf-8")


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_a_drill_with_ones_own_settings_gives_the_account(
    run: Run,
    config: Path,
    policy: str,
    effort: str,
    monkeypatch: pytest.MonkeyPatch,
    proof: Callable[[str, str], None],
) -> None:
    people, kills = (400, 20) if effort == "full" else (30, 2)
    fallback = '[[smtp.fallbacks]]\nhost = "b.example.org"\nmax_per_hour = 1\n'
    rewrite(
        config, f'{fallback}[send]\nin_doubt = "{policy}"\n', connections='3\npipelining = "full"\ndepth = 2'
    )
    monkeypatch.setenv("SSE_DIGEST__SMTP__MAX_PER_DAY", "3")  # also the environment is the operator's
    before = sorted(config.parent.rglob("*"))

    code, said, told = run("drill", "--people", str(people), "--kills", str(kills), "--seed", "7", "--json")

    data = json.loads(said)
    assert (code, told) == (0, "")
    assert (data["people"], data["seed"], data["k"], data["in_doubt_policy"]) == (people, 7, 8, policy)
    assert 1 <= data["kills"] <= kills
    assert data["promise_kept"] is True
    assert data["missed_unlisted"] == 0
    assert data["accepted"] + data["held"] == people == data["account"]["total"]
    assert data["sent_twice"] <= (data["in_doubt"] if policy == "resend" else 0)
    assert sorted(config.parent.rglob("*")) == before  # the scratch folder is gone, nothing else came
    proof(
        f"sse-digest drill, {policy}, two relays",
        f"{data['kills']} kills, {people} people: {data['in_doubt']} in doubt, {data['sent_twice']} twice,"
        f" at most {data['most_after_one_kill']} after one kill (K = {data['k']}), nobody missed unlisted",
    )


def test_a_broken_promise_is_told_and_its_traces_are_kept(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill_module, "CountingSmtp", Doubling)

    code, said, told = run("drill", "--people", "4", "--kills", "1", "--seed", "1")

    assert code == 1
    assert "THE PROMISE WAS NOT KEPT:" in said
    assert "4 people got a second copy without ever being in doubt." in said
    [kept] = (config.parent / "scratch").iterdir()
    assert said.endswith(f"The folder is {kept}\n")
    assert (kept / "config.toml").is_file()
    assert told.startswith("0 of 2: 0 senders killed, mail for 0 people received")


def test_a_send_that_is_done_too_soon_is_told(run: Run, config: Path) -> None:
    code, said, _ = run("drill", "--people", "1", "--kills", "9", "--seed", "3")

    assert code == 0
    assert "The send ended before all 9 kills. Use more --people for more kills." in said
    assert "The promise was kept" in said


@pytest.mark.parametrize(
    ("arguments", "key", "said"),
    [
        (("--digest", "yearly"), None, "Name the digest with --digest. Known: monthly."),
        (("--people", "0"), None, "--people"),
        ((), "public_url", "public_url is not set"),
        ((), "envelope_from", "smtp.envelope_from"),
    ],
)
def test_wrong_use_or_configuration_kills_nobody(
    run: Run, config: Path, arguments: tuple[str, ...], key: str | None, said: str
) -> None:
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    config.write_text("".join(line for line in lines if not line.startswith(f"{key} =")), encoding="utf-8")

    code, _, told = run("drill", *arguments)

    assert code == 2
    assert said in told
    assert list((config.parent / "scratch").iterdir()) == []


def test_no_sender_begins_where_its_mails_cannot_be_made(run: Run, config: Path) -> None:
    rewrite(config, '[templates]\nemail = "mine"\n')
    (config.parent / "mine").mkdir()
    (config.parent / "mine" / "digest.html").write_text("{% if %}")

    code, _, told = run("drill", "--kills", "1")

    assert code != 0
    assert "digest.html" in told
