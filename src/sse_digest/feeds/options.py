"""What publishing is told; assembled from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class EntryContent(StrEnum):
    """How much of an item is in a feed."""

    FULL = "full"  # the whole text where the source gave it
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOptions:
    """Where the feeds stand and what they say of themselves."""

    folder: Path  # holds generations/ and the link `current`
    public_url: str  # https address of this installation, without a slash at its end
    title: str
    subtitle: str
    author: str  # the organisation
    language: str  # of the title and subtitle
    themes: Mapping[str, Mapping[str, str]]  # theme key to its labels per language, in order
    site_url: str | None  # the organisation's own page; None: the feed's HTML page
    rights: str | None
    ttl_minutes: int
    newest: int  # a feed holds what is not archived, and so many of those last updated
    content: EntryContent
    icon: str | None  # address of a square image
    logo: str | None  # address of an image twice as wide as high
    moved_to: Mapping[str, str]  # name of a feed to its new address
    gone: frozenset[str]  # names of feeds that were given up permanently
    hub: str | None  # address of a WebSub hub that is notified of changes
    range_length: int = 200  # items between two archives; never to be changed once one was published
