"""Split a plain-text listing into blocks, one for each item, and find the headings between them.

Blocks are found by markers (numbers, dashes), indentation and dates. `text_fields` decides what the lines of
a block are.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from sse_digest.model.items import Precision
from sse_digest.sources.text.dates import read_date
from sse_digest.sources.text.line_types import is_credit, is_month_heading, is_pager, is_prose
from sse_digest.sources.text.plain_text import TextLine

_NUMBERED = re.compile(r"(?P<number>\d{1,3})[.)](?:\s+(?P<rest>\S.*))?")
_BULLET = re.compile(r"[-–—−*•·▪●○‣■](?:\s+(?P<rest>\S.*))?")
_HEADING_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """The lines of one item."""

    lines: tuple[str, ...]  # may be empty: a marker without text
    month: str | None = None  # the year or month heading above it, as written
    division: str | None = None  # the other heading above it, as written


@dataclass(frozen=True, slots=True)
class _Marker:
    index: int  # of its line
    rest: str  # the text after it on that line
    number: int = 0  # 0: a dash


@dataclass(frozen=True, slots=True)
class _Chunk:
    """An item with the headings directly before it."""

    headings: tuple[str, ...]
    lines: tuple[str, ...]


def split_blocks(lines: Sequence[TextLine]) -> tuple[TextBlock, ...]:
    """Split the lines of a page into blocks, in the page's order; empty if nothing looks like an item."""
    body_indent = _body_indent(lines)
    markers = _markers(lines, body_indent)
    chunks = list(_marked(lines, markers, body_indent)) if markers else list(_unmarked(lines))
    return tuple(_under_headings(_with_dates_inside(chunks)))


# ------------------------------------------------------------------ markers


def _body_indent(lines: Sequence[TextLine]) -> int:
    """Return the indentation of the lines without a marker, or 0 if the page has no such indentation."""
    listed = dropwhile(lambda line: not _NUMBERED.fullmatch(line.text), lines)  # menus may come first
    others = [line.indent for line in listed if not _NUMBERED.fullmatch(line.text)]
    depths = Counter(indent for indent in others if indent)
    if not depths or 2 * depths.total() < len(others):
        return 0
    return depths.most_common(1)[0][0]


def _markers(lines: Sequence[TextLine], body_indent: int) -> list[_Marker]:
    """Return the markers in the page's style: dashes on their own lines, numbers, or dashes before text."""
    bullets = [
        _Marker(index, match["rest"] or "")
        for index, line in enumerate(lines)
        if (match := _BULLET.fullmatch(line.text))
    ]
    alone = [marker for marker in bullets if not marker.rest]
    numbered = _numbers(lines, body_indent)
    if alone and len(alone) >= len(numbered):
        return alone
    if len(numbered) > 1 or (numbered and numbered[0].number == 1):
        return numbered
    return bullets if len(bullets) > 1 else []


def _numbers(lines: Sequence[TextLine], body_indent: int) -> list[_Marker]:
    """Return the numbers that count items, without those that begin a date ("2. Juni") or a title."""
    found = [
        _Marker(index, match["rest"] or "", int(match["number"]))
        for index, line in enumerate(lines)
        if (match := _NUMBERED.fullmatch(line.text))
        and not (body_indent and line.indent >= body_indent)
        and read_date(line.text) is None
    ]
    if body_indent or all(marker.number == 1 for marker in found):
        return found
    return list(_in_sequence(found, lines))


def _in_sequence(markers: Sequence[_Marker], lines: Sequence[TextLine]) -> Iterator[_Marker]:
    """Yield the markers whose numbers continue the count, or begin again under a heading."""
    last = 0
    for marker in markers:
        begins = marker.number == 1 and marker.index > 0 and _reads_as_heading(lines[marker.index - 1])
        if not last or marker.number == last + 1 or begins:
            last = marker.number
            yield marker


# ------------------------------------------------------------------ chunks


def _marked(lines: Sequence[TextLine], markers: Sequence[_Marker], body_indent: int) -> Iterator[_Chunk]:
    headings: tuple[str, ...] = tuple(line.text for line in lines[: markers[0].index])
    months_head = not _months_are_dates(lines, headings)
    following: Sequence[_Marker | None] = (*markers[1:], None)
    end = len(lines) if body_indent else _end_of_listing(lines, markers)
    for marker, after in zip(markers, following, strict=True):
        body = list(lines[marker.index + 1 : after.index if after else end])
        count = _headings_at_end(body, marker, after, body_indent, months_head=months_head)
        kept = [line.text for line in body[: len(body) - count] if not is_pager(line.text)]
        if marker.rest:
            kept.insert(0, marker.rest)
        yield _Chunk(headings, tuple(kept))
        headings = tuple(line.text for line in body[len(body) - count :])


