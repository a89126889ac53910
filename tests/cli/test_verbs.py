"""The command line as an admin uses it: every verb, its JSON, its exit code, its words when it goes wrong."""

import asyncio
import csv
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sse_digest.cli import main
from sse_digest.cli.setup.demo import FILES
from sse_digest.rendering.resources import folder
from tests.installation import change
from tests.smtp_server import ScriptedServer


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 # what a report holds is what the tests ask
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in an empty folder, without a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SSE_DIGEST_CONFIG", raising=False)

    def invoke(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["sse-digest", *arguments])
        code = 0
        try:
            main()
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return invoke


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The example installation, its months open to items of any age, its relay not there."""
    for name in FILES:
        shutil.copyfile(folder("examples") / name, tmp_path / name)
    (tmp_path / "var").mkdir()
    (tmp_path / "secret_keys").write_text("0123456789abcdefghijklmnopqrstuvwxyzABCDEF\n")
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    text = text.replace('first_period = "2023-03"', 'first_period = "2023-03"\nlate_days = 0')
    (tmp_path / "config.toml").write_text(change(text, {"port": "1"}), encoding="utf-8")
    return tmp_path


def use_relay(home: Path, port: int) -> None:
    config = home / "config.toml"
    config.write_text(change(config.read_text(encoding="utf-8"), {"port": str(port)}), encoding="utf-8")


def test_without_a_configuration_every_verb_says_what_to_do(run: Run) -> None:
    for verb in ("fetch", "publish", "compose", "send", "status", "items list", "subscribers list"):
        result = run(*verb.split())
        assert result.code == 2, verb
        assert "sse-digest init" in result.err
        assert "Traceback" not in result.err


def test_a_broken_configuration_lists_every_problem(run: Run, home: Path) -> None:
    (home / "config.toml").write_text(
        'organisation = 3\nnonsense = 1\n[smtp]\nhost = "x"\n', encoding="utf-8"
    )

    result = run("fetch")

    assert result.code == 2
    for word in ("organisation", "nonsense", "smtp.envelope_from"):
        assert word in result.err


@pytest.mark.usefixtures("home")
def test_fetching_twice_changes_nothing(run: Run) -> None:
    first, second = run("fetch", "--json"), run("fetch", "--json")

    assert first.code == second.code == 0
    sources = first.json["sources"], second.json["sources"]
    assert [(s["added"], s["unchanged"]) for s in sources[0]] == [(10, 0), (6, 0)]
    assert [(s["added"], s["changed"], s["unchanged"]) for s in sources[1]] == [(0, 0, 10), (0, 0, 6)]


def test_one_bad_source_stops_no_other(run: Run, home: Path) -> None:
    (home / "news.html").write_text("<p>The page is being rebuilt.</p>", encoding="utf-8")

    result = run("fetch")

    assert result.code == 1
    assert "news-page: REFUSED" in result.out
    assert "news-listing: 6 read, 6 added" in result.out


@pytest.mark.usefixtures("home")
def test_items_are_listed_explained_and_edited_for_good(run: Run) -> None:
    run("fetch")
    items = run("items", "list", "--json").json["items"]
    assert isinstance(items, list)
    item = next(item for item in items if item["title"].startswith("ILO COOP meets"))

    explained = run("items", "explain", item["id"][:10], "--json").json
    assert {"theme", "term", "field", "weight"} <= set(explained["evidence"][0])
    edited = run("items", "edit", item["id"], "--theme", "youth", "--title", "Another title")
    assert edited.code == 0
    run("fetch")

    shown = run("items", "show", item["id"], "--json").json
    assert (shown["primary"], shown["title"], shown["edited"]) == (
        "youth",
        "Another title",
        ["themes", "title"],
    )
    assert run("items", "edit", item["id"], "--hide").code == 0
    reviewed = run("items", "review")
    assert reviewed.code == ("Nothing to review." not in reviewed.out)
    assert isinstance(run("items", "review", "--json").json["review"], list)
    dated = run("items", "edit", item["id"], "--date", "2023-04-30", "--json").json
    assert (dated["published"], dated["precision"]) == ("2023-04-30", "day")
    run("fetch")
    assert run("items", "show", item["id"], "--json").json["published"] == "2023-04-30"
    other = next(one["id"] for one in items if one["id"] != item["id"])
    assert "Merged " in run("items", "merge", item["id"], other).out
    assert "already merged into" in run("items", "merge", item["id"], other).out
    assert "[merged]" in run("items", "list").out
    assert f"merged it into {item['id']}" in run("items", "explain", other).out
    assert run("items", "split", other, "--json").json == {"split": [other]}
    assert run("items", "split", other).code == 2
    assert shown["image"] is None
    assert shown["body"] is None
    assert "body" not in items[0]
    assert "[hidden] Another title" in run("items", "list").out
    assert "an editor" in run("items", "explain", item["id"]).out.lower()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("items", "edit", "zzz", "--hide"), "No item's id begins with"),
        (("items", "edit", "zzz"), "Nothing to change"),
        (("items", "edit", "zzz", "--theme", "nonsense"), "Unknown theme"),
        (("items", "list", "--theme", "nonsense"), "Unknown theme"),
        (("compose", "--digest", "weekly"), "no digest 'weekly'"),
        (("compose", "2023-13"), "not a period"),
        (("send", "--wait", "soon"), "not a duration"),
        (("preview", "2023-03", "--language", "xx"), "Unknown: xx"),
        (("themes", "test", "nothing.jsonl"), "cannot be read"),
        (("subscribers", "list", "--list", "nobody"), "no list 'nobody'"),
        (("sources", "try", "text", "nothing.txt"), "no file nothing.txt"),
        (("sources", "try", "html", "ftp://example.org/"), "http or https"),
        (("sources", "try", "html", "news.txt", "--preset", "nonsense"), "Choose one of: ilo"),
        (("sources", "try", "text", "news.txt", "--language", "!"), "not a language"),
    ],
)
def test_wrong_use_is_told_in_one_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)

    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err


@pytest.mark.usefixtures("home")
def test_a_preview_that_cannot_be_written_names_the_option(run: Run) -> None:
    run("fetch")

    result = run("preview", "2023-03", "--output", "news.txt/inside")

    assert (result.code, "Choose another folder with --output" in result.err) == (2, True)


@pytest.mark.usefixtures("home")
def test_an_empty_month_says_which_months_have_items(run: Run) -> None:
    run("fetch")

    result = run("compose", "2023-02")

    assert result.code == 1
    assert "sse-digest compose 2023-03" in result.err + result.out


@pytest.mark.usefixtures("home")
def test_a_quiet_month_raises_no_alarm(run: Run) -> None:
    run("fetch")
    run("compose", "2023-03")
    run("compose", "2023-04")

    composed, sent = run("compose", "2023-05"), run("send", "2023-05", "--yes")

    assert composed.code == sent.code == 0
    assert "2023-05 has no items" in composed.out
    assert "2023-05 has no items" in sent.err
    assert "Error" not in sent.err


def test_publish_twice_writes_nothing_the_second_time(run: Run, home: Path) -> None:
    run("fetch")

    first, second = run("publish", "--json"), run("publish", "--json")

    assert first.code == second.code == 0
    assert "all.atom" in first.json["changed"]
    assert second.json["changed"] == []
    assert first.json["generation"] == second.json["generation"]
    assert (home / "feeds" / "current" / "all.atom").is_file()


@pytest.mark.parametrize("verb", [("publish",), ("send", "2023-03", "--yes")])
def test_without_public_url_it_ends_with_2_and_names_the_setting(
    run: Run, home: Path, verb: tuple[str, ...]
) -> None:
    text = (home / "config.toml").read_text(encoding="utf-8")
    (home / "config.toml").write_text(text.replace("public_url =", "# public_url ="), encoding="utf-8")
    run("fetch")

    result = run(*verb)

    assert result.code == 2
    assert "public_url" in result.err


@pytest.mark.usefixtures("home")
def test_months_are_composed_in_order(run: Run) -> None:
    run("fetch")
    refused = run("compose", "2023-04")
    assert refused.code == 1
    assert "sse-digest compose 2023-03" in refused.err

    assert run("compose", "2023-03").code == 0
    composed = run("compose", "2023-04", "--json")

    assert composed.code == 0
    issue = composed.json["issue"]
    assert [section["theme"] for section in issue["sections"]] == ["cooperatives", "youth", "un-coordination"]
    assert "items" in run("compose", "2023-04").out


def test_a_preview_is_html_text_and_eml_in_every_language(run: Run, home: Path) -> None:
    run("fetch")
    run("compose", "2023-03")

    result = run("preview", "2023-03", "--json")

    assert result.code == 0
    assert len(result.json["files"]) == 4 * 3
    assert run("preview", "2023-03", "--language", "ar", "--themes", "youth", "--output", "one").code == 0
    assert sorted(path.suffix for path in (home / "one").iterdir()) == [".eml", ".html", ".txt"]


def prepare(run: Run) -> None:
    run("fetch")
    run("compose", "2023-03")
    run("subscribers", "import", "subscribers.csv")


@pytest.mark.usefixtures("home")
def test_an_import_lists_bad_rows_and_never_raises_a_status(run: Run) -> None:
    first = run("subscribers", "import", "subscribers.csv", "--json")
    assert first.code == 1
    assert (first.json["rows"], first.json["added"], first.json["refused"]) == (11, 10, 1)
    assert first.json["refusals"][0]["line"] == 12

    assert run("subscribers", "remove", "ana.lopez@readers.example").code == 0
    run("subscribers", "import", "subscribers.csv")

    people = run("subscribers", "list", "--json").json["subscribers"]
    status = {person["address"]: person["status"] for person in people}
    assert status["ana.lopez@readers.example"] == "ended"
    assert run("subscribers", "add", "ana.lopez@readers.example").code == 2
    assert run("subscribers", "add", "new@readers.example", "--language", "fr", "--themes", "youth").code == 0
    assert "new@readers.example" in run("subscribers", "export").out
    assert run("subscribers", "suppress", "new@readers.example", "--reason", "asked by phone").code == 0
    assert run("subscribers", "export", "--output", "people.csv").code == 0
    assert Path("people.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # else spreadsheets spoil names
    assert run("subscribers", "export", "--output", "people.csv").code == 2


@pytest.mark.usefixtures("home")
def test_a_suppressed_address_is_shown_as_such_and_lifted_with_a_reason(run: Run) -> None:
    run("subscribers", "add", "new@readers.example")
    assert run("suppressions", "list").out == "No address is suppressed.\n"
    run("subscribers", "suppress", "new@readers.example", "--reason", "a typing error")

    assert "suppressed" in run("subscribers", "list").out
    listed = run("subscribers", "list", "--status", "suppressed", "--json").json
    assert [(one["address"], one["status"]) for one in listed["subscribers"]] == [
        ("new@readers.example", "suppressed")
    ]
    assert listed["counts"] == {"pending": 0, "active": 0, "ended": 0, "suppressed": 1}
    assert "new@readers.example" in (shown := run("suppressions", "list").out)
    assert "a typing error" in shown
    assert run("suppressions", "lift", "new@readers.example").code == 2
    assert run("suppressions", "lift", "new@readers.example", "--why", "it was right").out == "Lifted.\n"
    assert run("suppressions", "lift", "new@readers.example", "--why", "again").code == 1
    assert run("subscribers", "list", "--status", "active", "--json").json["counts"]["active"] == 1


@pytest.mark.usefixtures("home")
def test_a_subscription_is_restored_unless_the_person_ended_it(run: Run) -> None:
    run("subscribers", "add", "new@readers.example")
    assert run("subscribers", "restore", "new@readers.example", "--why", "?").code == 2  # it has not ended
    run("subscribers", "remove", "new@readers.example")
    assert run("subscribers", "restore", "new@readers.example", "--why", "removed by mistake").code == 0
    assert run("subscribers", "list", "--json").json["subscribers"][0]["status"] == "active"
    assert run("subscribers", "restore", "other@readers.example", "--why", "x").code == 2


@pytest.mark.usefixtures("home")
def test_a_send_without_a_terminal_needs_yes(run: Run) -> None:
    prepare(run)

    result = run("send", "2023-03")

    assert result.code == 2
    assert "--yes" in result.err
    assert run("status", "2023-03", "--json").json["account"] is None


@pytest.mark.usefixtures("home")
def test_nobody_subscribed_sends_and_freezes_nothing(run: Run) -> None:
    run("fetch")
    run("compose", "2023-03")

    result = run("send", "2023-03", "--yes")

    assert result.code == 1
    assert "subscribers import" in result.err


def test_the_database_is_its_owners_alone(run: Run, home: Path) -> None:
    run("fetch")

    assert {path.stat().st_mode & 0o077 for path in (home / "var").iterdir() if path.is_file()} == {0}


def test_a_dry_run_writes_mails_and_nothing_else(run: Run, home: Path) -> None:
    prepare(run)
    assert run("subscribers", "add", "o\u2019neil@readers.example").code == 0  # cannot stand in To:

    result = run("send", "2023-03", "--dry-run", "--json")

    assert result.code == 0
    assert result.json["written"] == len(list((home / "outbox").iterdir())) == 9
    assert run("status", "2023-03", "--json").json["account"] is None


@contextmanager
def relay(home: Path, **script: str) -> Iterator[ScriptedServer]:
    """Run a server in a loop and thread of its own; the verbs need the main thread for their signals."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = ScriptedServer(script=dict(script))
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(5)
    use_relay(home, server.port)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_relay_that_knows_nobody_suppresses_nobody_until_an_admin_decides(run: Run, home: Path) -> None:
    prepare(run)
    with relay(home, RCPT="550 5.1.1 User unknown in local recipient table") as server:
        result = run("send", "2023-03", "--yes", "--wait", "0")
        assert result.code == 1
        assert "No address was suppressed" in result.out
        assert "MORE THAN A TENTH WAS REJECTED" in result.out
        waiting = run("suppressions", "list", "--json")
        assert (waiting.code, waiting.json["suppressed"]) == (1, [])
        assert len(waiting.json["proposed"]) > 1
        server.script.clear()
        back = run("suppressions", "take-back", "2023-03", "--why", "the relay had lost its table", "--json")
        assert back.json["changed"] == len(waiting.json["proposed"])
        assert run("send", "2023-03", "--yes", "--wait", "0").code == 0


