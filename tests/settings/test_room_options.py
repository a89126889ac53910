"""Each room gets its options in its own words and units."""

from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import Field

from sse_digest import __version__
from sse_digest.delivery.options import Limits, RelayOptions, Security, SendOptions, Timeouts
from sse_digest.errors import SettingsError, UsageError
from sse_digest.feeds.options import FeedOptions
from sse_digest.model.deliveries import DoubtPolicy
from sse_digest.model.issues import Digest, Period
from sse_digest.model.signed_tokens import scope_of
from sse_digest.settings import Settings, options_from
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.checks import cross_check
from sse_digest.settings.configuration import Configuration
from sse_digest.settings.digest_tables import DigestTable
from sse_digest.settings.feed_tables import FeedsTable
from sse_digest.settings.smtp_tables import RelayTable, SendTable, TimeoutsTable
from sse_digest.settings.source_tables import FetchTable, SourceTable
from sse_digest.sources.options import FetchOptions, SourceOptions

SECRETS = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
LIST = {
    "name": "people",
    "title": "News by mail",
    "list_id": "people.example.org",
    "from_address": "news@Example.org",
    "postal_address": "1 Example Street",
}
DIGEST = {"name": "monthly", "title": "News", "lists": ["people"]}
SMTP = {"host": "SMTP.example.org", "envelope_from": "bounces+{token}@example.org"}


def make(folder: Path = Path("/nowhere"), **values: object) -> Settings:
    return Settings(Configuration.model_validate({"organisation": "Example Organisation", **values}), folder)


def test_paths_are_relative_to_the_folder_of_the_configuration(tmp_path: Path) -> None:
    settings = make(
        tmp_path,
        public_url="https://news.example.org",
        database={"url": "sqlite:///var/a.db"},
        feeds={"folder": "out"},
        templates={"email": "mine"},
        sources=[
            {"name": "a", "kind": "text", "path": "a.txt"},
            {"name": "b", "kind": "text", "path": "/b.txt"},
        ],
    )

    assert settings.database_url() == f"sqlite:///{tmp_path}/var/a.db"
    assert settings.feed_options().folder == tmp_path / "out"
    assert settings.email_templates() == tmp_path / "mine"
    assert [source.path for source in settings.source_options()] == [tmp_path / "a.txt", Path("/b.txt")]


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://db/sse", "postgresql://db/sse"),
    ],
)
def test_other_database_addresses_stay_as_they_are(url: str, given: str) -> None:
    assert make(database={"url": url}).database_url() == given


def test_feeds_say_what_is_configured_or_the_organisation() -> None:
    plain = make(public_url="https://news.example.org/sse/").feed_options()
    own = make(
        public_url="https://news.example.org",
        feeds={"title": "T", "subtitle": "S", "language": "fr", "ttl_minutes": 5, "newest": 9, "rights": "R"},
    ).feed_options()

    assert (plain.public_url, plain.title, plain.subtitle, plain.author) == (
        "https://news.example.org/sse",
        *["Example Organisation"] * 3,
    )
    assert (own.title, own.subtitle, own.language, own.ttl_minutes, own.newest, own.rights) == (
        "T",
        "S",
        "fr",
        5,
        9,
        "R",
    )
    assert list(plain.themes) == ["youth", "un-coordination", "cooperatives", "other"]
    assert plain.themes["youth"]["fr"] == "Jeunesse"


def test_without_a_public_address_there_are_no_feeds() -> None:
    with pytest.raises(SettingsError, match="public_url is not set"):
        make().feed_options()
    assert make().public_url is None


@pytest.mark.parametrize(
    ("public_url", "fetch", "agent"),
    [
        (None, {}, f"sse-digest/{__version__}"),
        ("https://a.example", {}, f"sse-digest/{__version__} (+https://a.example)"),
        ("https://a.example", {"contact": "me@b.example"}, f"sse-digest/{__version__} (+me@b.example)"),
    ],
)
def test_the_user_agent_names_whom_to_ask(public_url: str | None, fetch: dict[str, str], agent: str) -> None:
    assert make(public_url=public_url, fetch=fetch).fetch_options().user_agent == agent


def test_a_digest_has_every_theme_unless_it_names_some() -> None:
    plain, own = make(
        digests=[
            DIGEST,
            {
                **DIGEST,
                "name": "jeunes",
                "title": {"fr": "Jeunes", "en": "Youth"},
                "themes": ["youth"],
                "zone": "Europe/Zurich",
                "first_period": "2023-04",
                "late_days": 0,
                "languages": ["fr", "en"],
                "default_language": "fr",
            },
        ],
        lists=[LIST],
    ).digests()

    assert plain.title == {"en": "News"}
    assert plain.themes == ("youth", "un-coordination", "cooperatives", "other")
    assert (plain.languages, plain.first_period, plain.late_days) == (("en", "fr", "es", "ar"), None, 92)
    assert own.title == {"fr": "Jeunes", "en": "Youth"}
    assert (own.themes, own.zone, own.late_days) == (("youth",), ZoneInfo("Europe/Zurich"), 0)
    assert (own.first_period, own.default_language) == (Period(2023, 4), "fr")


