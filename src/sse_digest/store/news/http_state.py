"""Statements on visits: what is remembered of a page between two requests, and of a host's robots.txt."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.news_tables import robots, visits


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
    moved_to: str | None = None  # where it leads for good
    not_before: datetime | None = None  # the server asked for peace until then; aware, UTC
    pages_left: bool = False  # a further page of the list is still to be read
    ended_at: datetime | None = None  # the server said that it is gone for good (410); aware, UTC

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


async def visit_of(connection: AsyncConnection, source: str, url: str) -> HttpState | None:
    """Give the last visit of a source's page; None: there was none."""
    this = (visits.c.source == source) & (visits.c.url == url)
    row = (await connection.execute(select(visits).where(this))).mappings().first()
    return None if row is None else HttpState(**row)


async def record_visit(connection: AsyncConnection, visit: HttpState) -> None:
    """Remember a visit in place of the one before."""
    this = (visits.c.source == visit.source) & (visits.c.url == visit.url)
    await connection.execute(delete(visits).where(this))
    await connection.execute(insert(visits).values(asdict(visit)))


async def robots_of(connection: AsyncConnection, origin: str) -> StoredRobots | None:
    """Give a host's robots.txt as last fetched; None: it never was."""
    row = (await connection.execute(select(robots).where(robots.c.origin == origin))).mappings().first()
    return None if row is None else StoredRobots(**row)


async def record_robots(connection: AsyncConnection, found: StoredRobots) -> None:
    """Remember a robots.txt in place of the one before."""
    await connection.execute(delete(robots).where(robots.c.origin == found.origin))
    await connection.execute(insert(robots).values(asdict(found)))
