"""The settings of the published feeds."""

from pathlib import Path

from pydantic import Field

from sse_digest.feeds.options import EntryContent
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import FeedName, FeedToGiveUp, FrameLanguage, Line, WebUrl


class FeedsTable(SettingsTable):
    """The published feeds and pages."""

    folder: Path = Field(default=Path("feeds"), description="Folder of the published documents.")
    title: Line | None = Field(
        default=None,
        description="Title of the feed of all items. Default: the organisation.",
        examples=["News"],
    )
    subtitle: Line | None = Field(
        default=None,
        description="One sentence about the feed. Default: the organisation.",
        examples=["News on the social and solidarity economy"],
    )
    language: FrameLanguage = Field(default="en", description="Language of title and subtitle.")
    site_url: WebUrl | None = Field(
        default=None,
        description="The organisation's own page about this. Default: the feed's HTML page.",
        examples=["https://www.example.org/news"],
    )
    rights: Line | None = Field(
        default=None, description="Copyright or licence of the items.", examples=["© Example Organisation"]
    )
    content: EntryContent = Field(
        default=EntryContent.FULL,
        description="How much of an item a feed contains: its whole text if the source provides it (full),"
        " or its summary (summary).",
    )
    icon: WebUrl | None = Field(
        default=None,
        description="Address of a small square image that readers show next to the feed.",
        examples=["https://www.example.org/icon.png"],
    )
    logo: WebUrl | None = Field(
        default=None,
        description="Address of an image twice as wide as high that readers show above the feed.",
        examples=["https://www.example.org/logo.png"],
    )
    hub: WebUrl | None = Field(
        default=None,
        description="Address of a WebSub hub that is notified of changes, so that readers see them at once.",
        examples=["https://hub.example.org/"],
    )
    moved_to: dict[FeedName, WebUrl] | None = Field(
        default=None,
        description="Feeds that moved: the feed's name and its new address, in which {format} is replaced by"
        " atom, rss, json or html. Requests are redirected (301), and a last entry announces the address.",
        examples=[{"youth.fr": "https://jeunesse.example.org/nouvelles.{format}"}],
    )
    gone: tuple[FeedToGiveUp, ...] | None = Field(
        default=None,
        description="Discontinued feeds: they are no longer published, and requests for them get 410.",
        examples=[["old-theme"]],
    )
    ttl_minutes: int = Field(
        default=60, ge=1, le=10_080, description="Minutes after which a reader may ask for a feed again."
    )
    newest: int = Field(
        default=50,
        ge=1,
        le=1_000,
        description="A feed contains all items not yet archived, and this many of the last updated.",
    )