def _end_of_listing(lines: Sequence[TextLine], markers: Sequence[_Marker]) -> int:
    """Return the index of the page's footer: after the last item and an empty line, if items contain none."""
    first, last = markers[0].index, markers[-1].index
    marked = {marker.index for marker in markers}
    gaps = (
        line.gap and not is_month_heading(line.text)
        for index, line in enumerate(lines[first:last], start=first)
        if index not in marked
    )
    if first == last or any(gaps):
        return len(lines)
    tail = (index for index in range(last + 1, len(lines)) if lines[index].gap)
    return next(tail, len(lines))


def _months_are_dates(lines: Sequence[TextLine], preamble: Sequence[str]) -> bool:
    """Return whether a line such as "May 2021" is the date of an item on this page, not a heading."""
    if any(map(is_month_heading, preamble)):
        return False
    dates = [found for line in lines if (found := read_date(line.text))]
    return not any(found.precision is Precision.DAY or found.is_span for found in dates)


def _headings_at_end(
    body: Sequence[TextLine],
    marker: _Marker,
    after: _Marker | None,
    body_indent: int,
    *,
    months_head: bool,
) -> int:
    """Return how many lines at the end of a block's body are headings of the next block or a footer."""
    restarts = after is not None and 0 < after.number <= marker.number

    def is_heading(line: TextLine) -> bool:
        if body_indent and line.indent >= body_indent:
            return False
        if after is None and (is_pager(line.text) or is_credit(line.text)):
            return True
        if body_indent:
            return restarts or is_month_heading(line.text) or _reads_as_heading(line)
        return months_head and is_month_heading(line.text)

    count = next((at for at, line in enumerate(reversed(body)) if not is_heading(line)), len(body))
    if count or body_indent or after is None or len(body) < 2:
        return count
    return int(_stands_apart(body, restarts=restarts))


def _reads_as_heading(line: TextLine) -> bool:
    return (
        len(line.text) <= _HEADING_LENGTH
        and not is_prose(line.text)
        and not is_credit(line.text)
        and (is_month_heading(line.text) or read_date(line.text) is None)
    )


def _stands_apart(body: Sequence[TextLine], *, restarts: bool) -> bool:
    """Return whether the last line of a flat body is a heading that names no month.

    It is one if the count begins again after it, or if it is the only line with an empty line before it.
    """
    last = body[-1]
    return _reads_as_heading(last) and (restarts or (last.gap and not any(line.gap for line in body[:-1])))


def _with_dates_inside(chunks: list[_Chunk]) -> list[_Chunk]:
    """Return the chunks with the dates before the markers moved into the items that they date.

    This happens only if the line before the first marker is a day, because no heading is.
    """
    if not chunks or not chunks[0].headings or not _is_day(chunks[0].headings[-1]):
        return chunks
    moved = [replace(chunks[0], headings=chunks[0].headings[:-1])]
    waiting = chunks[0].headings[-1]
    for chunk in [*chunks[1:], None]:
        last = moved[-1]
        lines, ahead = last.lines, ""
        if chunk is not None and lines and _is_day(lines[-1]):
            lines, ahead = lines[:-1], lines[-1]
        moved[-1] = replace(last, lines=(waiting, *lines) if waiting else lines)
        waiting = ahead
        if chunk is not None:
            moved.append(chunk)
    return moved


def _is_day(text: str) -> bool:
    found = read_date(text)
    return found is not None and found.precision is Precision.DAY


def _unmarked(lines: Sequence[TextLine]) -> Iterator[_Chunk]:
    """Split a page without markers at its dates: an item ends before the first line of the next one."""
    texts = [line.text for line in lines if not is_pager(line.text)]
    dated = [index for index, text in enumerate(texts) if read_date(text) and not is_month_heading(text)]
    if not dated:
        return
    leads = dated[-1] < len(texts) - 1 and (dated[0] == 0 or is_month_heading(texts[dated[0] - 1]))
    starts = dated if leads else _starts_before(texts, dated)
    headings = tuple(texts[: starts[0]])
    for start, end in zip(starts, [*starts[1:], len(texts)], strict=True):
        body = texts[start:end]
        count = next((n for n, text in enumerate(reversed(body)) if not is_month_heading(text)), len(body))
        yield _Chunk(headings, tuple(body[: len(body) - count]))
        headings = tuple(body[len(body) - count :])


def _starts_before(texts: Sequence[str], dated: Sequence[int]) -> list[int]:
    """Return where the items with dates at `dated` begin: after the running text of the item before."""
    starts = []
    floor = 0
    for index in dated:
        start = index
        while (
            start > floor
            and index - start < 3
            and not (is_prose(texts[start - 1]) or is_month_heading(texts[start - 1]))
        ):
            start -= 1
        starts.append(start)
        floor = index + 1
    return starts


# ------------------------------------------------------------------ headings


def _under_headings(chunks: Sequence[_Chunk]) -> Iterator[TextBlock]:
    month = division = None
    for chunk in chunks:
        if chunk.headings:
            months = [text for text in chunk.headings if is_month_heading(text)]
            divisions = [text for text in chunk.headings if not is_month_heading(text)]
            month = months[-1] if months else None
            division = divisions[-1] if divisions else division
        yield TextBlock(lines=chunk.lines, month=month, division=division)
