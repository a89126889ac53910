"""Whole pages as files, many with the items that must be read from them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent

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


PAGES: Mapping[str, Path] = {path.stem: path.with_suffix(".html") for path in sorted(FOLDER.glob("*/*.json"))}
"""The files of all pages whose items are known, by name."""


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


@cache
def text_of(name: str) -> str:
    """Return what stands in a file of this folder, without the line end that closes it."""
    return (FOLDER / name).read_bytes().decode().removesuffix("\n")


def filled(name: str, **parts: str) -> str:
    """Return what stands in a file of this folder, with a part in place of each `$name` in it."""
    return Template(text_of(name)).substitute(parts)