def test_send_shows_asks_for_yes_accounts_and_ends_with_0(run: Run, home: Path) -> None:
    prepare(run)
    with relay(home) as server:
        sent = run("send", "2023-03", "--yes")
        again = run("send", "2023-03", "--yes", "--json")
        status = run("status", "2023-03", "--json")

    assert sent.code == again.code == status.code == 0
    assert "K = 2" in sent.out
    assert "Account: 9 = 9 accepted" in sent.out
    assert len(server.taken) == 9
    assert again.json["accepted"] == 0
    assert status.json["account"]["states"]["accepted"] == 9
    assert status.json["account"]["balances"] is True
    assert (status.json["k"], status.json["held"]) == (2, 0)
    assert "Account: 9 = 9 accepted" in run("status", "2023-03").out


def test_who_chose_only_themes_without_items_gets_no_mail(run: Run, home: Path) -> None:
    prepare(run)
    run("compose", "2023-04")
    run("subscribers", "add", "other@readers.example", "--themes", "other")
    with relay(home) as server:
        sent = run("send", "2023-04", "--yes", "--json")

    assert sent.code == 0
    assert sent.json["account"]["states"]["skipped"] == 1
    assert "other@readers.example" not in [taken.recipient for taken in server.taken]
    assert "nothing for the chosen themes" in run("status", "2023-04").out


