"""Statements on own pages: when one was read, what of its item it gave, and what went wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.news.sightings import Sighting, listed_at, place_of
from sse_digest.store.news_tables import inquiries, item_places, items, own_pages

_CHUNK = 500  # ids in one statement; databases bound the number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageState:
    """How the reading of an item's own page went."""

    item_id: str
    words: str  # a hash of what the listing said of the item then
    tried_at: datetime | None  # aware, UTC; None: it waits for its first try
    good_at: datetime | None  # the last try that gave something; None: there was none
    tries: int  # since the last good one, or since the listing said something else
    problem: str | None  # why the last try gave nothing; None: it was good
    fields: tuple[str, ...]  # names of the item's fields that its page gave; a listing leaves them alone
    waits: bool = False  # to be asked in a later round, whether the item is still listed or not
    not_before: datetime | None = None  # its server asked for peace until then; aware, UTC
    address: str | None = None  # what the page calls its own, folded, taken or not; None: nothing


async def own_page_states(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, OwnPageState]:
    """Give the states of those of these items whose pages were ever tried."""
    wanted = sorted(set(ids))
    found: dict[str, OwnPageState] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(own_pages).where(own_pages.c.item_id.in_(wanted[start : start + _CHUNK]))
        rows = (await connection.execute(statement)).mappings()
        found |= {row["item_id"]: _state(row) for row in rows}
    return found


async def waiting_own_pages(connection: AsyncConnection, source: str) -> Mapping[str, OwnPageState]:
    """Give the states of a source's items whose pages wait for a later round, the oldest item first."""
    here = (own_pages.c.item_id == items.c.id) & (items.c.source == source)
    statement = select(own_pages).where(here, own_pages.c.waits).order_by(items.c.number)
    return {row["item_id"]: _state(row) for row in (await connection.execute(statement)).mappings()}


async def sharing_address(connection: AsyncConnection, address: str) -> tuple[OwnPageState, ...]:
    """Give the states of the pages that call themselves by an address, folded."""
    statement = select(own_pages).where(own_pages.c.address == address)
    return tuple(_state(row) for row in (await connection.execute(statement)).mappings())


def _state(row: RowMapping) -> OwnPageState:
    return OwnPageState(**{**row, "fields": tuple(row["fields"])})


async def record_own_pages(connection: AsyncConnection, states: Collection[OwnPageState]) -> None:
    """Store how pages were read, in place of what was stored of them before."""
    for state in states:
        await connection.execute(delete(own_pages).where(own_pages.c.item_id == state.item_id))
        await connection.execute(insert(own_pages).values(asdict(state) | {"fields": list(state.fields)}))


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
