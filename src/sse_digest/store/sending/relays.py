"""Statements on relays: how many messages each got in which minute, and the pace that it asked for.

A caller must read the use and add to it in one writing transaction, so that several senders share a limit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_instant

_INSTANTS = ("resting_until", "slowed_at", "quiet_since")


def read_use(connection: Connection, relay: str) -> dict[datetime, int]:
    """Return the number of messages in each minute, by the start of the minute."""
    rows = connection.rows("SELECT minute, count FROM relay_use WHERE relay = ?", (relay,))
    return {datetime.fromisoformat(minute): count for minute, count in rows}


def add_use(connection: Connection, relay: str, minute: datetime, count: int) -> None:
    """Add a number of messages to a minute. A negative number subtracts messages that were not begun."""
    connection.execute(
        """
        INSERT INTO relay_use (relay, minute, count) VALUES (?, ?, ?)
        ON CONFLICT (relay, minute) DO UPDATE SET count = count + excluded.count
        """,
        (relay, minute, count),
    )


def forget_use(connection: Connection, before: datetime) -> None:
    """Delete the minutes before an instant, which no limit counts any more."""
    connection.execute("DELETE FROM relay_use WHERE minute < ?", (before,))


def read_pace(connection: Connection, relay: str) -> Mapping[str, Any] | None:
    """Return the stored pace of a relay, by column, or None if it has its usual pace."""
    row = connection.row(
        """
        SELECT rate, connections, resting_until, slowed_at, quiet_since, why
        FROM relay_paces WHERE relay = ?
        """,
        (relay,),
    )
    return None if row is None else {**row, **{name: read_instant(row[name]) for name in _INSTANTS}}


def write_pace(connection: Connection, relay: str, values: Mapping[str, object] | None) -> None:
    """Replace the stored pace of a relay. None means its usual pace."""
    connection.execute("DELETE FROM relay_paces WHERE relay = ?", (relay,))
    if values is not None:
        connection.insert("relay_paces", {"relay": relay, **values})