def test_the_letterhead_names_the_sender() -> None:
    settings = make(
        lists=[LIST, {**LIST, "name": "staff", "from_name": "The desk", "reply_to": "desk@example.org"}],
        public_url="https://news.example.org",
    )

    people, staff = settings.letterhead("people"), settings.letterhead("staff")

    assert (people.from_name, people.from_address, people.reply_to) == (
        "Example Organisation",
        "news@example.org",
        None,
    )
    assert (people.list_title, people.list_id, people.postal_address) == (
        "News by mail",
        "people.example.org",
        "1 Example Street",
    )
    assert (staff.from_name, staff.reply_to, staff.public_url) == (
        "The desk",
        "desk@example.org",
        "https://news.example.org",
    )
    assert settings.list_names() == ("people", "staff")


def test_a_list_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="Known: people"):
        make(lists=[LIST]).letterhead("staff")
    with pytest.raises(UsageError, match=r"\[\[lists\]\] block"):
        make().audience_options("staff")


def test_a_link_finds_the_title_of_its_list() -> None:
    settings = make(lists=[LIST])

    assert settings.list_title(scope_of("people")) == "News by mail"
    assert settings.list_title(scope_of("gone")) == "Example Organisation"


def test_subscribers_choose_among_what_their_digests_have() -> None:
    settings = make(
        lists=[LIST, {**LIST, "name": "staff"}],
        digests=[
            {**DIGEST, "themes": ["youth"], "languages": ["fr"], "default_language": "fr"},
            {**DIGEST, "name": "b", "themes": ["other", "youth"], "languages": ["en", "fr"]},
        ],
    )

    options = settings.audience_options("people")

    assert (options.themes, options.languages, options.default_language) == (
        ("youth", "other"),
        ("fr", "en"),
        "fr",
    )
    with pytest.raises(UsageError, match="receives no digest"):
        settings.audience_options("staff")


def test_relay_and_sending_are_told_in_their_units(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("secret word\nsecond line\n")
    settings = make(
        tmp_path,
        smtp={
            **SMTP,
            "username": "news",
            "password_file": "pw",
            "helo": "news.example.org",
            "verify_certificate": False,
            "connections": 2,
            "timeouts": {"connect_s": 1, "command_s": 2, "data_s": 3, "content_s": 4},
        },
        send={
            "in_doubt": "hold",
            "retry_delays_minutes": [1, 2.5],
            "ours_limit_count": 3,
            "ours_limit_share": 0.5,
            "drain_timeout_s": 6,
            "reconnect_delay_s": 7,
        },
    )

    relay, send = settings.relay_options(), settings.send_options()

    assert (relay.host, relay.username, relay.password) == ("smtp.example.org", "news", "secret word")
    assert (relay.helo, relay.verify_certificate) == ("news.example.org", False)
    times = relay.timeouts
    assert (times.connect_s, times.command_s, times.data_s, times.content_s) == (1, 2, 3, 4)
    assert (send.envelope_from, send.connections) == ("bounces+{token}@example.org", 2)
    assert (send.in_doubt, send.ours_limit_count, send.ours_limit_share) == (DoubtPolicy.HOLD, 3, 0.5)
    assert send.retry_delays == (timedelta(minutes=1), timedelta(seconds=150))
    assert (send.drain_timeout, send.reconnect_delay) == (timedelta(seconds=6), timedelta(seconds=7))


def test_further_relays_stand_in_order_each_with_its_own_limits() -> None:
    settings = make(
        smtp={
            **SMTP,
            "connections": 2,
            "max_per_second": 2.5,
            "timeouts": {"connect_s": 9},
            "fallbacks": [
                {"host": "b.example.org", "max_per_hour": 100, "max_per_day": 500, "connections": 7},
                {"host": "c.example.org", "security": "none", "pipelining": "full", "depth": 5},
            ],
        }
    )

    first, second, third = settings.relays()
    assert first == settings.relay_options()
    assert [relay.name for relay in (second, third)] == ["b.example.org:587", "c.example.org:25"]
    assert (first.limits.max_per_second, second.limits.max_per_hour) == (2.5, 100)
    assert second.limits.max_per_day == 500
    assert third.timeouts.connect_s == 9
    assert list(settings.relay_limits()) == [first.name, second.name, third.name]
    assert settings.send_options().in_doubt_limit == 7 * 5


@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        ({"host": "smtp.example.org", "port": 587}, "smtp.fallbacks[0].host and port are those of"),
        ({"host": "b.example.org", "username": "a"}, "smtp.fallbacks[0].username is set without"),
        ({"host": "b.example.org", "password": "a"}, "smtp.fallbacks[0].username is missing"),
        ({"host": "b.example.org", "ca_file": "a", "security": "none"}, "smtp.fallbacks[0].ca_file is set"),
        ({"host": "b.example.org", "ca_file": "a", "verify_certificate": False}, "smtp.fallbacks[0].ca_file"),
    ],
)
def test_a_further_relay_is_checked_like_the_first(fallback: dict[str, object], said: str) -> None:
    config = make(smtp={**SMTP, "fallbacks": [fallback]}).config

    [problem] = cross_check(config, themes=(), kinds=(), presets=())

    assert f"{problem.place} {problem.text}".startswith(said)


