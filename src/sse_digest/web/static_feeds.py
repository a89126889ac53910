"""Serve the published documents from memory, with strong ETags, compressed if the client accepts it.

Starlette's static files are 25 times slower and handle conditional requests worse. Even its routes and
requests cost more than a response, so feeds are answered before them. The link `current` is checked at most
once a second; a new generation appears as a whole.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from sse_digest.feeds import names
from sse_digest.feeds.names import is_subscribed, url_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.compression import PACKINGS
from sse_digest.feeds.output.generations import is_name
from sse_digest.feeds.output.redirects import is_gone, new_address
from sse_digest.web.security_headers import ALWAYS

MEDIA_TYPES = {f".{ending}": kind for ending, kind in names.MEDIA_TYPES.items()} | {
    ".css": "text/css; charset=utf-8"
}
LOOK_AGAIN_S = 1.0
ROOM_BYTES = 256 * 1024 * 1024  # of documents in memory; the least recently requested are dropped
_PLACE = "/feeds/"

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class StaticResponse:
    """A response, ready to be sent."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A document in one content coding."""

    whole: StaticResponse
    unchanged: StaticResponse  # for a client that has it already
    etag: str  # strong, so different for each coding (RFC 9110 section 8.8.3.3)


@dataclass(frozen=True, slots=True)
class StaticDocument:
    """One published document."""

    forms: Mapping[str, EncodedDocument]  # by coding; always includes the uncompressed one
    changed: datetime  # UTC, whole seconds
    size_bytes: int  # of all forms

    def form_for(self, accept_encoding: str) -> EncodedDocument:
        """Return the form that a client prefers."""
        return next(self.forms[coding] for coding in codings_for(accept_encoding) if coding in self.forms)


class StaticDocuments:
    """The documents of the current generation; each is read when it is first requested.

    Args:
        folder: the folder of the feeds.
        max_age_s: seconds for which clients may cache a document.
        monotonic: returns seconds.
        public_url: address of this installation, for Link headers; None for no such headers.
        hub: address of the WebSub hub, for Link headers; None if there is none.
        moves: which feeds moved or were discontinued; None if there are none.
        room_bytes: limit of documents in memory.
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
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        self._current, self._max_age_s, self._monotonic = folder / "current", max_age_s, monotonic
        self._public_url, self._hub = public_url, hub
        self._moves = moves if moves and (moves.gone or moves.moved_to) else None
        self._looked_at: float | None = None
        self._generation: Path | None = None
        self._documents: OrderedDict[str, StaticDocument] = OrderedDict()  # most recently requested last
        self._room_bytes, self._taken_bytes = room_bytes, 0

    def reply(self, name: str, headers: Iterable[tuple[bytes, bytes]]) -> StaticResponse:
        """Return the response to GET or HEAD for a document; the request's header names are in lower case."""
        if self._moves and is_gone(name, self._moves):
            return _plain(410, "This feed was discontinued.\n")
        there = self._moves and new_address(name, self._moves)
        if there:
            return _plain(301, "", (b"location", there.encode()))
        document = self._document(name)
        if document is None:
            return _plain(404, "There is no such feed here.\n")
        asked: dict[bytes, str] = {}
        for key, value in headers:
            if key in _REQUEST_HEADERS:
                text = value.decode("latin-1")
                asked[key] = f"{asked[key]}, {text}" if key in asked else text
        form = document.form_for(asked.get(b"accept-encoding", ""))
        return form.unchanged if _has(asked, form.etag, document.changed) else form.whole

    def generation(self) -> Path | None:
        """Return the folder of the generation that is current or was within the last second, or None."""
        now = self._monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN_S:
            self._look()
            self._looked_at = now
        return self._generation

    def in_memory(self) -> Iterable[str]:
        """Return the names of the documents in memory, the least recently requested first."""
        return self._documents.keys()

    def _look(self) -> None:
        generation = self._current.resolve() if self._current.is_dir() else None
        if generation != self._generation:
            self._documents.clear()
            self._generation, self._taken_bytes = generation, 0

    def _document(self, name: str) -> StaticDocument | None:
        generation = self.generation()
        document = self._documents.get(name)
        if document is not None:
            self._documents.move_to_end(name)
            return document
        if not is_name(name) or Path(name).suffix not in MEDIA_TYPES:
            return None
        document = self._read(generation, name)
        if document is None:
            self._look()  # two publishes within a second remove a generation
            if self._generation != generation:
                document = self._read(self._generation, name)
        if document is not None:
            self._keep(name, document)
        return document

    def _keep(self, name: str, document: StaticDocument) -> None:
        self._documents[name] = document
        self._taken_bytes += document.size_bytes
        while self._taken_bytes > self._room_bytes and len(self._documents) > 1:
            _, least = self._documents.popitem(last=False)
            self._taken_bytes -= least.size_bytes

    def _read(self, generation: Path | None, name: str) -> StaticDocument | None:
        """Read a document with its compressed forms; return None if it does not exist or was just removed."""
        if generation is None:
            return None
        path = generation / name
        with suppress(FileNotFoundError):
            changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
            bodies = {PLAIN: path.read_bytes()}
            for packing in PACKINGS:
                beside = path.with_name(name + packing.ending)
                if beside.is_file():
                    bodies[packing.coding] = beside.read_bytes()
            if generation.is_dir():  # otherwise compressed forms may be missing
                return self._made(name, changed, bodies)
        return None

    def _made(self, name: str, changed: datetime, bodies: Mapping[str, bytes]) -> StaticDocument:
        headers = {
            "content-type": MEDIA_TYPES[Path(name).suffix],
            "last-modified": format_datetime(changed, usegmt=True),
            "cache-control": f"public, max-age={self._max_age_s}",
            "vary": "Accept-Encoding",
            "access-control-allow-origin": "*",  # public documents, which scripts in a browser may fetch
            "accept-ranges": "none",
        }
        if self._public_url is not None:
            headers["link"] = f'<{url_of(self._public_url, name)}>; rel="self"'
            if self._hub and is_subscribed(name):
                headers["link"] += f', <{self._hub}>; rel="hub"'
        digest = hashlib.sha256(bodies[PLAIN]).hexdigest()[:32]
        forms = {}
        for coding, body in bodies.items():
            if coding == PLAIN:
                forms[coding] = _form(body, headers, f'"{digest}"')
            else:
                forms[coding] = _form(body, {**headers, "content-encoding": coding}, f'"{digest}-{coding}"')
        return StaticDocument(forms, changed, sum(map(len, bodies.values())))


