"""Decide what to write for a reading, before anything is written. Pure.

`Known` is everything that the decision needs from the database. `plan_reading` and `plan_unchanged` return an
`IngestPlan`, which `ingest` carries out as it is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sse_digest.model.items import Item, ReadItem, shorten
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.ledger.matching import ItemMatch, keys_of, said_of
from sse_digest.sources.ledger.presence import ENOUGH, gone, missed
from sse_digest.sources.ledger.revision import new_item, revised, revised_keys
from sse_digest.store.news.item_history import ChangeKind, ItemChange
from sse_digest.store.news.items import ItemKeys, KnownItem
from sse_digest.store.news.own_pages import OwnPageState
from sse_digest.store.news.sightings import Sighting

_RECORDED = (
    *("link", "title", "summary", "kicker", "credit", "section", "place", "language", "published"),
    *("published_at", "date_text", "image_url", "image_alt", "body", "primary_theme"),
)
_BRIEF = 6000  # characters; longer than any summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database contains about the items of a reading, and about other items on the source's page."""

    items: Sequence[KnownItem]  # all items that the reading was compared with
    ids: Sequence[str]  # for each match, in the page's order; a new item has a new id
    stored: Mapping[str, Item]  # by id: the matched items and the absent ones
    own_pages: Mapping[str, OwnPageState]  # by id: of the matched items
    near: Mapping[str, Sighting]  # by id: on the source's page, of the listed items and others no older
    absent: Mapping[str, Sequence[Sighting]]  # by id: all sightings of those in `near` that are not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestPlan:
    """What to write for one reading of one source."""

    source: str
    now: datetime
    begin: int = 0  # the position of the first listed item
    new: tuple[tuple[Item, ItemKeys], ...] = ()
    changed: Mapping[str, tuple[Item, ItemKeys | None]] = field(default_factory=dict)  # by id
    listed: tuple[tuple[str, ReadItem, str], ...] = ()  # id, read item, and its hash
    missed: tuple[str, ...] = ()  # ids of items with one more absence
    history: tuple[ItemChange, ...] = ()
    back: tuple[str, ...] = ()  # ids of items that are no longer gone
    gone: tuple[str, ...] = ()  # ids of items that are gone now
    revised: int = 0  # the number of known items that changed


def plan_reading(
    source: str,
    matches: Sequence[ItemMatch],
    known: Known,
    *,
    now: datetime,
    rules: ThemeRules,
    begin: int = 0,
) -> IngestPlan:
    """Return the plan for a reading.

    Args:
        source: the source's name.
        matches: of all items of the reading, in the page's order.
        known: the data from the database.
        now: when the page was read.
        rules: by which new and changed items get their themes.
        begin: the position of the first item; on further pages (not 0), absences do not count.
    """
    listed = tuple(
        (item_id, one.read, said_of(one.read)) for item_id, one in zip(known.ids, matches, strict=True)
    )
    plan = IngestPlan(
        source=source, now=now, begin=begin, listed=listed, new=_new(matches, known, source, now, rules)
    )
    plan = _with_revisions(plan, matches, known, rules)
    plan = _with_arrivals(plan, matches, known)
    days = [(item_id, read.published) for item_id, read, _ in listed]
    return plan if begin else _with_absences(plan, known.near, known, days)


def plan_unchanged(source: str, known: Known, listed: Mapping[str, Sighting], *, now: datetime) -> IngestPlan:
    """Return the plan for an unchanged page: items that were absent are absent once more."""
    days = [(item_id, sighting.published) for item_id, sighting in listed.items()]
    return _with_absences(IngestPlan(source=source, now=now), known.near, known, days)


def _new(
    matches: Sequence[ItemMatch], known: Known, source: str, now: datetime, rules: ThemeRules
) -> tuple[tuple[Item, ItemKeys], ...]:
    """Return the new items; a translation joins the group of the items with the same publisher's number."""
    sisters: dict[str, list[tuple[str | None, str]]] = defaultdict(list)
    for item in known.items:
        if item.keys.link_number is not None:
            sisters[item.keys.link_number].append((item.language, item.group))
    new = []
    for item_id, one in zip(known.ids, matches, strict=True):
        if one.known is not None:
            continue
        keys, language, group = keys_of(one.read), one.read.language, item_id
        if keys.link_number is not None:
            others = sisters[keys.link_number]
            group = next((group for other, group in others if other != language), item_id)
            others.append((language, group))
        new.append((new_item(one.read, item_id, group=group, source=source, now=now, rules=rules), keys))
    return tuple(new)


