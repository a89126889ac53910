"""Decides which feeds there are and what stands in them; pure.

All items, and each theme that has items or once had some. The HTML page of all items also shows those
without a link that only a theme's feed still holds: their entries point to it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from sse_digest.feeds.addresses import ALL, MEDIA_TYPES, feeds_of, name_of, themes_of, uri, url_of
from sse_digest.feeds.documents import atom, rss
from sse_digest.feeds.entries import label_of, language_tag, make_entry
from sse_digest.feeds.feed import Entry, FeedDocument
from sse_digest.feeds.instants import distinct_updates, published_at
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.pages import page, page_environment
from sse_digest.feeds.text import clean
from sse_digest.model.items import Item
from sse_digest.model.tags import TagAuthority


def documents_for(
    items: Iterable[Item], options: FeedOptions, tag: TagAuthority, *, kept: Collection[str] = ()
) -> dict[str, bytes]:
    """Write every document there is to publish, by file name.

    Args:
        items: all stored items, hidden ones too (they hold their place among the `updated` instants).
        options: addresses, titles, themes and their order.
        tag: mints the ids.
        kept: file names published before; the feed of a theme among them stays, empty if need be.

    Raises:
        FeedError: `public_url` is not an http or https address, or a theme's key cannot stand in one.
        SseDigestError: the templates or catalogues are missing.
    """
    feeds = feeds_for(items, options, tag, kept=kept)
    environment = page_environment(options.language)
    whole = replace(feeds[0], entries=_with_places(feeds))
    writers: dict[str, Callable[[FeedDocument], bytes]] = {
        "atom": atom,
        "rss": rss,
        "html": lambda feed: page(whole if feed.name == ALL else feed, feeds, environment),
    }
    return {name_of(feed.name, format_): write(feed) for feed in feeds for format_, write in writers.items()}


def feeds_for(
    items: Iterable[Item], options: FeedOptions, tag: TagAuthority, *, kept: Collection[str] = ()
) -> tuple[FeedDocument, ...]:
    """Give every feed there is, that of all items first; arguments and errors as `documents_for`."""
    everything = tuple(items)
    updates = distinct_updates(everything)
    visible = sorted(
        (item for item in everything if not item.hidden),
        key=lambda item: (published_at(item) or item.first_seen, updates[item.id]),
        reverse=True,
    )
    present = {theme for item in visible for theme in item.decision.themes}
    before = feeds_of(kept) - {ALL}
    configured = themes_of(options)
    themes = [theme for theme in configured if theme in present | before]
    chosen = {ALL: visible[: options.newest]}
    for theme in (*themes, *sorted(before.difference(configured))):  # the latter left the configuration
        chosen[theme] = [item for item in visible if theme in item.decision.themes][: options.newest]
    make = cache(lambda item: make_entry(item, updated=updates[item.id], options=options, tag=tag))
    return tuple(_feed(name, tuple(map(make, chosen[name])), options, tag) for name in chosen)


def _feed(name: str, entries: tuple[Entry, ...], options: FeedOptions, tag: TagAuthority) -> FeedDocument:
    label = None if name == ALL else label_of(name, options)
    title = clean(options.title) or clean(options.author) or name
    urls = {format_: url_of(options.public_url, name_of(name, format_)) for format_ in MEDIA_TYPES}
    return FeedDocument(
        name=name,
        label=label,
        id=tag.uri(f"feed/{name}"),
        title=f"{title}: {label}" if label else title,
        subtitle=clean(options.subtitle),
        author=clean(options.author),
        language=language_tag(options.language) or "en",
        rights=clean(options.rights),
        site_url=uri(options.site_url) or urls["html"],
        urls=urls,
        ttl_minutes=options.ttl_minutes,
        # Without entries a fixed instant, so that an empty feed is the same document at any time.
        updated=max((entry.updated for entry in entries), default=datetime(tag.year, 1, 1, tzinfo=UTC)),
        entries=entries,
    )


def _with_places(feeds: tuple[FeedDocument, ...]) -> tuple[Entry, ...]:
    """Give what the page of all items shows: its feed, and every other entry that points to it."""
    shown = {entry.id: entry for entry in feeds[0].entries}
    for feed in feeds[1:]:
        shown.update({entry.id: entry for entry in feed.entries if entry.link is None})
    return tuple(sorted(shown.values(), key=lambda entry: (entry.dated, entry.updated), reverse=True))
