"""Store a reading: load the stored items, decide, write the plan, and report.

Each reading is stored in one transaction, so that others see all of it or nothing. If a reading raises a
drift alarm, nothing of it is stored, and the items of its source stay the same. `ingest_plan` decides.

Items are matched before that transaction begins, because comparing titles takes time in which nobody else
could write. If the stored items change in between, they are matched again within the transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import structlog

from sse_digest.model.items import Item, Reading, ReadItem
from sse_digest.model.reading_stats import DriftAlarm
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.ledger.drift import KEPT_SHAPES, Baseline, judge, shape_of
from sse_digest.sources.ledger.ingest_plan import IngestPlan, Known, plan_reading, plan_unchanged
from sse_digest.sources.ledger.matching import (
    ItemMatch,
    could_match,
    heading,
    match,
    mint_id,
    without_doubles,
)
from sse_digest.store import Connection, Store
from sse_digest.store.news.item_history import record_change
from sse_digest.store.news.items import KnownItem, get_items, has_item, insert_item, known_items, update_item
from sse_digest.store.news.own_pages import own_page_states
from sse_digest.store.news.sightings import (
    Sighting,
    listed_last,
    places_in,
    record_absences,
    record_places,
    record_standing,
    sightings_of,
)
from sse_digest.store.news.sources import record_problem, record_reading, source_state

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one reading of one source did. `read` is the sum of the four counts after it."""

    source: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0  # also repetitions on the page, and items that are from another source
    refused: int = 0  # without a title and a text
    warnings: tuple[str, ...] = ()  # in words
    problem: str | None = None  # why nothing was stored, or None if there was no problem
    note: str | None = None  # why nothing had to be read, or None
    alarms: tuple[DriftAlarm, ...] = ()  # why the reading was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPage:
    """A page of a list after the first one."""

    reading: Reading
    first: Reading  # of the list's first page, which this page must be like
    begin: int  # the number of items on the pages before
    seen: frozenset[str]  # the ids of items that are not changed again


class DriftCheck(StrEnum):
    """How a reading is compared with earlier readings of its source."""

    NONE = "none"  # not at all: the reading is not from the source's page
    FULL = "full"  # a drift alarm refuses the reading
    MAY_BE_EMPTY = "may be empty"  # like FULL, but an empty list is not an alarm
    ACCEPT = "accept"  # not at all: an admin accepted the page; later readings are compared with this one


def ingest(
    store: Store,
    source: str,
    reading: Reading,
    *,
    now: datetime,
    rules: ThemeRules,
    scrutiny: DriftCheck = DriftCheck.NONE,
) -> IngestReport:
    """Store one reading in one transaction, and report what changed.

    Args:
        store: an open database.
        source: the source's name.
        reading: of that source; storing it a second time changes nothing.
        now: when it was read; it becomes `first_seen` of new items and `updated` of changed ones.
        rules: by which new and changed items get their themes.
        scrutiny: whether signs of a changed layout refuse the reading.

    Raises:
        StoreError: the database cannot be written.
    """
    named = [item for item in reading.items if heading(item)]
    items = without_doubles(named)
    with store.reading() as connection:
        seen = _candidates(connection, items, source)
    matched = _matched(items, seen, source)
    with store.writing() as connection:
        before = _before(connection, source, scrutiny)
        known, matches = _still_matched(connection, items, seen, matched, source)
        alarms = _alarms(matches, before, reading, scrutiny, now)
        if alarms:
            return _refuse(connection, source, alarms, now)
        plan = plan_reading(source, matches, _known(connection, source, matches, known), now=now, rules=rules)
        apply_plan(connection, plan)
        shapes = (*before.shapes, shape_of(items, reading.signs, now.date()))[-KEPT_SHAPES:]
        record_reading(connection, source, now=now, items=len(items), shapes=shapes)
    refused, doubles = len(reading.items) - len(named), len(named) - len(items)
    report = _report(plan, reading, refused, _warnings(items, refused, doubles))
    log.info(
        "source.ingested",
        source=source,
        read=report.read,
        added=report.added,
        changed=report.changed,
        refused=refused,
    )
    return report


