"""The options of publishing, made from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sse_digest.rendering.design import DEFAULT_APPEARANCE, Appearance


class EntryContent(StrEnum):
    """How much of an item a feed contains."""

    FULL = "full"  # the whole text, if the source provides it
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOptions:
    """Addresses, metadata and rules of the feeds."""

    folder: Path  # holds generations/ and the link `current`
    public_url: str  # http or https address of this installation
    title: str
    subtitle: str
    author: str  # the organisation
    language: str  # of the title and subtitle
    themes: Mapping[str, Mapping[str, str]]  # theme key to its labels by language, in order
    site_url: str | None  # the organisation's own page; None for the feed's HTML page
    rights: str | None
    ttl_minutes: int
    newest: int  # a feed holds all unarchived items, and this many of the last updated
    content: EntryContent
    icon: str | None  # address of a square image
    logo: str | None  # address of an image twice as wide as high
    moved_to: Mapping[str, str]  # name of a feed to its new address
    gone: frozenset[str]  # names of feeds that were discontinued
    hub: str | None  # address of a WebSub hub that is notified of changes, or None
    appearance: Appearance = DEFAULT_APPEARANCE
    range_length: int = 200  # items in an archive; must not change once one was published
