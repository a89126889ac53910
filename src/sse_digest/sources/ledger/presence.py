"""Which items are absent from a page, and which are gone for it. Pure.

A gone item leaves feeds and the next issue, stays stored with everything known of it, and is the same
item when it comes back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sse_digest.store.news.sightings import Sighting

ENOUGH = 3
"""Absences that prove an item gone."""

_OLDER = 3  # items that must still be listed behind it
_APART = timedelta(hours=6)  # between two absences that count; a page may be broken for an hour


def missed(
    places: Mapping[str, Sighting], listed: Sequence[tuple[str, date | None]], *, now: datetime
) -> tuple[str, ...]:
    """Return the items whose absence from a reading counts.

    Args:
        places: every place on the source's page, past ones too, by item id; before the reading.
        listed: ids and days of the reading's items, in the page's order.
        now: when the page was read.
    """
    days = [day for _, day in listed if day is not None]
    if any(before < behind for before, behind in pairwise(days)):
        return ()
    here = {item_id for item_id, _ in listed}
    # Only what was listed before counts as older: a longer page shows old items for the first time.
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
    """Return the items that are gone: missed often enough in every place that they ever had.

    Args:
        missed_now: items whose absence was counted in this reading.
        places: of each of them, with this absence counted.
    """
    return tuple(
        item_id for item_id in missed_now if all(place.absences >= ENOUGH for place in places[item_id])
    )