def ingest_further(
    store: Store, source: str, page: FurtherPage, *, now: datetime, rules: ThemeRules
) -> tuple[IngestReport, frozenset[str]]:
    """Store a further page of a list, if it is like the first one.

    Items in `page.seen` are not changed again.

    Returns:
        The report, and the ids of the page's items; no ids if the page was refused.

    Raises:
        StoreError: the database cannot be written.
    """
    items = without_doubles(item for item in page.reading.items if heading(item))
    measure = shape_of(without_doubles(page.first.items), page.first.signs, now.date())
    with store.reading() as connection:
        seen = _candidates(connection, items, source)
    matched = _matched(items, seen, source)
    with store.writing() as connection:
        known, every = _still_matched(connection, items, seen, matched, source)
        past = Baseline(shapes=(measure,))
        alarms = judge(every, signs=page.reading.signs, past=past, today=now.date())
        if alarms:
            return IngestReport(source=source, problem="; ".join(one.text for one in alarms)), frozenset()
        matches = [one for one in every if one.known is None or one.known.id not in page.seen]
        found = _known(connection, source, matches, known)
        plan = plan_reading(source, matches, found, now=now, rules=rules, begin=page.begin)
        apply_plan(connection, plan)
    return _report(plan, page.reading, 0, ()), frozenset(found.ids)


def _report(plan: IngestPlan, reading: Reading, refused: int, warnings: Iterable[str]) -> IngestReport:
    added, read = len(plan.new), len(reading.items)
    return IngestReport(
        source=plan.source,
        read=read,
        added=added,
        changed=plan.revised,
        unchanged=read - refused - added - plan.revised,
        refused=refused,
        warnings=(*reading.warnings, *warnings),
    )


def take_unchanged(connection: Connection, source: str, *, now: datetime) -> None:
    """Record that a source's page has not changed: the same items are listed, and the same are absent."""
    listed = listed_last(connection, source)
    near, absent, stored = _absent(
        connection, source, list(listed), (sighting.published for sighting in listed.values())
    )
    known = Known(items=(), ids=(), stored=stored, own_pages={}, near=near, absent=absent)
    record_standing(connection, source, now=now)
    apply_plan(connection, plan_unchanged(source, known, listed, now=now))


def apply_plan(connection: Connection, plan: IngestPlan) -> None:
    """Write a plan, in the same transaction in which the data for it was read."""
    for item, keys in plan.new:
        insert_item(connection, item, keys)
    for item, changed_keys in plan.changed.values():
        update_item(connection, item, changed_keys)
    for change in plan.history:
        record_change(connection, change)
    if plan.listed:
        record_places(connection, plan.source, plan.listed, now=plan.now, begin=plan.begin)
    record_absences(connection, plan.source, plan.missed, now=plan.now)
    for item_id in plan.back:
        log.info("item.back", item=item_id, source=plan.source)
    for item_id in plan.gone:
        log.info("item.gone", item=item_id, source=plan.source)


def _known(
    connection: Connection, source: str, matches: Sequence[ItemMatch], items: Sequence[KnownItem]
) -> Known:
    """Return everything from the database that the decisions need."""
    taken: set[str] = set()
    ids = [
        _free_id(connection, one.read, source, taken) if one.known is None else one.known.id
        for one in matches
    ]
    near, absent, stored = _absent(connection, source, ids, (one.read.published for one in matches))
    matched = get_items(connection, (one.known.id for one in matches if one.known is not None))
    return Known(
        items=items,
        ids=ids,
        stored={**stored, **matched},
        own_pages=own_page_states(connection, matched),
        near=near,
        absent=absent,
    )