@pytest.mark.parametrize(
    ("values", "port"),
    [({}, 587), ({"security": "tls"}, 465), ({"security": "none"}, 25), ({"port": "2525"}, 2525)],
)
def test_the_port_follows_from_the_security(values: dict[str, str], port: int) -> None:
    relay = make(smtp={**SMTP, **values}).relay_options()

    assert relay.port == port
    assert relay.security is Security(values.get("security", "starttls"))
    assert relay.password is None


def test_the_ca_file_is_relative_to_the_configuration() -> None:
    settings = make(smtp={**SMTP, "ca_file": "ca.pem"})

    assert settings.relay_options().ca_file == settings.folder / "ca.pem"


def test_without_a_relay_nothing_can_be_sent() -> None:
    with pytest.raises(SettingsError, match=r"smtp\.host"):
        make().relay_options()
    with pytest.raises(SettingsError, match=r"smtp\.envelope_from"):
        make().send_options()


def test_secrets_come_from_the_configuration_or_a_file_the_newest_first(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"# the newest first\n{SECRETS[0]}\n\n  {SECRETS[1]}\n")
    expected = tuple(secret.encode() for secret in SECRETS)

    assert make(secret_keys=SECRETS).secret_keys() == expected
    assert make(tmp_path, secret_keys_file="keys").secret_keys() == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, r"secret_keys_file: .*keys: No such file"),
        (b"# nothing\n", "There are no secret_keys"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"short\n", "some secrets are too weak"),
    ],
)
def test_secrets_that_are_none_are_told(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / "keys").write_bytes(content)

    with pytest.raises(SettingsError, match=words):
        make(tmp_path, secret_keys_file="keys").secret_keys()


def test_without_any_secret_nothing_is_signed() -> None:
    with pytest.raises(SettingsError, match="sse-digest init"):
        make().secret_keys()


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("", "is empty"), ("\nx", "is empty")]
)
def test_a_password_file_without_a_password_is_told(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "pw").write_text(content)

    with pytest.raises(SettingsError, match=f"smtp.password_file.*{words}"):
        make(tmp_path, smtp={**SMTP, "username": "a", "password_file": "pw"}).relay_options()


def test_a_password_may_stand_in_the_configuration() -> None:
    assert make(smtp={**SMTP, "username": "a", "password": "b"}).relay_options().password == "b"


def test_own_templates_are_optional() -> None:
    assert make().email_templates() is None


def test_rules_for_themes_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"themes\.files: .*No such file"):
        make(tmp_path, themes={"files": ["more.toml"]}).theme_rules()


class MoreFetchTable(FetchTable):
    proxy: str = Field(default="none", description="A setting more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreFetchOptions(FetchOptions):
    proxy: str


def test_a_new_setting_reaches_its_room_with_no_other_line_than_its_field() -> None:
    given = MoreFetchTable.model_validate({"proxy": "http://proxy.example.org"})
    for table, proxy in ((MoreFetchTable(), "none"), (given, "http://proxy.example.org")):
        options = options_from(MoreFetchOptions, table, user_agent="test")
        assert (options.proxy, options.delay_s) == (proxy, table.delay_s)


def test_no_default_of_a_setting_is_written_again_in_a_room() -> None:
    tables: dict[type[Any], type[SettingsTable]] = {
        FetchOptions: FetchTable,
        SourceOptions: SourceTable,
        FeedOptions: FeedsTable,
        Limits: RelayTable,
        Timeouts: TimeoutsTable,
        RelayOptions: RelayTable,
        SendOptions: SendTable,
        Digest: DigestTable,
    }
    for kind, table in tables.items():
        both = [field for field in fields(kind) if field.name in table.model_fields]
        assert both
        assert {
            field.name: field.default for field in both if field.default not in (MISSING, None, False)
        } == {}
