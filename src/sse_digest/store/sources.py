"""Statements on sources: when each was last read, and what was wrong with it then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.tables import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source fared."""

    name: str
    read_at: datetime  # the last try; aware, UTC
    good_at: datetime | None  # the last try that gave items; None: there was none
    problem: str | None  # why the last try gave nothing; None: it was good
    items: int  # of the last good reading


async def record_reading(connection: AsyncConnection, name: str, *, now: datetime, items: int) -> None:
    """Record that the source gave `items` items."""
    await _record(connection, name, {"read_at": now, "good_at": now, "problem": None, "items": items})


async def record_problem(connection: AsyncConnection, name: str, *, now: datetime, problem: str) -> None:
    """Record why the source gave nothing; what it gave before is kept."""
    await _record(connection, name, {"read_at": now, "problem": problem})


async def source_states(connection: AsyncConnection) -> tuple[SourceState, ...]:
    """Give the state of every source that was ever tried, by name."""
    rows = (await connection.execute(select(sources).order_by(sources.c.name))).mappings()
    return tuple(SourceState(**row) for row in rows)


async def _record(connection: AsyncConnection, name: str, values: Mapping[str, object]) -> None:
    changed = await connection.execute(update(sources).where(sources.c.name == name).values(values))
    if changed.rowcount == 0:  # the writing transaction began with a lock, so nobody else inserts it now
        await connection.execute(insert(sources).values({"name": name, "items": 0, **values}))
