from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from sse_digest.model.items import Item, Precision, Reading, ReadItem
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.sources.ledger.presence import missed
from sse_digest.store import Store
from sse_digest.store.news.item_history import ChangeKind, ItemChange, changes_of
from sse_digest.store.news.items import all_items
from sse_digest.store.news.sightings import Sighting, places_of
from tests.builders import NOON

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    return parse_rules(
        {"themes": {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}}, where="test"
    )


def news(number: int, **changes: object) -> ReadItem:
    day = date(2023, 4, number)
    values: dict[str, object] = {
        "title": f"A piece of news, number {number}",
        "published": day,
        "precision": Precision.DAY,
        "date_text": f"{number} April 2023",
        "language": "en",
        "link": f"https://h.org/{number}",
    }
    return ReadItem(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


PAGE = [news(number) for number in (9, 8, 7, 6, 5, 4)]


def take(
    store: Store, rules: ThemeRules, items: Sequence[ReadItem], days: float = 0, source: str = "news"
) -> None:
    ingest(store, source, Reading(items=tuple(items)), now=NOON + days * DAY, rules=rules)


def named(store: Store, number: int) -> tuple[Item, tuple[Sighting, ...], tuple[ItemChange, ...]]:
    with store.reading() as connection:
        item = next(one for one in all_items(connection) if (one.title or "").endswith(f" {number}"))
        return item, places_of(connection, item.id), changes_of(connection, item.id)


def without(*numbers: int) -> list[ReadItem]:
    return [item for item in PAGE if item.published not in {date(2023, 4, number) for number in numbers}]


def test_one_item_on_three_pages_is_one_item_with_three_places(store: Store, rules: ThemeRules) -> None:
    for number, source in enumerate(("news", "coop", "youth")):
        take(store, rules, [news(9, kicker=source)], number, source)
    item, places, changes = named(store, 9)
    assert [(place.source, place.kicker) for place in places] == [
        ("news", "news"),
        ("coop", "coop"),
        ("youth", "youth"),
    ]
    assert (item.source, item.kicker) == ("news", "news")
    assert [change.what for change in changes] == [ChangeKind.ADDED, ChangeKind.PLACED, ChangeKind.PLACED]


def test_the_history_says_what_changed_when_and_what_made_it_the_same_item(
    store: Store, rules: ThemeRules
) -> None:
    take(store, rules, PAGE)
    take(store, rules, PAGE, 1)
    take(store, rules, [news(9, title="Another title, number 9"), *PAGE[1:]], 2)
    _, _, (first, second) = named(store, 9)
    assert (first.what, first.at, first.fields["date_text"]) == (
        ChangeKind.ADDED,
        NOON,
        (None, "9 April 2023"),
    )
    assert (second.what, second.at, second.why) == (ChangeKind.CHANGED, NOON + 2 * DAY, "same address")
    assert second.fields == {"title": ("A piece of news, number 9", "Another title, number 9")}


def test_an_item_is_gone_after_three_absences_between_others_and_the_same_when_it_is_back(
    store: Store, rules: ThemeRules
) -> None:
    take(store, rules, PAGE)
    before, _, _ = named(store, 8)
    for day in (1, 2):
        take(store, rules, without(8), day)
        assert (named(store, 8))[0].gone_at is None
    take(store, rules, without(8), 3)
    item, (place,), changes = named(store, 8)
    assert (item.gone_at, item.is_out, place.absences) == (NOON + 3 * DAY, True, 3)
    assert changes[-1].what is ChangeKind.GONE
    with store.reading() as connection:
        assert item not in all_items(connection, include_hidden=False)

    take(store, rules, without(8), 4)
    take(store, rules, PAGE, 5)
    back, (place,), changes = named(store, 8)
    assert (back, place.absences) == (before, 0)
    assert [change.what for change in changes] == [ChangeKind.ADDED, ChangeKind.GONE, ChangeKind.BACK]


def test_what_falls_off_the_end_of_a_list_is_never_gone(store: Store, rules: ThemeRules) -> None:
    take(store, rules, PAGE)
    for day in range(1, 8):
        take(store, rules, [news(9 + n) for n in range(day, 0, -1)] + PAGE[: max(1, 6 - day)], day)
    for number in (4, 5, 6):
        item, (place,), _ = named(store, number)
        assert (item.gone_at, place.absences) == (None, 0)


def test_an_item_that_still_may_stand_on_another_page_is_not_gone(store: Store, rules: ThemeRules) -> None:
    take(store, rules, PAGE)
    take(store, rules, [news(8)], 0.1, "coop")
    for day in range(1, 6):
        take(store, rules, without(8), day)
    item, places, _ = named(store, 8)
    assert (item.gone_at, [place.absences for place in places]) == (None, [5, 0])


def test_absences_within_hours_count_once(store: Store, rules: ThemeRules) -> None:
    take(store, rules, PAGE)
    for hours in (7, 8, 9, 10):
        take(store, rules, without(8), hours / 24)
    _, (place,), _ = named(store, 8)
    assert place.absences == 1


def test_a_page_that_is_not_in_the_order_of_its_dates_proves_nothing() -> None:
    places = {
        str(item.link): Sighting(
            item_id=str(item.link),
            source="news",
            position=position,
            link=item.link,
            kicker=None,
            section=None,
            title=item.title,
            summary=None,
            published=item.published,
            date_text=None,
            said="",
            first_seen=NOON,
            last_seen=NOON,
        )
        for position, item in enumerate(PAGE)
    }
    listed = [(str(item.link), item.published) for item in without(8)]
    assert missed(places, listed, now=NOON + DAY) == ("https://h.org/8",)
    assert missed(places, listed[::-1], now=NOON + DAY) == ()
    assert missed(places, listed[:2], now=NOON + DAY) == ()
    assert missed(places, [*listed[:1], ("new", date(2023, 4, 2))], now=NOON + DAY) == ()
