"""Statements on what is remembered about a page between two requests, and on hosts' robots.txt."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpState:
    """The last request for a page."""

    source: str  # the name of the source that the page belongs to
    url: str  # as configured, or an item's link
    asked_at: datetime  # when it was requested; aware, UTC
    is_good: bool  # whether it returned a page whose reading was stored
    manner: str  # a hash of the options by which it was read
    etag: str | None = None  # unchanged, as the server sent it
    last_modified: str | None = None  # unchanged, as the server sent it
    moved_to: str | None = None  # the target of a permanent redirect
    not_before: datetime | None = None  # the server asked for no request before this time; aware, UTC
    pages_left: bool = False  # whether a further page of the list is still to be read
    ended_at: datetime | None = None  # when the server replied that the page is gone (410); aware, UTC

    @property
    def has_validators(self) -> bool:
        """Whether a conditional request is possible."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A host's robots.txt."""

    origin: str  # scheme, host and port
    asked_at: datetime  # when it was requested; aware, UTC
    text: bytes  # empty: the host has none, so all pages may be requested


def visit_of(connection: Connection, source: str, url: str) -> HttpState | None:
    """Return the last request for a source's page, or None if it was never requested."""
    row = connection.row("SELECT * FROM visits WHERE source = ? AND url = ?", (source, url))
    return None if row is None else read_row(HttpState, row)


def record_visit(connection: Connection, visit: HttpState) -> None:
    """Store a request in place of the previous one for the same page."""
    connection.replace("visits", asdict(visit), "source", "url")


def robots_of(connection: Connection, origin: str) -> StoredRobots | None:
    """Return a host's robots.txt as last requested, or None if it was never requested."""
    row = connection.row("SELECT * FROM robots WHERE origin = ?", (origin,))
    return None if row is None else read_row(StoredRobots, row)


def record_robots(connection: Connection, found: StoredRobots) -> None:
    """Store a robots.txt in place of the host's previous one."""
    connection.replace("robots", asdict(found), "origin")
