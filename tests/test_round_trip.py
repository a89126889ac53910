"""Our own feeds, read again as a source: nothing new, nothing changed, nothing lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sse_digest.model.items import Item, Precision, Reading
from sse_digest.model.tag_uri import TagAuthority, item_of
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources import KINDS
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.sources.page import Page
from sse_digest.store import Store, open_store
from sse_digest.store.news.items import all_items
from tests.feeds.documents import documents_for
from tests.options import feed_options, source_options
from tests.sources.listings import load_listings

NOW = datetime(2027, 1, 1, tzinfo=UTC)  # after every date of the listings
TAG = TagAuthority(authority="news.example.org", year=2023)
OPTIONS = feed_options(
    folder=Path("feeds"),
    public_url="https://news.example.org",
    title="News",
    subtitle="",
    author="The organisation",
    language="en",
    themes={"other": {"en": "Other"}},
    newest=10_000,
)
FORMATS = ("atom", "rss", "json")
# RSS must date every item: those without a day have the instant they were first seen.
DATED = {"atom": True, "rss": False, "json": True}


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    other = {"rank": 1, "labels": {"en": "Other"}, "fallback": True}
    return parse_rules({"themes": {"other": other}}, where="test")


def filled(store: Store, rules: ThemeRules) -> tuple[Item, ...]:
    """Store every made-up listing, each a source of its own; half of the items have links."""
    for place, listing in enumerate(load_listings()):
        items = tuple(
            replace(item, link=f"https://www.example.org/{place}/{number}" if number % 2 else None)
            for number, item in enumerate(listing.items)
        )
        ingest(store, listing.name, Reading(items=items), now=NOW + timedelta(minutes=place), rules=rules)
    return stored(store)


def stored(store: Store) -> tuple[Item, ...]:
    with store.reading() as connection:
        return all_items(connection)


def published(items: tuple[Item, ...]) -> Mapping[str, bytes]:
    return documents_for(items, OPTIONS, TAG)


def read_again(document: bytes, format_: str) -> Reading:
    url = f"https://news.example.org/feeds/all.{format_}"
    return KINDS["feed"](
        Page(data=document, place=url, url=url), source_options(name="own", kind="feed", url=url)
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_our_feed_read_into_the_ledger_it_came_from_changes_nothing(
    store: Store, rules: ThemeRules, format_: str
) -> None:
    before = filled(store, rules)
    document = published(before)[f"all.{format_}"]

    report = ingest(store, "own", read_again(document, format_), now=NOW + timedelta(days=3), rules=rules)

    assert (report.read, report.added, report.changed) == (len(before), 0, 0)
    assert stored(store) == before


@pytest.mark.parametrize("format_", FORMATS)
def test_our_feed_read_into_an_empty_ledger_gives_the_same_items(rules: ThemeRules, format_: str) -> None:
    with open_store("sqlite://") as first, open_store("sqlite://") as second:
        before = filled(first, rules)
        ingest(second, "own", read_again(published(before)[f"all.{format_}"], format_), now=NOW, rules=rules)
        after = stored(second)

    known = {(item.heading, item.summary or item.title, item.link): item for item in before}
    found = {(item.heading, item.summary or item.title, item.link): item for item in after}
    assert known.keys() == found.keys()
    assert len(after) >= 100
    for key, item in found.items():
        old = known[key]
        assert (item.language, item.kicker) == (old.language, old.kicker)
        if DATED[format_] or old.precision is not Precision.NONE:
            assert (item.published, item.precision) == (old.published, old.precision)


@pytest.mark.parametrize(
    ("uri", "item"),
    [
        (TAG.item("a" * 26), "a" * 26),
        ("tag:other.example,1999:item/" + "b2" * 13, "b2" * 13),
        ("tag:other.example,1999:item/short", None),
        ("https://news.example.org/" + "a" * 26, None),
        (None, None),
    ],
)
def test_an_id_of_ours_names_its_item(uri: str | None, item: str | None) -> None:
    assert item_of(uri) == item
