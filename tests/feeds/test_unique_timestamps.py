"""Dates are honest, and no two items share an `updated`."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.feeds.unique_timestamps import UniqueTimestamps, dateline, published_at
from sse_digest.model.items import Item, Precision
from tests.builders import NOON, make_item

SEEN = datetime(2023, 4, 20, 8, tzinfo=UTC)


def distinct_updates(items: Iterable[Item]) -> dict[str, datetime]:
    instants = UniqueTimestamps()
    in_order = sorted(items, key=lambda item: (item.first_seen, item.id))
    return {item.id: instants.take(item) for item in in_order}


def test_a_day_stands_for_its_noon_in_utc() -> None:
    item = make_item(published=date(2023, 4, 19), first_seen=SEEN)

    assert published_at(item) == datetime(2023, 4, 19, 12, tzinfo=UTC)


def test_a_month_stands_for_noon_of_its_first_day() -> None:
    item = make_item(published=date(2023, 4, 1), precision=Precision.MONTH, first_seen=SEEN)

    assert published_at(item) == datetime(2023, 4, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("published", [date(2023, 4, 20), date(2023, 4, 21)])
def test_no_item_was_published_after_it_was_first_seen(published: date) -> None:
    assert published_at(make_item(published=published, first_seen=SEEN)) == SEEN


@pytest.mark.parametrize("published", [date(1990, 1, 1), date(2023, 4, 21)])
def test_the_first_and_the_last_plausible_day_are_taken(published: date) -> None:
    assert published_at(make_item(published=published, first_seen=SEEN)) is not None


@pytest.mark.parametrize(
    "published", [date(1, 1, 1), date(1919, 5, 3), date(1989, 12, 31), date(2023, 4, 22), date.max]
)
def test_a_day_that_is_not_plausible_is_not_taken(published: date) -> None:
    assert published_at(make_item(published=published, first_seen=SEEN)) is None


def test_an_item_without_a_date_has_no_instant_and_no_words() -> None:
    item = make_item(published=None, precision=Precision.NONE)

    assert (published_at(item), dateline(item)) == (None, "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"published": date(2023, 4, 19), "date_text": "19 April 2023"}, ""),
        ({"published": date(2023, 4, 20), "date_text": "20 April 2023"}, ""),
        ({"published": date(2023, 4, 21), "date_text": "21 April 2023"}, "21 April 2023"),
        (
            {"published": date(2023, 4, 1), "precision": Precision.MONTH, "date_text": "April 2023"},
            "April 2023",
        ),
        ({"published": date(2023, 4, 1), "precision": Precision.MONTH}, "2023-04"),
        ({"published": date(1919, 5, 3), "date_text": "3 May\x00 1919"}, "3 May 1919"),
        ({"published": date(1919, 5, 3)}, "1919-05-03"),
        ({"published": date(945, 5, 3)}, "0945-05-03"),
        ({"published": None, "precision": Precision.NONE, "date_text": "in spring"}, "in spring"),
    ],
)
def test_the_words_of_the_source_stand_where_the_instant_does_not_say_the_same(
    changes: dict[str, object], expected: str
) -> None:
    assert dateline(make_item(1, first_seen=SEEN, **changes)) == expected


def test_an_instant_in_another_zone_counts_by_its_day_in_utc() -> None:
    late_in_samoa = datetime(2023, 4, 19, 23, tzinfo=timezone(timedelta(hours=-11)))  # 20 April, 10:00 UTC

    item = make_item(published=date(2023, 4, 21), first_seen=late_in_samoa)

    assert published_at(item) == datetime(2023, 4, 20, 10, tzinfo=UTC)


def test_items_of_one_reading_have_different_updates_within_that_second() -> None:
    updates = distinct_updates(make_item(number) for number in range(2000))

    assert len(set(updates.values())) == 2000
    assert {moment.replace(microsecond=0) for moment in updates.values()} == {NOON}


def test_the_order_of_the_items_does_not_matter() -> None:
    items = [make_item(number) for number in range(500)]

    assert distinct_updates(items) == distinct_updates(reversed(items))


# Numbers whose ids, by search, ask for the same microsecond.
COLLIDING = (368, 994)


def test_of_two_items_that_ask_for_the_same_instant_the_one_first_seen_keeps_it() -> None:
    one, two = (make_item(number) for number in COLLIDING)
    early = make_item(COLLIDING[1], first_seen=NOON - timedelta(days=1))
    wish = distinct_updates([one])[one.id]

    assert distinct_updates([two])[two.id] == wish, "these ids must collide for the test to mean something"
    assert distinct_updates([one, two]) == {one.id: wish, two.id: wish - timedelta(microseconds=1)}
    assert distinct_updates([one, early]) == {early.id: wish, one.id: wish - timedelta(microseconds=1)}


def test_an_item_stays_where_it_is_when_its_neighbour_is_updated_later() -> None:
    one, two = (make_item(number) for number in COLLIDING)
    updated = make_item(COLLIDING[0], updated=NOON + timedelta(days=9))

    before, after = distinct_updates([one, two]), distinct_updates([updated, two])

    assert after[two.id] == before[two.id]
    assert after[one.id] == before[one.id] + timedelta(days=9)


numbers = st.integers(0, 5000)
seconds = st.integers(0, 3).map(lambda second: NOON + timedelta(seconds=second, microseconds=second * 7))
stored = st.builds(
    lambda number, seen, later: make_item(number, first_seen=seen, updated=seen + timedelta(seconds=later)),
    numbers,
    seconds,
    st.integers(0, 2),
)


@given(st.lists(stored, max_size=30, unique_by=lambda item: item.id), st.lists(stored, max_size=10))
def test_items_seen_later_move_nothing(items: list[Item], others: list[Item]) -> None:
    known = {item.id for item in items}
    tomorrow = [
        make_item(6000 + number, first_seen=NOON + timedelta(days=1), updated=NOON + timedelta(days=1))
        for number, _ in enumerate(others)
    ]

    before, after = distinct_updates(items), distinct_updates([*items, *tomorrow])

    assert {key: moment for key, moment in after.items() if key in known} == before
    assert len(set(after.values())) == len(after)
