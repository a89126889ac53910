"""A feed that moves says so everywhere and never goes back; one given up is told apart from a mistake."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sse_digest.feeds.output.redirects import moved_ids
from sse_digest.feeds.output.server_config import HOSTS
from sse_digest.feeds.validation.validate import ValidationContext, approve, check
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.rules import ATOM, parse
from tests.feeds.whole import publish

NOW = datetime(2023, 9, 1, tzinfo=UTC)
THERE = "https://young.example.org/news.{format}"
MOVED = replace(OPTIONS, moved_to={"youth": THERE}, gone=frozenset({"other"}))
ITEMS = [
    make_item(1, themes=("youth",)),
    make_item(2, themes=("youth",), updated=NOON + timedelta(hours=1)),
    make_item(3, themes=("other",)),
]


def test_a_feed_that_moved_ends_with_an_entry_that_says_where() -> None:
    documents = documents_for(ITEMS, MOVED, TAG)

    entries = parse(documents["youth.atom"]).findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "This feed has moved"
    assert entries[0].find(f"{ATOM}link").get("href") == "https://young.example.org/news.html"
    assert len(entries) == 3
    newest = json.loads(documents["youth.json"])["items"][0]
    assert "https://young.example.org/news.html" in newest["content_text"]
    assert b"has moved" not in documents["all.atom"] + documents["youth.en.atom"]
    for name, body in documents.items():
        if name.endswith((".atom", ".rss", ".json")):
            assert check(name, body, now=NOW, ours=True) == ()


def test_the_last_entry_never_goes_back_and_may_be_taken_out_again() -> None:
    before = documents_for(ITEMS, MOVED, TAG)
    hidden = [ITEMS[0], replace(ITEMS[1], hidden=True), ITEMS[2]]
    known = {TAG.item(item.id) for item in ITEMS} | moved_ids(before, TAG)

    approve(documents_for(hidden, MOVED, TAG), before.get, ValidationContext(known=known, now=NOW))
    approve(documents_for(ITEMS, OPTIONS, TAG), before.get, ValidationContext(known=known, now=NOW))


def test_a_feed_that_was_given_up_is_named_nowhere() -> None:
    documents = documents_for(ITEMS, MOVED, TAG, kept=("other.atom", "other.html"))

    assert not [name for name in documents if name.startswith("other.") and "en" not in name]
    assert "other.en.atom" in documents
    assert not [name for name, body in documents.items() if b"/other.atom" in body or b'"other.html' in body]


def test_a_server_sends_readers_to_the_new_address_and_says_what_is_gone(tmp_path: Path) -> None:
    publish(tmp_path, documents_for(ITEMS, OPTIONS, TAG))
    documents = StaticDocuments(tmp_path, max_age_s=1, monotonic=lambda: 0.0, moves=MOVED)
    app = StaticFeeds(Starlette(), documents)
    client = TestClient(app, follow_redirects=False)

    for format_ in ("atom", "rss", "json", "html"):
        answer = client.get(f"/feeds/youth.{format_}")
        assert (answer.status_code, answer.headers["location"]) == (301, THERE.replace("{format}", format_))
    assert client.get("/feeds/youth.en.atom").status_code == 200
    assert client.get("/feeds/other.atom").status_code == 410
    assert client.get("/feeds/other.archive-1.atom").status_code == 410
    assert client.get("/feeds/youth.archive-1.atom").status_code == 404


@pytest.mark.parametrize("host", HOSTS)
def test_a_web_server_is_told_the_same(host: str) -> None:
    written = HOSTS[host](MOVED)

    assert "/feeds/youth.atom" in written
    assert "https://young.example.org/news.rss" in written
    assert "410" in written
    assert "301" not in HOSTS[host](OPTIONS)
