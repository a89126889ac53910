"""Values for tests about issues: a digest, and items of a certain day."""

from datetime import UTC, date, datetime, timedelta

from sse_digest.model.issues import Digest, Period
from sse_digest.model.items import Item
from sse_digest.store import Connection
from sse_digest.store.news.items import ItemKeys, insert_item
from tests.builders import make_item

FEBRUARY, MARCH, APRIL, MAY = (Period(2023, month) for month in (2, 3, 4, 5))


def make_digest(**changes: object) -> Digest:
    """Make a digest of three themes in UTC."""
    values: dict[str, object] = {
        "name": "monthly",
        "title": {"en": "News"},
        "themes": ("cooperatives", "youth", "other"),
        "lists": ("news",),
        "zone": UTC,
        "default_language": "en",
        "languages": ("en",),
        "late_days": 92,
    }
    return Digest(**{**values, **changes})  # type: ignore[arg-type] # the defaults above fit, changes are the test's own


def dated(number: int, day: date, *, after: int = 1, **changes: object) -> Item:
    """Make an item of a day, first seen so many days after it."""
    seen = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=after)
    return make_item(number, published=day, first_seen=seen, **changes)


def put_items(connection: Connection, *items: Item) -> None:
    """Store items, as new ones."""
    for item in items:
        keys = ItemKeys(source_item_id=None, canonical=item.link, link_number=None, heading=item.heading)
        insert_item(connection, item, keys)
