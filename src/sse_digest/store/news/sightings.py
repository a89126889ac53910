"""Statements on places: on which source's page an item stands, and what that page says of it.

One item on three pages is one item with three places. A place keeps the source's own words, whatever
an editor made of them, and how often the item was missed since it was last seen there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.items import ReadItem
from sse_digest.store.news_tables import item_places

_CHUNK = 500  # ids in one statement; databases bound the number of parameters
_WORDS = ("link", "kicker", "section", "title", "summary", "published", "date_text", "how")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One item on one source's page, as that page last said it."""

    item_id: str
    source: str
    position: int  # on the page, from 0
    link: str | None
    kicker: str | None
    section: str | None
    title: str | None
    summary: str | None
    published: date | None
    date_text: str | None
    said: str  # a hash of all that was said of it (`sources.identity.said_of`)
    first_seen: datetime  # aware, UTC
    last_seen: datetime  # aware, UTC
    absences: int = 0  # readings since, in which older items stood there and this one did not
    how: str | None = None  # by what it was found there, for people
    missed_at: datetime | None = None  # the last of them; aware, UTC


async def places_of(connection: AsyncConnection, item_id: str) -> tuple[Sighting, ...]:
    """Give the places of an item, the first one first."""
    statement = select(item_places).where(item_places.c.item_id == item_id)
    rows = await connection.execute(statement.order_by(item_places.c.first_seen, item_places.c.source))
    return tuple(place_of(row) for row in rows.mappings())


async def places_in(
    connection: AsyncConnection, source: str, *, ids: Collection[str] | None = None, since: date | None = None
) -> Mapping[str, Sighting]:
    """Give places on a source's page, past ones too, by item id.

    Args:
        connection: of any transaction.
        source: its name.
        ids: of the wanted items; None: of every item.
        since: with `ids`, also the places of items that the page dated later than this day.
    """
    here = item_places.c.source == source
    conditions = [here]
    if ids is not None:
        wanted = sorted(ids)
        chunks = [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]
        conditions = [here & item_places.c.item_id.in_(chunk) for chunk in chunks]
    if ids is not None and since is not None:
        conditions.append(here & (item_places.c.published > since))
    found: dict[str, Sighting] = {}
    for condition in conditions:
        rows = await connection.execute(select(item_places).where(condition))
        found |= {row["item_id"]: place_of(row) for row in rows.mappings()}
    return found


async def listed_last(connection: AsyncConnection, source: str) -> Mapping[str, Sighting]:
    """Give the places of the last reading that listed anything, by item id, in its order."""
    statement = select(item_places).where(_listed_last(source)).order_by(item_places.c.position)
    return {row["item_id"]: place_of(row) for row in (await connection.execute(statement)).mappings()}


def listed_at(source: str) -> ScalarSelect[datetime]:
    """Give, as a part of a statement, when a source's page was read last that listed anything."""
    here = item_places.c.source == source
    return select(func.max(item_places.c.last_seen)).where(here).scalar_subquery()


def _listed_last(source: str) -> ColumnElement[bool]:
    return (item_places.c.source == source) & (item_places.c.last_seen == listed_at(source))


async def record_places(
    connection: AsyncConnection,
    source: str,
    found: Sequence[tuple[str, ReadItem, str]],
    *,
    now: datetime,
    begin: int = 0,
) -> None:
    """Record where the items of a reading stand: ids, what was read and its hash, in the page's order."""
    places = await places_in(connection, source, ids={item_id for item_id, *_ in found})
    for position, (item_id, read, said) in enumerate(found, start=begin):
        values = {name: getattr(read, name) for name in _WORDS}
        values |= {"said": said, "position": position, "last_seen": now, "absences": 0, "missed_at": None}
        if item_id in places:
            this = (item_places.c.item_id == item_id) & (item_places.c.source == source)
            await connection.execute(update(item_places).where(this).values(values))
        else:
            key = {"item_id": item_id, "source": source, "first_seen": now}
            await connection.execute(insert(item_places).values(key | values))


async def record_standing(connection: AsyncConnection, source: str, *, now: datetime) -> None:
    """Record that everything a source's page listed when it was last read still stands there."""
    await connection.execute(update(item_places).where(_listed_last(source)).values(last_seen=now))


async def record_absences(
    connection: AsyncConnection, source: str, item_ids: Iterable[str], *, now: datetime
) -> None:
    """Count one more absence of each item from a source's page."""
    for item_id in item_ids:
        this = (item_places.c.item_id == item_id) & (item_places.c.source == source)
        more = {"absences": item_places.c.absences + 1, "missed_at": now}
        await connection.execute(update(item_places).where(this).values(more))


def place_of(row: RowMapping) -> Sighting:
    """Read a row of places."""
    return Sighting(**row)
