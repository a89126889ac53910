"""Composing makes the issue of a month, and freezing keeps it for ever."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sse_digest.digest.compose import ComposeReport, compose, freeze_issue, load_issue
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issues import Digest, Issue, ItemSkip, Period
from sse_digest.model.items import Item
from sse_digest.store import Store
from sse_digest.store.issues.issues import read_placements
from sse_digest.store.news.items import update_item
from tests.composing import APRIL, FEBRUARY, MARCH, MAY, dated, make_digest, put_items

DIGEST = make_digest()
JUNE_2ND = datetime(2023, 6, 2, 8, tzinfo=UTC)


def put(store: Store, *added: Item) -> None:
    with store.writing() as connection:
        put_items(connection, *added)


def change(store: Store, item: Item) -> None:
    with store.writing() as connection:
        update_item(connection, item)


def make(
    store: Store,
    period: Period | None,
    *,
    digest: Digest = DIGEST,
    now: datetime = JUNE_2ND,
    skip_earlier: bool = False,
) -> ComposeReport:
    return compose(store, digest, period, now=now, skip_earlier=skip_earlier)


def freeze(store: Store, period: Period, *, digest: Digest = DIGEST) -> Issue:
    with store.writing() as connection:
        return freeze_issue(connection, digest, period, now=JUNE_2ND)


def load(store: Store, period: Period) -> Issue | None:
    with store.reading() as connection:
        return load_issue(connection, DIGEST.name, period)


def ids(issue: Issue | None) -> set[str]:
    return {one.item.id for section in issue.sections for one in section.items} if issue else set()


MARCH_ITEM = dated(1, date(2023, 3, 3))
APRIL_ITEM = dated(2, date(2023, 4, 3), themes=("youth", "cooperatives"))
MAY_ITEM = dated(3, date(2023, 5, 3))
LATE_FOR_MARCH = dated(4, date(2023, 3, 30), after=40)


def test_the_issue_that_is_reported_is_the_one_that_is_stored(store: Store) -> None:
    put(store, MARCH_ITEM, APRIL_ITEM)

    report = make(store, MARCH)

    assert report.issue is not None
    assert report.issue == load(store, MARCH)
    assert (ids(report.issue), report.issue.lead) == ({MARCH_ITEM.id}, MARCH_ITEM.id)
    assert report.lead_reason is not None
    assert report.explanation is None
    assert (report.account.balances, report.account.waiting) == (True, {APRIL: 1})


def test_without_a_period_the_last_complete_month_is_composed(store: Store) -> None:
    put(store, MAY_ITEM)

    assert (make(store, None)).period == MAY
    assert (make(store, None, now=datetime(2023, 5, 31, 23, tzinfo=UTC))).period == APRIL


def test_a_month_that_has_begun_may_be_composed_and_a_later_one_not(store: Store) -> None:
    put(store, MAY_ITEM)

    assert (make(store, MAY, now=datetime(2023, 5, 1, tzinfo=UTC))).issue is not None
    with pytest.raises(UsageError, match="2023-06 has not begun"):
        make(store, MAY.next, now=datetime(2023, 5, 31, 23, tzinfo=UTC))


def test_composing_again_takes_what_was_fetched_edited_or_hidden_since(store: Store) -> None:
    put(store, MARCH_ITEM, APRIL_ITEM)
    make(store, MARCH)
    put(store, LATE_FOR_MARCH)
    change(store, replace(MARCH_ITEM, hidden=True))

    report = make(store, MARCH)

    assert ids(report.issue) == {LATE_FOR_MARCH.id}
    assert report.account.skipped == {ItemSkip.HIDDEN: 1}


def test_a_frozen_issue_is_given_as_it_stands(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    frozen = freeze(store, MARCH)
    put(store, LATE_FOR_MARCH)
    change(store, replace(MARCH_ITEM, title="Another title"))

    report = make(store, MARCH)

    assert report.issue == frozen == load(store, MARCH)
    assert frozen.frozen
    assert report.account.balances
    assert report.lead_reason is None


def test_what_a_frozen_issue_missed_is_in_the_next_one(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    freeze(store, MARCH)
    put(store, LATE_FOR_MARCH, APRIL_ITEM)

    assert ids((make(store, APRIL)).issue) == {LATE_FOR_MARCH.id, APRIL_ITEM.id}


def test_composing_an_earlier_issue_again_composes_the_later_unfrozen_ones_again(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    put(store, LATE_FOR_MARCH)
    make(store, APRIL)
    put(store, APRIL_ITEM)

    report = make(store, MARCH)

    assert ids(report.issue) == {MARCH_ITEM.id, LATE_FOR_MARCH.id}
    assert report.recomposed == (APRIL,)
    assert ids(load(store, APRIL)) == {APRIL_ITEM.id}


def test_a_later_issue_that_is_left_with_nothing_disappears(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    put(store, LATE_FOR_MARCH)
    make(store, APRIL)

    make(store, MARCH)

    assert load(store, APRIL) is None


def test_an_earlier_month_with_items_refuses_and_writes_nothing(store: Store) -> None:
    put(store, MARCH_ITEM, APRIL_ITEM)

    with pytest.raises(DigestError, match="compose 2023-03 --digest monthly"):
        make(store, APRIL)

    assert load(store, APRIL) is None


def test_skip_earlier_records_the_reason_and_the_account_counts_it(store: Store) -> None:
    put(store, MARCH_ITEM, APRIL_ITEM)

    report = make(store, APRIL, skip_earlier=True)

    assert report.account.skipped == {ItemSkip.EARLIER_PERIOD: 1}
    assert (make(store, APRIL)).account == report.account
    with store.reading() as connection:
        placements = read_placements(connection, DIGEST.name)
    assert placements.skips[MARCH_ITEM.id].period == MARCH


def test_a_quiet_month_is_no_error_and_blocks_nothing(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    freeze(store, MARCH)

    quiet = make(store, APRIL)
    put(store, MAY_ITEM)

    assert quiet.issue is None
    assert quiet.explanation is not None
    assert quiet.account.balances
    assert load(store, APRIL) is None
    assert ids((make(store, MAY)).issue) == {MAY_ITEM.id}


def test_an_issue_whose_items_were_all_hidden_disappears(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    change(store, replace(MARCH_ITEM, hidden=True))

    report = make(store, MARCH)

    assert report.issue is None
    assert load(store, MARCH) is None
    assert report.account.skipped == {ItemSkip.HIDDEN: 1}


def test_a_newcomer_is_told_what_to_set_and_after_that_it_works(store: Store) -> None:
    old = [dated(number, date(2023, 3, number), after=900) for number in (1, 2)]
    now = old[0].first_seen + timedelta(days=30)
    put(store, *old)

    with pytest.raises(DigestError) as told:
        make(store, None, now=now)
    with store.reading() as connection:
        recorded = (read_placements(connection, DIGEST.name)).skips
    report = make(store, MARCH, digest=make_digest(late_days=0), now=now)

    assert "2023-03: 2 items skipped" in str(told.value)
    assert "late_days = 0" in str(told.value)
    assert {record.reason for record in recorded.values()} == {ItemSkip.TOO_LATE}
    assert ids(report.issue) == {item.id for item in old}
    assert report.account.skipped == {}


def test_without_items_the_command_to_read_them_is_named(store: Store) -> None:
    with pytest.raises(DigestError, match="sse-digest fetch"):
        make(store, None)


async def test_an_account_that_does_not_balance_is_told_and_nothing_is_written(store: Store) -> None:
    put(store, MARCH_ITEM, dated(9, date(2023, 3, 9)))
    with store.writing() as connection:  # what a damaged database would do
        connection.execute(
            "CREATE TRIGGER forget AFTER INSERT ON issue_items BEGIN"
            " DELETE FROM issue_items WHERE position = 1; END"
        )

    with pytest.raises(DigestError, match="does not balance"):
        make(store, MARCH)
    assert load(store, MARCH) is None


# ---------------------------------------------------------------- freezing


def test_freezing_keeps_an_editors_last_change_and_no_later_one(store: Store) -> None:
    put(store, MARCH_ITEM, LATE_FOR_MARCH)
    make(store, MARCH)
    change(store, replace(MARCH_ITEM, title="Before"))
    change(store, replace(LATE_FOR_MARCH, decision=APRIL_ITEM.decision))

    frozen = freeze(store, MARCH)
    change(store, replace(MARCH_ITEM, title="After"))

    assert [section.theme for section in frozen.sections] == ["cooperatives", "youth"]
    assert frozen.sections[0].items[0].item.title == "Before"
    assert frozen == load(store, MARCH) == freeze(store, MARCH)


def test_freezing_takes_no_item_that_was_not_in_the_composed_issue(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    put(store, LATE_FOR_MARCH)

    assert ids(freeze(store, MARCH)) == {MARCH_ITEM.id}


def test_freezing_leaves_out_what_an_editor_took_out_and_records_why(store: Store) -> None:
    hidden, moved, kept = MARCH_ITEM, dated(5, date(2023, 3, 8)), dated(6, date(2023, 3, 9))
    put(store, hidden, moved, kept)
    make(store, MARCH)
    change(store, replace(hidden, hidden=True))
    change(store, replace(moved, decision=dated(7, date(2023, 3, 8), themes=("sports",)).decision))

    frozen = freeze(store, MARCH)

    with store.reading() as connection:
        placements = read_placements(connection, DIGEST.name)
    assert (ids(frozen), frozen.lead) == ({kept.id}, kept.id)
    assert {key: record.reason for key, record in placements.skips.items()} == {
        hidden.id: ItemSkip.HIDDEN,
        moved.id: ItemSkip.THEME_NOT_IN_DIGEST,
    }
    assert set(placements.placed) == {kept.id}


def test_an_issue_of_which_nothing_is_left_cannot_be_frozen(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    change(store, replace(MARCH_ITEM, hidden=True))

    with pytest.raises(DigestError, match="left to print"):
        freeze(store, MARCH)


def test_an_issue_that_was_never_composed_cannot_be_frozen(store: Store) -> None:
    with pytest.raises(DigestError, match="compose 2023-02"):
        freeze(store, FEBRUARY)


def test_a_frozen_issue_outlives_the_loss_of_its_items(store: Store) -> None:
    put(store, MARCH_ITEM)
    make(store, MARCH)
    frozen = freeze(store, MARCH)
    with store.writing() as connection:
        connection.execute("UPDATE items SET title = 'Gone'")
        connection.execute("DELETE FROM items")

    assert load(store, MARCH) == frozen
    assert (make(store, MARCH)).account.balances
