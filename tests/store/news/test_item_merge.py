from datetime import timedelta

import pytest

from sse_digest.errors import UsageError
from sse_digest.model.items import Item, Precision, Reading, ReadItem
from sse_digest.model.theme_rules import parse_rules
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.store import Store
from sse_digest.store.news.item_history import changes_of
from sse_digest.store.news.item_merge import merge_items, merged_into, split_items
from sse_digest.store.news.items import all_items, get_item
from tests.builders import NOON

RULES = parse_rules(
    {"themes": {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}}, where="test"
)
PAGE = Reading(
    items=tuple(
        ReadItem(title=f"{name} comes in", link=f"https://h.org/{name}", precision=Precision.NONE)
        for name in ("Boat", "Vessel", "Ship")
    )
)


def three(store: Store) -> list[Item]:
    ingest(store, "news", PAGE, now=NOON, rules=RULES)
    with store.reading() as connection:
        return sorted(all_items(connection), key=lambda item: item.link or "")


def shown(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(item.link or "" for item in all_items(connection, include_hidden=False))


def test_merged_items_stay_merged_through_every_later_reading(store: Store) -> None:
    boat, ship, vessel = three(store)
    with store.writing() as connection:
        kept, merged = merge_items(connection, boat.id[:8], [ship.id, vessel.id], now=NOON)
    assert (kept.id, {item.id for item in merged}) == (boat.id, {ship.id, vessel.id})
    for days in range(1, 3):
        ingest(store, "news", PAGE, now=NOON + timedelta(days=days), rules=RULES)
    assert shown(store) == ["https://h.org/Boat"]
    with store.reading() as connection:
        assert (get_item(connection, ship.id)).is_out
        assert [change.why for change in changes_of(connection, ship.id)][-1] == f"into {boat.id}"
        assert [change.what for change in changes_of(connection, boat.id)] == [
            "added",
            "merged",
            "merged",
        ]


def test_what_was_merged_stands_for_itself_after_a_split(store: Store) -> None:
    before = three(store)
    boat, ship, vessel = before
    with store.writing() as connection:
        merge_items(connection, boat.id, [ship.id, vessel.id], now=NOON)
        assert [item.id for item in split_items(connection, [ship.id], now=NOON)] == [ship.id]
        assert [item.id for item in merged_into(connection, boat.id)] == [vessel.id]
        split_items(connection, [boat.id], now=NOON)
        assert sorted(all_items(connection), key=lambda item: item.link or "") == before
        assert [change.what for change in changes_of(connection, ship.id)][-1] == "split"


def test_what_was_merged_into_a_merged_item_goes_along(store: Store) -> None:
    boat, ship, vessel = three(store)
    with store.writing() as connection:
        merge_items(connection, ship.id, [vessel.id], now=NOON)
        _, merged = merge_items(connection, boat.id, [ship.id], now=NOON)
        assert [item.id for item in merged] == [ship.id, vessel.id]
        assert (merge_items(connection, boat.id, [vessel.id], now=NOON))[1] == ()
        assert {item.id for item in merged_into(connection, boat.id)} == {ship.id, vessel.id}


def test_a_merge_that_makes_no_sense_is_refused(store: Store) -> None:
    boat, ship, _ = three(store)
    with store.writing() as connection:
        with pytest.raises(UsageError, match="into itself"):
            merge_items(connection, boat.id, [ship.id, boat.id], now=NOON)
        with pytest.raises(UsageError, match="nothing to split"):
            split_items(connection, [boat.id], now=NOON)
        merge_items(connection, boat.id, [ship.id], now=NOON)
        with pytest.raises(UsageError, match=f"itself merged into {boat.id}"):
            merge_items(connection, ship.id, [boat.id], now=NOON)