class StaticFeeds:
    """ASGI middleware that serves the documents and passes on all other requests."""

    def __init__(self, app: ASGIApp, documents: StaticDocuments) -> None:
        self._app, self._documents = app, documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or pass the request on."""
        if scope["type"] != "http" or not scope["path"].startswith(_PLACE):
            await self._app(scope, receive, send)
            return
        if scope["method"] in {"GET", "HEAD"}:
            reply = self._documents.reply(scope["path"][len(_PLACE) :], scope["headers"])
        else:
            reply = _plain(405, "Feeds are read-only.\n", (b"allow", b"GET, HEAD"))
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        body = b"" if scope["method"] == "HEAD" else reply.body
        await send({"type": "http.response.body", "body": body})


_REQUEST_HEADERS = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})


def _plain(status: int, text: str, *more: tuple[bytes, bytes]) -> StaticResponse:
    headers = {**ALWAYS, "content-type": "text/plain; charset=utf-8", "content-length": str(len(text))}
    return StaticResponse(status, (*_raw(headers), *more), text.encode())


def _form(body: bytes, headers: Mapping[str, str], etag: str) -> EncodedDocument:
    all_headers = {**ALWAYS, **headers, "etag": etag}
    kept = {
        name: value for name, value in all_headers.items() if name not in {"content-type", "content-encoding"}
    }
    whole = StaticResponse(200, _raw({**all_headers, "content-length": str(len(body))}), body)
    return EncodedDocument(whole, StaticResponse(304, _raw(kept), b""), etag)


def _raw(headers: Mapping[str, str]) -> Headers:
    return tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())


def _has(asked: Mapping[bytes, str], etag: str, changed: datetime) -> bool:
    """Return whether a client already has the document (RFC 9110 section 13.2.2, weak comparison)."""
    if_none_match = asked.get(b"if-none-match")
    if if_none_match is not None:
        given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in given or etag in given
    try:
        since = parsedate_to_datetime(asked.get(b"if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed <= since


PLAIN = "identity"  # no content coding
_OURS = (*(packing.coding for packing in PACKINGS), PLAIN)
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_LEAST = 0.0005  # lower than any weight that can be written


@lru_cache(maxsize=256)  # clients send only a few different values
def codings_for(accept_encoding: str) -> tuple[str, ...]:
    """Return the codings that a client accepts, in order of preference; always including "identity".

    Equally preferred codings are ordered by compression. A coding with a malformed weight is not accepted.
    """
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, weight = (word.strip() for word in part.partition(";"))
        match = _WEIGHT.fullmatch(weight or "q=1")
        weights[coding] = float(match[1]) if match else 0.0
    others = weights.get("*", 0.0)
    preferences = {coding: weights.get(coding, others) for coding in _OURS}
    preferences[PLAIN] = preferences[PLAIN] or _LEAST  # sent even to clients that refuse it
    return tuple(
        coding for coding in sorted(_OURS, key=lambda coding: -preferences[coding]) if preferences[coding]
    )
