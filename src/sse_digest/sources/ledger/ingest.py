"""Take a reading into the store: match, add what is new, change what changed, and say what was done.

One writing transaction for a reading, so that a reader of the store sees all of it or nothing. A reading
that raises an alarm leaves everything its source ever gave.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from sse_digest.model.items import Reading, ReadItem
from sse_digest.model.reading_stats import DriftAlarm
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.ledger.drift import KEPT_SHAPES, Baseline, judge, shape_of
from sse_digest.sources.ledger.matching import (
    ItemMatch,
    could_match,
    heading,
    keys_of,
    match,
    mint_id,
    without_doubles,
)
from sse_digest.sources.ledger.presence import record_revision, settle
from sse_digest.sources.ledger.revision import new_item, revised, revised_keys
from sse_digest.store import Connection, Store
from sse_digest.store.news.items import KnownItem, get_items, has_item, insert_item, known_items, update_item
from sse_digest.store.news.own_pages import own_page_states
from sse_digest.store.news.sightings import listed_last, places_in
from sse_digest.store.news.sources import record_problem, record_reading, source_state

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one reading of one source did: `read` is the sum of the four counts behind it."""

    source: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0  # also doubles on the page, and items another source has
    refused: int = 0  # with nothing to call them by
    warnings: tuple[str, ...] = ()  # for people
    problem: str | None = None  # why nothing was taken; None: it was
    note: str | None = None  # why nothing was read, though all is well; None: it was, or all is not
    alarms: tuple[DriftAlarm, ...] = ()  # the signs for which a reading was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPage:
    """A page of a list behind the first one."""

    reading: Reading
    first: Reading  # of the list's first page, which it must be like
    begin: int  # items on the pages before
    seen: frozenset[str]  # ids of those


class DriftCheck(StrEnum):
    """How far a reading is compared with what its source gave before."""

    NONE = "none"  # not at all: it is not the source's page that was read
    FULL = "full"  # an alarm refuses it
    MAY_BE_EMPTY = "may be empty"  # as full, but an empty list is no alarm
    ACCEPT = "accept"  # an admin looked at it: it is taken, and is the measure from now on


def ingest(
    store: Store,
    source: str,
    reading: Reading,
    *,
    now: datetime,
    rules: ThemeRules,
    scrutiny: DriftCheck = DriftCheck.NONE,
) -> IngestReport:
    """Take one reading into the store, in one transaction.

    Args:
        store: an open database.
        source: the source's name.
        reading: of that source; taken in twice, it changes nothing the second time.
        now: when it was read; `first_seen` of new items and `updated` of changed ones, never `published`.
        rules: by which new and changed items get their themes.
        scrutiny: whether signs of a changed layout refuse it.

    Raises:
        StoreError: the database cannot be written.
    """
    named = [item for item in reading.items if heading(item)]
    items = without_doubles(named)
    with store.writing() as connection:
        before = _before(connection, source, scrutiny)
        known = known_items(connection, could_match(items))
        matches = _matched(connection, items, known, source)
        alarms = _alarms(matches, before, reading, scrutiny, now)
        if alarms:
            return _refuse(connection, source, alarms, now)
        ids, added = _add(connection, matches, known, source=source, now=now, rules=rules)
        changed = _change(connection, matches, source=source, now=now, rules=rules)
        settle(connection, source, list(zip(ids, matches, strict=True)), now=now)
        shapes = (*before.shapes, shape_of(items, reading.signs, now.date()))[-KEPT_SHAPES:]
        record_reading(connection, source, now=now, items=len(items), shapes=shapes)
    refused, doubles = len(reading.items) - len(named), len(named) - len(items)
    report = IngestReport(
        source=source,
        read=len(reading.items),
        added=added,
        changed=changed,
        unchanged=len(items) - added - changed + doubles,
        refused=refused,
        warnings=(*reading.warnings, *_warnings(items, refused, doubles)),
    )
    log.info(
        "source.ingested", source=source, read=report.read, added=added, changed=changed, refused=refused
    )
    return report


