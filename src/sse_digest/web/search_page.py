"""The page to search published items by words and theme: GET only, without scripts; nothing is stored."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sse_digest.feeds.entry import label_of
from sse_digest.feeds.formats.html import framed
from sse_digest.feeds.names import ALL
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.search import SearchResult, find, read_items
from sse_digest.rendering.translations import load, nearest
from sse_digest.web.static_feeds import StaticDocuments

_SHOWN = 50


class SearchPage:
    """Answers searches from the published documents.

    Args:
        documents: the documents that are served.
        options: labels of themes, and the feeds' own language.
    """

    def __init__(self, documents: StaticDocuments, options: FeedOptions) -> None:
        self._documents, self._options = documents, options
        self._read: tuple[Path | None, Sequence[SearchResult]] = (None, ())
        self._turn = asyncio.Lock()

    async def page(self, request: Request) -> Response:
        """Show the form and, if there is a query, its results."""
        question = request.query_params.get("q", "").replace("\0", " ").strip()
        theme = request.query_params.get("theme") or None
        asked = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
        language = nearest(asked, default=nearest(self._options.language))
        found = find(await self._items(), question, theme) if question or theme else None
        body = framed(
            "search.html",
            language,
            self._options.appearance,
            organisation=self._options.author,
            question=question.encode("utf-8", "replace").decode(),
            theme=theme,
            themes={key: label_of(key, self._options, language) for key in self._options.themes},
            found=found,
            shown=(found or ())[:_SHOWN],
            number=load(language).number,
        )
        return HTMLResponse(body, headers={"cache-control": "no-cache", "vary": "Accept-Language"})

    async def _items(self) -> Sequence[SearchResult]:
        """Return all published items; they are read again only after a new generation was published."""
        async with self._turn:
            generation = self._documents.generation()
            if self._read[0] != generation:
                with suppress(FileNotFoundError):  # it was just removed: keep the items read before
                    self._read = generation, await asyncio.to_thread(_items_in, generation)
            return self._read[1]


def _items_in(generation: Path | None) -> Sequence[SearchResult]:
    if generation is None:
        return ()
    names = [path.name for path in generation.glob(f"{ALL}.*json")]
    return read_items(names, lambda name: (generation / name).read_bytes())