@pytest.mark.usefixtures("home")
def test_a_relay_that_is_away_is_told_and_loses_nobody(run: Run) -> None:
    prepare(run)

    result = run("send", "2023-03", "--yes")

    assert result.code == 1
    assert "The relay cannot be reached" in result.out
    assert "sse-digest send 2023-03" in result.out
    status = run("status", "2023-03", "--json")
    assert status.code == 1
    assert status.json["account"]["states"]["planned"] == 9


def test_what_is_in_doubt_is_listed_and_decided(run: Run, home: Path) -> None:
    config = home / "config.toml"
    text = config.read_text(encoding="utf-8").replace("connections = 2", "connections = 9")
    config.write_text(text + '\n[send]\nin_doubt = "hold"\n', encoding="utf-8")
    prepare(run)
    with relay(home, CONTENT="(close)"):
        sent = run("send", "2023-03", "--yes")
    listed = run("resolve", "2023-03")
    given_up = run("resolve", "2023-03", "--give-up", "--delivery", "1", "--json")
    resent = run("resolve", "2023-03", "--resend", "--json")
    empty, nothing = run("resolve", "2023-03"), run("resolve", "2023-03", "--resend")

    assert sent.code == listed.code == nothing.code == 1
    assert "held in doubt" in sent.out
    assert "b.ndiaye@readers.example" in listed.out
    assert given_up.json["changed"] == 1
    assert resent.json["changed"] == 8
    assert (empty.code, empty.out) == (0, "Nothing is in doubt.\n")


