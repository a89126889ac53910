"""Periods are months, and every item is in one issue, skipped with a reason, or waits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issue_rules import (
    IssuePlan,
    Placements,
    SkipRecord,
    arrange,
    choose_lead,
    count_coverage,
    last_complete_period,
    lateness,
    period_of,
    plan_issue,
    section_theme,
    skip_reason,
)
from sse_digest.model.issues import Digest, Issue, ItemSkip, Period
from sse_digest.model.items import Item, Precision
from sse_digest.model.month_report import explain_empty, months_with_items
from tests.builders import make_item
from tests.composing import dated, make_digest

FEBRUARY, MARCH, APRIL, MAY = (Period(2023, month) for month in (2, 3, 4, 5))


def apply(plan: IssuePlan, placements: Placements, *, frozen: bool = False) -> Placements:
    """Return the placements as they are once a plan is written."""
    if plan.lead is None:
        return replace(placements, skips=plan.skips)
    ids = [placed.item.id for section in plan.sections for placed in section.items]
    placed = {key: period for key, period in placements.placed.items() if period != plan.period}
    return Placements(
        issues={**placements.issues, plan.period: frozen},
        placed={**placed, **dict.fromkeys(ids, plan.period)},
        skips=plan.skips,
    )


def ids(plan: IssuePlan) -> list[str]:
    return [placed.item.id for section in plan.sections for placed in section.items]


def numbers(items: Iterable[Item]) -> list[str]:
    return [item.id for item in items]


# ---------------------------------------------------------------- periods


@pytest.mark.parametrize("text", ["2023-04", " 2023-04\n"])
def test_a_period_is_read_from_year_and_month(text: str) -> None:
    assert Period.parse(text) == APRIL


@pytest.mark.parametrize(
    "text", ["2023-13", "2023-00", "0000-01", "9999-01", "2023-4", "April", "2023-04-01", "٢٠٢٣-1"]
)
def test_what_is_no_month_is_refused_and_told(text: str) -> None:
    with pytest.raises(UsageError, match="2023-04"):
        Period.parse(text)


@given(st.dates(min_value=date(2, 1, 1), max_value=date(9998, 12, 31)))
def test_months_follow_each_other_and_are_written_as_they_are_read(day: date) -> None:
    period = Period.of(day)

    assert period.first_day <= day < period.next.first_day
    assert period.next.previous == period
    assert period.previous < period < period.next
    assert Period.parse(str(period)) == period


def test_the_last_complete_month_is_that_of_the_digests_clocks() -> None:
    now = datetime(2023, 4, 30, 23, 30, tzinfo=UTC)

    assert last_complete_period(now, UTC) == MARCH
    assert last_complete_period(now, ZoneInfo("Asia/Tokyo")) == APRIL


def test_an_item_without_a_date_belongs_to_the_month_it_was_first_seen_in() -> None:
    item = make_item(
        published=None, precision=Precision.NONE, first_seen=datetime(2023, 3, 31, 23, tzinfo=UTC)
    )

    assert period_of(item, UTC) == MARCH
    assert period_of(item, ZoneInfo("Europe/Zurich")) == APRIL
    assert lateness(item, UTC) == 0


# ---------------------------------------------------------------- reasons to skip


def test_nothing_is_against_an_item_of_the_digests_themes() -> None:
    assert skip_reason(make_digest(), dated(1, date(2023, 4, 3))) is None


@pytest.mark.parametrize(("after", "reason"), [(92, None), (93, ItemSkip.TOO_LATE)])
def test_an_item_may_be_seen_late_days_after_its_day_and_not_later(
    after: int, reason: ItemSkip | None
) -> None:
    assert skip_reason(make_digest(late_days=92), dated(1, date(2023, 1, 1), after=after)) == reason


def test_late_days_of_zero_is_no_limit() -> None:
    assert skip_reason(make_digest(late_days=0), dated(1, date(2003, 1, 1), after=9000)) is None


def test_what_is_dated_before_the_first_period_is_skipped() -> None:
    digest = make_digest(first_period=APRIL)

    assert skip_reason(digest, dated(1, date(2023, 3, 31))) is ItemSkip.BEFORE_FIRST_PERIOD
    assert skip_reason(digest, dated(2, date(2023, 4, 1))) is None


def test_hidden_is_told_before_any_other_reason() -> None:
    item = dated(1, date(2020, 1, 1), after=900, hidden=True, themes=("sports",))

    assert skip_reason(make_digest(first_period=APRIL), item) is ItemSkip.HIDDEN


def test_an_item_goes_under_its_primary_theme_or_its_first_that_the_digest_has() -> None:
    digest = make_digest(themes=("other", "youth"))

    assert section_theme(digest, make_item(themes=("youth", "other"))) == "youth"
    assert section_theme(digest, make_item(themes=("sports", "youth", "other"))) == "youth"
    assert section_theme(digest, make_item(themes=("sports",))) is None
    assert skip_reason(digest, make_item(themes=("sports",))) is ItemSkip.THEME_NOT_IN_DIGEST


# ---------------------------------------------------------------- the contents of an issue


def test_sections_stand_in_the_digests_order_and_their_items_newest_first() -> None:
    items = [
        dated(1, date(2023, 4, 2), themes=("youth",)),
        dated(2, date(2023, 4, 9), themes=("cooperatives",)),
        dated(3, date(2023, 4, 11), themes=("cooperatives",)),
        dated(4, date(2023, 4, 5), themes=("youth",)),
    ]

    sections = arrange(make_digest(), items)

    assert [section.theme for section in sections] == ["cooperatives", "youth"]
    assert [[one.item.id for one in section.items] for section in sections] == [
        numbers([items[2], items[1]]),
        numbers([items[3], items[0]]),
    ]


def test_items_of_one_day_keep_the_order_of_their_page_and_a_later_reading_stands_first() -> None:
    day = date(2023, 4, 9)
    items = [dated(1, day, after=1), dated(2, day, after=1), dated(3, day, after=3)]

    (section,) = arrange(make_digest(), items)

    assert [one.item.id for one in section.items] == numbers([items[2], items[0], items[1]])


def test_an_item_stands_once_and_names_its_other_themes_in_the_digests_order() -> None:
    item = dated(1, date(2023, 4, 9), themes=("youth", "sports", "other", "cooperatives"))

    (section,) = arrange(make_digest(), [item])

    assert (section.theme, section.items[0].also_in) == ("youth", ("cooperatives", "other"))


def test_an_item_of_none_of_the_digests_themes_is_in_no_section() -> None:
    assert arrange(make_digest(), [make_item(themes=("sports",))]) == ()


def test_the_lead_is_the_newest_with_a_summary_of_the_first_section() -> None:
    items = [
        dated(1, date(2023, 4, 9), summary=None),
        dated(2, date(2023, 4, 8)),
        dated(3, date(2023, 4, 7)),
        dated(4, date(2023, 4, 29), themes=("youth",)),
    ]

    lead = choose_lead(arrange(make_digest(), items), "en")

    assert lead is not None
    assert lead.item_id == items[1].id
    assert "newest with a title and a summary in 'en' under 'cooperatives'" in lead.reason


def test_without_any_summary_the_lead_is_the_newest_of_the_first_section() -> None:
    items = [dated(1, date(2023, 4, 8), summary=None), dated(2, date(2023, 4, 9), summary=None)]

    lead = choose_lead(arrange(make_digest(), items), "en")

    assert lead is not None
    assert lead.item_id == items[1].id
    assert choose_lead((), "en") is None


def test_the_lead_is_in_the_language_most_readers_understand_where_there_is_one() -> None:
    items = [make_item(1, language="ar"), make_item(2, language="fr"), make_item(3, language="ar")]
    sections = arrange(make_digest(), items)

    french, english = choose_lead(sections, "fr"), choose_lead(sections, "en")

    assert french is not None
    assert french.item_id == make_item(2).id
    assert english is not None
    assert english.item_id == make_item(3).id


# ---------------------------------------------------------------- which issue takes which item


def test_an_issue_takes_its_month_and_leaves_the_next_month_alone() -> None:
    march, april = dated(1, date(2023, 3, 31)), dated(2, date(2023, 4, 1))

    plan = plan_issue(make_digest(), MARCH, [march, april], Placements())

    assert ids(plan) == [march.id]
    assert plan.skips == {}


def test_what_arrives_late_for_a_composed_month_goes_into_the_next_issue() -> None:
    digest = make_digest()
    first, late, april = (
        dated(1, date(2023, 3, 3)),
        dated(2, date(2023, 3, 4), after=40),
        dated(3, date(2023, 4, 5)),
    )
    after_march = apply(plan_issue(digest, MARCH, [first], Placements()), Placements(), frozen=True)

    plan = plan_issue(digest, APRIL, [first, late, april], after_march)

    assert ids(plan) == numbers([april, late])


def test_an_unfrozen_issue_composed_again_takes_what_arrived_since() -> None:
    digest = make_digest()
    first, late = dated(1, date(2023, 3, 3)), dated(2, date(2023, 3, 4))
    before = apply(plan_issue(digest, MARCH, [first], Placements()), Placements())

    assert ids(plan_issue(digest, MARCH, [first, late], before)) == numbers([late, first])


def test_an_item_hidden_since_is_no_longer_in_an_unfrozen_issue() -> None:
    digest = make_digest()
    items = [dated(1, date(2023, 3, 3)), dated(2, date(2023, 3, 4))]
    before = apply(plan_issue(digest, MARCH, items, Placements()), Placements())

    plan = plan_issue(digest, MARCH, [items[0], replace(items[1], hidden=True)], before)

    assert ids(plan) == [items[0].id]
    assert plan.skips == {items[1].id: SkipRecord(period=MARCH, reason=ItemSkip.HIDDEN)}


def test_a_month_is_refused_while_earlier_ones_have_items_and_no_issue() -> None:
    items = [
        dated(1, date(2023, 2, 3)),
        dated(2, date(2023, 3, 3)),
        dated(3, date(2023, 3, 4)),
        dated(4, date(2023, 4, 1)),
    ]

    with pytest.raises(DigestError) as told:
        plan_issue(make_digest(), APRIL, items, Placements())

    lines = str(told.value).splitlines()
    assert lines[1:] == [
        "  2023-02: 1 item: sse-digest compose 2023-02 --digest monthly",
        "  2023-03: 2 items: sse-digest compose 2023-03 --digest monthly",
        "Or leave these items out permanently: sse-digest compose 2023-04 --digest monthly --skip-earlier",
    ]


def test_leaving_items_out_is_not_offered_where_nothing_would_be_printed() -> None:
    with pytest.raises(DigestError) as told:
        plan_issue(make_digest(), MAY, [dated(1, date(2023, 3, 3))], Placements())

    assert "compose 2023-03" in str(told.value)
    assert "--skip-earlier" not in str(told.value)


def test_skip_earlier_records_what_the_earlier_months_would_have_taken() -> None:
    old, new = dated(1, date(2023, 2, 3)), dated(2, date(2023, 4, 1))

    plan = plan_issue(make_digest(), APRIL, [old, new], Placements(), skip_earlier=True)

    assert ids(plan) == [new.id]
    assert plan.skips == {old.id: SkipRecord(period=FEBRUARY, reason=ItemSkip.EARLIER_PERIOD)}


def test_an_empty_earlier_month_blocks_nothing() -> None:
    digest = make_digest()
    march, may = dated(1, date(2023, 3, 3)), dated(2, date(2023, 5, 3))
    placements = apply(plan_issue(digest, MARCH, [march], Placements()), Placements(), frozen=True)
    placements = apply(plan_issue(digest, APRIL, [march], placements), placements)

    assert APRIL not in placements.issues
    assert ids(plan_issue(digest, MAY, [march, may], placements)) == [may.id]


def test_what_was_skipped_with_skip_earlier_stays_out_of_later_issues() -> None:
    digest = make_digest()
    items = [dated(1, date(2023, 3, 3)), dated(2, date(2023, 4, 1)), dated(3, date(2023, 5, 1))]
    before = apply(plan_issue(digest, APRIL, items, Placements(), skip_earlier=True), Placements())

    plan = plan_issue(digest, MAY, items, before)

    assert ids(plan) == [items[2].id]
    assert plan.skips == before.skips


def test_composing_the_very_month_that_was_skipped_takes_its_items_back_until_a_later_issue_is_frozen() -> (
    None
):
    digest = make_digest()
    items = [dated(1, date(2023, 3, 3)), dated(2, date(2023, 4, 1))]
    plan = plan_issue(digest, APRIL, items, Placements(), skip_earlier=True)

    assert ids(plan_issue(digest, MARCH, items, apply(plan, Placements()))) == [items[0].id]
    assert ids(plan_issue(digest, MARCH, items, apply(plan, Placements(), frozen=True))) == []


def test_a_month_behind_a_frozen_issue_is_refused_and_the_next_one_named() -> None:
    digest = make_digest()
    april, late = dated(1, date(2023, 4, 1)), dated(2, date(2023, 3, 3), after=40)
    placements = apply(plan_issue(digest, APRIL, [april], Placements()), Placements(), frozen=True)

    with pytest.raises(DigestError, match="compose 2023-05"):
        plan_issue(digest, MARCH, [april, late], placements)


def test_composing_an_unfrozen_issue_again_leaves_a_later_frozen_one_its_items() -> None:
    digest = make_digest()
    march, late, april = (
        dated(1, date(2023, 3, 3)),
        dated(2, date(2023, 3, 4), after=40),
        dated(3, date(2023, 4, 5)),
    )
    placements = apply(plan_issue(digest, MARCH, [march], Placements()), Placements())
    placements = apply(plan_issue(digest, APRIL, [march, late, april], placements), placements, frozen=True)

    assert ids(plan_issue(digest, MARCH, [march, late, april], placements)) == [march.id]


def test_composing_an_earlier_unfrozen_issue_again_takes_its_items_back_from_a_later_unfrozen_one() -> None:
    digest = make_digest()
    march, late, april = (
        dated(1, date(2023, 3, 3)),
        dated(2, date(2023, 3, 4), after=40),
        dated(3, date(2023, 4, 5)),
    )
    placements = apply(plan_issue(digest, MARCH, [march], Placements()), Placements())
    placements = apply(plan_issue(digest, APRIL, [march, late, april], placements), placements)

    assert ids(plan_issue(digest, MARCH, [march, late, april], placements)) == numbers([late, march])


def test_a_setting_that_admits_an_item_later_undoes_its_skip() -> None:
    old = dated(1, date(2023, 1, 3), after=300)
    before = apply(plan_issue(make_digest(), MAY, [old], Placements()), Placements())

    plan = plan_issue(make_digest(late_days=0), Period(2023, 1), [old], before)

    assert before.skips[old.id].reason is ItemSkip.TOO_LATE
    assert ids(plan) == [old.id]
    assert plan.skips == {}


# ---------------------------------------------------------------- the account

DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2023, 6, 30))
ITEM_SEEDS = st.lists(
    st.tuples(
        DAYS,
        st.integers(0, 150),
        st.booleans(),
        st.sampled_from([("youth",), ("sports",), ("cooperatives", "youth")]),
    ),
    max_size=14,
)


@given(
    seeds=ITEM_SEEDS,
    steps=st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 14)), max_size=10),
    first=st.none() | st.integers(1, 6),
)
def test_whatever_is_composed_in_whatever_order_every_item_is_in_one_issue_or_skipped_or_waits(
    seeds: list[tuple[date, int, bool, tuple[str, ...]]],
    steps: list[tuple[int, bool, int]],
    first: int | None,
) -> None:
    digest = make_digest(first_period=Period(2023, first) if first else None)
    items = [
        dated(number, day, after=after, hidden=hidden, themes=themes)
        for number, (day, after, hidden, themes) in enumerate(seeds, start=1)
    ]
    placements = Placements()
    for month, freeze, known in steps:
        period, seen = Period(2023, month), items[: max(known, len(placements.placed))]
        if placements.issues.get(period):
            continue
        try:
            plan = plan_issue(digest, period, seen, placements, skip_earlier=freeze)
        except DigestError:
            continue
        held_by_frozen = {key: issue for key, issue in placements.placed.items() if placements.issues[issue]}
        placements = apply(plan, placements, frozen=freeze)

        account = count_coverage(digest, seen, placements, composed=None)
        assert held_by_frozen.items() <= placements.placed.items()
        assert placements.placed.keys().isdisjoint(
            key for key, record in placements.skips.items() if record.reason is ItemSkip.EARLIER_PERIOD
        )
        assert not [item for item in seen if item.hidden and placements.placed.get(item.id) == period]
        taken_up_to_here = [item for item in seen if period_of(item, UTC) <= period]
        assert all(item.id in placements.placed or item.id in placements.skips for item in taken_up_to_here)
        assert account.total == len(seen)


def test_the_account_counts_issues_skips_and_what_waits() -> None:
    digest = make_digest(first_period=MARCH)
    items = [
        dated(1, date(2023, 2, 1)),
        dated(2, date(2023, 3, 1)),
        dated(3, date(2023, 4, 1)),
        dated(4, date(2023, 4, 2)),
    ]
    placements = apply(plan_issue(digest, MARCH, items, Placements()), Placements())

    account = count_coverage(digest, items, placements, composed=MARCH)

    assert account.balances
    assert (account.in_issues, account.skipped, account.waiting) == (
        {MARCH: 1},
        {ItemSkip.BEFORE_FIRST_PERIOD: 1},
        {APRIL: 2},
    )
    assert str(account) == (
        "4 items = 1 in 1 issue + 1 skipped (1 dated before first_period) + 2 waiting for a later issue"
    )


def test_the_account_does_not_balance_when_an_item_is_forgotten_or_counted_twice() -> None:
    digest, item = make_digest(), dated(1, date(2023, 3, 1))
    twice = Placements(
        issues={MARCH: False},
        placed={item.id: MARCH},
        skips={item.id: SkipRecord(period=MARCH, reason=ItemSkip.HIDDEN)},
    )

    assert not count_coverage(digest, [item], Placements(), composed=MARCH).balances
    assert not count_coverage(digest, [item], twice, composed=MARCH).balances
    assert count_coverage(digest, [item], Placements(), composed=None).waiting == {MARCH: 1}


# ---------------------------------------------------------------- what an empty month is told


def told(
    digest: Digest, period: Period, items: list[Item], placements: Placements | None = None
) -> list[str]:
    before = placements or Placements()
    plan = plan_issue(digest, period, items, before)
    return explain_empty(digest, period, items, apply(plan, before)).splitlines()


def test_without_any_item_the_reader_is_sent_to_fetch() -> None:
    assert "sse-digest fetch" in told(make_digest(), APRIL, [])[0]


def test_a_newcomer_with_an_old_page_is_told_exactly_which_settings_admit_its_months() -> None:
    items = [
        dated(1, date(2023, 3, 3), after=900),
        dated(2, date(2023, 3, 9), after=900),
        dated(3, date(2023, 4, 3), after=900),
    ]

    lines = told(make_digest(), Period(2025, 10), items)

    assert "\n".join(lines) == (
        "monthly/2025-10 has no items to print. Months with items:\n"
        "  2023-03: 2 items skipped: first seen more than late_days after its day."
        " To print them set late_days = 0, then: sse-digest compose 2023-03 --digest monthly\n"
        "  2023-04: 1 item skipped: first seen more than late_days after its day."
        " To print them set late_days = 0, then: sse-digest compose 2023-04 --digest monthly\n"
        'Both settings are under [[digests]], name = "monthly": late_days is 92, first_period is not set.\n'
        "Issues are composed in order, the oldest month first.\n"
        'To begin with 2023-04 without the older ones, set late_days = 0 and first_period = "2023-04",'
        " then: sse-digest compose 2023-04 --digest monthly"
    )


def test_the_settings_that_are_named_do_admit_the_months() -> None:
    items = [dated(1, date(2023, 3, 3), after=900), dated(2, date(2023, 4, 3), after=900)]

    assert ids(plan_issue(make_digest(late_days=0), MARCH, items, Placements())) == [items[0].id]
    assert ids(plan_issue(make_digest(late_days=0, first_period=APRIL), APRIL, items, Placements())) == [
        items[1].id
    ]


def test_where_both_settings_are_against_a_month_both_are_named() -> None:
    lines = told(make_digest(first_period=MAY), MAY, [dated(1, date(2023, 3, 3), after=900)])

    assert 'set late_days = 0 and first_period = "2023-03", then: sse-digest compose 2023-03' in lines[1]
    assert 'first_period is "2023-05"' in lines[2]


def test_where_only_the_first_period_is_against_a_month_late_days_is_left_alone() -> None:
    lines = told(make_digest(first_period=MAY, late_days=0), MAY, [dated(1, date(2023, 3, 3), after=900)])

    assert 'set first_period = "2023-03", then' in lines[1]
    assert "late_days is 0 (no limit)" in lines[2]
    assert 'set first_period = "2023-03", then' in lines[4]


def test_months_in_issues_and_months_that_wait_are_told_with_their_command() -> None:
    digest = make_digest()
    march, may = dated(1, date(2023, 3, 3)), dated(2, date(2023, 5, 3))
    placements = apply(plan_issue(digest, MARCH, [march], Placements()), Placements(), frozen=True)

    assert told(digest, APRIL, [march, may], placements)[1:] == [
        "  2023-03: 1 item in monthly/2023-03",
        "  2023-05: 1 item: sse-digest compose 2023-05 --digest monthly",
    ]


def test_old_months_behind_a_frozen_issue_name_the_issue_that_would_take_them() -> None:
    digest = make_digest()
    old, march = dated(1, date(2023, 1, 3), after=900), dated(2, date(2023, 3, 3))
    placements = apply(plan_issue(digest, MARCH, [march], Placements()), Placements(), frozen=True)

    lines = told(digest, APRIL, [old, march], placements)

    assert "2023-01" in lines[1]
    assert lines[1].endswith("late_days = 0, then: sse-digest compose 2023-04 --digest monthly")


def test_hidden_foreign_and_left_out_items_are_told_with_their_cure() -> None:
    items = [
        dated(1, date(2023, 3, 3), hidden=True),
        dated(2, date(2023, 3, 4), themes=("sports",)),
        dated(3, date(2023, 3, 5)),
    ]
    left_out = SkipRecord(period=MARCH, reason=ItemSkip.EARLIER_PERIOD)

    text = "\n".join(told(make_digest(), APRIL, items, Placements(skips={items[2].id: left_out})))

    assert (
        "1 item skipped: hidden by an editor. An editor's choice; to see them: sse-digest items list" in text
    )
    assert "add 'sports' to the digest's themes, then: sse-digest compose 2023-03" in text
    assert "they can be taken back: sse-digest compose 2023-03" in text
    assert "first_period" not in text


def test_an_issue_counts_its_items() -> None:
    items = [dated(1, date(2023, 3, 3)), dated(2, date(2023, 3, 4), themes=("youth",))]

    assert Issue(digest="monthly", period=MARCH, sections=arrange(make_digest(), items)).item_count == 2


def test_months_are_listed_oldest_first_with_what_became_of_their_items() -> None:
    items = [dated(1, date(2023, 4, 3)), dated(2, date(2023, 3, 4))]

    months = months_with_items(
        make_digest(), items, Placements(issues={MARCH: False}, placed={items[1].id: MARCH})
    )

    assert [(month.period, month.held, month.waiting) for month in months] == [
        (MARCH, {MARCH: 1}, 0),
        (APRIL, {}, 1),
    ]
