"""Which items are archived (RFC 5005 section 4), and which month each stands in; pure.

All items ever seen stand in one ledger by order of first sight, hidden ones too. It is cut into ranges of
equal length; a range that is full is closed for ever. An archive document of a feed holds the feed's items
of one closed range, so a new item never moves another from one document to the next.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from sse_digest.feeds.instants import distinct_updates
from sse_digest.model.items import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What is known of every item, by id."""

    updates: Mapping[str, datetime]  # the instant it was updated, different from all others
    ranges: Mapping[str, int]  # the number of its range, from 1
    closed: int  # ranges up to this one are full


def open_ledger(items: Iterable[Item], size: int) -> Ledger:
    """Order all items, hidden ones too, by first sight; `size` is the length of a range."""
    everything = sorted(items, key=lambda item: (item.first_seen, item.id))
    return Ledger(
        updates=distinct_updates(everything),
        ranges={item.id: place // size + 1 for place, item in enumerate(everything)},
        closed=len(everything) // size,
    )


def current(items: Sequence[Item], ledger: Ledger, newest: int) -> tuple[Item, ...]:
    """Give what the subscription document holds: all not archived, and those last updated; in their order."""
    last = {item.id for item in nlargest(newest, items, key=lambda item: ledger.updates[item.id])}
    return tuple(item for item in items if ledger.ranges[item.id] > ledger.closed or item.id in last)


def archived(
    items: Iterable[Item], ledger: Ledger, kept: Collection[int] = ()
) -> Mapping[int, tuple[Item, ...]]:
    """Give the items of each archive document there is, by number, in their order.

    Args:
        items: of one feed.
        ledger: of all items.
        kept: numbers of archive documents published before; they stay, empty if need be.
    """
    found: dict[int, list[Item]] = defaultdict(
        list, {number: [] for number in kept if number <= ledger.closed}
    )
    for item in items:
        if ledger.ranges[item.id] <= ledger.closed:
            found[ledger.ranges[item.id]].append(item)
    return {number: tuple(found[number]) for number in sorted(found)}