def test_a_test_mail_is_marked_and_recorded_nowhere(run: Run, home: Path) -> None:
    run("fetch")
    run("compose", "2023-03")
    with relay(home) as server:
        sent = run("send", "2023-03", "--test", "me@readers.example", "--language", "fr")

    assert sent.code == 0
    assert [taken.recipient for taken in server.taken] == ["me@readers.example"]
    assert run("status", "2023-03", "--json").json["account"] is None


def test_try_prints_exactly_the_promised_fields(run: Run, home: Path) -> None:
    result = run("sources", "try", "text", str(home / "news.txt"), "--json")

    assert result.code == 0
    assert set(result.json) == {"items", "warnings"}
    items = result.json["items"]
    assert isinstance(items, list)
    assert list(items[0]) == [
        "section", "credit", "kicker", "title", "published", "precision", "date_text", "place", "summary",
        "language", "link", "warnings",
    ]  # fmt: skip
    assert [item["language"] for item in items[:3]] == ["fr", "es", "ar"]
    assert "6 items" in run("sources", "try", "text", str(home / "news.txt")).out


def test_the_rules_are_tried_on_a_labelled_file(run: Run, tmp_path: Path) -> None:
    labels = (("Young people find work", "youth"), ("Statistics of cooperatives", "other"))
    rows = [
        {"id": str(number), "title": title, "language": "en", "themes": [theme], "primary": theme}
        for number, (title, theme) in enumerate(labels, start=1)
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, rows)))

    result = run("themes", "test", "cases.jsonl", "--json")

    assert result.code == 0
    assert (result.json["items"], result.json["primary_accuracy"]) == (2, 0.5)
    themes = result.json["themes"]
    assert isinstance(themes, dict)
    assert set(themes) == {"youth", "un-coordination", "cooperatives", "other"}
    assert result.json["disagreements"][0]["id"] == "2"
    assert "rules say cooperatives" in run("themes", "test", "cases.jsonl").out


