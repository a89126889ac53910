"""The published documents, served from memory with a strong ETag, packed where the reader takes it.

Starlette's own static files are 25 times slower and answer conditional requests worse. The link
`current` is looked at once a second at most; a new generation appears as a whole.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from sse_digest.feeds import addresses
from sse_digest.feeds.addresses import is_subscribed, url_of
from sse_digest.feeds.moving import is_gone, new_address
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.packing import PACKINGS
from sse_digest.web.negotiation import PLAIN, codings_for

MEDIA_TYPES = {f".{ending}": kind for ending, kind in addresses.MEDIA_TYPES.items()} | {
    ".css": "text/css; charset=utf-8"
}
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Form:
    """A document in one coding, ready to be answered."""

    body: bytes
    headers: Mapping[str, str]
    etag: str  # strong, so different for each coding (RFC 9110 section 8.8.3.3)


@dataclass(frozen=True, slots=True)
class Document:
    """One published document."""

    forms: Mapping[str, Form]  # by coding; the plain one is always there
    changed: datetime  # UTC, whole seconds

    @property
    def plain(self) -> Form:
        """The document as it was written."""
        return self.forms[PLAIN]

    def form_for(self, accept_encoding: str) -> Form:
        """Give the form that a reader likes best."""
        return next(self.forms[coding] for coding in codings_for(accept_encoding) if coding in self.forms)


class Documents:
    """The current generation in memory.

    Args:
        folder: of the feeds.
        max_age_s: seconds after which a reader asks again.
        monotonic: gives seconds.
        public_url: address of this installation, for Link headers; None: there are none.
        hub: told of changes, for Link headers; None: there is none.
        moves: which feeds moved or were given up; None: none.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_age_s: int,
        monotonic: Callable[[], float],
        public_url: str | None = None,
        hub: str | None = None,
        moves: FeedOptions | None = None,
    ) -> None:
        self._current, self._max_age_s, self._monotonic = folder / "current", max_age_s, monotonic
        self._public_url, self._hub, self._moves = public_url, hub, moves
        self._looked_at: float | None = None
        self._generation: Path | None = None
        self._documents: dict[str, Document] = {}

    async def answer(self, request: Request) -> Response:
        """Answer GET or HEAD for one document, or 304 where the reader has it."""
        name = request.path_params["name"]
        if self._moves and is_gone(name, self._moves):
            return PlainTextResponse("This feed was given up for good.\n", status_code=410)
        there = self._moves and new_address(name, self._moves)
        if there:
            return RedirectResponse(there, status_code=301)
        document = self._fresh().get(name)
        if document is None:
            return PlainTextResponse("There is no such feed here.\n", status_code=404)
        form = document.form_for(request.headers.get("accept-encoding", ""))
        if _has(request, form.etag, document.changed):
            left_out = ("content-type", "content-encoding")
            kept = {name: value for name, value in form.headers.items() if name not in left_out}
            return Response(status_code=304, headers=kept)
        return Response(form.body, headers=form.headers)

    def standing(self) -> Mapping[str, Document]:
        """Give all documents by name; the same object as long as the same generation stands."""
        return self._fresh()

    def names(self) -> tuple[str, ...]:
        """Give the names of all documents, in order."""
        return tuple(sorted(self._fresh()))

    def _fresh(self) -> Mapping[str, Document]:
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN_S:
            generation = self._current.resolve() if self._current.is_dir() else None
            documents = self._documents if generation == self._generation else self._load(generation)
            if documents is None:  # what is in memory stays, and the next question looks again
                return self._documents
            self._documents, self._generation, self._looked_at = documents, generation, now
        return self._documents

    def _load(self, generation: Path | None) -> dict[str, Document] | None:
        """Read a generation; None if two publishes took some of it away meanwhile."""
        if generation is None:
            return {}
        with suppress(FileNotFoundError):
            documents = {path.name: self._document(path) for path in _files(generation)}
            # Half a generation reads without an error where its files went before they were listed.
            if self._current.resolve() == generation and len(documents) == len(_files(generation)):
                return documents
        return None

    def _document(self, path: Path) -> Document:
        changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        body = path.read_bytes()
        headers = {
            "content-type": MEDIA_TYPES[path.suffix],
            "last-modified": format_datetime(changed, usegmt=True),
            "cache-control": f"public, max-age={self._max_age_s}",
            "vary": "Accept-Encoding",
            "access-control-allow-origin": "*",  # public documents: readers in a browser may fetch them
            "accept-ranges": "none",
        }
        if self._public_url is not None:
            headers["link"] = f'<{url_of(self._public_url, path.name)}>; rel="self"'
            if self._hub and is_subscribed(path.name):
                headers["link"] += f', <{self._hub}>; rel="hub"'
        digest = hashlib.sha256(body).hexdigest()[:32]
        forms = {PLAIN: _form(body, headers, f'"{digest}"')}
        for packing in PACKINGS:
            beside = path.with_name(path.name + packing.ending)
            if beside.is_file():
                coded = {**headers, "content-encoding": packing.coding}
                forms[packing.coding] = _form(beside.read_bytes(), coded, f'"{digest}-{packing.coding}"')
        return Document(forms, changed)


def _files(generation: Path) -> list[Path]:
    return [path for path in sorted(generation.iterdir()) if path.suffix in MEDIA_TYPES and path.is_file()]


def _form(body: bytes, headers: Mapping[str, str], etag: str) -> Form:
    return Form(body, {**headers, "etag": etag}, etag)


def _has(request: Request, etag: str, changed: datetime) -> bool:
    """Whether a reader already has the document (RFC 9110 section 13.2.2, weak comparison)."""
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:
        given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in given or etag in given
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed <= since
