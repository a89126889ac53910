"""Statements on inquiries: when the own page of an item its list lost was asked, and what it said."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.news.sightings import Sighting, listed_at, place_of
from sse_digest.store.news_tables import inquiries, item_places

_CHUNK = 500  # ids in one statement; databases bound the number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCheck:
    """What is known of the own page of an item that its list does not show any more."""

    item_id: str
    asked_at: datetime  # the last time; aware, UTC
    times: int  # that its server answered
    status: int | None  # of the last answer; None: there was none


async def inquiries_of(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, GoneCheck]:
    """Give the inquiries after those of these items that were ever asked after."""
    wanted = sorted(set(ids))
    found: dict[str, GoneCheck] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(inquiries).where(inquiries.c.item_id.in_(wanted[start : start + _CHUNK]))
        found |= {
            row["item_id"]: GoneCheck(**row) for row in (await connection.execute(statement)).mappings()
        }
    return found


async def record_inquiries(connection: AsyncConnection, asked: Collection[GoneCheck]) -> None:
    """Store inquiries, in place of earlier ones after the same items."""
    for one in asked:
        await connection.execute(delete(inquiries).where(inquiries.c.item_id == one.item_id))
        await connection.execute(insert(inquiries).values(asdict(one)))


async def lost_places(
    connection: AsyncConnection, source: str, *, lost_since: datetime, day_since: date, front: int, most: int
) -> tuple[Sighting, ...]:
    """Give places that the source's last reading did not list any more, those lost first leading.

    Args:
        connection: of any transaction.
        source: its name.
        lost_since: what was not listed since is passed over.
        day_since: and what is dated before.
        front: and what did not stand among so many at the head of its list.
        most: places that are given.
    """
    here = item_places.c.source == source
    lately = (item_places.c.last_seen >= lost_since) & (item_places.c.last_seen < listed_at(source))
    recent = or_(item_places.c.published.is_(None), item_places.c.published >= day_since)
    ahead = (item_places.c.position < front) & item_places.c.link.is_not(None)
    statement = select(item_places).where(here, lately, recent, ahead)
    ordered = statement.order_by(item_places.c.last_seen, item_places.c.position).limit(most)
    return tuple(place_of(row) for row in (await connection.execute(ordered)).mappings())
