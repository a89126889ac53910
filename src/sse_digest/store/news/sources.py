"""Statements on sources: when each was last read, what it gave, and what was wrong with it then."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.reading_stats import DriftAlarm, ReadingStats
from sse_digest.store.news_tables import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source fared."""

    name: str
    read_at: datetime  # the last try; aware, UTC
    good_at: datetime | None  # the last try that gave items; None: there was none
    problem: str | None  # why the last try gave nothing; None: it was good
    items: int  # of the last good reading
    shapes: tuple[ReadingStats, ...] = ()  # of the last good readings, the newest last
    alarms: tuple[DriftAlarm, ...] = ()  # why the last try was not taken; empty: it was, or could not be read


async def record_reading(
    connection: AsyncConnection, name: str, *, now: datetime, items: int, shapes: Sequence[ReadingStats] = ()
) -> None:
    """Record that the source gave `items` items, and the shapes that later readings are measured against."""
    values: dict[str, object] = {
        "read_at": now,
        "good_at": now,
        "problem": None,
        "items": items,
        "alarms": [],
    }
    await _record(connection, name, {**values, "shapes": [asdict(shape) for shape in shapes]})


async def record_problem(
    connection: AsyncConnection, name: str, *, now: datetime, problem: str, alarms: Sequence[DriftAlarm] = ()
) -> None:
    """Record why the source gave nothing; what it gave before is kept."""
    told = [asdict(alarm) for alarm in alarms]
    await _record(connection, name, {"read_at": now, "problem": problem, "alarms": told})


async def record_unchanged(connection: AsyncConnection, name: str, *, now: datetime) -> None:
    """Record that the source's page is the one that its last good reading was of."""
    await _record(connection, name, {"read_at": now, "good_at": now, "problem": None, "alarms": []})


async def source_states(connection: AsyncConnection) -> tuple[SourceState, ...]:
    """Give the state of every source that was ever tried, by name."""
    rows = (await connection.execute(select(sources).order_by(sources.c.name))).mappings()
    return tuple(_state(row) for row in rows)


async def source_state(connection: AsyncConnection, name: str) -> SourceState | None:
    """Give the state of one source; None: it was never tried."""
    rows = (await connection.execute(select(sources).where(sources.c.name == name))).mappings()
    return next((_state(row) for row in rows), None)


async def _record(connection: AsyncConnection, name: str, values: Mapping[str, object]) -> None:
    changed = await connection.execute(update(sources).where(sources.c.name == name).values(values))
    if changed.rowcount == 0:  # the writing transaction began with a lock, so nobody else inserts it now
        new = {"name": name, "items": 0, "shapes": [], "alarms": [], **values}
        await connection.execute(insert(sources).values(new))


def _state(row: RowMapping) -> SourceState:
    shapes = tuple(ReadingStats(**shape) for shape in row["shapes"])
    alarms = tuple(DriftAlarm(**alarm) for alarm in row["alarms"])
    plain = ("name", "read_at", "good_at", "problem", "items")
    return SourceState(**{name: row[name] for name in plain}, shapes=shapes, alarms=alarms)
