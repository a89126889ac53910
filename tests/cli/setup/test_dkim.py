"""The verb that makes a key, and what `doctor` says of it."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from sse_digest.cli.setup.doctor import Health, check_dkim, text_records
from sse_digest.digest.mail.dkim import record_of
from sse_digest.errors import SettingsError
from sse_digest.rendering.resources import folder
from sse_digest.settings import load_settings
from tests.running import Run


@pytest.fixture
def config(run: Run, tmp_path: Path) -> Path:
    """The example configuration with a key of its own."""
    _, out, _ = run("dkim", "generate", "dkim.pem", "--domain", "organisation.example")
    path = tmp_path / "config.toml"
    text = (folder("examples") / "config.toml").read_text(encoding="utf-8")
    path.write_text(text + "\n" + out[out.index("[dkim]") :], encoding="utf-8")
    (tmp_path / "var").mkdir()
    return path


def says(config: Path, records: Sequence[str] | None) -> list[tuple[Health, str]]:
    return [(one.level, one.text) for one in check_dkim(load_settings(config), lambda _: records)]


def test_a_key_is_made_once_readable_for_nobody_else(run: Run, config: Path, tmp_path: Path) -> None:
    key = tmp_path / "dkim.pem"

    assert key.stat().st_mode & 0o777 == 0o600
    code, _, err = run("dkim", "generate", "dkim.pem", "--domain", "x.example")
    assert (code, "never overwritten" in err) == (2, True)
    assert run("dkim", "generate", "no/where.pem", "--domain", "x.example")[0] == 2
    assert run("dkim", "record")[1].startswith('digest._domainkey.organisation.example. IN TXT ( "v=DKIM1;')


@pytest.mark.parametrize(
    "wrong", [("--domain", "a b"), ("--domain", "x;y"), ("--selector", "a;b"), ("--selector", "")]
)
def test_no_key_is_made_for_what_the_settings_would_refuse(
    run: Run, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    code, _, err = run("dkim", "generate", "key.pem", "--domain", "x.example", *wrong)

    assert code == 2
    assert f"{wrong[1]!r} must be the name of a host" in err
    assert not (tmp_path / "key.pem").exists()


def test_the_settings_find_the_key_from_wherever_it_was_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    out = run("dkim", "generate", "dkim.pem", "--domain", "x.example")[1]

    assert tomllib.loads(out[out.index("[dkim]") :])["dkim"]["key_file"] == str(elsewhere / "dkim.pem")


def test_doctor_compares_the_record_with_the_key(config: Path) -> None:
    signer = load_settings(config).signer()
    assert signer is not None

    assert says(config, [record_of(signer.key)])[0][0] is Health.OK
    assert says(config, [])[0] == (
        Health.ERROR,
        "the record digest._domainkey.organisation.example does not exist: no signature will be valid",
    )
    assert "contains another key" in says(config, ["v=DKIM1; p=abc"])[0][1]
    assert says(config, None)[0][0] is Health.WARNING


def test_doctor_names_a_sender_whose_domain_is_not_signed_for(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub('domain = ".*"', 'domain = "other.example"', text), encoding="utf-8")

    assert (
        "sends from organisation.example, which other.example does not sign for" in says(config, None)[0][1]
    )


def test_a_key_that_is_none_is_an_error_for_doctor_and_for_sending(config: Path, tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_text("hello")

    assert says(config, None)[0][0] is Health.ERROR
    with pytest.raises(SettingsError, match=r"dkim\.key_file"):
        load_settings(config).signer()


def test_without_a_key_nothing_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text((folder("examples") / "config.toml").read_text(encoding="utf-8"), encoding="utf-8")

    assert says(path, None) == []
    assert "There is no [dkim] block" in run("dkim", "record")[2]


def test_a_name_that_cannot_be_asked_for_has_no_answer() -> None:
    assert text_records("a" * 70 + ".example") is None
