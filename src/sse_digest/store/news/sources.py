"""Statements on sources: when each was last read, what it gave, and what went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sse_digest.model.reading_stats import DriftAlarm, ReadingStats
from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """The state of reading a source."""

    name: str
    read_at: datetime  # the last try; aware, UTC
    good_at: datetime | None  # the last try that gave items, or None if there was none
    problem: str | None  # why the last try gave nothing, or None if it was good
    items: int  # number of items in the last good reading
    shapes: tuple[ReadingStats, ...] = ()  # of the last good readings, newest last
    alarms: tuple[DriftAlarm, ...] = ()  # why the last reading was not stored; empty if for another reason


def record_reading(
    connection: Connection, name: str, *, now: datetime, items: int, shapes: Sequence[ReadingStats] = ()
) -> None:
    """Record a good reading: its number of items, and the reading stats to compare later readings with."""
    values: dict[str, object] = {
        "read_at": now,
        "good_at": now,
        "problem": None,
        "items": items,
        "alarms": [],
    }
    _record(connection, name, {**values, "shapes": [asdict(shape) for shape in shapes]})


def record_problem(
    connection: Connection, name: str, *, now: datetime, problem: str, alarms: Sequence[DriftAlarm] = ()
) -> None:
    """Record why the source gave nothing. What it gave before is kept."""
    values = {"read_at": now, "problem": problem, "alarms": [asdict(alarm) for alarm in alarms]}
    _record(connection, name, values)


def record_unchanged(connection: Connection, name: str, *, now: datetime) -> None:
    """Record that the source's page has not changed since its last good reading."""
    _record(connection, name, {"read_at": now, "good_at": now, "problem": None, "alarms": []})


def source_states(connection: Connection) -> tuple[SourceState, ...]:
    """Return the state of every source that was ever tried, by name."""
    rows = connection.rows("SELECT * FROM sources ORDER BY name")
    return tuple(read_row(SourceState, row) for row in rows)


def source_state(connection: Connection, name: str) -> SourceState | None:
    """Return the state of one source, or None if it was never tried."""
    row = connection.row("SELECT * FROM sources WHERE name = ?", (name,))
    return None if row is None else read_row(SourceState, row)


def _record(connection: Connection, name: str, values: Mapping[str, object]) -> None:
    if not connection.update("sources", values, name=name):
        connection.insert("sources", {"name": name, "items": 0, "shapes": [], "alarms": [], **values})