def ingest_further(
    store: Store, source: str, page: FurtherPage, *, now: datetime, rules: ThemeRules
) -> tuple[IngestReport, frozenset[str]]:
    """Take a further page of a list into the store, if it is like the first one.

    An item that another page of this round gave is left as that page gave it.

    Returns:
        What was done, and the ids of its items.

    Raises:
        StoreError: the database cannot be written.
    """
    items = without_doubles(item for item in page.reading.items if heading(item))
    measure = shape_of(without_doubles(page.first.items), page.first.signs, now.date())
    with store.writing() as connection:
        known = known_items(connection, could_match(items))
        every = _matched(connection, items, known, source)
        past = Baseline(shapes=(measure,))
        alarms = judge(every, signs=page.reading.signs, past=past, today=now.date())
        if alarms:
            return IngestReport(source=source, problem="; ".join(one.text for one in alarms)), frozenset()
        matches = [one for one in every if one.known is None or one.known.id not in page.seen]
        ids, added = _add(connection, matches, known, source=source, now=now, rules=rules)
        changed = _change(connection, matches, source=source, now=now, rules=rules)
        found = list(zip(ids, matches, strict=True))
        settle(connection, source, found, now=now, begin=page.begin)
    report = IngestReport(
        source=source,
        read=len(page.reading.items),
        added=added,
        changed=changed,
        unchanged=len(page.reading.items) - added - changed,
        warnings=page.reading.warnings,
    )
    return report, frozenset(ids)


def _matched(
    connection: Connection, items: Sequence[ReadItem], known: Collection[KnownItem], source: str
) -> tuple[ItemMatch, ...]:
    places = places_in(connection, source, ids={one.id for one in known})
    latest_last = sorted(places.values(), key=lambda place: place.last_seen)
    return match(items, known, source=source, said_last={one.said: one.item_id for one in latest_last})


def _before(connection: Connection, source: str, scrutiny: DriftCheck) -> Baseline:
    """Return what a reading is measured against; nothing where an admin accepts a new measure."""
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
    """Record why nothing was taken, and what to do."""
    problem = (
        "The page is not read as it used to be: "
        + "; ".join(alarm.text for alarm in alarms)
        + ". Nothing of it was stored. Look at it in a browser: if what the source gives is right all the "
        f"same, take it with `sse-digest sources accept {source}`; else correct the source."
    )
    record_problem(connection, source, now=now, problem=problem, alarms=alarms)
    log.warning("source.refused", source=source, signals=[alarm.signal for alarm in alarms])
    return IngestReport(source=source, problem=problem, alarms=alarms)


def _warnings(items: Sequence[ReadItem], refused: int, doubles: int) -> list[str]:
    found = [f"{heading(item)}: {warning}" for item in items for warning in item.warnings]
    if doubles:
        found.append(f"{doubles} items stood on the page twice")
    if refused:
        found.append(f"{refused} items had neither a title nor a text and were refused")
    return found


def _add(
    connection: Connection,
    matches: Iterable[ItemMatch],
    known: Iterable[KnownItem],
    *,
    source: str,
    now: datetime,
    rules: ThemeRules,
) -> tuple[tuple[str, ...], int]:
    """Store the items that no stored one is; a translation joins the group of its sisters.

    Returns:
        The id of every match's item, and how many are new.
    """
    taken: set[str] = set()  # ids that were tried
    sisters: dict[str | None, list[tuple[str | None, str]]] = defaultdict(list)
    for item in known:
        sisters[item.keys.link_number].append((item.language, item.group))
    sisters.pop(None, None)  # items without a number have no sisters
    added, ids = 0, []
    for one in matches:
        if one.known is not None:
            ids.append(one.known.id)
            continue
        keys, language = keys_of(one.read), one.read.language
        item_id = _free_id(connection, one.read, source, taken)
        ids.append(item_id)
        group = next((group for other, group in sisters[keys.link_number] if other != language), item_id)
        if keys.link_number is not None:
            sisters[keys.link_number].append((language, group))
        new = new_item(one.read, item_id, group=group, source=source, now=now, rules=rules)
        insert_item(connection, new, keys)
        added += 1
    return tuple(ids), added


def _free_id(connection: Connection, item: ReadItem, source: str, taken: set[str]) -> str:
    """Mint an id that no stored item has."""
    while True:
        item_id = mint_id(item, source=source, taken=taken)
        taken.add(item_id)
        if not has_item(connection, item_id):
            return item_id


def _change(
    connection: Connection,
    matches: Iterable[ItemMatch],
    *,
    source: str,
    now: datetime,
    rules: ThemeRules,
) -> int:
    """Store what became of items that this source gave before; other sources' items are left alone."""
    ours = [(one, one.known) for one in matches if one.known is not None and one.known.source == source]
    stored = get_items(connection, (known.id for _, known in ours))
    own_pages = own_page_states(connection, stored)
    changed = 0
    for one, known in ours:
        read, why = one.read, f"same {one.reason.value}" if one.reason else ""
        old = stored[known.id]
        held = own_pages[known.id].fields if known.id in own_pages else ()
        new = revised(old, read, now=now, rules=rules, held=held)
        keys = revised_keys(known.keys, keys_of(read))
        if new != old or keys != known.keys:
            update_item(connection, new, keys)
            record_revision(connection, old, new, source=source, why=why, now=now, how=read.how)
        changed += new != old
    return changed
