"""Makes what the tests of feeds start from."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sse_digest.feeds.model import FeedDocument
from sse_digest.model.items import Item
from sse_digest.model.tag_uri import TagAuthority
from tests.feeds.documents import feeds_for
from tests.options import feed_options

TAG = TagAuthority(authority="news.example.org", year=2023)
OPTIONS = feed_options(
    folder=Path("feeds"),
    public_url="https://news.example.org",
    title="Example news",
    subtitle="What the example does",
    author="The Example Organisation",
    language="en",
    themes={
        "cooperatives": {"en": "Cooperatives", "fr": "Coopératives"},
        "youth": {"en": "Youth"},
        "other": {"en": "Other news"},
    },
    site_url="https://www.example.org/",
    rights="© The Example Organisation",
)


def feed_of(*items: Item, **changes: object) -> FeedDocument:
    """Make the feed of all items; `changes` are fields of the options."""
    return feeds(items, **changes)[0]


def feeds(items: Iterable[Item], **changes: object) -> tuple[FeedDocument, ...]:
    return feeds_for(items, replace(OPTIONS, **changes), TAG)  # type: ignore[arg-type] # the test's own changes


def wide(all_feeds: Iterable[FeedDocument]) -> list[FeedDocument]:
    """Those of every language, in their order."""
    return [feed for feed in all_feeds if feed.key.language is None]
