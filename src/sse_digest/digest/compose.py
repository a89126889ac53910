"""Compose the issue of a period from the stored items, and freeze it.

The rules are in `model.issue_rules`; each function here applies them in one transaction. A frozen issue is
never changed; any other is composed anew every time (docs/promises.md, Issues).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issue_edits import UNTOUCHED, ItemEdit
from sse_digest.model.issue_rules import (
    Coverage,
    IssuePlan,
    Placements,
    SkipRecord,
    arrange,
    choose_lead,
    compose_command,
    count_coverage,
    last_complete_period,
    period_of,
    plan_issue,
    section_theme,
    taken_out,
)
from sse_digest.model.issues import Digest, Issue, ItemSkip, Period
from sse_digest.model.items import Item
from sse_digest.model.month_report import explain_empty
from sse_digest.store import Connection, Store
from sse_digest.store.issues.issues import (
    delete_issue,
    issue_members,
    load_issue,
    read_placements,
    write_issue,
    write_skips,
)
from sse_digest.store.news.items import all_items, get_items

__all__ = ["ComposeReport", "compose", "freeze_issue", "load_issue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeReport:
    """The result of composing a period."""

    period: Period
    issue: Issue | None  # None if the period has nothing to print, so that there is no mail
    account: Coverage
    lead_reason: str | None  # rule that chose the lead; None if there is no issue or it was frozen already
    explanation: str | None  # why there is no issue, month by month; None if there is one
    recomposed: tuple[Period, ...] = ()  # later unfrozen issues that were composed again too
    had_issues: bool = True  # whether the digest already had an issue


def compose(
    store: Store, digest: Digest, period: Period | None, *, now: datetime, skip_earlier: bool = False
) -> ComposeReport:
    """Compose the issue of a period and store it; a frozen issue is returned unchanged.

    Later issues that are not frozen are composed again too, so that the order of the commands does not
    decide which issue contains an item.

    Args:
        period: to compose; None for the last complete month in the digest's time zone.
        skip_earlier: skip the items of earlier months without an issue; no later issue will have them.

    Raises:
        UsageError: the period has not begun.
        DigestError: an earlier month has items but no issue; a later issue is frozen already; the digest has
            no issue yet and this one would be empty (the message names the months with items and what each
            needs); or the account does not balance.
    """
    target = period or last_complete_period(now, digest.zone)
    with store.writing() as connection:
        report = compose_within(connection, digest, target, now=now, skip_earlier=skip_earlier)
    if report.explanation and not report.had_issues:  # skips stay stored
        raise DigestError(report.explanation)
    return report


def compose_within(
    connection: Connection, digest: Digest, target: Period, *, now: datetime, skip_earlier: bool = False
) -> ComposeReport:
    """Compose like `compose`, within the caller's transaction."""
    _refuse_future(target, digest, now)
    items = all_items(connection)
    before = read_placements(connection, digest.name)
    if before.issues.get(target, False):
        return _unchanged(connection, digest, target, items, before)
    plan, recomposed = _write(connection, digest, target, items, before, now=now, skip_earlier=skip_earlier)
    after = read_placements(connection, digest.name)
    issue = load_issue(connection, digest.name, target)
    account = count_coverage(digest, items, after, composed=target)
    _refuse_unbalanced(digest, target, account)
    return ComposeReport(
        period=target,
        issue=issue,
        account=account,
        lead_reason=plan.lead.reason if plan.lead else None,
        explanation=None if issue else explain_empty(digest, target, items, after),
        recomposed=recomposed,
        had_issues=bool(before.issues),
    )


def freeze_issue(connection: Connection, digest: Digest, period: Period, *, now: datetime) -> Issue:
    """Freeze an issue: keep its items as they are now, and never change it again.

    The issue keeps the items it was composed of and gets no newer ones. An editor's later changes apply;
    hidden items are left out with that reason. A frozen issue is returned unchanged.

    Raises:
        DigestError: there is no such issue, or it has nothing left to print.
    """
    issue = load_issue(connection, digest.name, period)
    if issue is None:
        raise DigestError(
            f"There is no issue {digest.name}/{period}. Compose it: {compose_command(digest, period)}"
        )
    if issue.frozen:
        return issue
    members = issue_members(connection, digest.name, period)
    stored = get_items(connection, members)
    items = [stored[item_id] for item_id in members if item_id in stored]
    known = read_placements(connection, digest.name)
    skips = {
        item.id: SkipRecord(period=period_of(item, digest.zone), reason=reason)
        for item in items
        if (reason := _taken_out(digest, item, known.edits.get(item.id, UNTOUCHED))) is not None
    }
    sections = arrange(digest, [item for item in items if item.id not in skips], known.edits)
    lead = choose_lead(sections, digest.default_language, known.leads.get(period))
    if lead is None:
        raise DigestError(
            f"Nothing of {digest.name}/{period} is left to print."
            f" Compose it again: {compose_command(digest, period)}"
        )
    frozen = replace(issue, sections=sections, lead=lead.item_id, frozen=True)
    write_issue(connection, frozen, now)
    write_skips(connection, digest.name, {**known.skips, **skips})
    return frozen


def _taken_out(digest: Digest, item: Item, edit: ItemEdit) -> ItemSkip | None:
    """Return why an item was taken out after composing, or None; changed dates and settings do not count."""
    if (reason := taken_out(item, edit)) is not None:
        return reason
    return ItemSkip.THEME_NOT_IN_DIGEST if section_theme(digest, item, edit) is None else None


def _refuse_future(period: Period, digest: Digest, now: datetime) -> None:
    today = now.astimezone(digest.zone).date()
    if period.first_day > today:
        raise UsageError(f"{digest.name}/{period} has not begun: it is {today} in {digest.zone}.")


def _unchanged(
    connection: Connection, digest: Digest, period: Period, items: Sequence[Item], placements: Placements
) -> ComposeReport:
    return ComposeReport(
        period=period,
        issue=load_issue(connection, digest.name, period),
        account=count_coverage(digest, items, placements, composed=None),
        lead_reason=None,
        explanation=None,
    )


def _write(
    connection: Connection,
    digest: Digest,
    target: Period,
    items: Sequence[Item],
    placements: Placements,
    *,
    now: datetime,
    skip_earlier: bool,
) -> tuple[IssuePlan, tuple[Period, ...]]:
    """Compose the target, then every later unfrozen issue from the items that earlier issues left."""
    plan = plan_issue(digest, target, items, placements, skip_earlier=skip_earlier)
    _carry_out(connection, digest, plan, placements, now)
    later = sorted(issue for issue, frozen in placements.issues.items() if issue > target and not frozen)
    for period in later:
        known = read_placements(connection, digest.name)
        _carry_out(connection, digest, plan_issue(digest, period, items, known), known, now)
    return plan, tuple(later)


def _carry_out(
    connection: Connection, digest: Digest, plan: IssuePlan, placements: Placements, now: datetime
) -> None:
    if plan.lead is not None:
        issue = Issue(digest=digest.name, period=plan.period, sections=plan.sections, lead=plan.lead.item_id)
        write_issue(connection, issue, now)
    elif plan.period in placements.issues:
        delete_issue(connection, digest.name, plan.period)
    write_skips(connection, digest.name, plan.skips)


def _refuse_unbalanced(digest: Digest, period: Period, account: Coverage) -> None:
    if not account.balances:
        raise DigestError(
            f"The account of {digest.name}/{period} does not balance, so nothing was written: {account}."
            " Report this; `sse-digest items list` shows the items."
        )
