"""Issues: the periodical, its periods, and which items an issue takes. Pure rules and values.

An item is in exactly one issue of a digest or has a reason why it is in none (docs/promises.md, Issues).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Self

from sse_digest.errors import UsageError
from sse_digest.model.items import Item

_PERIOD = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month in the digest's time zone: its first day until the next month's first day."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2023-04`.

        Raises:
            UsageError: it is not a month of the years 1 to 9998.
        """
        match = _PERIOD.fullmatch(text.strip())
        if match is None or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[1]) <= 9998:
            raise UsageError(f"{text!r} is not a period. Write a month as 2023-04.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the period a day lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Period":
        """The month after this one."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Period":
        """The month before this one."""
        return Period(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        """Write it as `2023-04`."""
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The periodical."""

    name: str  # key in the database and on the command line ("monthly")
    title: Mapping[str, str]  # language tag to title; always holds `default_language`
    themes: tuple[str, ...]  # theme keys in the order of the sections, "other" included where wanted
    lists: tuple[str, ...]  # names of the lists that receive it
    zone: tzinfo
    default_language: str
    languages: tuple[str, ...]  # languages the frame is offered in
    first_period: Period | None = None  # None: the period of the oldest item that is not too late
    late_days: int  # items first seen later than this after their day are skipped; 0: no limit
    section_limits: Mapping[str, int] = field(default_factory=dict)  # theme to the items a mail shows of it
    require_approval: bool = False  # nothing is sent that nobody approved


class ItemSkip(StrEnum):
    """Why an item is in no issue of a digest."""

    BEFORE_FIRST_PERIOD = "dated before first_period"
    TOO_LATE = "first seen more than late_days after its day"
    HIDDEN = "hidden by an editor"
    MERGED = "merged into another item"
    GONE = "taken down by its publisher"
    EARLIER_PERIOD = "its period was skipped with --skip-earlier"
    THEME_NOT_IN_DIGEST = "its theme is not among the digest's themes"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueItem:
    """An item in its place in an issue."""

    item: Item
    also_in: tuple[str, ...] = ()  # its other themes, in the digest's order
    note: Mapping[str, str] = field(default_factory=dict)  # language to the editor's own words below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The items of one theme, in order; never empty."""

    theme: str
    items: tuple[IssueItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One number of a digest. Each item is in exactly one section."""

    digest: str
    period: Period
    sections: tuple[Section, ...]  # in the digest's order
    lead: str | None = None  # id of the item shown first; it also keeps its place in its section
    frozen: bool = False
    title: Mapping[str, str] = field(default_factory=dict)  # language to an editor's title; else the digest's
    introduction: Mapping[str, str] = field(default_factory=dict)  # language to an editor's words, Markdown

    @property
    def item_count(self) -> int:
        """How many items it holds."""
        return sum(len(section.items) for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """One issue in one language, as everybody may read it on the web; it names no reader."""

    digest: str  # name of the digest
    digest_title: str  # in this language
    period: Period
    language: str  # of the frame
    title: str  # as the mail's subject
    summary: str  # one sentence
    html: str | None  # what is on the page, safe as it is; None: loaded when the page is written
    came_out: datetime  # aware, UTC; when it was frozen
    mark: bytes = b""  # stands for `html` where it is not loaded
