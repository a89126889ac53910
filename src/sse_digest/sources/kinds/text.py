"""Read a plain-text listing, such as the copied or saved text of a news page.

A listing may be numbered or have dashes, may have month headings and kickers, and may have dates before or
after the titles, or none. No rule names a particular page, kicker or title.
"""

from collections.abc import Sequence
from itertools import islice

from sse_digest.model.items import Reading, ReadItem, shorten
from sse_digest.sources.kinds.text_blocks import split_blocks
from sse_digest.sources.kinds.text_fields import (
    BlockDraft,
    LayoutStats,
    draft_blocks,
    learn_habits,
    read_words,
)
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page, decode_utf8
from sse_digest.sources.text.dates import ReadDate, numeric_order
from sse_digest.sources.text.language import LanguageGuess, judge_language, primary_tag, tell_language
from sse_digest.sources.text.line_types import is_contact, is_prose
from sse_digest.sources.text.plain_text import plain_lines

MAX_LINES = 100_000
"""The number of lines that are read, so that a hostile page costs seconds at most."""

_SHOWN = 80  # characters of an item in a warning


def read_text(text: str, *, language: str | None = None) -> Reading:
    """Read all items of a listing, in order.

    Args:
        text: the listing, with any line ends.
        language: the page's language; None: it is detected from the whole text.

    Returns:
        The reading; it has no items if nothing in the text looks like one. Never raises.
    """
    lines = tuple(islice(plain_lines(text), MAX_LINES + 1))
    blocks = split_blocks(lines[:MAX_LINES])
    drafts = draft_blocks(blocks, numeric_order(line.text for line in lines))
    detected = tell_language(text)
    expected = primary_tag(language) or detected
    news, warnings = _only_news(drafts)
    if len(lines) > MAX_LINES:
        warnings.append(f"only the first {MAX_LINES} lines were read")
    habits = learn_habits(news)
    read = [
        _item(draft, habits, section, (expected, detected))
        for draft, section in zip(news, _sections(news), strict=True)
    ]
    items = [item for item in read if item.title or item.summary]
    if len(items) < len(read):
        warnings.append(f"items without a title and a summary, which were left out: {len(read) - len(items)}")
    return Reading(items=tuple(items), warnings=tuple(warnings), language=expected)


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read the page of a source of kind `text`.

    Raises:
        SourceError: as for `decode_utf8`.
    """
    return read_text(decode_utf8(page), language=options.language)


# ------------------------------------------------------------------ what is news


def _only_news(drafts: Sequence[BlockDraft]) -> tuple[list[BlockDraft], list[str]]:
    """Return the drafts that are news, and warnings.

    Contacts, lists of links next to the listing and an item that is cut off at the end are left out.
    """
    kept: list[BlockDraft] = []
    warnings: list[str] = []
    under_months = any(draft.date and draft.block.month for draft in drafts)
    link_lists = _link_lists(drafts)
    for draft in drafts:
        is_aside = (under_months and not draft.block.month) or draft.block.division in link_lists
        if draft.date is None and (is_aside or _is_contact(draft)):
            warnings.append(f"{_shown(draft)} is not news and was left out")
        else:
            kept.append(draft)
    if len(kept) > 1 and _is_cut_off(kept):
        warnings.append(f"{_shown(kept.pop())} is cut off at the end of the text and was left out")
    return kept, warnings


def _is_contact(draft: BlockDraft) -> bool:
    return any(map(is_contact, draft.after)) and not any(map(is_prose, draft.after))


def _link_lists(drafts: Sequence[BlockDraft]) -> set[str]:
    """Return the divisions that have only single lines without a date, on a page where others have dates."""
    divisions = {draft.block.division for draft in drafts if draft.block.division}
    dated = {draft.block.division for draft in drafts if draft.date}
    wordy = {draft.block.division for draft in drafts if len(draft.after) > 1}
    return divisions - dated - wordy if dated else set()


def _is_cut_off(drafts: Sequence[BlockDraft]) -> bool:
    """Return whether the text ends inside the last item: it has one line and no date, unlike most others."""
    *others, last = drafts
    return (
        last.date is None
        and len(last.after) == 1
        and 2 * sum(d.date is not None for d in others) > len(others)
    )


def _shown(draft: BlockDraft) -> str:
    return f"“{shorten(' / '.join(draft.after), _SHOWN)}”"


def _sections(drafts: Sequence[BlockDraft]) -> list[str | None]:
    """Return the heading of each item: its month, else its division, unless that is the page's title."""
    divisions = {draft.block.division for draft in drafts}
    several = len(divisions) > 1
    return [draft.block.month or (draft.block.division if several else None) for draft in drafts]


def _item(
    draft: BlockDraft, habits: LayoutStats, section: str | None, priors: Sequence[str | None]
) -> ReadItem:
    words = read_words(draft, habits)
    date = draft.date or ReadDate(warning="no date" if habits.dated else None)
    text = " ".join(filter(None, (words.title, words.summary)))
    tries = (judge_language(text, prior=prior) for prior in priors)
    guess = next((one for one in tries if one.tag), LanguageGuess(None, "nothing"))
    return ReadItem(
        section=section,
        credit=draft.credit,
        kicker=words.kicker,
        title=words.title,
        published=date.published,
        precision=date.precision,
        date_text=draft.date_text,
        place=date.place,
        summary=words.summary,
        language=guess.tag,
        warnings=tuple(filter(None, (words.warning, date.warning))),
        how=f"lines by their appearance; language by {guess.rule}",
    )
