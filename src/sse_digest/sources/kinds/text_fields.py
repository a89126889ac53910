"""Recognise what each line of a block is: credit, kicker, title, date, summary.

The position of a line relative to the date decides (two lines before it are kicker and title). Without a
date, the layout of the whole page decides. No rule names a particular page, title or kicker.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sse_digest.sources.kinds.text_blocks import TextBlock
from sse_digest.sources.text.dates import DateOrder, ReadDate, read_date
from sse_digest.sources.text.line_types import is_credit, is_prose

_KICKER_LENGTH = 80
_USUAL = 0.5  # the least share of items with a kicker for which others are expected to have one


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDraft:
    """A block with its credit and date; what its other lines are is not yet decided."""

    block: TextBlock
    credit: str | None = None
    date_text: str | None = None
    date: ReadDate | None = None
    before: tuple[str, ...] = ()  # lines before the date; without a date, empty
    after: tuple[str, ...] = ()  # lines after the date; without a date, all lines


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutStats:
    """What the items of one page have in common."""

    dated: float = 0.0  # share of the items that have a date line
    kickers: float = 0.0  # share with a kicker, among the items that could have one
    known_kickers: frozenset[str] = frozenset()  # found on this page
    date_leads: bool = False  # the date comes first, then everything else
    date_splits: bool = False  # the date is between kicker and title
    titles_lost: bool = False  # the only text of an item is its summary


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFields:
    """The fields of an item other than its credit and date."""

    kicker: str | None = None
    title: str | None = None
    summary: str | None = None
    warning: str | None = None


# ------------------------------------------------------------------ credit and date


def draft_blocks(blocks: Sequence[TextBlock], order: DateOrder | None) -> tuple[BlockDraft, ...]:
    """Find the credit and the date line of each block."""
    bare = [_without_credit(block.lines) for block in blocks]
    dates = [
        {at: date for at, line in enumerate(lines) if (date := read_date(line, order=order))}
        for _, lines in bare
    ]
    sure = [found for found in dates if len(found) == 1]
    usual = Counter(at for found in sure for at in found)
    usual_at = min(usual, key=lambda at: (-usual[at], at), default=1)
    has_places = _mostly(bool(date.place) for found in sure for date in found.values())

    def rank(one: tuple[int, ReadDate]) -> tuple[bool, int, int]:
        at, date = one
        return bool(date.place) != has_places, abs(at - usual_at), at

    drafts = []
    for block, (credit, lines), found in zip(blocks, bare, dates, strict=True):
        if not found:
            drafts.append(BlockDraft(block=block, credit=credit, after=lines))
            continue
        at, date = min(found.items(), key=rank)
        drafts.append(
            BlockDraft(
                block=block,
                credit=credit,
                date_text=lines[at],
                date=date,
                before=lines[:at],
                after=lines[at + 1 :],
            ),
        )
    return tuple(drafts)


def _without_credit(block_lines: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Return the credit and the other lines; a credit on the last line is the page's own and left out."""
    credit: str | None = None
    kept: list[str] = []
    last = len(block_lines) - 1
    for at, line in enumerate(block_lines):
        if credit == "©":  # the name is on the next line
            credit = f"© {line}"
        elif not is_credit(line):
            kept.append(line)
        elif credit is None and at < last:
            credit = line
    return credit, tuple(kept)


# ------------------------------------------------------------------ habits


def learn_habits(drafts: Sequence[BlockDraft]) -> LayoutStats:
    """Return what the items of a page have in common; it decides where the position of a line does not."""
    dated = [draft for draft in drafts if draft.date]
    bodies = [draft.after for draft in drafts if not draft.before and draft.after]
    alone = [body[0] for body in bodies if len(body) == 1]
    kickers, known = _kickers(drafts, bodies)
    return LayoutStats(
        dated=len(dated) / len(drafts) if drafts else 0.0,
        kickers=kickers,
        known_kickers=known,
        date_leads=_mostly(not draft.before for draft in dated),
        date_splits=_splits(dated),
        titles_lost=2 * len(alone) > len(bodies) and _mostly(map(is_prose, alone)),
    )


def _kickers(drafts: Sequence[BlockDraft], bodies: Sequence[tuple[str, ...]]) -> tuple[float, frozenset[str]]:
    """Return the share of items with a kicker, and the kickers.

    If dates follow titles, the position shows the kickers. Otherwise the first line of an item is a kicker if
    it is also the first line of other items, or if a title and running text follow it.
    """
    headed = [draft.before for draft in drafts if draft.before]
    if headed:
        known = [before[0] for before in headed if len(before) > 1]
        return len(known) / len(headed), frozenset(known)
    firsts = Counter(body[0] for body in bodies if len(body) > 1)
    known = [
        body[0]
        for body in bodies
        if len(body) > 1 and (firsts[body[0]] > 1 or _stands_over_title(body)) and not is_prose(body[1])
    ]
    return len(known) / (firsts.total() or 1), frozenset(known)


def _splits(dated: Sequence[BlockDraft]) -> bool:
    """Return whether the lines before dates are kickers: some are repeated, and titles follow the dates."""
    firsts = Counter(draft.before[0] for draft in dated if len(draft.before) == 1)
    titled = (
        len(draft.before) == 1 and len(draft.after) > 1 and not is_prose(draft.after[0]) for draft in dated
    )
    return len(firsts) < firsts.total() and _mostly(titled)


def _stands_over_title(body: Sequence[str]) -> bool:
    return len(body) > 2 and len(body[0]) <= _KICKER_LENGTH and is_prose(body[2])


def _mostly(facts: Iterable[bool]) -> bool:
    known = list(facts)
    return 2 * sum(known) > len(known)


# ------------------------------------------------------------------ kicker, title, summary


def read_words(draft: BlockDraft, habits: LayoutStats) -> BlockFields:
    """Return the kicker, title and summary of a draft."""
    if draft.before:
        if habits.date_splits and len(draft.before) == 1 and draft.after:
            return _words(draft.before[0], draft.after[:1], draft.after[1:])
        kicker = draft.before[0] if len(draft.before) > 1 else None
        return _words(kicker, draft.before[1:] if kicker else draft.before, draft.after)
    if (
        not draft.after
        or habits.titles_lost
        or (draft.date and not habits.date_leads)
        or is_prose(draft.after[0])
    ):
        return _words(None, (), draft.after)
    if len(draft.after) > 1 and _is_kicker(draft.after, habits):
        return _words(draft.after[0], draft.after[1:2], draft.after[2:])
    return _words(None, draft.after[:1], draft.after[1:])


def _is_kicker(lines: Sequence[str], habits: LayoutStats) -> bool:
    """Return whether the first of several lines without a date between them is a kicker."""
    if lines[0] in habits.known_kickers:
        return True
    return habits.kickers >= _USUAL and len(lines[0]) <= _KICKER_LENGTH and not is_prose(lines[1])


def _words(kicker: str | None, title: Sequence[str], summary: Sequence[str]) -> BlockFields:
    return BlockFields(
        kicker=kicker,
        title=" ".join(title) or None,
        summary=" ".join(summary) or None,
        warning="the title was joined from several lines" if len(title) > 1 else None,
    )