def test_the_demo_ends_with_0_and_leaves_its_files(run: Run, tmp_path: Path) -> None:
    result = run("demo", str(tmp_path / "demo"))

    assert result.code == 0
    assert result.out.count("Account: 8 = 8 accepted") == 2
    assert (tmp_path / "demo" / "index.html").is_file()
    assert len(list((tmp_path / "demo" / "mailbox" / "new").iterdir())) == 16
    again = run("demo", str(tmp_path / "demo"))
    assert again.code == 2
    assert "not empty" in again.err


def test_an_issue_is_paused_resumed_and_cancelled(run: Run, home: Path) -> None:
    prepare(run)
    assert run("pause", "2023-05").code == 1
    assert run("pause", "2023-03").code == 0
    with relay(home) as server:
        paused = run("send", "2023-03", "--yes")
        assert run("cancel", "2023-03").code == 2  # there is no terminal to ask on
        resumed = run("resume", "2023-03", "--json")
        cancelled = run("cancel", "2023-03", "--yes", "--json")
        again = run("cancel", "2023-03", "--yes")
        sent = run("send", "2023-03", "--yes")

    assert paused.code == 1
    assert "sse-digest resume" in paused.out
    assert resumed.json == {"issue": "monthly/2023-03", "paused": False}
    assert (cancelled.code, cancelled.json["changed"]) == (0, 9)
    assert (again.code, sent.code) == (1, 0)
    assert "status" in again.err
    assert server.taken == []


