"""What an operator does to the deliveries of an issue: pause, go on, cancel, try the failed ones again.

Deliveries in the hands of a sender are never touched: that one finds out by itself.
"""

from datetime import datetime

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_instant


def mark_paused(connection: Connection, digest: str, period: str, paused_at: datetime | None) -> bool:
    """Let no sender claim deliveries of an issue any more, or with None let them go on.

    Return whether there is such an issue.
    """
    return bool(connection.update("issues", {"paused_at": paused_at}, digest=digest, period=period))


def is_paused(connection: Connection, digest: str, period: str) -> bool:
    """Return whether no sender may claim deliveries of an issue."""
    return paused_since(connection, digest, period) is not None


def paused_since(connection: Connection, digest: str, period: str) -> datetime | None:
    """Return since when no sender may claim deliveries of an issue, or None if they may."""
    return read_instant(
        connection.value("SELECT paused_at FROM issues WHERE digest = ? AND period = ?", (digest, period))
    )


def cancel(connection: Connection, digest: str, period: str, *, now: datetime) -> int:
    """Close what no sender has in hand and nobody may have got; return how many."""
    return connection.change(
        """
        UPDATE deliveries
        SET state = 'cancelled', due = NULL, reason = 'cancelled by an operator', changed_at = ?
        WHERE digest = ? AND period = ? AND state IN ('planned', 'deferred')
        """,
        (now, digest, period),
    )


def plan_failed(connection: Connection, digest: str, period: str, *, now: datetime) -> int:
    """Plan what was rejected or expired again, except for addresses known not to exist; return how many."""
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
