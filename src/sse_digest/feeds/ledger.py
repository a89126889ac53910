"""The ledger of all items, which decides what is archived (RFC 5005 section 4); pure.

The ledger holds all items ever seen, hidden ones too, in the order in which they were first seen. It is cut
into ranges of equal length; a full range is closed and never changes. An archive of a feed holds the feed's
items of one closed range, so a new item never moves another item from one document to the next.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from heapq import nlargest

from sse_digest.feeds.entry import language_tag
from sse_digest.feeds.unique_timestamps import UniqueTimestamps, published_at
from sse_digest.model.items import Item, ItemCard

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MARK_SIZE = 16
_language = lru_cache(maxsize=256)(language_tag)

Kind = tuple[tuple[str, ...], str | None, bool]
"""What decides which feeds show an item: its themes, its language tag, and whether it is hidden."""


class Ledger:
    """All items, each at a place counted from 0 in the order in which they were first seen.

    Items are stored in columns, which take about a tenth of the memory of objects.
    """

    def __init__(self, size: int) -> None:
        """Start empty; `size` is the number of items in a range."""
        self.size = size
        self.ids: list[str] = []
        self.dated = array("q")  # when published or else first seen, in microseconds since 1970
        self.updated = array("q")  # in microseconds since 1970; no two items share it
        self._kinds, self._kind = dict[Kind, int](), array("I")
        self._by_number: list[Kind] = []
        self._marks = bytearray()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def closed(self) -> int:
        """The number of full ranges, which is also the number of the last one."""
        return len(self) // self.size

    def places_in(self, number: int) -> range:
        """Return the places in a range; ranges are counted from 1."""
        return range((number - 1) * self.size, min(number * self.size, len(self)))

    def kind(self, place: int) -> Kind:
        """Return what decides which feeds show an item."""
        return self._by_number[self._kind[place]]

    def marks(self, places: Iterable[int]) -> bytes:
        """Return hashes that change with the items, their order, and anything documents show of them."""
        size, marks = _MARK_SIZE, self._marks
        return b"".join([marks[place * size : (place + 1) * size] for place in places])

    def enter(self, item: ItemCard, updated: datetime) -> None:
        """Enter an item after all others."""
        kind = (item.themes, _language(item.language), item.is_out)
        if kind not in self._kinds:
            self._kinds[kind] = len(self._by_number)
            self._by_number.append(kind)
        at = _microseconds(updated)
        self.ids.append(item.id)
        self.dated.append(_microseconds(published_at(item) or item.first_seen))
        self.updated.append(at)
        self._kind.append(self._kinds[kind])
        self._marks += blake2b(b"%d %b" % (at, item.mark), digest_size=_MARK_SIZE).digest()


class LedgerWriter:
    """Enters items into a ledger one by one, so that their texts are never in memory together."""

    def __init__(self, size: int) -> None:
        self.ledger = Ledger(size)
        self._instants = UniqueTimestamps()
        self._last: tuple[datetime, str] | None = None

    def enter(self, item: ItemCard) -> None:
        """Enter the next item.

        Raises:
            ValueError: items do not come in the order of `first_seen`, then `id`.
        """
        here = (item.first_seen, item.id)
        if self._last is not None and here <= self._last:
            raise ValueError(f"item {item.id} is out of order: enter items by first_seen, then by id")
        self._last = here
        self.ledger.enter(item, self._instants.take(item))


def instant_of(microseconds: int) -> datetime:
    """Return the instant, in UTC, that is some microseconds after the start of 1970."""
    return _EPOCH + microseconds * _MICROSECOND


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def open_ledger(items: Iterable[Item], size: int) -> Ledger:
    """Return a ledger of items in any order, hidden ones too; `size` is the number of items in a range."""
    writer = LedgerWriter(size)
    for item in sorted(items, key=lambda item: (item.first_seen, item.id)):
        writer.enter(card_of(item))
    return writer.ledger


def card_of(item: Item) -> ItemCard:
    """Return the card of an item that is in memory."""
    return ItemCard(
        id=item.id,
        first_seen=item.first_seen,
        updated=item.updated,
        published=item.published,
        precision=item.precision,
        published_at=item.published_at,
        language=item.language,
        themes=item.decision.themes,
        is_out=item.is_out,
        mark=blake2b(repr(item).encode(), digest_size=16).digest(),
    )


def current(places: Sequence[int], ledger: Ledger, newest: int) -> tuple[int, ...]:
    """Return the items of the subscription document: all unarchived ones and the `newest` last updated."""
    last = set(nlargest(newest, places, key=ledger.updated.__getitem__))
    closed = ledger.closed * ledger.size
    return tuple(place for place in places if place >= closed or place in last)
