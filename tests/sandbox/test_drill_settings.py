"""A scratch installation has the operator's settings, and nothing of it leads outside."""

from pathlib import Path
from typing import Any

import pytest

from sse_digest.delivery.options import Pipelining, Security
from sse_digest.errors import SettingsError
from sse_digest.model.deliveries import DoubtPolicy
from sse_digest.sandbox.drill_settings import relay_count, scratch_of, written
from sse_digest.settings import Settings, load_settings
from sse_digest.settings.configuration import Configuration

LIST = {"list_id": "people.example.org", "from_address": "news@example.org", "postal_address": "1 Street"}
OPERATOR: dict[str, Any] = {
    "organisation": 'Example "Organisation" \\ é',
    "public_url": "https://news.example.org",
    "secret_keys": ["0123456789abcdef0123456789abcdef"],
    "database": {"url": "sqlite:////srv/ledger.db"},
    "sources": [{"name": "page", "kind": "html", "url": "https://www.example.org/news"}],
    "feeds": {
        "folder": "/srv/feeds",
        "hub": "https://hub.example.org/",
        "moved_to": {"youth": "https://y.example.org/{format}"},
        "gone": ["old"],
        "newest": 7,
    },
    "digests": [
        {"name": "weekly", "title": "Other", "lists": ["people"]},
        {
            "name": "monthly",
            "title": "News",
            "lists": ["people"],
            "themes": ["digital"],
            "languages": ["fr", "ar"],
            "default_language": "fr",
            "first_period": "2026-01",
            "require_approval": True,
        },
    ],
    "lists": [{"name": "people", "title": "People", **LIST}],
    "smtp": {
        "host": "smtp.example.org",
        "username": "news",
        "password_file": "/srv/password",
        "envelope_from": "bounces+{token}@example.org",
        "pipelining": "full",
        "depth": 3,
        "connections": 2,
        "max_per_hour": 5,
        "fallbacks": [{"host": "b.example.org", "security": "tls", "connections": 6}],
    },
    "send": {"in_doubt": "hold"},
    "dkim": {"domain": "example.org", "selector": "a", "key_file": "dkim.pem"},
    "templates": {"email": "mine"},
    "themes": {
        "digital": {"rank": 50, "labels": {"en": "Digital"}, "terms": {"en": {"platform": "work over one"}}}
    },
}


@pytest.fixture
def scratch(tmp_path: Path) -> Settings:
    operator = Settings(Configuration.model_validate(OPERATOR), Path("/srv/digest"))
    assert relay_count(operator) == 2
    return scratch_of(operator, "monthly", folder=tmp_path, ports=(2001, 2002), news=tmp_path / "news.txt")


def test_nothing_of_it_leads_outside(scratch: Settings, tmp_path: Path) -> None:
    config = scratch.config

    assert scratch.database_url() == f"sqlite:///{tmp_path}/drill.db"
    assert [source.url for source in scratch.source_options()] == [None]
    assert (config.secret_keys, config.secret_keys_file) == ((), Path("secret_keys"))
    feeds = scratch.feed_options()
    assert (feeds.folder, feeds.hub, feeds.moved_to, feeds.gone) == (
        tmp_path / "feeds",
        None,
        {},
        frozenset(),
    )
    for relay, port in zip(scratch.relays(), (2001, 2002), strict=True):
        assert (relay.host, relay.port, relay.security) == ("127.0.0.1", port, Security.NONE)
        assert (relay.username, relay.password) == (None, None)
        assert (relay.limits.max_per_second, relay.limits.max_per_hour, relay.limits.max_per_day) == (
            None,
            None,
            None,
        )


def test_what_is_drilled_is_the_operators(scratch: Settings) -> None:
    first, second = scratch.relays()

    assert (first.pipelining, first.depth, first.limits.connections) == (Pipelining.FULL, 3, 2)
    assert second.limits.connections == 6
    assert scratch.send_options().in_doubt is DoubtPolicy.HOLD
    assert scratch.send_options().envelope_from == "bounces+{token}@example.org"
    [digest] = scratch.digests()
    assert (digest.name, digest.languages, digest.require_approval) == ("monthly", ("fr", "ar"), False)
    assert (digest.first_period, digest.late_days) == (None, 0)
    assert scratch.email_templates() == Path("/srv/digest/mine")
    assert scratch.config.dkim is not None
    assert scratch.config.dkim.key_file == Path("/srv/digest/dkim.pem")


def test_it_is_the_same_once_written_and_read(scratch: Settings, tmp_path: Path) -> None:
    (tmp_path / "secret_keys").write_text("0123456789abcdef0123456789abcdef\n")
    file = tmp_path / "config.toml"
    file.write_text(written(scratch.config), encoding="utf-8")

    assert load_settings(file).config == scratch.config
    assert "digital" in [theme.key for theme in load_settings(file).theme_rules().themes]


def test_without_a_relay_there_is_nothing_to_drill(tmp_path: Path) -> None:
    operator = Settings(Configuration.model_validate({**OPERATOR, "smtp": None}), Path("/srv"))

    with pytest.raises(SettingsError, match="Add a block \\[smtp\\]"):
        scratch_of(operator, "monthly", folder=tmp_path, ports=(1,), news=tmp_path)
