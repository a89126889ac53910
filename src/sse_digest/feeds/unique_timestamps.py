"""The instants of an item in a feed: when it was published, and an `updated` that no other item has.

They depend on the item and on items first seen before it, never on the current time or later items.
"""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from sse_digest.feeds.xml_text import clean
from sse_digest.model.items import Item, ItemCard, Precision

EARLIEST = date(1990, 1, 1)  # readers and validators treat earlier dates as mistakes
_SLOTS = 1_000_000  # microseconds in a second
_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


def published_at(item: Item | ItemCard) -> datetime | None:
    """Return when an item was published, in UTC, or None if its date is missing or implausible.

    A date without a time means noon UTC, when most of the world has that date; a month means its first day.
    The result is never later than when the item was first seen.
    """
    if item.published is None or item.precision is Precision.NONE:
        return None
    seen = item.first_seen.astimezone(UTC)
    if item.published < EARLIEST or (item.published - seen.date()).days > 1:
        return None
    said = item.published_at or datetime.combine(item.published, time(12), UTC)
    return min(said.astimezone(UTC), seen)


def dateline(item: Item) -> str:
    """Return the source's words for the date, or "" if `published_at` gives the same date."""
    instant = published_at(item)
    if instant is not None and item.published is not None and item.precision is Precision.DAY:
        # An exact instant may have another date in UTC.
        off = abs((instant.date() - item.published).days)
        if off <= (item.published_at is not None):
            return ""
    return clean(item.date_text) or _iso(item)


class UniqueTimestamps:
    """Assigns each item an `updated` that no other item has.

    The seconds are kept. The microseconds come from the item's id; if an item first seen earlier has the
    same instant, the next lower ones are taken. They are also reserved in the second in which the item was
    first seen, which never changes: when one item of a reading is updated, the others keep theirs. Hidden
    items count too.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()  # microseconds since 1970; numbers save memory

    def take(self, item: Item | ItemCard) -> datetime:
        """Return the `updated` of an item; call in the order of `first_seen`, then `id`."""
        updated = item.updated.astimezone(UTC).replace(microsecond=0)
        seconds = {_since_1970(updated), _since_1970(item.first_seen)}
        wish = int.from_bytes(sha256(item.id.encode()).digest()[:8], "big") % _SLOTS
        slot = wish
        while any(second + slot in self._taken for second in seconds):
            slot = (slot - 1) % _SLOTS
            if slot == wish:  # a million items of one second
                break
        self._taken.update(second + slot for second in seconds)
        return updated.replace(microsecond=slot)


def _since_1970(moment: datetime) -> int:
    """Return the microseconds from 1970 to the beginning of an instant's second."""
    return (moment - _EPOCH) // _SECOND * _SLOTS


def _iso(item: Item) -> str:
    if item.published is None:
        return ""
    return item.published.isoformat()[: 7 if item.precision is Precision.MONTH else None]
