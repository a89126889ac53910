"""Statements on own pages: when one was read, what of its item it gave, and what went wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.news_tables import items, own_pages

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
