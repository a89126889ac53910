"""A new installation stands in one step, and nothing that was there is touched."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from sse_digest.cli.setup.init import Answers, SetupReport, ask_questions, set_up
from sse_digest.errors import SettingsError
from sse_digest.settings import load_settings
from tests.running import Run

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
ANSWERS = Answers(
    organisation='The "Example" organisation',
    public_url="https://news.un.example",
    relay_host="mail.un.example",
)


def names(paths: tuple[Path, ...]) -> set[str]:
    return {path.name for path in paths}


def make(folder: Path, answers: Answers = Answers(), *, secret: str = SECRET) -> SetupReport:  # noqa: B008 # frozen
    return set_up(folder, answers, secret=secret)


def test_without_any_answer_a_configuration_is_written_that_loads(tmp_path: Path) -> None:
    report = make(tmp_path / "new" / "place")

    settings = load_settings(report.folder / "config.toml")
    assert names(report.written) == {"config.toml", "secret_keys", "feeds", "var"}
    assert report.kept == ()
    assert settings.secret_keys() == (SECRET.encode(),)
    assert settings.source_options() == ()
    assert (settings.public_url, settings.config.smtp, settings.config.dkim) == (None, None, None)
    assert Path(settings.database_url().removeprefix("sqlite:///")).parent.is_dir()
    assert settings.path(settings.config.feeds.folder).is_dir()


def test_answers_stand_in_the_configuration(tmp_path: Path) -> None:
    settings = load_settings(make(tmp_path, ANSWERS).folder / "config.toml")

    assert settings.config.organisation == 'The "Example" organisation'
    assert settings.public_url == "https://news.un.example"
    assert settings.relay_options().host == "mail.un.example"
    assert settings.send_options().envelope_from == "bounces@news.un.example"
    letterhead = settings.letterhead(settings.digests()[0].lists[0])
    assert (letterhead.from_address, letterhead.list_id) == (
        "news@news.un.example",
        "subscribers.news.un.example",
    )


def test_nothing_of_another_organisation_is_active(tmp_path: Path) -> None:
    report = make(tmp_path, replace(ANSWERS, organisation="Our Union"))

    settings = load_settings(report.folder / "config.toml")
    (digest,) = settings.digests()
    assert (settings.config.sources, settings.signer()) == ((), None)
    assert digest.title == {"en": "Our Union"}
    assert settings.letterhead(digest.lists[0]).list_title == "Our Union"


def test_a_new_installation_works_at_once(run: Run, tmp_path: Path) -> None:
    assert "preview" in run("init", "new")[1]

    config = ("--config", "new/config.toml")
    shown, _, hint = run(*config, "preview", "--output", "shown")
    code, examined, _ = run(*config, "doctor")
    findings = json.loads(run(*config, "doctor", "--json")[1])["findings"]

    assert (shown, code) == (0, 0), hint + examined
    assert "made-up issue" in hint
    assert "Example Organisation" in (tmp_path / "shown" / "small.en.txt").read_text()
    assert "4 things still to do" in examined
    assert "sources suggest" in examined
    assert {one["level"] for one in findings} == {"ok", "advice"}


def test_a_preview_of_a_month_is_no_sample(run: Run) -> None:
    run("init")

    code, _, problem = run("preview", "2023-04")

    assert code == 1
    assert "2023-04 has no items" in problem


def test_the_secret_is_for_this_user_only(tmp_path: Path) -> None:
    make(tmp_path)

    assert stat.S_IMODE((tmp_path / "secret_keys").stat().st_mode) == 0o600


def test_what_is_there_is_kept_and_what_is_missing_is_added(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "config.toml").write_text("mine")
    (tmp_path / "var").rmdir()

    report = make(tmp_path, ANSWERS, secret=SECRET[::-1])

    assert names(report.written) == {"var"}
    assert names(report.kept) == {"feeds", "secret_keys", "config.toml"}
    assert (tmp_path / "config.toml").read_text() == "mine"
    assert SECRET in (tmp_path / "secret_keys").read_text()


@pytest.mark.parametrize(
    ("answers", "setting"),
    [
        (Answers(public_url="http://news.un.example"), "public_url"),
        (Answers(public_url="https://[nonsense"), "public_url"),
        (Answers(organisation="a\nb"), "organisation"),
        (Answers(relay_host="mail.un.example:99999"), "smtp.port"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_and_nothing_is_written(
    tmp_path: Path, answers: Answers, setting: str
) -> None:
    with pytest.raises(SettingsError) as told:
        make(tmp_path / "new", answers)

    assert [problem.split(" ")[0] for problem in told.value.problems] == [setting]
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="cannot be written"):
        make(tmp_path / "file")


def test_a_weak_secret_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too weak"):
        make(tmp_path, secret="short")


def test_questions_may_be_left_open() -> None:
    said = {"Name": " Example ", "https": "", "SMTP": "mail.un.example"}

    answers = ask_questions(lambda question, default: said[question.split(" ")[0]] or default, pytest.fail)

    assert answers == Answers(organisation="Example", public_url=None, relay_host="mail.un.example")


def test_an_answer_that_cannot_be_used_is_asked_for_again_and_costs_no_other() -> None:
    said = iter(("Example", "http://news.un.example", "https://news.un.example", "mail.un.example:2525"))
    told: list[str] = []

    answers = ask_questions(lambda _question, _default: next(said), told.append)

    assert answers == Answers(
        organisation="Example", public_url="https://news.un.example", relay_host="mail.un.example:2525"
    )
    assert len(told) == 1
    assert "public_url" in told[0]


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [("mail.un.example:2525", "mail.un.example", 2525), ("[::1]:26", "::1", 26), ("::1", "::1", 587)],
)
def test_a_relay_may_be_given_with_its_port(tmp_path: Path, given: str, host: str, port: int) -> None:
    settings = load_settings(make(tmp_path, replace(ANSWERS, relay_host=given)).folder / "config.toml")

    assert (settings.relay_options().host, settings.relay_options().port) == (host, port)
