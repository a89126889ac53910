"""Statements on what is remembered of a page between two requests, and of a host's robots.txt."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpState:
    """The last request for a page."""

    source: str  # whose page it is
    url: str  # as configured, or an item's link
    asked_at: datetime  # aware, UTC
    is_good: bool  # it gave a page, and what was read from it was taken
    manner: str  # how it was read, as a hash
    etag: str | None = None  # as the server wrote it, and so is the next
    last_modified: str | None = None
    moved_to: str | None = None  # where it leads permanently
    not_before: datetime | None = None  # the server asked to be left alone until then; aware, UTC
    pages_left: bool = False  # a further page of the list is still to be read
    ended_at: datetime | None = None  # the server said that it is gone permanently (410); aware, UTC

    @property
    def has_validators(self) -> bool:
        """Whether the server can be asked if the page has changed."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A host's robots.txt."""

    origin: str  # scheme, host and port
    asked_at: datetime  # aware, UTC
    text: bytes  # empty: it has none, so that everything may be read


def visit_of(connection: Connection, source: str, url: str) -> HttpState | None:
    """Return what is remembered of a source's page, or None if it was never requested."""
    row = connection.row("SELECT * FROM visits WHERE source = ? AND url = ?", (source, url))
    return None if row is None else read_row(HttpState, row)


def record_visit(connection: Connection, visit: HttpState) -> None:
    """Remember a request in place of the one before."""
    connection.replace("visits", asdict(visit), "source", "url")


def robots_of(connection: Connection, origin: str) -> StoredRobots | None:
    """Return a host's robots.txt as last fetched, or None if it never was."""
    row = connection.row("SELECT * FROM robots WHERE origin = ?", (origin,))
    return None if row is None else read_row(StoredRobots, row)


def record_robots(connection: Connection, found: StoredRobots) -> None:
    """Remember a robots.txt in place of the one before."""
    connection.replace("robots", asdict(found), "origin")
