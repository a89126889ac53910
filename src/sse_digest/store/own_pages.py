"""Statements on own pages: when one was read, what of its item it gave, and what went wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.tables import own_pages

_CHUNK = 500  # ids in one statement; databases bound the number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageState:
    """How the reading of an item's own page went."""

    item_id: str
    words: str  # a hash of what the listing said of the item then
    tried_at: datetime  # aware, UTC
    good_at: datetime | None  # the last try that gave something; None: there was none
    tries: int  # since the last good one, or since the listing said something else
    problem: str | None  # why the last try gave nothing; None: it was good
    fields: tuple[str, ...]  # names of the item's fields that its page gave; a listing leaves them alone


async def own_page_states(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, OwnPageState]:
    """Give the states of those of these items whose pages were ever tried."""
    wanted = sorted(set(ids))
    found: dict[str, OwnPageState] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(own_pages).where(own_pages.c.item_id.in_(wanted[start : start + _CHUNK]))
        for row in (await connection.execute(statement)).mappings():
            found[row["item_id"]] = OwnPageState(**{**row, "fields": tuple(row["fields"])})
    return found


async def record_own_pages(connection: AsyncConnection, states: Collection[OwnPageState]) -> None:
    """Store how pages were read, in place of what was stored of them before."""
    for state in states:
        await connection.execute(delete(own_pages).where(own_pages.c.item_id == state.item_id))
        names = ("item_id", "words", "tried_at", "good_at", "tries", "problem")
        values = {name: getattr(state, name) for name in names}
        await connection.execute(insert(own_pages).values(values | {"fields": list(state.fields)}))
