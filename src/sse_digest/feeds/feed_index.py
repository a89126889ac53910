"""Sort every item into the feeds, archives and months that show it; pure.

There is a feed of all items and one of each theme, each in all languages together and in every single
language. A feed exists if it has items or once had some.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sse_digest.feeds.ledger import Kind, Ledger, current, instant_of
from sse_digest.feeds.names import ALL, FeedKey, archives_in, feeds_of, month_of, themes_of
from sse_digest.feeds.options import FeedOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedIndex:
    """All items sorted into feeds; an item is identified by its place in the ledger."""

    ledger: Ledger
    visible: Sequence[int]  # newest first
    shelves: Mapping[FeedKey, Sequence[int]]  # the items of each feed, newest first
    keys: tuple[FeedKey, ...]  # of all feeds, in order
    archives: Mapping[FeedKey, Sequence[int]]  # numbers of the archives of each feed, in order
    newest: int

    def current(self, key: FeedKey) -> Sequence[int]:
        """Return the items in the subscription document of a feed, newest first."""
        return current(self.shelves.get(key, ()), self.ledger, self.newest)

    def archived(self, number: int) -> Mapping[FeedKey, Sequence[int]]:
        """Return each feed's items in a range, newest first; feeds without any are left out."""
        return _shelves(_newest_first(self.ledger.places_in(number), self.ledger), self.ledger)

    def months(self) -> Mapping[str, Sequence[int]]:
        """Return each month's items, newest first, by the name of its page; empty months are left out."""
        by_month = groupby(self.visible, key=lambda place: month_of(instant_of(self.ledger.dated[place])))
        return {name: array("I", places) for name, places in by_month}

    def sisters(self, key: FeedKey) -> tuple[FeedKey, ...]:
        """Return the feeds of the same theme in other languages."""
        return tuple(other for other in self.keys if other.theme == key.theme and other != key)


def sort_into_feeds(ledger: Ledger, options: FeedOptions, kept: Collection[str]) -> FeedIndex:
    """Sort all items into feeds. Feeds and archives with a document named in `kept` stay, even if empty.

    Raises:
        FeedError: a theme has the name of the feed of all items.
    """
    visible = _newest_first(range(len(ledger)), ledger)
    shelves = _shelves(visible, ledger)
    keys, before = _keys(shelves, feeds_of(kept), options), archives_in(kept)
    numbers = {key: _numbers(shelves.get(key, ()), before.get(key.name, ()), ledger) for key in keys}
    return FeedIndex(
        ledger=ledger, visible=visible, shelves=shelves, keys=keys, archives=numbers, newest=options.newest
    )


def _newest_first(places: Iterable[int], ledger: Ledger) -> Sequence[int]:
    """Return the visible items, sorted by date and then by last update."""
    shown = [place for place in places if not ledger.kind(place)[2]]
    for column in (ledger.updated, ledger.dated):
        shown.sort(key=column.__getitem__, reverse=True)
    return array("I", shown)


def _shelves(places: Iterable[int], ledger: Ledger) -> Mapping[FeedKey, Sequence[int]]:
    """Put each item into every feed that shows it, in the order given."""
    shelves: dict[FeedKey, array[int]] = {}
    holders: dict[Kind, Sequence[array[int]]] = {}
    for place in places:
        kind = ledger.kind(place)
        if kind not in holders:
            holders[kind] = [shelves.setdefault(key, array("I")) for key in _keys_of(kind)]
        for shelf in holders[kind]:
            shelf.append(place)
    return shelves


def _keys_of(kind: Kind) -> Iterator[FeedKey]:
    themes, language, _ = kind
    for theme in dict.fromkeys((ALL, *themes)):
        yield FeedKey(theme=theme)
        if language:
            yield FeedKey(theme=theme, language=language.lower())


def _keys(
    shelves: Collection[FeedKey], before: Collection[FeedKey], options: FeedOptions
) -> tuple[FeedKey, ...]:
    """Order the feeds: configured themes, then themes no longer configured; within each by language."""
    configured = themes_of(options)
    left = sorted({key.theme for key in before}.difference(configured, {ALL}))
    themes = (ALL, *configured, *left)
    present = {FeedKey(), *before, *(key for key in shelves if key.theme in themes)}
    remaining = (key for key in present if key.name not in options.gone)
    return tuple(sorted(remaining, key=lambda key: (themes.index(key.theme), key.language or "")))


def _numbers(places: Iterable[int], before: Collection[int], ledger: Ledger) -> Sequence[int]:
    """Return the numbers of a feed's archives; a published archive stays, even if it is now empty."""
    found = {place // ledger.size + 1 for place in places} | set(before)
    return sorted(number for number in found if number <= ledger.closed)
