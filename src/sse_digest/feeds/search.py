"""Find published items by words and theme; pure.

Exactly the published items are searched: the feed of all items and its archives.
"""

import json
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sse_digest.feeds.names import ALL, archive_of, archives_in

_LONGEST, _MOST_WORDS = 200, 20  # of a query: characters, words


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One published item."""

    id: str
    url: str
    title: str
    text: str
    day: date  # of the item, or else of its last change; sort key
    language: str | None
    themes: frozenset[str]
    folded: str  # all its words, folded for comparison


def read_items(documents: Collection[str], body: Callable[[str], bytes]) -> tuple[SearchResult, ...]:
    """Read all published items, newest first; of an item in two documents, the later version.

    Args:
        documents: names of the published documents.
        body: returns the bytes of a document.
    """
    names = [f"{ALL}.json", *(f"{archive_of(ALL, number)}.json" for number in _archives(documents))]
    newest: dict[str, tuple[str, SearchResult]] = {}
    for name in names:
        for item in json.loads(body(name))["items"] if name in documents else ():
            modified = str(item["date_modified"])
            if item["id"] not in newest or newest[item["id"]][0] < modified:
                newest[item["id"]] = modified, _found(item)
    return tuple(sorted((found for _, found in newest.values()), key=lambda item: item.day, reverse=True))


def find(items: Collection[SearchResult], question: str, theme: str | None) -> tuple[SearchResult, ...]:
    """Return the items that contain every word of a query and have the theme, in the order given.

    Case, accents and letter forms are ignored. A query without words finds every item of the theme.
    """
    words = fold(question[:_LONGEST]).split()[:_MOST_WORDS]
    return tuple(
        item
        for item in items
        if (theme is None or theme in item.themes) and all(word in item.folded for word in words)
    )


def fold(text: str) -> str:
    """Return text without case, accents and letter forms, for comparison."""
    apart = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode())
    return "".join(char for char in apart if not unicodedata.combining(char)).casefold()


def _archives(documents: Collection[str]) -> list[int]:
    return sorted(archives_in(documents).get(ALL, ()))


def _found(item: Mapping[str, object]) -> SearchResult:
    ours = item["_sse"]
    said = ours if isinstance(ours, Mapping) else {}
    tags = item.get("tags")
    words = (
        item["title"],
        item["content_text"],
        *(tags if isinstance(tags, list) else ()),
        said.get("place"),
    )
    language = item.get("language")
    return SearchResult(
        id=str(item["id"]),
        url=str(item["url"]),
        title=str(item["title"]),
        text=str(item["content_text"]),
        day=date.fromisoformat(str(said.get("date") or item["date_modified"])[:10]),
        language=str(language) if language else None,
        themes=frozenset(map(str, said.get("themes", ()))),
        folded=fold(" ".join(str(word) for word in words if word)),
    )
