"""Feeds that moved or were discontinued: their new addresses, and the entry that announces a move."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.names import FORMATS, feed_named, uri
from sse_digest.feeds.options import FeedOptions
from sse_digest.model.items import Precision
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.translations import load

FORMAT = "{format}"  # placeholder in a new address for atom, rss, json or html


def new_address(name: str, options: FeedOptions) -> str | None:
    """Return the new address of a document, or None if it did not move. Archives never move.

    Args:
        name: file name of the document.
        options: the new addresses, by name of the feed.
    """
    feed, _, format_ = name.rpartition(".")
    there = options.moved_to.get(feed) if format_ in FORMATS else None
    return None if there is None else uri(there.replace(FORMAT, format_))


def is_gone(name: str, options: FeedOptions) -> bool:
    """Return whether a document belongs to a discontinued feed, as a feed or an archive of it."""
    return feed_named(name) in options.gone


def with_last_entry(
    feed: FeedDocument, options: FeedOptions, tag: TagAuthority, *, when: datetime
) -> FeedDocument:
    """Return a feed with a first entry that announces its new address, for readers that ignore redirects.

    Args:
        feed: returned unchanged if it did not move.
        options: the new addresses.
        tag: mints the id.
        when: `updated` of the entry, later than that of any other entry.
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
    """Return the id of the entry that announces the new address of a feed."""
    return tag.uri(f"feed/{feed}/moved")


def moved_ids(names: Collection[str], tag: TagAuthority) -> frozenset[str]:
    """Return the ids of the entries in published documents that may announce a new address."""
    return frozenset(moved_id(feed_named(name), tag) for name in names)
