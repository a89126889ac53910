"""Each part of an installation is tried, and what is wrong comes with its cure."""

import os
from pathlib import Path

import pytest

from sse_digest.cli.setup.doctor import (
    Health,
    HealthFinding,
    check_configuration,
    check_database,
    check_feeds,
    check_relay,
    check_sources,
    check_templates,
    examine,
)
from sse_digest.model.issues import Digest
from sse_digest.settings import Settings, load_settings
from sse_digest.store import open_store
from tests.smtp_server import ScriptedServer

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
COMPLETE = """
organisation = "The organisation"
public_url = "https://news.un.test"
secret_keys_file = "secret_keys"
[database]
url = "sqlite:///a.db"
[[sources]]
name = "listing"
kind = "text"
path = "news.txt"
[[digests]]
name = "monthly"
title = "News"
lists = ["people"]
[[lists]]
name = "people"
title = "News by mail"
list_id = "people.un.test"
from_address = "news@un.int"
postal_address = "1 Street, Town"
[smtp]
host = "127.0.0.1"
port = PORT
security = "none"
envelope_from = "bounces@un.int"
"""
LISTING = """News

April 2023

  1. Cooperatives meet in Geneva

    20 April 2023

    Cooperatives from many countries met in Geneva and spoke about decent work.

  2. Young people found a cooperative

    12 April 2023

    Twelve young people founded a cooperative that repairs bicycles.
"""


def write(folder: Path, text: str = COMPLETE, *, port: int = 9) -> Path:
    (folder / "secret_keys").write_text(SECRET)
    (folder / "secret_keys").chmod(0o600)
    (folder / "news.txt").write_text(LISTING)
    path = folder / "config.toml"
    path.write_text(text.replace("PORT", str(port)))
    return path


def load(folder: Path, text: str = COMPLETE, *, port: int = 9) -> Settings:
    return load_settings(write(folder, text, port=port))


def told(findings: tuple[HealthFinding, ...]) -> str:
    assert all((finding.cure is None) == (finding.level is Health.OK) for finding in findings)
    return "\n".join(f"{finding.part} {finding.level}: {finding.text}" for finding in findings)


