"""Settings of the sources and of the fetcher: names, types, defaults, descriptions with units."""

from pathlib import Path

from pydantic import Field

from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import Count, Language, Line, Name, Seconds, WebUrl


class SourceTable(SettingsTable):
    """A place that news is read from. Repeat the block for each source."""

    name: Name = Field(description="Short name, stored with the items: never change it.", examples=["ilo"])
    kind: Line = Field(
        description="What reads it: html, feed (Atom, RSS, JSON), text, folder (Markdown) or table (CSV).",
        examples=["html"],
    )
    url: WebUrl | None = Field(
        default=None,
        description="Address of the page. Give either url or path.",
        examples=["https://www.ilo.org/topics/cooperatives"],
    )
    path: Path | None = Field(
        default=None, description="A file to read instead of a page.", examples=["news.txt"]
    )
    base_url: WebUrl | None = Field(
        default=None,
        description=(
            "For a file saved from the web: the address it was saved from, to which its links are relative."
        ),
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
            "For kind html, in place of a preset or parts of it: CSS selectors of item (one piece of news)"
            " and, where looks do not tell them, of list, title, link, date, kicker, summary, credit, image,"
            " and next (the link to the list's next page, where it does not say rel=next)."
        ),
        examples=[{"item": "li.news", "date": "span.day"}],
    )
    next_url: WebUrl | None = Field(
        default=None,
        description=(
            "For kind html, address of the list's further pages where no link leads there: {page} stands for"
            " 2, 3 and so on, {offset} for the number of items on the pages before."
        ),
        examples=["https://www.example.org/news/nextRow--{offset}/index.htm"],
    )
    max_pages: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How many pages of the list are read at most, as long as they hold new items.",
    )
    language: Language | None = Field(
        default=None, description="The page's language, if the page does not state it.", examples=["en"]
    )
    article: bool = Field(
        default=False,
        description=(
            "Whether each new or changed item's own page is read too: for its image, credit, whole text and"
            " exact time."
        ),
    )
    allow_private_hosts: bool = Field(
        default=False,
        description=(
            "Whether the host of url may be on an address that is not public (an intranet). Other hosts that"
            " the page redirects or links to may not."
        ),
    )
    may_be_empty: bool = Field(
        default=False, description="Whether the list may be empty although it used to hold items."
    )


class FetchTable(SettingsTable):
    """How pages are fetched."""

    contact: Line | None = Field(
        default=None,
        description="Mail or web address told to the servers that are read. Default: public_url.",
        examples=["webmaster@example.org"],
    )
    timeout_s: Seconds = Field(default=10, description="Seconds that fetching a whole page may take.")
    max_bytes: Count = Field(default=5_000_000, description="Bytes that a page may have.")
    max_redirects: int = Field(
        default=5, ge=0, le=20, description="How many redirects are followed for one page."
    )
    delay_s: float = Field(
        default=2, ge=0, le=600, description="Average seconds between two requests to one host."
    )
