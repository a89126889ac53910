"""Issues are stored with their items, and a frozen one never changes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sse_digest.errors import StoreError
from sse_digest.model.issue_rules import Placements, SkipRecord, arrange
from sse_digest.model.issues import Issue, ItemSkip, Period
from sse_digest.model.items import Item, Precision
from sse_digest.store import Connection, Store
from sse_digest.store.issues.issues import (
    EditionBytes,
    delete_issue,
    issue_members,
    load_edition,
    load_issue,
    read_placements,
    store_edition,
    write_issue,
    write_skips,
)
from sse_digest.store.news.item_json import item_from_json, item_to_json
from sse_digest.store.news.items import update_item
from sse_digest.store.values import stored
from tests.builders import NOON, make_item
from tests.composing import APRIL, MARCH, dated, make_digest, put_items

ITEMS = (
    dated(1, date(2023, 3, 3), themes=("youth", "cooperatives")),
    dated(2, date(2023, 3, 9)),
    dated(3, date(2023, 3, 5), link=None, title=None),
)


def make_issue(*items: Item, period: Period = MARCH, frozen: bool = False) -> Issue:
    sections = arrange(make_digest(), items)
    lead = sections[0].items[0].item.id if sections else None
    return Issue(digest="monthly", period=period, sections=sections, lead=lead, frozen=frozen)


def write(store: Store, issue: Issue, *, items: tuple[Item, ...] = ()) -> None:
    with store.writing() as connection:
        put_items(connection, *items)
        write_issue(connection, issue, NOON)


def load(store: Store, period: Period = MARCH) -> Issue | None:
    with store.reading() as connection:
        return load_issue(connection, "monthly", period)


def test_an_issue_is_loaded_as_it_was_written(store: Store) -> None:
    issue = make_issue(*ITEMS)

    write(store, issue, items=ITEMS)

    assert load(store) == issue


def test_there_is_no_issue_before_one_is_written(store: Store) -> None:
    assert load(store) is None


def test_an_unfrozen_issue_shows_its_items_as_they_are_now_without_the_hidden(store: Store) -> None:
    write(store, make_issue(*ITEMS), items=ITEMS)
    with store.writing() as connection:
        update_item(connection, replace(ITEMS[0], title="A better title"))
        update_item(connection, replace(ITEMS[1], hidden=True))

    issue = load(store)

    assert issue is not None
    shown = {one.item.id: one.item.title for section in issue.sections for one in section.items}
    assert shown == {ITEMS[0].id: "A better title", ITEMS[2].id: None}
    with store.reading() as connection:
        members = issue_members(connection, "monthly", MARCH)
    assert set(members) == {item.id for item in ITEMS}


def test_a_frozen_issue_shows_its_items_as_they_were(store: Store) -> None:
    issue = make_issue(*ITEMS, frozen=True)
    write(store, issue, items=ITEMS)
    with store.writing() as connection:
        update_item(connection, replace(ITEMS[0], title="A better title", hidden=True))

    assert load(store) == issue


def test_an_unfrozen_issue_is_replaced_and_takes_items_from_another_unfrozen_one(store: Store) -> None:
    write(store, make_issue(ITEMS[0], ITEMS[1], period=APRIL), items=ITEMS)

    write(store, make_issue(ITEMS[1], ITEMS[2]))
    write(store, make_issue(ITEMS[2], ITEMS[1]))

    assert load(store) == make_issue(ITEMS[1], ITEMS[2])
    with store.reading() as connection:
        assert issue_members(connection, "monthly", APRIL) == (ITEMS[0].id,)


def test_nothing_takes_an_item_from_a_frozen_issue(store: Store) -> None:
    frozen = make_issue(*ITEMS, frozen=True)
    write(store, frozen, items=ITEMS)

    with pytest.raises(StoreError):
        write(store, make_issue(ITEMS[1], period=APRIL))

    assert load(store) == frozen
    assert load(store, APRIL) is None


def test_a_frozen_issue_is_neither_written_nor_deleted(store: Store) -> None:
    frozen = make_issue(*ITEMS, frozen=True)
    write(store, frozen, items=ITEMS)

    with pytest.raises(StoreError, match="monthly/2023-03 is frozen"):
        write(store, make_issue(ITEMS[0]))
    with pytest.raises(StoreError, match="monthly/2023-03 is frozen"), store.writing() as connection:
        delete_issue(connection, "monthly", MARCH)

    assert load(store) == frozen


def test_a_deleted_issue_gives_its_items_back(store: Store) -> None:
    write(store, make_issue(*ITEMS), items=ITEMS)

    with store.writing() as connection:
        delete_issue(connection, "monthly", MARCH)

    with store.reading() as connection:
        assert read_placements(connection, "monthly") == Placements()


def test_issues_of_two_digests_hold_the_same_items(store: Store) -> None:
    first = make_issue(*ITEMS)
    second = replace(first, digest="youth", frozen=True)

    write(store, first, items=ITEMS)
    write(store, second)

    with store.reading() as connection:
        assert load_issue(connection, "monthly", MARCH) == first
        assert load_issue(connection, "youth", MARCH) == second


def test_placements_tell_issues_items_and_skips(store: Store) -> None:
    write(store, make_issue(ITEMS[0]), items=ITEMS)
    write(store, make_issue(ITEMS[1], period=APRIL, frozen=True))
    skip = SkipRecord(period=MARCH, reason=ItemSkip.TOO_LATE)
    with store.writing() as connection:
        write_skips(connection, "monthly", {ITEMS[2].id: skip})

    with store.reading() as connection:
        assert read_placements(connection, "monthly") == Placements(
            issues={MARCH: False, APRIL: True},
            placed={ITEMS[0].id: MARCH, ITEMS[1].id: APRIL},
            skips={ITEMS[2].id: skip},
        )


def skip_rows(connection: Connection) -> set[tuple[str, str, str]]:
    rows = connection.rows("SELECT item_id, period, reason FROM item_skips")
    return {(item_id, period, reason) for item_id, period, reason in rows}


def test_skips_become_exactly_those_that_are_written(store: Store) -> None:
    first = {key: SkipRecord(period=MARCH, reason=ItemSkip.HIDDEN) for key in ("a", "b", "c")}
    second = {
        "b": SkipRecord(period=MARCH, reason=ItemSkip.TOO_LATE),
        "c": SkipRecord(period=MARCH, reason=ItemSkip.HIDDEN),
        "d": SkipRecord(period=APRIL, reason=ItemSkip.EARLIER_PERIOD),
    }
    with store.writing() as connection:
        write_skips(connection, "youth", first)
        write_skips(connection, "monthly", first)
        write_skips(connection, "monthly", second)
        write_skips(connection, "youth", {})

        assert skip_rows(connection) == {
            ("b", "2023-03", "TOO_LATE"),
            ("c", "2023-03", "HIDDEN"),
            ("d", "2023-04", "EARLIER_PERIOD"),
        }


def test_the_time_of_freezing_is_kept(store: Store) -> None:
    write(store, make_issue(*ITEMS, frozen=True), items=ITEMS)

    with store.reading() as connection:
        row = connection.row("SELECT frozen_at, total FROM issues")
    assert row is not None
    assert tuple(row) == (stored(NOON), None)


# ---------------------------------------------------------------- editions

FIRST = EditionBytes(subject="April", html=b"<p>\xc3\xa9</p>", text=b"\xc3\xa9\n")
SECOND = EditionBytes(subject="Other", html=b"", text=b"")


def keep(store: Store, edition: EditionBytes, *, language: str = "en") -> EditionBytes:
    with store.writing() as connection:
        return store_edition(
            connection,
            "monthly",
            MARCH,
            list_name="news",
            language=language,
            themes="youth",
            edition=edition,
            now=NOON,
        )


def test_the_bytes_that_were_stored_first_count(store: Store) -> None:
    write(store, make_issue(*ITEMS, frozen=True), items=ITEMS)

    assert keep(store, FIRST) == FIRST
    assert keep(store, SECOND) == FIRST
    assert keep(store, SECOND, language="fr") == SECOND
    with store.reading() as connection:
        assert (
            load_edition(connection, "monthly", MARCH, list_name="news", language="en", themes="youth")
            == FIRST
        )
        assert (
            load_edition(connection, "monthly", MARCH, list_name="news", language="en", themes="other")
            is None
        )


def test_an_edition_without_gaps_is_replaced_until_a_mail_was_submitted(store: Store) -> None:
    """Databases made before the gaps were stored have none."""
    write(store, make_issue(*ITEMS, frozen=True), items=ITEMS)
    keep(store, FIRST)
    with store.writing() as connection:
        connection.change("UPDATE editions SET html_gaps = NULL, text_gaps = NULL")
    assert keep(store, SECOND) == SECOND

    with store.writing() as connection:
        connection.change("UPDATE editions SET html_gaps = NULL, text_gaps = NULL")
        delivery = {"digest": "monthly", "period": "2023-03", "subscriber_id": 1, "list": "news"}
        state = {"language": "en", "themes": "youth", "state": "accepted", "held": False, "doubts": 0}
        times = {"claim": 1, "attempts": 1, "first_attempt": NOON, "changed_at": NOON}
        connection.insert("deliveries", {**delivery, **state, **times})
    with pytest.raises(StoreError, match=r"partly sent by an older version.* sse-digest cancel 2023-03"):
        keep(store, FIRST)


def test_an_edition_of_an_unfrozen_issue_is_not_kept(store: Store) -> None:
    write(store, make_issue(*ITEMS), items=ITEMS)

    with pytest.raises(StoreError, match="not frozen"):
        keep(store, FIRST)


# ---------------------------------------------------------------- snapshots


@pytest.mark.parametrize(
    "item",
    [
        make_item(),
        make_item(
            image_url="https://news.example.org/i.jpg",
            image_alt="A boat",
            body="<p>Words</p>",
            published_at=datetime(2023, 4, 2, 8, 30, tzinfo=UTC),
        ),
        make_item(hidden=True, edited=("themes", "title"), credit="© Somebody", themes=("youth", "other")),
        make_item(
            published=None, precision=Precision.NONE, title=None, summary=None, link=None, language=None
        ),
    ],
)
def test_a_snapshot_gives_the_item_back(item: Item) -> None:
    assert item_from_json(item_to_json(item)) == item


def test_a_snapshot_of_another_version_is_read() -> None:
    values = item_to_json(make_item())
    older = {
        key: value
        for key, value in values.items()
        if key not in {"hidden", "edited", "place", "image_url", "body", "published_at"}
    }

    assert item_from_json({**older, "lead_image": "https://news.example.org/a.png"}) == make_item()


@pytest.mark.parametrize(
    "damage", [{"published": "yesterday"}, {"precision": "hour"}, {"decision": None}, {"first_seen": 7}]
)
def test_a_damaged_snapshot_is_told(damage: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="backup"):
        item_from_json({**item_to_json(make_item()), **damage})


def test_instants_of_a_snapshot_stay_utc() -> None:
    item = make_item(first_seen=datetime(2023, 4, 1, 23, 59, 59, 999999, tzinfo=UTC))

    assert item_from_json(item_to_json(item)).first_seen.tzinfo == UTC