async def test_an_installation_that_is_complete_is_well_in_every_part(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        findings = await examine(write(tmp_path, port=server.port))

        assert {finding.level for finding in findings} == {Health.OK}, told(findings)
        assert [finding.part for finding in findings] == [
            "configuration",
            "templates",
            "database",
            "feeds",
            "source listing",
            "relay",
        ]
        assert server.taken == []
        assert not [line for line in server.commands if line.startswith("MAIL")]
    assert sorted(os.listdir(tmp_path)) == ["config.toml", "news.txt", "secret_keys"]  # noqa: PTH208 # names only


async def test_a_configuration_that_does_not_load_ends_the_examination(tmp_path: Path) -> None:
    findings = await examine(write(tmp_path, "organisatoin = 'x'\n"))
    absent = await examine(tmp_path / "absent.toml")

    assert [finding.text.split(" ")[0] for finding in findings] == ["organisation", "organisatoin"]
    assert {finding.level for finding in (*findings, *absent)} == {Health.ERROR}
    assert "There is no configuration" in told(absent)


def test_what_is_not_configured_is_told_with_what_does_not_work(tmp_path: Path) -> None:
    text = told(check_configuration(load(tmp_path, 'organisation = "The organisation"')))

    for words in ("public_url", "no source", "no digest", "no list", "no relay", "There are no secret_keys"):
        assert words in text


def test_values_of_the_example_are_told(tmp_path: Path) -> None:
    findings = check_configuration(
        load(
            tmp_path,
            COMPLETE.replace("un.int", "example.org").replace("The organisation", "Example Organisation"),
        )
    )

    assert told(findings) == (
        "configuration advice: unchanged from the example: organisation, smtp.envelope_from,"
        " from_address of the list people"
    )


def test_a_secret_that_others_can_read_is_told(tmp_path: Path) -> None:
    settings = load(tmp_path)
    (tmp_path / "secret_keys").chmod(0o644)

    (finding,) = check_configuration(settings)

    assert "can be read by others" in finding.text
    assert finding.cure == f"chmod 600 {tmp_path / 'secret_keys'}"


def test_a_password_in_the_clear_is_told(tmp_path: Path) -> None:
    changed = COMPLETE.replace("127.0.0.1", "smtp.un.int") + 'username = "a"\npassword = "b"\n'

    (finding,) = check_configuration(load(tmp_path, changed))

    assert "security is none" in finding.text


def test_a_weak_secret_is_told(tmp_path: Path) -> None:
    settings = load(tmp_path)
    (tmp_path / "secret_keys").write_text("short")

    (finding,) = check_configuration(settings)

    assert "secret 1 has 5 characters" in finding.text


def test_a_template_that_does_not_render_is_told(tmp_path: Path) -> None:
    own = tmp_path / "mine"
    own.mkdir()

    (finding,) = check_templates(load(tmp_path, COMPLETE + '[templates]\nemail = "mine"\n'))

    assert finding.level is Health.ERROR
    assert "digest monthly" in finding.text
    assert finding.cure is not None


def test_without_a_digest_no_template_is_tried(tmp_path: Path) -> None:
    assert check_templates(load(tmp_path, 'organisation = "The organisation"')) == ()


def test_a_database_that_is_there_is_opened(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with open_store(settings.database_url()):
        pass

    assert told(check_database(settings)) == "database ok: can be opened; 0 items, 0 subscribers"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///none/a.db", "is not a folder"),
        ("sqlite:///config.toml", "not a database"),
        ("mysql://h/d", "not supported"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(tmp_path: Path, url: str, words: str) -> None:
    (finding,) = check_database(load(tmp_path, COMPLETE.replace("sqlite:///a.db", url)))

    assert finding.level is Health.ERROR
    assert words in finding.text


def test_a_folder_of_feeds_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (finding,) = check_feeds(load(tmp_path, COMPLETE + '[feeds]\nfolder = "news.txt/feeds"\n'))

    assert (finding.part, finding.level) == ("feeds", Health.ERROR)


async def test_a_source_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    more = '[[sources]]\nname = "gone"\nkind = "html"\npreset = "ilo"\npath = "gone.html"\n[[digests]]'

    findings = await check_sources(load(tmp_path, COMPLETE.replace("[[digests]]", more)))

    assert [(finding.part, finding.level) for finding in findings] == [
        ("source listing", Health.OK),
        ("source gone", Health.ERROR),
    ]
    assert findings[1].cure is not None
    assert "sources try html" in findings[1].cure
    assert findings[1].cure.endswith("gone.html --preset ilo")


async def test_items_with_warnings_are_told(tmp_path: Path) -> None:
    settings = load(tmp_path)
    (tmp_path / "news.txt").write_text(LISTING.replace("12 April 2023", "31 April 2023"))

    (finding,) = await check_sources(settings)

    assert finding.level is Health.WARNING, finding.text
    assert "1 warning" in finding.text


async def test_a_relay_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        port = server.port

    (finding,) = await check_relay(load(tmp_path, port=port))

    assert finding.level is Health.ERROR
    assert f"127.0.0.1:{port}" in finding.text


async def test_a_relay_that_refuses_us_is_told(tmp_path: Path) -> None:
    async with ScriptedServer(script={"GREETING": "554 5.7.1 go away"}) as server:
        (finding,) = await check_relay(load(tmp_path, port=server.port))

    assert "go away" in finding.text


async def test_further_relays_are_tried_too(tmp_path: Path) -> None:
    async with ScriptedServer() as well, ScriptedServer(script={"EHLO": "554 5.7.1 go away"}) as sick:
        further = f'[[smtp.fallbacks]]\nhost = "127.0.0.1"\nport = {sick.port}\nsecurity = "none"\n'
        found = await check_relay(load(tmp_path, COMPLETE + further, port=well.port))

    assert [finding.level for finding in found] == [Health.OK, Health.ERROR]
    assert "go away" in found[1].text


async def test_a_ca_file_that_is_missing_is_told(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        text = COMPLETE.replace('security = "none"', 'security = "tls"\nca_file = "ca.pem"')
        (finding,) = await check_relay(load(tmp_path, text, port=server.port))

    assert finding.level is Health.ERROR
    assert f"smtp.ca_file {tmp_path / 'ca.pem'}" in finding.text


async def test_without_a_relay_none_is_tried(tmp_path: Path) -> None:
    assert await check_relay(load(tmp_path, 'organisation = "The organisation"')) == ()


def test_the_sample_has_an_item_for_every_theme(tmp_path: Path) -> None:
    digests: tuple[Digest, ...] = load(tmp_path).digests()

    assert told(check_templates(load(tmp_path))) == (
        "templates ok: all digests can be rendered in all their languages"
    )
    assert len(digests[0].languages) > 1
