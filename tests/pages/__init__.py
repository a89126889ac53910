"""Whole pages as files, each with the items that must be read from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HOME = "https://www.example.org/section/news/index.html"
"""Where every page is taken to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageItem:
    """What must be read of an item."""

    title: str
    summary: str | None
    published: date
    link: str


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page, and the items it has."""

    text: str
    items: tuple[PageItem, ...]


PAGES: Mapping[str, Path] = {path.stem: path for path in sorted(Path(__file__).parent.glob("*/*.html"))}
"""The files of all pages by name."""


def known_page(name: str) -> KnownPage:
    """Read a page and its items."""
    found = json.loads(PAGES[name].with_suffix(".json").read_text(encoding="utf-8"))["items"]
    items = (
        PageItem(
            title=item["title"],
            summary=item["summary"],
            published=date.fromisoformat(item["day"]),
            link=item["link"],
        )
        for item in found
    )
    return KnownPage(PAGES[name].read_bytes().decode(), tuple(items))
