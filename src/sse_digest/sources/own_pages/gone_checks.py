"""Check whether items that are missing from their list were taken down, by requesting their own pages.

An item is gone if its own page answers 404 or 410; dropping off the end of a list is no proof. Each round
requests a few pages, and each page is requested at growing intervals. If most of them are missing, the site
probably moved its pages, which proves nothing. If a page answers again, its item is no longer gone.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog

from sse_digest.errors import SourceError
from sse_digest.model.items import Item
from sse_digest.sources.http.client import HttpStatusError
from sse_digest.sources.page import Page
from sse_digest.store import Connection, Store
from sse_digest.store.news.item_history import ChangeKind, ItemChange, record_change
from sse_digest.store.news.items import get_items, update_item
from sse_digest.store.news.own_pages import GoneCheck, inquiries_of, lost_places, record_inquiries
from sse_digest.store.news.sightings import Sighting, places_of
from sse_digest.store.news.sources import source_state

log = structlog.get_logger(__name__)

MOST = 5
"""The number of pages that are requested in one round for one source."""

_WITHIN = timedelta(days=92)  # since the item's day, and since its list last showed it
_EXAMINED = 200  # sightings that are searched for pages that are due
_GAP = 3  # days after the first answer; three times as many after each further one
_MANY = 3  # the least number of missing pages that may mean that the site moved
_OVERLOADED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

Get = Callable[[str], Awaitable[Page]]
"""Returns the page at an address, or raises SourceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    item: Item
    before: GoneCheck | None
    now: GoneCheck


async def ask_after(store: Store, source: str, get: Get, *, now: datetime) -> tuple[str, ...]:
    """Check items that are missing from the source's list, record the results, and return warnings.

    Args:
        store: an open database, in which the source's reading was just stored.
        source: the source's name.
        get: returns the page at an address.
        now: when the list was read.
    """
    asked = []
    for item, link, before in _due(store, source, now=now):
        status = await _status(get, link)
        times = (before.times if before else 0) + (status is not None)
        asked.append(
            _Asked(
                item=item,
                before=before,
                now=GoneCheck(item_id=item.id, asked_at=now, times=times, status=status),
            )
        )
        if status in _OVERLOADED:
            break
    if not asked:
        return ()
    missing = [one for one in asked if one.now.status in _MISSING]
    has_moved = len(missing) >= _MANY and 2 * len(missing) > len(asked)
    proven = [one for one in missing if one.now.status == HTTPStatus.GONE or not has_moved]
    with store.writing() as connection:
        record_inquiries(connection, [one.now for one in asked])
        _mark_gone(connection, proven, source=source, now=now)
        _mark_back(connection, asked, source=source, now=now)
    warning = (
        f"{len(missing)} of {len(asked)} pages of items that are missing from the list were not found."
        " The site may have moved its pages, so no item counts as gone"
    )
    return (warning,) if has_moved else ()


async def _status(get: Get, link: str) -> int | None:
    try:
        await get(link)
    except HttpStatusError as error:
        return error.status
    except SourceError:
        return None
    return HTTPStatus.OK


def _due(store: Store, source: str, *, now: datetime) -> Sequence[tuple[Item, str, GoneCheck | None]]:
    """Return the items to check, with link and last check; items that were never checked come first."""
    since = now - _WITHIN
    with store.reading() as connection:
        state = source_state(connection, source)
        front = max((shape.items for shape in state.shapes), default=0) if state is not None else 0
        lost = lost_places(
            connection, source, lost_since=since, day_since=since.date(), front=front, most=_EXAMINED
        )
        items = get_items(connection, (place.item_id for place in lost))
        earlier = inquiries_of(connection, items)
        found = []
        for place in lost:
            item, before = items.get(place.item_id), earlier.get(place.item_id)
            if item is None or place.link is None or not _may_be_asked(item, before, now=now):
                continue
            if not _is_elsewhere(place, places_of(connection, item.id)):
                found.append((item, place.link, before))
    return sorted(found, key=lambda one: one[2] is not None)[:MOST]


def _may_be_asked(item: Item, before: GoneCheck | None, *, now: datetime) -> bool:
    if item.hidden or item.merged_into is not None:
        return False
    if item.gone_at is not None and (before is None or before.status not in _MISSING):
        return False
    return before is None or now - before.asked_at >= timedelta(days=_GAP ** max(1, before.times))


def _is_elsewhere(place: Sighting, places: Sequence[Sighting]) -> bool:
    """Return whether another list showed the item more recently."""
    return any(one.last_seen > place.last_seen for one in places)


def _mark_gone(connection: Connection, proven: Sequence[_Asked], *, source: str, now: datetime) -> None:
    stored = get_items(connection, (one.item.id for one in proven))
    for one in proven:
        item = stored[one.item.id]
        if item.gone_at is None:
            why = f"its list no longer shows it, and its own page answers {one.now.status}"
            _store(connection, replace(item, gone_at=now), ChangeKind.GONE, why, source=source, now=now)


def _mark_back(connection: Connection, asked: Sequence[_Asked], *, source: str, now: datetime) -> None:
    back = [one for one in asked if one.before is not None and one.before.status in _MISSING]
    answering = {one.item.id for one in back if one.now.status == HTTPStatus.OK}
    stored: Mapping[str, Item] = get_items(connection, answering)
    for item in stored.values():
        if item.gone_at is not None:
            why = "its own page answers again"
            _store(connection, replace(item, gone_at=None), ChangeKind.BACK, why, source=source, now=now)


def _store(
    connection: Connection, item: Item, what: ChangeKind, why: str, *, source: str, now: datetime
) -> None:
    update_item(connection, item)
    change = ItemChange(item_id=item.id, at=now, source=source, what=what, why=why, fields={})
    record_change(connection, change)
    log.info("item.asked_after", item=item.id, source=source, what=what.value)