def test_a_report_says_who_got_it_who_did_not_and_why(run: Run, home: Path) -> None:
    prepare(run)
    assert "was not sent yet" in run("report", "2023-03").err
    with relay(home, RCPT="552 5.2.2 mailbox full"):
        run("send", "2023-03", "--yes")
        report, words = run("report", "2023-03", "--json"), run("report", "2023-03")
        rows = list(csv.DictReader(run("report", "2023-03", "--csv").out.splitlines()))

    assert report.code == words.code == 0
    by = report.json["by"]
    assert by["domain"] == {"readers.example": {"rejected": 8}, "organisation.example": {"rejected": 1}}
    assert by["reason"] == {"rcpt: 552 5.2.2 mailbox full": {"rejected": 9}}
    for way in ("themes", "language", "hour"):
        assert sum(count for states in by[way].values() for count in states.values()) == 9
    assert "9 rejected: rcpt: 552 5.2.2 mailbox full" in words.out
    assert "By hour (Europe/Zurich):" in words.out  # `status` tells instants in UTC
    assert "@" not in words.out + report.out
    assert len({row["address"] for row in rows}) == 9
    assert {row["state"] for row in rows} == {"rejected"}
    assert run("report", "2023-03", "--csv", "--json").code == 2


def test_those_that_failed_are_sent_to_once_more(run: Run, home: Path) -> None:
    prepare(run)
    with relay(home, RCPT="552 5.2.2 mailbox full"):
        run("send", "2023-03", "--yes")
    with relay(home) as server:
        assert run("send", "2023-03", "--only-failed").code == 2  # there is no terminal to ask on
        sent = run("send", "2023-03", "--only-failed", "--yes")
        again = run("send", "2023-03", "--only-failed", "--yes")

    assert sent.code == 0
    assert len(server.taken) == 9
    assert again.code == 1
    assert "No delivery failed" in again.err


def test_every_delivery_can_be_listed(run: Run, home: Path) -> None:
    prepare(run)
    assert run("status", "2023-03", "--deliveries", "--json").json["account"] is None
    with relay(home):
        run("send", "2023-03", "--yes")
        people = run("status", "2023-03", "--deliveries")
        listed = run("status", "2023-03", "--deliveries", "--json").json["deliveries"]

    assert people.out.count("@readers.example") == 8  # and one of the organisation
    assert {one["state"] for one in listed} == {"accepted"}
    assert {one["attempts"] for one in listed} == {1}
    assert all(one["message_id"] for one in listed)
