"""Read a plain-text listing: what a news page looks like when its text is copied or saved.

It knows the shapes such listings come in (numbered or with dashes, under months or not, with kickers or
without, dated below, before or not at all), never a page, a kicker or a title.
"""

import stat
from collections.abc import Sequence
from pathlib import Path

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading, ReadItem, shorten
from sse_digest.sources.blocks import split_blocks
from sse_digest.sources.dates import ReadDate, numeric_order
from sse_digest.sources.fields import Draft, Habits, draft_blocks, learn_habits, read_words
from sse_digest.sources.language import primary_tag, tell_language
from sse_digest.sources.marks import is_contact
from sse_digest.sources.plain import plain_lines

MAX_BYTES = 5_000_000
"""Of a listing kept as a file; more is not a news page."""

_SHOWN = 80  # characters of an item in a warning


def read_text(text: str, *, language: str | None = None) -> Reading:
    """Read all items of a listing, in its order.

    Args:
        text: the listing, in any of its shapes, with any line ends.
        language: the page's, if known; otherwise it is told from the whole text.

    Returns:
        The items; none where nothing in the text looks like an item. Never raises.
    """
    lines = tuple(plain_lines(text))
    blocks = split_blocks(lines)
    drafts = draft_blocks(blocks, numeric_order(line.text for line in lines))
    expected = primary_tag(language) or tell_language(" ".join(line.text for line in lines))
    news, warnings = _only_news(drafts)
    habits = learn_habits(news)
    read = [
        _item(draft, habits, section, expected) for draft, section in zip(news, _sections(news), strict=True)
    ]
    items = [item for item in read if item.title or item.summary]
    if len(items) < len(read):
        warnings.append(f"left out, without title and summary: {len(read) - len(items)}")
    return Reading(items=tuple(items), warnings=tuple(warnings), language=expected)


def read_text_file(path: Path, *, language: str | None = None, max_bytes: int = MAX_BYTES) -> Reading:
    """Read a listing from a file.

    Raises:
        SourceError: the file is missing, no regular file, unreadable, too large, empty, binary, not
            UTF-8, or holds nothing that looks like an item.
    """
    reading = read_text(
        decode_text(_load(path, max_bytes), str(path), max_bytes=max_bytes), language=language
    )
    if not reading.items:
        raise SourceError(
            f"{path}: no items found. A listing has numbers or dashes before its items, or dates below their "
            "titles; look whether the file is the saved text of a news page.",
        )
    return reading


def decode_text(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> str:
    """Decode a listing's bytes.

    Args:
        data: what was read.
        name: of the file or address, for the message.
        max_bytes: the most that is taken.

    Raises:
        SourceError: empty, too large, binary, or not UTF-8.
    """
    if len(data) > max_bytes:
        raise _too_large(name, max_bytes)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{name}: this is UTF-16 text; save it as UTF-8 and read it again.")
    if b"\x00" in data:
        raise SourceError(f"{name}: this is no text but a binary file; give the saved text of a news page.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{name}: not UTF-8 (line {row}, byte {error.start}); save the text as UTF-8 and read it again.",
        ) from error
    if not text.strip():
        raise SourceError(f"{name}: empty; save the page's text again, or correct the source's path.")
    return text


def _load(path: Path, max_bytes: int) -> bytes:
    """Read at most one byte more than allowed."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{path}: not a file; give the path of a text file.")
        if status.st_size > max_bytes:
            raise _too_large(str(path), max_bytes)
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise SourceError(f"{path}: no such file; correct the source's path.") from error
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path}: cannot be read ({error}); correct the path or its permissions."
        ) from error


def _too_large(name: str, max_bytes: int) -> SourceError:
    return SourceError(
        f"{name}: larger than {max_bytes / 1_000_000:g} MB, which no news page is; "
        "cut out the listing and read that.",
    )


# ------------------------------------------------------------------ what is news


def _only_news(drafts: Sequence[Draft]) -> tuple[list[Draft], list[str]]:
    """Leave out what is no news: contacts, link lists beside the listing, an item cut off at the end."""
    kept: list[Draft] = []
    warnings: list[str] = []
    under_periods = any(draft.date and draft.block.period for draft in drafts)
    link_lists = _link_lists(drafts)
    for draft in drafts:
        is_aside = (under_periods and not draft.block.period) or draft.block.division in link_lists
        if draft.date is None and (is_aside or any(map(is_contact, draft.after))):
            warnings.append(f"left out, not news: {_shown(draft)}")
        else:
            kept.append(draft)
    if len(kept) > 1 and _is_cut_off(kept):
        warnings.append(f"left out, cut off at the end of the text: {_shown(kept.pop())}")
    return kept, warnings


def _link_lists(drafts: Sequence[Draft]) -> set[str]:
    """Name the divisions of single undated lines on a page whose other divisions are dated."""
    divisions = {draft.block.division for draft in drafts if draft.block.division}
    dated = {draft.block.division for draft in drafts if draft.date}
    wordy = {draft.block.division for draft in drafts if len(draft.after) > 1}
    return divisions - dated - wordy if dated else set()


def _is_cut_off(drafts: Sequence[Draft]) -> bool:
    """Say whether the text ends within the last item: a line without a date, where the others have one."""
    *others, last = drafts
    return (
        last.date is None
        and len(last.after) == 1
        and 2 * sum(d.date is not None for d in others) > len(others)
    )


def _shown(draft: Draft) -> str:
    return f"“{shorten(' / '.join(draft.after), _SHOWN)}”"


def _sections(drafts: Sequence[Draft]) -> list[str | None]:
    """Give each item its heading: its month, else its division, unless that is the page's title."""
    divisions = {draft.block.division for draft in drafts}
    several = len(divisions) > 1
    return [draft.block.period or (draft.block.division if several else None) for draft in drafts]


def _item(draft: Draft, habits: Habits, section: str | None, page_language: str | None) -> ReadItem:
    words = read_words(draft, habits)
    date = draft.date or ReadDate(warning="no date" if habits.dated else None)
    told = " ".join(filter(None, (words.title, words.summary)))
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
        language=tell_language(told, prior=page_language),
        warnings=tuple(filter(None, (words.warning, date.warning))),
    )
