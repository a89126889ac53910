"""The settings of sources and of fetching."""

from pathlib import Path

from pydantic import Field

from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import Count, Language, Line, Name, Seconds, WebUrl


class SourceTable(SettingsTable):
    """A place that news is read from. Repeat the block for each source."""

    name: Name = Field(description="Short name, stored with the items: never change it.", examples=["ilo"])
    kind: Line = Field(
        description="Kind of source: html, feed (Atom, RSS, JSON), text, folder (Markdown) or table (CSV).",
        examples=["html"],
    )
    url: WebUrl | None = Field(
        default=None,
        description="Address of the page. Set either url or path.",
        examples=["https://www.ilo.org/topics/cooperatives"],
    )
    path: Path | None = Field(
        default=None, description="A file to read instead of a page.", examples=["news.txt"]
    )
    base_url: WebUrl | None = Field(
        default=None,
        description=("For a file saved from the web: its original address, to which its links are relative."),
        examples=["https://www.example.org/news"],
    )
    preset: Line | None = Field(
        default=None,
        description='For kind html, the layout of the page: "ilo" (since 2024) or "ilo-classic".',
        examples=["ilo"],
    )
    selectors: dict[str, Line] | None = Field(
        default=None,
        description=(
            "For kind html, instead of a preset or parts of it: CSS selectors of item (one piece of news)"
            " and, if they are not recognised, of list, title, link, date, kicker, summary, credit, image,"
            " and next (the link to the list's next page, if it is not marked rel=next)."
        ),
        examples=[{"item": "li.news", "date": "span.day"}],
    )
    next_url: WebUrl | None = Field(
        default=None,
        description=(
            "For kind html, the address of the list's further pages if there is no link to them: {page} is"
            " replaced by 2, 3 and so on, {offset} by the number of items on the earlier pages."
        ),
        examples=["https://www.example.org/news/nextRow--{offset}/index.htm"],
    )
    max_pages: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Maximum number of pages of the list to read; reading stops at a page without new items.",
    )
    language: Language | None = Field(
        default=None, description="The page's language, if the page does not state it.", examples=["en"]
    )
    article: bool = Field(
        default=False,
        description=(
            "Whether the own page of each new or changed item is read too, for image, credit, whole text and"
            " exact time."
        ),
    )
    allow_private_hosts: bool = Field(
        default=False,
        description=(
            "Whether the host of url may have an address that is not public (in an intranet). Other hosts"
            " that the page redirects or links to may not."
        ),
    )
    may_be_empty: bool = Field(
        default=False, description="Whether the list may be empty although it had items before."
    )


class FetchTable(SettingsTable):
    """How pages are fetched."""

    contact: Line | None = Field(
        default=None,
        description="Mail or web address that is sent to the servers of pages. Default: public_url.",
        examples=["webmaster@example.org"],
    )
    timeout_s: Seconds = Field(default=10, description="Maximum seconds to fetch a whole page.")
    max_bytes: Count = Field(default=5_000_000, description="Maximum size of a page in bytes.")
    max_redirects: int = Field(
        default=5, ge=0, le=20, description="Maximum number of redirects to follow for one page."
    )
    delay_s: float = Field(
        default=2, ge=0, le=600, description="Average seconds between two requests to one host."
    )
