"""Days that leave the year to a heading above: "14 March" under "2024", "Thursday 14" under "March 2024".

The present day is never asked: without a heading that says the year, such a day stays unread. So it does
where another heading is between, or where the heading names another month. A whole day counts only where
several are over the items of one list: one alone may be the day on which the page was shown.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from sse_digest.model.items import Precision
from sse_digest.sources.html.dom import text_of
from sse_digest.sources.text.date_words import KINDS, MONTHS, fold
from sse_digest.sources.text.dates import ReadDate, read_date

_LEVELS = 6  # elements around an item next to which a heading may stand
_DAYS = 2  # headings that say a day, at least
_LENGTH = 40  # characters of a heading, and of a day
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "caption", "legend", "summary"))
_DASHES = " -–—|:·•,"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")


class DateHeading(NamedTuple):
    """What a heading says of the time of everything below it."""

    text: str
    year: int
    month: int | None = None
    is_day: bool = False  # it says the day, too


def headings_over(boxes: Sequence[LexborNode]) -> list[DateHeading | None]:
    """Return for each item the heading above it that says its year, or None if there is none.

    Args:
        boxes: elements with one item each, in the page's order.
    """
    known: dict[int | None, DateHeading | None] = {}
    found = [_over(box, known) for box in boxes]
    days = {heading.text for heading in found if heading is not None and heading.is_day}
    return [None if heading and heading.is_day and len(days) < _DAYS else heading for heading in found]


def _over(box: LexborNode, known: dict[int | None, DateHeading | None]) -> DateHeading | None:
    """Look before the item, then before what is around it; what is found holds for all that was passed."""
    passed: list[int | None] = []
    told: DateHeading | None = None
    is_told = False
    around: LexborNode | None = box
    for _ in range(_LEVELS):
        node = around
        while node is not None and not is_told:
            if node.mem_id in known:
                told, is_told = known[node.mem_id], True
                break
            passed.append(node.mem_id)
            node = node.prev
            if node is not None and node.mem_id not in known:
                told, is_told = _said(node)
        around = around.parent if around is not None else None
        if is_told or around is None or around.tag in {"body", "html"}:
            break
    known.update(dict.fromkeys(passed, told))
    return told


def _said(node: LexborNode) -> tuple[DateHeading | None, bool]:
    """Read an element as a heading; and say whether nothing above it counts any more."""
    tag = node.tag or ""
    if tag.startswith(("-", "!")):
        return None, False
    text = text_of(node)
    is_heading = tag in _HEADINGS
    if not 0 < len(text) <= _LENGTH:
        return None, is_heading
    found = read_date(text)
    if found is not None and found.published is not None and (is_heading or not _is_day(found)):
        return DateHeading(text, found.published.year, found.published.month, _is_day(found)), True
    years = _YEAR.findall(text)
    if len(years) == len(_NUMBER.findall(text)) == 1 and (is_heading or text.strip(" :.") == years[0]):
        return DateHeading(text, int(years[0])), True
    # A month alone is between a year and its days.
    return None, is_heading and not all(fold(word) in MONTHS for word in _WORD.findall(text))


def completed(text: str, heading: DateHeading) -> str | None:
    """Write a day in full with what the heading above it says; None: the text is no such day."""
    text = text.strip(_DASHES)
    if heading.is_day or len(text) > _LENGTH or not _NUMBER.search(text) or _YEAR.search(text):
        return None
    ways = [f"{text} {heading.year}", f"{heading.year}年{text}"]
    if heading.month is not None and _has_weekday(text):  # a number alone may count comments
        ways = [f"{text} {heading.text}", f"{heading.text}{text}", *ways]
    for way in ways:
        found = read_date(way)
        if found is not None and _is_day(found) and _fits(found, heading):
            return way
    return None


def _is_day(found: ReadDate) -> bool:
    return found.precision is Precision.DAY and not found.place


def _fits(found: ReadDate, heading: DateHeading) -> bool:
    day = found.published
    return (
        day is not None and day.year == heading.year and (heading.month is None or day.month == heading.month)
    )


def _has_weekday(text: str) -> bool:
    return any(KINDS.get(fold(word)) in {"w", "b"} for word in _WORD.findall(text))
