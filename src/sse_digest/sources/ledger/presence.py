"""Decide which items are absent from a page, and which are gone. Pure.

An item that is gone leaves the feeds and the next issue. It stays stored, and if it comes back it is the same
item.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sse_digest.store.news.sightings import Sighting

ENOUGH = 3
"""The number of absences after which an item is gone."""

_OLDER = 3  # older items that must still be listed
_APART = timedelta(hours=6)  # the least time between absences that count; a page may be broken for an hour


def missed(
    places: Mapping[str, Sighting], listed: Sequence[tuple[str, date | None]], *, now: datetime
) -> tuple[str, ...]:
    """Return the ids of the items whose absence from a reading counts.

    Args:
        places: the sightings on the source's page before the reading, past ones too, by item id.
        listed: ids and days of the items in the reading, in the page's order.
        now: when the page was read.
    """
    days = [day for _, day in listed if day is not None]
    if any(before < behind for before, behind in pairwise(days)):
        return ()
    here = {item_id for item_id, _ in listed}
    # Only items that were listed before count as older: a longer page shows old items for the first time.
    known = sorted(day for item_id, day in listed if item_id in places and day is not None)
    if len(known) < _OLDER:
        return ()
    behind = known[_OLDER - 1]
    return tuple(
        item_id
        for item_id, place in places.items()
        if item_id not in here
        and place.published is not None
        and place.published > behind
        and now - (place.missed_at or place.last_seen) >= _APART
    )


def gone(missed_now: Collection[str], places: Mapping[str, Sequence[Sighting]]) -> tuple[str, ...]:
    """Return the ids of the items that are gone: absent often enough from every page that ever showed them.

    Args:
        missed_now: ids of the items whose absence from this reading counts.
        places: all sightings of each of them, with this absence counted.
    """
    return tuple(
        item_id for item_id in missed_now if all(place.absences >= ENOUGH for place in places[item_id])
    )
