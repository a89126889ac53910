"""Decides which feeds there are and what stands in them; pure.

All items and each theme, in every language and in each: every such feed that has items or once had some.
The HTML page of all items also shows those without a link that only another feed still holds: their
entries point to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from sse_digest.feeds.addresses import (
    ALL,
    FORMATS,
    OUTLINE,
    FeedKey,
    feeds_of,
    name_of,
    themes_of,
    uri,
    url_of,
)
from sse_digest.feeds.documents import atom, rss
from sse_digest.feeds.entries import label_of, language_tag, make_entry
from sse_digest.feeds.feed import Entry, FeedDocument, Sister
from sse_digest.feeds.instants import distinct_updates, published_at
from sse_digest.feeds.jsonfeed import json_feed
from sse_digest.feeds.opml import outline
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.pages import page, page_environment
from sse_digest.feeds.text import clean
from sse_digest.model.items import Item
from sse_digest.model.tags import TagAuthority
from sse_digest.rendering.catalogues import load


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
    whole = replace(feeds[0], entries=_with_places(feeds))
    writers: dict[str, Callable[[FeedDocument], bytes]] = {
        "atom": atom,
        "rss": rss,
        "json": json_feed,
        "html": lambda feed: page(
            whole if feed is feeds[0] else feed, feeds, page_environment(feed.language)
        ),
    }
    documents = {name_of(feed.name, format_): writers[format_](feed) for feed in feeds for format_ in FORMATS}
    return {**documents, OUTLINE: outline(feeds)}


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
    shelves = _shelves(visible)
    keys = _keys(shelves, feeds_of(kept), options)
    make = cache(
        lambda item, language: make_entry(
            item, updated=updates[item.id], options=options, tag=tag, language=language
        )
    )
    return tuple(
        _feed(
            key,
            tuple(make(item, key.language) for item in shelves.get(key, ())[: options.newest]),
            keys,
            options,
            tag,
        )
        for key in keys
    )


def _shelves(items: Iterable[Item]) -> Mapping[FeedKey, Sequence[Item]]:
    """Put each item into every feed that holds it, in the order given."""
    shelves: dict[FeedKey, list[Item]] = defaultdict(list)
    for item in items:
        for key in _keys_of(item):
            shelves[key].append(item)
    return shelves


def _keys_of(item: Item) -> Iterable[FeedKey]:
    language = language_tag(item.language)
    for theme in dict.fromkeys((ALL, *item.decision.themes)):
        yield FeedKey(theme=theme)
        if language:
            yield FeedKey(theme=theme, language=language.lower())


def _keys(
    shelves: Collection[FeedKey], before: Collection[FeedKey], options: FeedOptions
) -> tuple[FeedKey, ...]:
    """Order the feeds there are: themes as configured, then those that left; within each by language."""
    configured = themes_of(options)
    left = sorted({key.theme for key in before}.difference(configured, {ALL}))
    themes = (ALL, *configured, *left)
    present = {FeedKey(), *before, *(key for key in shelves if key.theme in themes)}
    return tuple(sorted(present, key=lambda key: (themes.index(key.theme), key.language or "")))


def _feed(
    key: FeedKey,
    entries: tuple[Entry, ...],
    keys: Iterable[FeedKey],
    options: FeedOptions,
    tag: TagAuthority,
) -> FeedDocument:
    language = key.language or language_tag(options.language) or "en"
    label = None if key.theme == ALL else label_of(key.theme, options, key.language)
    urls = _urls(key, options)
    return FeedDocument(
        key=key,
        label=label,
        language_name=_language_name(key.language),
        id=tag.uri(f"feed/{key.name}"),
        title=_title(key, label, options),
        subtitle=clean(options.subtitle),
        author=clean(options.author),
        language=language,
        rights=clean(options.rights),
        site_url=uri(options.site_url) or urls["html"],
        urls=urls,
        ttl_minutes=options.ttl_minutes,
        # Without entries a fixed instant, so that an empty feed is the same document at any time.
        updated=max((entry.updated for entry in entries), default=datetime(tag.year, 1, 1, tzinfo=UTC)),
        entries=entries,
        sisters=tuple(
            Sister(
                language=other.language,
                label=_language_name(other.language),
                urls=_urls(other, options),
            )
            for other in keys
            if other.theme == key.theme and other != key
        ),
    )


def _title(key: FeedKey, label: str | None, options: FeedOptions) -> str:
    """Name a feed so that no two feeds have one title."""
    title = clean(options.title) or clean(options.author) or key.theme
    of_theme = f"{title}: {label}" if label else title
    return f"{of_theme} ({_language_name(key.language)})" if key.language else of_theme


def _language_name(language: str | None) -> str:
    """Name a language in itself, where there is a catalogue of it, else in English."""
    return load(language).language_name(language) if language else ""


def _urls(key: FeedKey, options: FeedOptions) -> dict[str, str]:
    return {format_: url_of(options.public_url, name_of(key.name, format_)) for format_ in FORMATS}


def _with_places(feeds: tuple[FeedDocument, ...]) -> tuple[Entry, ...]:
    """Give what the page of all items shows: its feed, and every other entry that points to it."""
    shown = {entry.id: entry for entry in feeds[0].entries}
    for feed in feeds[1:]:
        for entry in feed.entries:
            if entry.link is None:
                shown.setdefault(entry.id, entry)
    return tuple(sorted(shown.values(), key=lambda entry: (entry.dated, entry.updated), reverse=True))
