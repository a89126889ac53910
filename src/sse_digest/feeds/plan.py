"""Decides which feeds there are and what stands in them; pure.

All items and each theme, in every language and in each: every such feed that has items or once had some.
Each has its archives; and all items stand on one page for each month, to which entries without a link point.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sse_digest.feeds.addresses import (
    ALL,
    FEED_FORMATS,
    OUTLINE,
    FeedKey,
    archive_of,
    archives_in,
    feeds_of,
    name_of,
    themes_of,
    uri,
    url_of,
    urls_of,
)
from sse_digest.feeds.archive import Ledger, archived, current, open_ledger
from sse_digest.feeds.documents import atom, rss
from sse_digest.feeds.entries import label_of, language_tag, make_entry
from sse_digest.feeds.feed import Entry, FeedDocument, Sister
from sse_digest.feeds.instants import published_at
from sse_digest.feeds.issues import issue_feeds, issue_pages
from sse_digest.feeds.jsonfeed import json_feed
from sse_digest.feeds.moving import with_last_entry
from sse_digest.feeds.opml import outline
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.pages import pages_for
from sse_digest.feeds.text import clean
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from sse_digest.model.tags import TagAuthority
from sse_digest.rendering.catalogues import own_name

_WRITERS: Mapping[str, Callable[[FeedDocument], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}


def documents_for(
    items: Iterable[Item],
    options: FeedOptions,
    tag: TagAuthority,
    *,
    kept: Collection[str] = (),
    issues: Collection[IssuePage] = (),
) -> dict[str, bytes]:
    """Write every document there is to publish, by file name.

    Args:
        items: all stored items, hidden ones too (they hold their place among the `updated` instants).
        options: addresses, titles, themes and their order.
        tag: mints the ids.
        kept: file names published before; the feed of a theme among them stays, empty if need be.
        issues: every page of an issue, in any order.

    Raises:
        FeedError: `public_url` is not an http or https address, or a theme's key cannot stand in one.
        SseDigestError: the templates or catalogues are missing.
    """
    everything = tuple(items)
    library = _library(everything, options, tag, kept)
    feeds, of_issues = library.feeds(), issue_feeds(issues, options, tag)
    if options.moved_to:
        # Of all items, hidden ones too: the entry that tells it must never get older.
        last = max((*library.ledger.updates.values(), *(feed.updated for feed in (*feeds, *of_issues))))
        when = last + timedelta(seconds=1)
        feeds, of_issues = (
            tuple(with_last_entry(feed, options, tag, when=when) for feed in shelf)
            for shelf in (feeds, of_issues)
        )
    documents: dict[str, bytes] = {OUTLINE: outline((*feeds, *of_issues))}
    for feed in (*feeds, *of_issues):
        documents |= {name_of(feed.name, format_): _WRITERS[format_](feed) for format_ in FEED_FORMATS}
    for number, archive in library.archives():
        name = archive_of(archive.name, number)
        documents |= {f"{name}.{format_}": _WRITERS[format_](archive) for format_ in FEED_FORMATS}
    documents |= issue_pages(issues, of_issues)
    return documents | pages_for(feeds, library.all_entries(), of_issues)


def feeds_for(
    items: Iterable[Item], options: FeedOptions, tag: TagAuthority, *, kept: Collection[str] = ()
) -> tuple[FeedDocument, ...]:
    """Give every feed there is, that of all items first; arguments and errors as `documents_for`."""
    return _library(tuple(items), options, tag, kept).feeds()


def _library(
    items: Collection[Item], options: FeedOptions, tag: TagAuthority, kept: Collection[str]
) -> "_Library":
    ledger = open_ledger(items, options.range_length)
    visible = sorted(
        (item for item in items if not item.is_out),
        key=lambda item: (published_at(item) or item.first_seen, ledger.updates[item.id]),
        reverse=True,
    )
    shelves = _shelves(visible)
    return _Library(
        shelves=shelves,
        keys=_keys(shelves, feeds_of(kept), options),
        ledger=ledger,
        kept=archives_in(kept),
        options=options,
        tag=tag,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Library:
    """All there is to publish, sorted into feeds."""

    shelves: Mapping[FeedKey, Sequence[Item]]  # the items of each feed, newest first
    keys: tuple[FeedKey, ...]  # of the feeds there are, in order
    ledger: Ledger
    kept: Mapping[str, frozenset[int]]  # numbers of archives published before, by feed
    options: FeedOptions
    tag: TagAuthority

    def feeds(self) -> tuple[FeedDocument, ...]:
        """Give the subscription document of each feed."""
        return tuple(map(self._feed, self.keys))

    def archives(self) -> Iterator[tuple[int, FeedDocument]]:
        """Give every archive document with its number."""
        for key in self.keys:
            held = self._archived(key)
            numbers = list(held)
            for number, before, behind in zip(numbers, [None, *numbers], [*numbers[1:], None], strict=False):
                document = self._document(key, held[number])
                yield (
                    number,
                    replace(
                        document,
                        urls={**document.urls, **self._archive_urls(key, number)},
                        current=document.urls,
                        previous=self._archive_urls(key, before) if before else None,
                        following=self._archive_urls(key, behind) if behind else None,
                    ),
                )

    def all_entries(self) -> tuple[Entry, ...]:
        """Give every visible item as the pages show it."""
        return tuple(self._entry(item, FeedKey()) for item in self.shelves.get(FeedKey(), ()))

    def _feed(self, key: FeedKey) -> FeedDocument:
        items = current(self.shelves.get(key, ()), self.ledger, self.options.newest)
        last = max(self._archived(key), default=None)
        return replace(
            self._document(key, items),
            hub=uri(self.options.hub),
            previous=self._archive_urls(key, last) if last else None,
            # Not in archives: a new language must not change them.
            sisters=tuple(
                Sister(
                    language=other.language,
                    label=_language_name(other.language),
                    urls=urls_of(other, self.options),
                )
                for other in self.keys
                if other.theme == key.theme and other != key
            ),
        )

    def _archived(self, key: FeedKey) -> Mapping[int, tuple[Item, ...]]:
        return archived(self.shelves.get(key, ()), self.ledger, self.kept.get(key.name, ()))

    def _archive_urls(self, key: FeedKey, number: int) -> dict[str, str]:
        name = archive_of(key.name, number)
        return {format_: url_of(self.options.public_url, f"{name}.{format_}") for format_ in FEED_FORMATS}

    def _entry(self, item: Item, key: FeedKey) -> Entry:
        return make_entry(
            item,
            updated=self.ledger.updates[item.id],
            options=self.options,
            tag=self.tag,
            language=key.language,
        )

    def _document(self, key: FeedKey, items: Iterable[Item]) -> FeedDocument:
        return _document(key, tuple(self._entry(item, key) for item in items), self.options, self.tag)


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
    standing = (key for key in present if key.name not in options.gone)
    return tuple(sorted(standing, key=lambda key: (themes.index(key.theme), key.language or "")))


def _document(
    key: FeedKey, entries: tuple[Entry, ...], options: FeedOptions, tag: TagAuthority
) -> FeedDocument:
    language = key.language or language_tag(options.language) or "en"
    label = None if key.theme == ALL else label_of(key.theme, options, key.language)
    urls = urls_of(key, options)
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
        icon=uri(options.icon),
        logo=uri(options.logo),
        # Without entries a fixed instant, so that an empty feed is the same document at any time.
        updated=max((entry.updated for entry in entries), default=datetime(tag.year, 1, 1, tzinfo=UTC)),
        entries=entries,
    )


def _title(key: FeedKey, label: str | None, options: FeedOptions) -> str:
    """Name a feed so that no two feeds have one title."""
    title = clean(options.title) or clean(options.author) or key.theme
    of_theme = f"{title}: {label}" if label else title
    return f"{of_theme} ({_language_name(key.language)})" if key.language else of_theme


def _language_name(language: str | None) -> str:
    return own_name(language) if language else ""
