"""The shape of a reading: counts and shares that a page keeps from one reading to the next, and alarms.

A shape holds no words of any item. What follows from two shapes that differ is for `sources.drift` to say.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSignals:
    """What a page says about itself, apart from its items."""

    closed: bool | None = None  # whether an HTML document has its end, or None if it is no HTML document
    guard: str | None = None  # the kind of page that is in front of news ("sign-in page"); None: none
    next_page: str | None = None  # address of the list's next page; None: it names none
    links: int | None = None  # inside its items' elements; None: not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingStats:
    """One good reading in numbers."""

    items: int
    without_title: int
    without_date: int
    without_link: int
    without_summary: int
    days: int  # different days among the dates
    titles: int  # different titles
    links: int  # different addresses
    title_length: float  # characters, on average of those that have one; 0: none has
    summary_length: float  # as above
    language: str | None  # of most items; None: it cannot be told
    closed: bool | None = None  # as in PageSigns
    guard: str | None = None  # as in PageSigns
    ahead: int = 0  # dated well after the day of the reading
    garbled: int = 0  # whose words were decoded wrongly, escaped twice, or never filled in
    without_image: int | None = None  # None: not counted then
    images: int = 0  # different ones
    text_per_link: float | None = None  # characters for each link inside the items; None: not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftAlarm:
    """One sign that a page was not read as it should be."""

    signal: str  # a stable name ("dates", "truncated")
    text: str  # what was seen, with numbers
