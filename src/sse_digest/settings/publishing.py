"""Settings of what is published: names, types, defaults, descriptions with units."""

from pathlib import Path

from pydantic import Field

from sse_digest.settings.block import Block
from sse_digest.settings.fields import FrameLanguage, Line, WebUrl


class FeedsBlock(Block):
    """What is published."""

    folder: Path = Field(default=Path("feeds"), description="Folder of the published documents.")
    title: Line | None = Field(
        default=None,
        description="Title of the feed of all items. Without it the organisation.",
        examples=["News"],
    )
    subtitle: Line | None = Field(
        default=None,
        description="One sentence about the feed. Without it the organisation.",
        examples=["News on the social and solidarity economy"],
    )
    language: FrameLanguage = Field(default="en", description="Language of title and subtitle.")
    site_url: WebUrl | None = Field(
        default=None,
        description="The organisation's own page about this. Without it the feed's HTML page.",
        examples=["https://www.example.org/news"],
    )
    rights: Line | None = Field(
        default=None, description="Copyright or licence of the items.", examples=["© Example Organisation"]
    )
    ttl_minutes: int = Field(
        default=60, ge=1, le=10_080, description="Minutes after which a reader may ask for a feed again."
    )
    newest: int = Field(
        default=50,
        ge=1,
        le=1_000,
        description="A feed holds all items not archived yet, and so many of those last updated.",
    )
