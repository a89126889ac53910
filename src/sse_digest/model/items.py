"""Items: one piece of news, as a source gave it and as it is stored.

`ReadItem` is what one reading of a source says; `Item` is what the store keeps. Nothing here
knows where an item came from or where it goes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from sse_digest.model.reading_stats import PageSignals


class Precision(StrEnum):
    """How much of a date the source gave."""

    DAY = "day"  # day, month and year were read
    MONTH = "month"  # month and year only; `published` is then the 1st
    NONE = "none"  # no date could be read; `published` is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The picture that stands for an item."""

    url: str  # absolute http(s) address
    alt: str | None  # what can be seen on it, in words; None: the source says nothing, or it only decorates
    credit: str | None  # whose it is, as written, beginning with ©; None if not stated


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadItem:
    """One item as one reading of a source gives it, before it is matched and stored.

    All text is plain text in NFC without control characters, whitespace folded to one blank.
    """

    section: str | None = None  # the heading it is under, as written ("April 2023")
    credit: str | None = None  # image credit as written, beginning with ©
    kicker: str | None = None  # the small label above the title
    title: str | None = None  # None: the source gave none
    published: date | None = None  # None exactly when precision is NONE
    precision: Precision = Precision.NONE
    date_text: str | None = None  # the source's own words, date and place together
    place: str | None = None  # what stood behind the date ("Phnom Penh, Cambodia")
    summary: str | None = None
    language: str | None = None  # BCP 47 primary tag told from the text; None: cannot be told
    link: str | None = None  # absolute http(s) address; None: the source gave none
    source_item_id: str | None = None  # the source's own id of the item (feed guid, table key)
    image_url: str | None = None  # absolute http(s) address of the lead image; its credit is `credit`
    image_alt: str | None = None  # what the image shows, in words; None where there is no image
    body: str | None = None  # the whole text as HTML, cleaned by `rendering.bodies`; None if not given
    published_at: datetime | None = None  # aware, UTC; only with a day, and only where the time was said
    warnings: tuple[str, ...] = ()  # what could not be read, for people
    how: str | None = field(default=None, compare=False, repr=False)  # by what it was found, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one reading of one source gave, in the source's order."""

    items: tuple[ReadItem, ...]
    warnings: tuple[str, ...] = ()
    language: str | None = None  # the page's own language, a prior for its items
    is_empty: bool = False  # the list itself is there, and nothing in it; without items, else, it is not
    signs: PageSignals = field(default_factory=PageSignals, compare=False)  # of its page


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason why an item has a theme."""

    theme: str
    term: str  # the rule's own words ("term youth", "series Spotlight Interviews", "editor")
    field: str  # kicker, title, lead (first sentence of the summary), summary, editor
    weight: float  # what it added to the theme's score; may be negative


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeDecision:
    """The themes of an item, the primary one, and why."""

    themes: tuple[str, ...]  # at least one, most specific first; "other" stands alone
    primary: str  # a member of `themes`
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One stored item. `id` is minted at first sight and never changes (docs/promises.md, Items)."""

    id: str  # 26 lower-case base32 letters
    source: str  # name of the source that saw it first
    link: str | None
    title: str | None
    summary: str | None
    kicker: str | None
    credit: str | None
    section: str | None
    place: str | None
    language: str | None
    published: date | None
    precision: Precision
    date_text: str | None
    first_seen: datetime  # aware, UTC
    updated: datetime  # aware, UTC; moves only with a significant change
    group: str  # shared by translations of one item
    decision: ThemeDecision
    image_url: str | None = None
    image_alt: str | None = None
    body: str | None = None  # the whole text as HTML, cleaned by `rendering.bodies`; None if not known
    published_at: datetime | None = None  # aware, UTC, at most a day off `published`; None: the day only
    hidden: bool = False  # an editor took it out of feeds and issues
    gone_at: datetime | None = None  # when its publisher was found to have taken it down; aware, UTC
    merged_into: str | None = None  # id of the item that stands for it in feeds and issues
    edited: tuple[str, ...] = ()  # names of fields an editor set; a fetch leaves them alone

    @property
    def heading(self) -> str:
        """The title, or the beginning of the summary where the source gave no title."""
        return self.title or shorten(self.summary or self.id, 80)

    @property
    def image(self) -> Image | None:
        """The lead image, or None if it has none."""
        if self.image_url is None:
            return None
        return Image(url=self.image_url, alt=self.image_alt, credit=self.credit)

    @property
    def is_out(self) -> bool:
        """Whether feeds and issues leave it out: hidden, merged into another, or taken down."""
        return self.hidden or self.merged_into is not None or self.gone_at is not None

    def day(self, zone: tzinfo) -> date:
        """The day that decides which issue takes the item.

        The published day (month precision: the 1st); without one, the day it was first seen in `zone`.
        """
        return self.published or self.first_seen.astimezone(zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCard:
    """What is known of a stored item without its texts: so many are held at once."""

    id: str
    first_seen: datetime  # aware, UTC
    updated: datetime  # aware, UTC
    published: date | None
    precision: Precision
    published_at: datetime | None  # aware, UTC
    language: str | None
    themes: tuple[str, ...]
    is_out: bool
    mark: bytes  # changes whenever anything does that a reader could see


def shorten(text: str, length: int) -> str:
    """Cut at a word's end to at most `length` characters, an ellipsis included."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return cut[: cut.rfind(" ")].rstrip(" ,;:") + "…" if " " in cut else cut + "…"
