"""Which months have items, and what each needs so that an issue takes them; told in words.

This is what `compose` says when the month it was asked for has nothing to print. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sse_digest.model.issue_rules import (
    Placements,
    compose_command,
    count_items,
    lateness,
    period_of,
    section_theme,
)
from sse_digest.model.issues import Digest, ItemSkip, Period
from sse_digest.model.items import Item

_ADMITTED_BY_SETTINGS = (ItemSkip.BEFORE_FIRST_PERIOD, ItemSkip.TOO_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """The items dated in one month, by what became of them."""

    period: Period
    held: Mapping[Period, int]  # by the issue that holds them
    skipped: Mapping[ItemSkip, tuple[Item, ...]]
    waiting: int  # to be taken by the next issue that may


def months_with_items(
    digest: Digest, items: Iterable[Item], placements: Placements
) -> tuple[MonthReport, ...]:
    """Sort items by the month they are dated in, the oldest month first."""
    by_month: dict[Period, list[Item]] = {}
    for item in items:
        by_month.setdefault(period_of(item, digest.zone), []).append(item)
    return tuple(_month(period, dated, placements) for period, dated in sorted(by_month.items()))


def _month(period: Period, items: Iterable[Item], placements: Placements) -> MonthReport:
    held: dict[Period, int] = {}
    skipped: dict[ItemSkip, tuple[Item, ...]] = {}
    waiting = 0
    for item in items:
        holder, record = placements.placed.get(item.id), placements.skips.get(item.id)
        if holder is not None:
            held[holder] = held.get(holder, 0) + 1
        elif record is not None:
            skipped[record.reason] = (*skipped.get(record.reason, ()), item)
        else:
            waiting += 1
    return MonthReport(period=period, held=held, skipped=skipped, waiting=waiting)


def explain_empty(digest: Digest, period: Period, items: Iterable[Item], placements: Placements) -> str:
    """Say that a period has no items, and for each month that has: the command, or why and which setting.

    Args:
        placements: with the skips that hold now.
    """
    months = months_with_items(digest, items, placements)
    if not months:
        return f"{digest.name}/{period} has no items: none are stored yet. Read the sources: sse-digest fetch"
    lines = [f"{digest.name}/{period} has no items to print. Months with items:"]
    for month in months:
        lines += [f"  {month.period}: {sentence}" for sentence in _sentences(digest, month, placements)]
    return "\n".join([*lines, *_advice(digest, months)])


def _sentences(digest: Digest, month: MonthReport, placements: Placements) -> list[str]:
    command = compose_command(digest, _next_issue(month.period, placements))
    sentences = [
        f"{count_items(count)} in {digest.name}/{issue}" for issue, count in sorted(month.held.items())
    ]
    if month.waiting:
        sentences.append(f"{count_items(month.waiting)}: {command}")
    for reason, items in sorted(month.skipped.items()):
        why = f"{count_items(len(items))} skipped: {reason}"
        sentences.append(f"{why}. {_cure(digest, month.period, reason, items, command)}")
    return sentences


def _next_issue(period: Period, placements: Placements) -> Period:
    """Return the first issue that may still take an item dated in `period`."""
    frozen = [issue for issue, is_frozen in placements.issues.items() if is_frozen]
    return max(period, max(frozen).next) if frozen else period


def _cure(digest: Digest, period: Period, reason: ItemSkip, items: tuple[Item, ...], command: str) -> str:
    if reason in _ADMITTED_BY_SETTINGS:
        return f"To print them set {' and '.join(_settings(digest, period, items))}, then: {command}"
    if reason is ItemSkip.THEME_NOT_IN_DIGEST:
        missing = sorted({item.decision.primary for item in items if section_theme(digest, item) is None})
        return f"To print them add {', '.join(map(repr, missing))} to the digest's themes, then: {command}"
    if reason is ItemSkip.EARLIER_PERIOD:
        return f"Until a later issue is frozen they can be taken back: {compose_command(digest, period)}"
    return "An editor's choice; to see them: sse-digest items list"


def _settings(digest: Digest, period: Period, items: tuple[Item, ...]) -> list[str]:
    """Name the values that admit the items; both where both settings are against them."""
    settings = []
    if digest.late_days and any(lateness(item, digest.zone) > digest.late_days for item in items):
        settings.append("late_days = 0")
    if digest.first_period is not None and period < digest.first_period:
        settings.append(f'first_period = "{period}"')
    return settings


def _advice(digest: Digest, months: tuple[MonthReport, ...]) -> list[str]:
    """Return where the settings stand, and how to begin with one month instead of the oldest."""
    admissible = [
        month for month in months if any(reason in month.skipped for reason in _ADMITTED_BY_SETTINGS)
    ]
    if not admissible:
        return []
    newest = admissible[-1]
    items = tuple(item for reason in _ADMITTED_BY_SETTINGS for item in newest.skipped.get(reason, ()))
    settings = [*_settings(digest, newest.period, items)]
    if digest.first_period is None:
        settings.append(f'first_period = "{newest.period}"')
    limit = f"late_days is {digest.late_days}" if digest.late_days else "late_days is 0 (no limit)"
    begin = f'first_period is "{digest.first_period}"' if digest.first_period else "first_period is not set"
    wanted, command = " and ".join(settings), compose_command(digest, newest.period)
    return [
        f'Both settings are under [[digests]], name = "{digest.name}": {limit}, {begin}.',
        "Issues are composed in order, the oldest month first.",
        f"To begin with {newest.period} without the older ones, set {wanted}, then: {command}",
    ]
