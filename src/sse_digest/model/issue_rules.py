"""Which issue takes which item: the rules between items, periods and skip reasons. Pure.

An item is placed in at most one issue of a digest; what is not placed has a skip reason or waits for
a later issue. Nothing here reads a clock or a database (docs/promises.md, Issues).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType

from sse_digest.errors import DigestError
from sse_digest.model.issue_edits import UNTOUCHED, ItemEdit, rank
from sse_digest.model.issues import Digest, IssueItem, ItemSkip, Period, Section
from sse_digest.model.items import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipRecord:
    """Why an item is in no issue, and the month it is dated in."""

    period: Period
    reason: ItemSkip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    """What was decided about a digest's items so far."""

    issues: Mapping[Period, bool] = field(
        default_factory=dict
    )  # every issue there is, and whether it is frozen
    placed: Mapping[str, Period] = field(default_factory=dict)  # item id to the issue that holds it
    skips: Mapping[str, SkipRecord] = field(default_factory=dict)  # item id to why no issue holds it
    edits: Mapping[str, ItemEdit] = field(default_factory=dict)  # item id to what an editor decided
    leads: Mapping[Period, str] = field(default_factory=dict)  # the item an editor chose to be first


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """The item an issue shows first, and the rule that chose it."""

    item_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePlan:
    """What composing one period leads to; nothing is written yet."""

    period: Period
    sections: tuple[Section, ...]  # empty: the period has no items, and no issue
    lead: Lead | None  # None exactly when `sections` is empty
    skips: Mapping[str, SkipRecord]  # every skip of the digest that holds from now on


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The account of a digest's items: each is in an issue, skipped, or waits for a later issue."""

    total: int
    in_issues: Mapping[Period, int]
    skipped: Mapping[ItemSkip, int]
    waiting: Mapping[Period, int]  # by the month they are dated in

    @property
    def balances(self) -> bool:
        """Whether every item is counted exactly once."""
        parts = (self.in_issues, self.skipped, self.waiting)
        return self.total == sum(sum(part.values()) for part in parts)

    def __str__(self) -> str:
        """Write it in one line for people."""
        issues = "1 issue" if len(self.in_issues) == 1 else f"{len(self.in_issues)} issues"
        skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        return (
            f"{count_items(self.total)} = {sum(self.in_issues.values())} in {issues}"
            f" + {sum(self.skipped.values())} skipped{f' ({skipped})' if skipped else ''}"
            f" + {sum(self.waiting.values())} waiting for a later issue"
        )


def last_complete_period(now: datetime, zone: tzinfo) -> Period:
    """Return the month before the one that `now` lies in, as the clocks in `zone` show it."""
    return Period.of(now.astimezone(zone).date()).previous


def period_of(item: Item, zone: tzinfo) -> Period:
    """Return the month an item is dated in."""
    return Period.of(item.day(zone))


def lateness(item: Item, zone: tzinfo) -> int:
    """Count the days from an item's day to the day it was first seen; 0 for an item dated ahead."""
    return max(0, (item.first_seen.astimezone(zone).date() - item.day(zone)).days)


def section_theme(digest: Digest, item: Item, edit: ItemEdit = UNTOUCHED) -> str | None:
    """Return the theme an item is printed under: an editor's, the primary one, or its first the digest has.

    None: the digest has none of its themes.
    """
    wanted = (edit.theme, item.decision.primary, *item.decision.themes)
    return next((theme for theme in wanted if theme in digest.themes), None)


def taken_out(item: Item, edit: ItemEdit = UNTOUCHED) -> ItemSkip | None:
    """Return who took an item out of every issue, or None if nobody did."""
    if item.hidden or edit.hidden:
        return ItemSkip.HIDDEN
    if item.merged_into is not None:
        return ItemSkip.MERGED
    return None if item.gone_at is None else ItemSkip.GONE


def skip_reason(digest: Digest, item: Item, edit: ItemEdit = UNTOUCHED) -> ItemSkip | None:
    """Return why no issue of the digest takes an item in any period, or None if one may."""
    if (reason := taken_out(item, edit)) is not None:
        return reason
    if digest.first_period is not None and period_of(item, digest.zone) < digest.first_period:
        return ItemSkip.BEFORE_FIRST_PERIOD
    if digest.late_days and lateness(item, digest.zone) > digest.late_days:
        return ItemSkip.TOO_LATE
    if section_theme(digest, item, edit) is None:
        return ItemSkip.THEME_NOT_IN_DIGEST
    return None