def _with_revisions(
    plan: IngestPlan, matches: Sequence[ItemMatch], known: Known, rules: ThemeRules
) -> IngestPlan:
    """Return the plan with the changes of known items; items from other sources are not changed."""
    changed = dict(plan.changed)
    history, count = list(plan.history), 0
    for one in matches:
        if one.known is None or one.known.source != plan.source:
            continue
        old, why = known.stored[one.known.id], f"same {one.reason.value}" if one.reason else ""
        held = known.own_pages[old.id].fields if old.id in known.own_pages else ()
        new = revised(old, one.read, now=plan.now, rules=rules, held=held)
        keys = revised_keys(one.known.keys, keys_of(one.read))
        if new != old or keys != one.known.keys:
            changed[old.id] = new, keys
            history += revision(old, new, source=plan.source, why=why, now=plan.now, how=one.read.how)
        count += new != old
    return replace(plan, changed=changed, history=tuple(history), revised=count)


def _with_arrivals(plan: IngestPlan, matches: Sequence[ItemMatch], known: Known) -> IngestPlan:
    """Return the plan with the history of items that this source lists for the first time, or lists again."""
    history, changed, back = list(plan.history), dict(plan.changed), []
    for (item_id, read, _), one in zip(plan.listed, matches, strict=True):
        if item_id not in known.near:
            what = ChangeKind.ADDED if one.known is None else ChangeKind.PLACED
            why = "it matches no stored item" if one.reason is None else f"same {one.reason.value}"
            history.append(_change(plan, item_id, what, why, _first_values(read)))
    for item_id in dict.fromkeys(known.ids):
        item, keys = changed.get(item_id, (known.stored.get(item_id), None))
        if item is not None and item.gone_at is not None:
            changed[item_id] = replace(item, gone_at=None), keys
            why = f"it is on the page of {plan.source} again"
            history.append(_change(plan, item_id, ChangeKind.BACK, why))
            back.append(item_id)
    return replace(plan, history=tuple(history), changed=changed, back=tuple(back))


def _with_absences(
    plan: IngestPlan, near: Mapping[str, Sighting], known: Known, days: Sequence[tuple[str, date | None]]
) -> IngestPlan:
    """Return the plan with the absences that count, and the items that are therefore gone."""
    absent = missed(near, days, now=plan.now)
    counted = {
        item_id: [
            replace(one, absences=one.absences + 1) if one.source == plan.source else one
            for one in known.absent[item_id]
        ]
        for item_id in absent
    }
    history, changed, left = list(plan.history), dict(plan.changed), []
    for item_id in gone(absent, counted):
        item = known.stored.get(item_id)
        if item is not None and item.gone_at is None:
            changed[item_id] = replace(item, gone_at=plan.now), None
            why = f"absent from {ENOUGH} readings that still list older items"
            history.append(_change(plan, item_id, ChangeKind.GONE, why))
            left.append(item_id)
    return replace(plan, missed=absent, history=tuple(history), changed=changed, gone=tuple(left))


def revision(
    old: Item, new: Item, *, source: str, why: str, now: datetime, how: str | None = None
) -> tuple[ItemChange, ...]:
    """Return the history of a change: which fields changed, and `how` they were read; empty if none did."""
    before, after = _values(old), _values(new)
    fields = {
        name: (_brief(before[name]), _brief(after[name])) for name in _RECORDED if before[name] != after[name]
    }
    if not fields:
        return ()
    fields |= {"how": (None, how)} if how else {}
    return (
        ItemChange(item_id=new.id, at=now, source=source, what=ChangeKind.CHANGED, why=why, fields=fields),
    )


def _change(
    plan: IngestPlan,
    item_id: str,
    what: ChangeKind,
    why: str,
    fields: Mapping[str, tuple[str | None, str | None]] | None = None,
) -> ItemChange:
    return ItemChange(
        item_id=item_id, at=plan.now, source=plan.source, what=what, why=why, fields=fields or {}
    )


def _brief(text: str | None) -> str | None:
    """Return the beginning of a text: whole bodies would be stored again with every change."""
    return None if text is None else shorten(text, _BRIEF)


def _first_values(read: ReadItem) -> Mapping[str, tuple[None, str]]:
    names = ("link", "title", "kicker", "published", "date_text", "language", "how")
    return {name: (None, str(value)) for name in names if (value := getattr(read, name)) is not None}


def _values(item: Item) -> Mapping[str, str | None]:
    values = {name: getattr(item, name) for name in _RECORDED if name != "primary_theme"}
    values["primary_theme"] = item.decision.primary
    return {name: None if value is None else str(value) for name, value in values.items()}
