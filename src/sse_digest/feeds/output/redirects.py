"""Feeds that moved or were given up: where requests are sent, and the last entry of one that moved."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.names import FORMATS, feed_named, uri
from sse_digest.feeds.options import FeedOptions
from sse_digest.model.items import Precision
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.translations import load

FORMAT = "{format}"  # in a new address: atom, rss, json or html


def new_address(name: str, options: FeedOptions) -> str | None:
    """Return where a document moved to, or None if it did not. Archives stay where they are.

    Args:
        name: of a document.
        options: holds the new addresses, by name of the feed.
    """
    feed, _, format_ = name.rpartition(".")
    there = options.moved_to.get(feed) if format_ in FORMATS else None
    return None if there is None else uri(there.replace(FORMAT, format_))


def is_gone(name: str, options: FeedOptions) -> bool:
    """Return whether a document belongs to a feed that was given up; its archives do."""
    return feed_named(name) in options.gone


def with_last_entry(
    feed: FeedDocument, options: FeedOptions, tag: TagAuthority, *, when: datetime
) -> FeedDocument:
    """Return a feed with an entry on top that tells its new address, for readers that follow no redirect.

    Args:
        feed: comes back as it is if it did not move.
        options: holds the new addresses.
        tag: mints the id.
        when: `updated` of the entry, later than that of any other.
    """
    there = new_address(f"{feed.name}.html", options)
    if there is None:
        return feed
    catalogue = load(feed.language)
    text = catalogue.gettext("Please subscribe to its new address: %(address)s")
    entry = Entry(
        id=moved_id(feed.name, tag),
        anchor="moved",
        title=catalogue.gettext("This feed has moved"),
        summary=text % {"address": there},
        dateline="",
        link=there,
        place=there,
        words="",
        credit="",
        group=moved_id(feed.name, tag),
        location="",
        published=when,
        day=when.date(),
        precision=Precision.DAY,
        seen=when,
        updated=when,
        language=catalogue.language,
        kicker="",
        categories=(),
    )
    return replace(feed, updated=when, entries=(entry, *feed.entries))


def moved_id(feed: str, tag: TagAuthority) -> str:
    """Return the id of the last entry of a feed that moved."""
    return tag.uri(f"feed/{feed}/moved")


def moved_ids(names: Collection[str], tag: TagAuthority) -> frozenset[str]:
    """Return the ids of all such entries that published documents may hold."""
    return frozenset(moved_id(feed_named(name), tag) for name in names)