def plan_issue(
    digest: Digest,
    period: Period,
    items: Iterable[Item],
    placements: Placements,
    *,
    skip_earlier: bool = False,
) -> IssuePlan:
    """Decide what the issue of `period` holds, afresh, and which skips hold from now on.

    It takes every item that no earlier and no frozen issue holds, that has no skip reason, and whose
    day is before the period's end. An item left out with --skip-earlier stays out unless `period` is
    the very month it was left out of.

    Args:
        items: all stored items, in the order of first sight.
        skip_earlier: leave out permanently what an earlier month without an issue would have taken.

    Raises:
        DigestError: an earlier month has items and no issue, or a later issue is frozen already.
    """
    skips: dict[str, SkipRecord] = {}
    free: list[Item] = []
    for item in items:
        if _is_held_elsewhere(item, period, placements):
            continue
        edit = placements.edits.get(item.id, UNTOUCHED)
        reason = skip_reason(digest, item, edit) or _left_out(item, period, placements)
        if reason is None:
            free.append(item)
        else:
            skips[item.id] = SkipRecord(period=period_of(item, digest.zone), reason=reason)
    taken = [item for item in free if period_of(item, digest.zone) <= period]
    earlier = _months_passed_over(digest, period, taken, placements)
    if earlier and not skip_earlier:
        has_own = any(period_of(item, digest.zone) == period for item in taken)
        raise DigestError(_refusal(digest, period, earlier, has_own=has_own))
    for month, passed_over in earlier.items():
        skips |= {item.id: SkipRecord(period=month, reason=ItemSkip.EARLIER_PERIOD) for item in passed_over}
    taken = [item for item in taken if item.id not in skips]
    if taken:
        _refuse_behind_a_frozen_issue(digest, period, placements)
    sections = arrange(digest, taken, placements.edits)
    lead = choose_lead(sections, digest.default_language, placements.leads.get(period))
    return IssuePlan(period=period, sections=sections, lead=lead, skips=skips)


def _is_held_elsewhere(item: Item, period: Period, placements: Placements) -> bool:
    holder = placements.placed.get(item.id)
    return (
        holder is not None and holder != period and (holder < period or placements.issues.get(holder, False))
    )


def _left_out(item: Item, period: Period, placements: Placements) -> ItemSkip | None:
    """Return whether an earlier command left the item out.

    Composing that very month takes it back, as long as no later issue is frozen.
    """
    record = placements.skips.get(item.id)
    if record is None or record.reason is not ItemSkip.EARLIER_PERIOD:
        return None
    takes_back = record.period == period and not _frozen_after(period, placements)
    return None if takes_back else record.reason


def _frozen_after(period: Period, placements: Placements) -> list[Period]:
    return sorted(issue for issue, frozen in placements.issues.items() if frozen and issue > period)


def _months_passed_over(
    digest: Digest, period: Period, taken: Sequence[Item], placements: Placements
) -> dict[Period, list[Item]]:
    """Find the months between the issue before and this one that have items; oldest first.

    What arrives late for a month that an issue has already passed goes into the next issue, so such a
    month is not among them; neither is any month when the issue exists and is composed again.
    """
    if period in placements.issues:
        return {}
    before = max((issue for issue in placements.issues if issue < period), default=None)
    months: dict[Period, list[Item]] = {}
    for item in taken:
        month = period_of(item, digest.zone)
        if month < period and (before is None or month > before):
            months.setdefault(month, []).append(item)
    return dict(sorted(months.items()))


def _refuse_behind_a_frozen_issue(digest: Digest, period: Period, placements: Placements) -> None:
    later = _frozen_after(period, placements)
    if later and period not in placements.issues:
        following = later[-1].next
        raise DigestError(
            f"{digest.name}/{period} cannot be composed: {digest.name}/{later[0]} is frozen already, and"
            f" months are composed in order. The next issue takes them: {compose_command(digest, following)}"
        )


