"""A feed before it is written in any format: pure values, clean text, absolute addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sse_digest.feeds.names import FeedKey
from sse_digest.model.items import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A label of an entry (RFC 4287 section 4.2.2)."""

    scheme: str  # URI of the kind of label: theme or kicker
    term: str  # the theme's key, or the kicker as written
    label: str  # for people, in the feed's language; that of a kicker in the entry's
    feed: str | None = None  # theme of its feed; None if it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryImage:
    """The image of an entry."""

    url: str  # a URI
    type: str | None  # media type by the address; None if unknown
    alt: str  # alternative text; may be empty
    credit: str  # who made it; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a feed shows it."""

    id: str  # tag: URI, the same in every feed and format
    anchor: str  # id of its place on an HTML page
    title: str  # never empty
    summary: str  # may be empty
    dateline: str  # the source's words for the date, if `published` differs; else empty
    link: str | None  # the item's own address, or None if it has none
    place: str  # absolute address of its place on our page
    words: str  # the source's own words for its date; may be empty
    credit: str  # of the image, as the source wrote it; may be empty
    group: str  # tag: URI shared with its translations
    location: str  # where it happened, as the source wrote it; may be empty
    published: datetime | None  # UTC; None if the source gave no plausible date
    day: date | None  # the source's date; None exactly when `published` is None
    precision: Precision  # of `day`
    seen: datetime  # UTC; when it was first seen
    updated: datetime  # UTC; no two items share it
    language: str | None  # BCP 47; None if unknown
    kicker: str  # may be empty
    categories: tuple[Category, ...]  # the kicker, then the themes
    picture: EntryImage | None = None
    content: str = ""  # the whole text as sanitised HTML; empty if there is only `text`

    @property
    def url(self) -> str:
        """The item's own address, or its place on our page."""
        return self.link or self.place

    @property
    def text(self) -> str:
        """The date if it is needed and the summary, or else the title; never empty."""
        return " — ".join(part for part in (self.dateline, self.summary) if part) or self.title

    @property
    def dated(self) -> datetime:
        """The instant by which it is sorted, also for formats that require a date."""
        return self.published or self.seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The feed of the same theme in another language."""

    language: str | None  # None for all languages
    label: str  # the language's name for people; empty for all languages
    urls: Mapping[str, str]  # by format


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed or one of its archives: of all items or one theme, in all languages or one."""

    key: FeedKey
    label: str | None  # of the theme, in the feed's language; None for all items
    language_name: str  # of its items' language, for people; empty if they have several
    id: str  # tag: URI
    title: str  # never empty
    subtitle: str  # may be empty
    author: str  # the organisation
    language: str  # BCP 47; of title, subtitle and labels
    rights: str  # may be empty
    site_url: str  # the organisation's page, or the feed's own HTML page
    urls: Mapping[str, str]  # addresses of this feed by format
    ttl_minutes: int
    icon: str | None  # address of a square image, or None
    logo: str | None  # address of an image twice as wide as high, or None
    updated: datetime  # UTC; that of the newest entry
    entries: tuple[Entry, ...]  # newest first
    sisters: tuple[Translation, ...] = ()  # the same theme in other languages
    hub: str | None = None  # WebSub hub that is told about changes; None if there is none
    current: Mapping[str, str] | None = None  # of an archive: the feed itself, by format; None for a feed
    previous: Mapping[str, str] | None = None  # the previous archive, by format
    following: Mapping[str, str] | None = None  # the next archive, by format

    @property
    def name(self) -> str:
        """The file name of its documents, without the ending."""
        return self.key.name
