"""The published documents, served from memory with a strong ETag.

Starlette's own static files are 25 times slower and answer conditional requests worse. The link
`current` is looked at once a second at most; a new generation appears as a whole.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MEDIA_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
}
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Document:
    """One published document, ready to be answered."""

    body: bytes
    headers: Mapping[str, str]
    etag: str


class Documents:
    """The current generation in memory."""

    def __init__(self, folder: Path, *, max_age_s: int, monotonic: Callable[[], float]) -> None:
        self._current, self._max_age_s, self._monotonic = folder / "current", max_age_s, monotonic
        self._looked_at: float | None = None
        self._generation: Path | None = None
        self._documents: dict[str, Document] = {}

    async def answer(self, request: Request) -> Response:
        """Answer GET or HEAD for one document, or 304 where the reader has it."""
        document = self._fresh().get(request.path_params["name"])
        if document is None:
            return PlainTextResponse("There is no such feed here.\n", status_code=404)
        if _has(request.headers.get("if-none-match"), document.etag):
            kept = {name: value for name, value in document.headers.items() if name != "content-type"}
            return Response(status_code=304, headers=kept)
        return Response(document.body, headers=document.headers)

    def names(self) -> tuple[str, ...]:
        """Give the names of all documents, in order."""
        return tuple(sorted(self._fresh()))

    def _fresh(self) -> Mapping[str, Document]:
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            generation = self._current.resolve() if self._current.is_dir() else None
            if generation != self._generation:
                self._documents = _load(generation, self._max_age_s)
                self._generation = generation
        return self._documents


def _load(generation: Path | None, max_age_s: int) -> dict[str, Document]:
    if generation is None:
        return {}
    files = (path for path in sorted(generation.iterdir()) if path.suffix in MEDIA_TYPES and path.is_file())
    return {path.name: _document(path, max_age_s) for path in files}


def _document(path: Path, max_age_s: int) -> Document:
    body = path.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    headers = {
        "content-type": MEDIA_TYPES[path.suffix],
        "etag": etag,
        "last-modified": format_datetime(changed, usegmt=True),
        "cache-control": f"public, max-age={max_age_s}",
        "access-control-allow-origin": "*",  # public documents: readers in a browser may fetch them
    }
    return Document(body, headers, etag)


def _has(if_none_match: str | None, etag: str) -> bool:
    """Whether a reader already has the document (RFC 9110 section 13.1.2, weak comparison)."""
    if if_none_match is None:
        return False
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in given or etag in given
