"""What a reading leads to, as a value; no database takes part."""

from dataclasses import replace
from datetime import date, timedelta

from sse_digest.model.items import Item, Precision, ReadItem
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.settings import shipped_rules
from sse_digest.sources.ledger.ingest_plan import IngestPlan, Known, plan_reading
from sse_digest.sources.ledger.matching import ItemMatch, MatchReason, keys_of, said_of
from sse_digest.sources.ledger.presence import ENOUGH
from sse_digest.store.news.item_history import ChangeKind
from sse_digest.store.news.items import KnownItem
from sse_digest.store.news.sightings import Sighting
from tests.builders import NOON

RULES: ThemeRules = shipped_rules()
LATER = NOON + timedelta(days=1)
EMPTY = Known(items=(), ids=(), stored={}, own_pages={}, near={}, absent={})


def read(title: str, day: int) -> ReadItem:
    return ReadItem(
        title=title,
        published=date(2023, 4, day),
        precision=Precision.DAY,
        date_text=f"{day} April 2023",
        language="en",
    )


def first_plan(*items: ReadItem) -> IngestPlan:
    matches = [ItemMatch(read=one, known=None, reason=None) for one in items]
    known = replace(EMPTY, ids=[f"id{number}" for number in range(len(items))])
    return plan_reading("news", matches, known, now=NOON, rules=RULES)


def sighting(item: Item, one: ReadItem, position: int, **changes: object) -> Sighting:
    values: dict[str, object] = {
        "item_id": item.id,
        "source": "news",
        "position": position,
        "published": one.published,
        "said": said_of(one),
        "first_seen": NOON,
        "last_seen": NOON,
        **dict.fromkeys(("link", "kicker", "section", "title", "summary", "date_text")),
    }
    return Sighting(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


def known_of(plan: IngestPlan, *, listed: list[ReadItem], **of_absent: object) -> Known:
    """Return what the database would know after a first plan, for a reading of some of its items."""
    by_read = {one: item for (item, _), (_, one, _) in zip(plan.new, plan.listed, strict=True)}
    here = [by_read[one].id for one in listed]
    seen = {
        item.id: sighting(item, one, place, **({} if item.id in here else of_absent))
        for place, (one, item) in enumerate(by_read.items())
    }
    return Known(
        items=(),
        ids=here,
        stored={item.id: item for item, _ in plan.new},
        own_pages={},
        near=seen,
        absent={item_id: [one] for item_id, one in seen.items() if item_id not in here},
    )


def again(plan: IngestPlan, one: ReadItem, now: ReadItem) -> ItemMatch:
    item = next(item for (item, _), (_, was, _) in zip(plan.new, plan.listed, strict=True) if was == one)
    known = KnownItem(
        id=item.id, source="news", group=item.group, language="en", summary=None, keys=keys_of(one)
    )
    return ItemMatch(read=now, known=known, reason=MatchReason.TITLE)


def test_what_is_read_first_is_new_and_its_history_says_so() -> None:
    plan = first_plan(read("One", 3), read("Two", 2))

    assert [(item.id, item.title, item.first_seen) for item, _ in plan.new] == [
        ("id0", "One", NOON),
        ("id1", "Two", NOON),
    ]
    assert [(one.item_id, one.what) for one in plan.history] == [
        ("id0", ChangeKind.ADDED),
        ("id1", ChangeKind.ADDED),
    ]
    assert (dict(plan.changed), plan.missed, plan.revised) == ({}, (), 0)


def test_what_is_read_again_plans_nothing_but_its_place() -> None:
    one = read("One", 3)
    first = first_plan(one)

    plan = plan_reading(
        "news", [again(first, one, one)], known_of(first, listed=[one]), now=LATER, rules=RULES
    )

    assert plan == IngestPlan(source="news", now=LATER, listed=(("id0", one, said_of(one)),))


def test_other_words_change_an_item_and_are_told_with_what_they_were() -> None:
    one, other = read("One", 3), read("Another one", 3)
    first = first_plan(one)

    plan = plan_reading(
        "news", [again(first, one, other)], known_of(first, listed=[one]), now=LATER, rules=RULES
    )

    (item, _keys) = plan.changed["id0"]
    assert (item.title, item.updated, plan.revised) == ("Another one", LATER, 1)
    assert [(one.what, dict(one.fields)["title"]) for one in plan.history] == [
        (ChangeKind.CHANGED, ("One", "Another one"))
    ]


def test_an_absence_among_older_items_counts_and_the_last_that_is_needed_makes_it_gone() -> None:
    items = [read(f"Item {day}", day) for day in (9, 8, 3, 2, 1)]
    first = first_plan(*items)
    rest = [one for one in items if one.title != "Item 8"]
    matches = [again(first, one, one) for one in rest]

    plans = [
        plan_reading("news", matches, known_of(first, listed=rest, absences=before), now=LATER, rules=RULES)
        for before in (0, ENOUGH - 1)
    ]

    assert [plan.missed for plan in plans] == [("id1",), ("id1",)]
    assert [plan.gone for plan in plans] == [(), ("id1",)]
    assert plans[1].changed["id1"][0].gone_at == LATER
    assert [one.what for one in plans[1].history] == [ChangeKind.GONE]