def arrange(
    digest: Digest, items: Iterable[Item], edits: Mapping[str, ItemEdit] = MappingProxyType({})
) -> tuple[Section, ...]:
    """Put items into sections, in the digest's order; inside one as an editor ordered, then the newest first.

    Items of one day are in the order in which their page listed them, the later reading first.
    An item that has none of the digest's themes is left out.
    """
    newest_first = sorted(items, key=lambda item: (item.day(digest.zone), item.first_seen), reverse=True)
    by_theme: dict[str, list[IssueItem]] = {theme: [] for theme in digest.themes}
    for item in sorted(newest_first, key=lambda item: rank(edits.get(item.id, UNTOUCHED))):
        edit = edits.get(item.id, UNTOUCHED)
        section = section_theme(digest, item, edit)
        if section is not None:
            left = section_theme(digest, item) if edit.theme else None
            others = tuple(
                key for key in digest.themes if key in item.decision.themes and key not in {section, left}
            )
            by_theme[section].append(IssueItem(item=item, also_in=others, note=edit.note))
    return tuple(Section(theme=theme, items=tuple(placed)) for theme, placed in by_theme.items() if placed)


def choose_lead(sections: Sequence[Section], language: str, chosen: str | None = None) -> Lead | None:
    """Choose the item shown first: an editor's choice, else the newest that has a title and a summary.

    It is looked for in the first section that has one; one in `language`, which most readers understand,
    goes before any other. Where no item has title and summary, it is the newest of the first section.

    Args:
        chosen: id of the item an editor wants; skipped where no section holds it.

    Returns:
        None: there are no sections.
    """
    everything = [placed.item for section in sections for placed in section.items]
    if chosen is not None and any(item.id == chosen for item in everything):
        return Lead(item_id=chosen, reason="chosen by an editor")
    told = [
        (placed.item, section.theme)
        for section in sections
        for placed in section.items
        if placed.item.title and placed.item.summary
    ]
    for tag in (language, None):
        for item, theme in told:
            if tag in {item.language, None}:
                within = f" in {tag!r}" if tag else ""
                reason = f"newest with a title and a summary{within} under {theme!r}"
                return Lead(item_id=item.id, reason=reason)
    if not sections:
        return None
    reason = f"newest under {sections[0].theme!r}; no item has title and summary"
    return Lead(item_id=everything[0].id, reason=reason)


def count_coverage(
    digest: Digest, items: Iterable[Item], placements: Placements, *, composed: Period | None
) -> Coverage:
    """Count where every item stands.

    Args:
        composed: the period that was just composed. An item dated up to its end can no longer wait: it is
            then counted nowhere, and the account does not balance. None: a frozen issue was only looked up.
    """
    total = 0
    in_issues: dict[Period, int] = {}
    skipped: dict[ItemSkip, int] = {}
    waiting: dict[Period, int] = {}
    for item in items:
        total += 1
        month = period_of(item, digest.zone)
        holder, record = placements.placed.get(item.id), placements.skips.get(item.id)
        if holder is not None:
            in_issues[holder] = in_issues.get(holder, 0) + 1
        if record is not None:
            skipped[record.reason] = skipped.get(record.reason, 0) + 1
        if holder is None and record is None and (composed is None or month > composed):
            waiting[month] = waiting.get(month, 0) + 1
    return Coverage(total=total, in_issues=in_issues, skipped=skipped, waiting=waiting)


def compose_command(digest: Digest, period: Period) -> str:
    """Write the command that composes an issue."""
    return f"sse-digest compose {period} --digest {digest.name}"


def _refusal(
    digest: Digest, period: Period, earlier: Mapping[Period, Sequence[Item]], *, has_own: bool
) -> str:
    lines = [f"{digest.name}/{period} cannot be composed yet: earlier months have items and no issue."]
    lines += [
        f"  {month}: {count_items(len(held))}: {compose_command(digest, month)}"
        for month, held in earlier.items()
    ]
    if has_own:  # else leaving the others out would print nothing at all
        lines.append(
            f"Or leave these items out permanently: {compose_command(digest, period)} --skip-earlier"
        )
    return "\n".join(lines)


def count_items(number: int) -> str:
    """Write a number of items."""
    return "1 item" if number == 1 else f"{number} items"