def _absent(
    connection: Connection, source: str, ids: Sequence[str], days: Iterable[date | None]
) -> tuple[Mapping[str, Sighting], Mapping[str, Sequence[Sighting]], Mapping[str, Item]]:
    """Return the sightings near the listed items; and all sightings of those not listed, with their items."""
    oldest = min((day for day in days if day is not None), default=None)
    near = places_in(connection, source, ids=set(ids), since=oldest)
    missing = near.keys() - set(ids)
    return near, sightings_of(connection, missing), get_items(connection, missing)


_Candidates = tuple[Sequence[KnownItem], Mapping[str, str]]
"""The stored items that read items may be, and the ids of those in the last readings by `said_of`."""


def _candidates(connection: Connection, items: Sequence[ReadItem], source: str) -> _Candidates:
    known = known_items(connection, could_match(items))
    places = places_in(connection, source, ids={one.id for one in known})
    latest_last = sorted(places.values(), key=lambda place: place.last_seen)
    return known, {one.said: one.item_id for one in latest_last}


def _matched(items: Sequence[ReadItem], seen: _Candidates, source: str) -> tuple[ItemMatch, ...]:
    known, said_last = seen
    return match(items, known, source=source, said_last=said_last)


def _still_matched(
    connection: Connection,
    items: Sequence[ReadItem],
    seen: _Candidates,
    matched: tuple[ItemMatch, ...],
    source: str,
) -> tuple[Sequence[KnownItem], tuple[ItemMatch, ...]]:
    """Return the stored items and the matches, made anew if the stored items have changed since `seen`."""
    now = _candidates(connection, items, source)
    return now[0], matched if now == seen else _matched(items, now, source)


def _before(connection: Connection, source: str, scrutiny: DriftCheck) -> Baseline:
    """Return the baseline for a reading; it is empty if an admin accepted the page."""
    state = source_state(connection, source)
    if state is None or scrutiny is DriftCheck.ACCEPT:
        return Baseline()
    places = listed_last(connection, source)
    of_page_one = state.shapes[-1].items if state.shapes else 0
    listed = {item_id: place for item_id, place in places.items() if place.position < of_page_one}
    return Baseline(shapes=state.shapes, listed=listed)


def _alarms(
    matches: Sequence[ItemMatch],
    before: Baseline,
    reading: Reading,
    scrutiny: DriftCheck,
    now: datetime,
) -> tuple[DriftAlarm, ...]:
    if scrutiny in {DriftCheck.NONE, DriftCheck.ACCEPT}:
        return ()
    return judge(
        matches,
        signs=reading.signs,
        past=before,
        today=now.date(),
        may_be_empty=scrutiny is DriftCheck.MAY_BE_EMPTY,
    )


def _refuse(
    connection: Connection, source: str, alarms: tuple[DriftAlarm, ...], now: datetime
) -> IngestReport:
    """Record why nothing was stored, and return the report."""
    problem = (
        "The page differs from earlier readings: "
        + "; ".join(alarm.text for alarm in alarms)
        + (
            ". Nothing of it was stored. Look at it in a browser: if the items of the source are right,"
            f" accept them with `sse-digest sources accept {source}`; otherwise correct the source."
        )
    )
    record_problem(connection, source, now=now, problem=problem, alarms=alarms)
    log.warning("source.refused", source=source, signals=[alarm.signal for alarm in alarms])
    return IngestReport(source=source, problem=problem, alarms=alarms)


def _warnings(items: Sequence[ReadItem], refused: int, doubles: int) -> list[str]:
    found = [f"{heading(item)}: {warning}" for item in items for warning in item.warnings]
    if doubles:
        found.append(f"repeated items on the page, which were stored once: {doubles}")
    if refused:
        found.append(f"items without a title and a text, which were refused: {refused}")
    return found


def _free_id(connection: Connection, item: ReadItem, source: str, taken: set[str]) -> str:
    """Return an id for a new item that no stored item has."""
    while True:
        item_id = mint_id(item, source=source, taken=taken)
        taken.add(item_id)
        if not has_item(connection, item_id):
            return item_id
