"""What a feed is before it is written in any format: pure values, clean text, absolute addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sse_digest.feeds.names import FeedKey
from sse_digest.model.items import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A label of an entry (RFC 4287 section 4.2.2)."""

    scheme: str  # URI of the kind of label: themes or kickers
    term: str  # the theme's key, or the kicker as written
    label: str  # for people, in the feed's language (a kicker: in the entry's)
    feed: str | None = None  # the feed of that theme, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryImage:
    """The image of an entry."""

    url: str  # a URI
    type: str | None  # media type, as far as the address tells it
    alt: str  # what can be seen on it; may be empty
    credit: str  # whose it is; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a feed shows it."""

    id: str  # tag: URI, the same in every feed and format
    anchor: str  # id of its place on an HTML page
    title: str  # never empty
    summary: str  # may be empty
    dateline: str  # the source's words for the date, where `published` does not say the same
    link: str | None  # the item's own address, or None if it has none
    place: str  # absolute address of its place on our page
    words: str  # the source's own words for its date; may be empty
    credit: str  # of the image, as the source wrote it; may be empty
    group: str  # tag: URI shared with its translations
    location: str  # where it happened, as the source wrote it; may be empty
    published: datetime | None  # UTC; None: the source gave no plausible date
    day: date | None  # the source's date, None exactly when `published` is None
    precision: Precision  # of `day`
    seen: datetime  # UTC, first sight
    updated: datetime  # UTC, different from that of every other item
    language: str | None  # BCP 47; None if not known
    kicker: str  # may be empty
    categories: tuple[Category, ...]  # the kicker, then the themes
    picture: EntryImage | None = None
    content: str = ""  # the whole as HTML, safe as it is; empty: `text` is all

    @property
    def url(self) -> str:
        """The item's own address, or its place on our page."""
        return self.link or self.place

    @property
    def text(self) -> str:
        """What a feed says next to the title: date where needed, summary; never empty."""
        return " — ".join(part for part in (self.dateline, self.summary) if part) or self.title

    @property
    def dated(self) -> datetime:
        """The instant it sorts by, and that of formats which must have one."""
        return self.published or self.seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The feed of the same theme in another language."""

    language: str | None  # None: in every language
    label: str  # the language's name for people; empty: every language
    urls: Mapping[str, str]  # by format


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed or one of its archives: of all items or one theme, in every language or in one."""

    key: FeedKey
    label: str | None  # of the theme, in the feed's language; None: all items
    language_name: str  # of the language it is confined to, for people; empty: it is not
    id: str  # tag: URI
    title: str  # never empty
    subtitle: str  # may be empty
    author: str  # the organisation
    language: str  # BCP 47, of title, subtitle and labels
    rights: str  # may be empty
    site_url: str  # the organisation's page, or the feed's own HTML page
    urls: Mapping[str, str]  # by format: where each form of this feed stands
    ttl_minutes: int
    icon: str | None  # address of a square image; None: none is named
    logo: str | None  # address of an image twice as wide as high
    updated: datetime  # UTC; that of the newest entry
    entries: tuple[Entry, ...]  # newest first
    sisters: tuple[Translation, ...] = ()  # the same theme in other languages
    hub: str | None = None  # told when this document changes; None: readers poll
    current: Mapping[str, str] | None = None  # an archive: where the feed itself stands; None: this is it
    previous: Mapping[str, str] | None = None  # the archive before, by format
    following: Mapping[str, str] | None = None  # the archive behind this one

    @property
    def name(self) -> str:
        """What its documents are called, without the ending."""
        return self.key.name
