"""The instants an item stands with in a feed: published, and an `updated` that no other item has.

Decided from the item alone and from what was known before it, never from the present time: later
items move nothing.
"""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from sse_digest.feeds.xml_text import clean
from sse_digest.model.items import Item, ItemCard, Precision

EARLIEST = date(1990, 1, 1)  # readers and validators take an earlier date for a mistake
_SLOTS = 1_000_000  # microseconds in a second
_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


def published_at(item: Item | ItemCard) -> datetime | None:
    """Return the instant an item was published, in UTC; None where its date is absent or not plausible.

    Where the source said no time, a date stands for its noon in UTC, the hour at which most of the world has
    that day; but no item was published after it was first seen. Month precision: the 1st of the month.
    """
    if item.published is None or item.precision is Precision.NONE:
        return None
    seen = item.first_seen.astimezone(UTC)
    if item.published < EARLIEST or (item.published - seen.date()).days > 1:
        return None
    said = item.published_at or datetime.combine(item.published, time(12), UTC)
    return min(said.astimezone(UTC), seen)


def dateline(item: Item) -> str:
    """Return the source's own words for the date where `published_at` does not say the same; else nothing."""
    instant = published_at(item)
    if instant is not None and item.published is not None and item.precision is Precision.DAY:
        # The day of an exact instant may be another one in UTC.
        off = abs((instant.date() - item.published).days)
        if off <= (item.published_at is not None):
            return ""
    return clean(item.date_text) or _iso(item)


class UniqueTimestamps:
    """Gives each item an `updated` of its own.

    The seconds stay. An item's microseconds come from its id; where an item first seen earlier has the
    same, one less is taken. A slot is held in the second of first sight too, which never changes: so of the
    many items of one reading none moves when another one is updated. Hidden items take part as well.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()  # microseconds since 1970; numbers, because there are many

    def take(self, item: Item | ItemCard) -> datetime:
        """Return the instant of the next item, in the order of first sight and then of ids."""
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
    """Return the microseconds from 1970 to the second that an instant lies in."""
    return (moment - _EPOCH) // _SECOND * _SLOTS


def _iso(item: Item) -> str:
    if item.published is None:
        return ""
    return item.published.isoformat()[: 7 if item.precision is Precision.MONTH else None]
