"""Add the year to days that are under a heading: "14 March" under "2024", "Thursday 14" under "March 2024".

The current date is never used: without a heading that gives the year, such a day is not read. Nor is it read
if another heading comes between, or if the heading names another month. A heading with a complete date counts
only if the list has several of them: a single one may be the date on which the page was displayed.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from sse_digest.model.items import Precision
from sse_digest.sources.html.dom import text_of
from sse_digest.sources.text.date_words import KINDS, MONTHS, fold
from sse_digest.sources.text.dates import ReadDate, read_date

_LEVELS = 6  # how many of an item's ancestors are searched for a heading beside them
_DAYS = 2  # fewer headings with a complete date do not count
_LENGTH = 40  # characters; the maximum for a heading and for a day
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "caption", "legend", "summary"))
_DASHES = " -–—|:·•,"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")


class DateHeading(NamedTuple):
    """A heading that dates everything below it."""

    text: str
    year: int
    month: int | None = None
    is_day: bool = False  # the heading is a complete date


def headings_over(boxes: Sequence[LexborNode]) -> list[DateHeading | None]:
    """Return the heading above each item that gives its year, or None if there is none.

    Args:
        boxes: elements with one item each, in the page's order.
    """
    known: dict[int | None, DateHeading | None] = {}
    found = [_over(box, known) for box in boxes]
    days = {heading.text for heading in found if heading is not None and heading.is_day}
    return [None if heading and heading.is_day and len(days) < _DAYS else heading for heading in found]


def _over(box: LexborNode, known: dict[int | None, DateHeading | None]) -> DateHeading | None:
    """Search before the item, then before its ancestors; `known` keeps the result for each node passed."""
    passed: list[int | None] = []
    heading: DateHeading | None = None
    is_settled = False
    around: LexborNode | None = box
    for _ in range(_LEVELS):
        node = around
        while node is not None and not is_settled:
            if node.mem_id in known:
                heading, is_settled = known[node.mem_id], True
                break
            passed.append(node.mem_id)
            node = node.prev
            if node is not None and node.mem_id not in known:
                heading, is_settled = _read_heading(node)
        around = around.parent if around is not None else None
        if is_settled or around is None or around.tag in {"body", "html"}:
            break
    known.update(dict.fromkeys(passed, heading))
    return heading


def _read_heading(node: LexborNode) -> tuple[DateHeading | None, bool]:
    """Return the date heading in an element, if any, and whether the search ends here."""
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
    # A heading that only names a month does not end the search: the year is above it.
    return None, is_heading and not all(fold(word) in MONTHS for word in _WORD.findall(text))


def completed(text: str, heading: DateHeading) -> str | None:
    """Return a day completed by the heading above it, or None if the text is not a day without a year."""
    text = text.strip(_DASHES)
    if heading.is_day or len(text) > _LENGTH or not _NUMBER.search(text) or _YEAR.search(text):
        return None
    ways = [f"{text} {heading.year}", f"{heading.year}年{text}"]
    if heading.month is not None and _has_weekday(text):  # a bare number may be a count of comments
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
