"""Statements for what an operator does to an issue's deliveries: pause, resume, cancel, plan again.

Deliveries that a sender has claimed are never changed: the sender notices by itself.
"""

from datetime import datetime

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_instant


def mark_paused(connection: Connection, digest: str, period: str, paused_at: datetime | None) -> bool:
    """Pause an issue, so that no sender may claim its deliveries. With None as the time, resume it.

    Return whether the issue exists.
    """
    return bool(connection.update("issues", {"paused_at": paused_at}, digest=digest, period=period))


def is_paused(connection: Connection, digest: str, period: str) -> bool:
    """Return whether an issue is paused, so that no sender may claim its deliveries."""
    return paused_since(connection, digest, period) is not None


def paused_since(connection: Connection, digest: str, period: str) -> datetime | None:
    """Return since when an issue is paused, or None if it is not."""
    return read_instant(
        connection.value("SELECT paused_at FROM issues WHERE digest = ? AND period = ?", (digest, period))
    )


def cancel(connection: Connection, digest: str, period: str, *, now: datetime) -> int:
    """Cancel the planned and deferred deliveries of an issue, and return how many there were."""
    return connection.change(
        """
        UPDATE deliveries
        SET state = 'cancelled', due = NULL, reason = 'cancelled by an operator', changed_at = ?
        WHERE digest = ? AND period = ? AND state IN ('planned', 'deferred')
        """,
        (now, digest, period),
    )


def plan_failed(connection: Connection, digest: str, period: str, *, now: datetime) -> int:
    """Plan rejected and expired deliveries again, except those to dead addresses; return how many."""
    return connection.change(
        """
        UPDATE deliveries
        SET state = 'planned', due = NULL, held = 0, blame = NULL,
            reason = 'tried again by an operator', changed_at = ?
        WHERE digest = ? AND period = ? AND state IN ('rejected', 'expired')
            AND (blame IS NULL OR blame <> 'dead' OR held)
        """,
        (now, digest, period),
    )
