"""Where items stand after a reading: their places, who came back, who is gone, and what is told of it.

Runs inside the transaction of the reading. Never deletes: a gone item leaves feeds and the next issue,
stays stored with everything known of it, and is the same item when it comes back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import structlog

from sse_digest.model.items import Item, ReadItem, shorten
from sse_digest.sources.ledger.matching import ItemMatch, said_of
from sse_digest.store import Connection
from sse_digest.store.news.item_history import ChangeKind, ItemChange, record_change
from sse_digest.store.news.items import get_items, update_item
from sse_digest.store.news.sightings import (
    Sighting,
    listed_last,
    places_in,
    places_of,
    record_absences,
    record_places,
    record_standing,
)

log = structlog.get_logger(__name__)

_TOLD = (
    *("link", "title", "summary", "kicker", "credit", "section", "place", "language", "published"),
    *("published_at", "date_text", "image_url", "image_alt", "body", "primary_theme"),
)
_BRIEF = 6000  # characters; longer than any summary


def settle(
    connection: Connection,
    source: str,
    found: Sequence[tuple[str, ItemMatch]],
    *,
    now: datetime,
    begin: int = 0,
) -> None:
    """Record where the items of a reading stand, and who is gone or came back.

    Args:
        connection: of the reading's transaction, its items already stored.
        source: the source's name.
        found: every item's id and match, in the page's order.
        now: when the page was read.
        begin: the place of the first of them; of a further page, which proves no absence.
    """
    days = [(item_id, one.read.published) for item_id, one in found]
    places = _near(connection, source, days)
    for item_id, one in found:
        if item_id not in places:
            what = ChangeKind.ADDED if one.known is None else ChangeKind.PLACED
            why = "nothing stored is like it" if one.reason is None else f"same {one.reason.value}"
            _tell(connection, item_id, what, source=source, why=why, fields=_said(one.read), now=now)
    stand = [(item_id, one.read, said_of(one.read)) for item_id, one in found]
    record_places(connection, source, stand, now=now, begin=begin)
    _welcome(connection, source, [item_id for item_id, _ in found], now=now)
    if not begin:
        _miss(connection, source, missed(places, days, now=now), now=now)


def settle_unchanged(connection: Connection, source: str, *, now: datetime) -> None:
    """Record that a source's page is as it was: what stood there stands, what was missing is missing."""
    listed = listed_last(connection, source)
    days = [(item_id, place.published) for item_id, place in listed.items()]
    places = _near(connection, source, days)
    record_standing(connection, source, now=now)
    _miss(connection, source, missed(places, days, now=now), now=now)


def _near(
    connection: Connection, source: str, listed: Sequence[tuple[str, date | None]]
) -> Mapping[str, Sighting]:
    """Return the places of listed items, and of all that stand between their days or before."""
    oldest = min((day for _, day in listed if day is not None), default=None)
    ids = {item_id for item_id, _ in listed}
    return places_in(connection, source, ids=ids, since=oldest)


def record_revision(
    connection: Connection,
    old: Item,
    new: Item,
    *,
    source: str,
    why: str,
    now: datetime,
    how: str | None = None,
) -> None:
    """Record which fields a reading changed, and `how` they were found; nothing where none did."""
    before, after = _values(old), _values(new)
    fields = {
        name: (_brief(before[name]), _brief(after[name])) for name in _TOLD if before[name] != after[name]
    }
    if fields:
        fields |= {"how": (None, how)} if how else {}
        _tell(connection, new.id, ChangeKind.CHANGED, source=source, why=why, fields=fields, now=now)


def _welcome(connection: Connection, source: str, ids: Iterable[str], *, now: datetime) -> None:
    """Put items back that were held for gone."""
    for item in (get_items(connection, ids)).values():
        if item.gone_at is not None:
            update_item(connection, replace(item, gone_at=None))
            why = f"it stands on the page of {source} again"
            _tell(connection, item.id, ChangeKind.BACK, source=source, why=why, fields={}, now=now)
            log.info("item.back", item=item.id, source=source)


def _miss(connection: Connection, source: str, ids: Sequence[str], *, now: datetime) -> None:
    record_absences(connection, source, ids, now=now)
    places: Mapping[str, Sequence[Sighting]] = {item_id: places_of(connection, item_id) for item_id in ids}
    for item in (get_items(connection, gone(ids, places))).values():
        if item.gone_at is None:
            update_item(connection, replace(item, gone_at=now))
            why = f"absent from {ENOUGH} readings that still list older items"
            _tell(connection, item.id, ChangeKind.GONE, source=source, why=why, fields={}, now=now)
            log.info("item.gone", item=item.id, source=source)


def _tell(
    connection: Connection,
    item_id: str,
    what: ChangeKind,
    *,
    source: str,
    why: str,
    fields: Mapping[str, tuple[str | None, str | None]],
    now: datetime,
) -> None:
    change = ItemChange(item_id=item_id, at=now, source=source, what=what, why=why, fields=fields)
    record_change(connection, change)


def _brief(text: str | None) -> str | None:
    """Cut what a history keeps of a text: whole bodies would be stored again with every change."""
    return None if text is None else shorten(text, _BRIEF)


def _said(read: ReadItem) -> Mapping[str, tuple[None, str]]:
    names = ("link", "title", "kicker", "published", "date_text", "language", "how")
    return {name: (None, str(value)) for name in names if (value := getattr(read, name)) is not None}


def _values(item: Item) -> Mapping[str, str | None]:
    values = {name: getattr(item, name) for name in _TOLD if name != "primary_theme"}
    values["primary_theme"] = item.decision.primary
    return {name: None if value is None else str(value) for name, value in values.items()}


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
