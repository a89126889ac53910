"""What an operator does to the deliveries of an issue: pause, go on, cancel, try the failed ones again.

Deliveries in the hands of a sender are never touched: that one finds out by itself.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.deliveries import Blame, State
from sse_digest.store.sending.deliveries import of_issue
from sse_digest.store.tables import deliveries, issues
from sse_digest.store.write_thread import HotConnection


async def mark_paused(
    connection: AsyncConnection, digest: str, period: str, paused_at: datetime | None
) -> bool:
    """Let no sender claim deliveries of an issue any more, or with None let them go on.

    Gives whether there is such an issue.
    """
    result = await connection.execute(
        update(issues).where(issues.c.digest == digest, issues.c.period == period).values(paused_at=paused_at)
    )
    return bool(result.rowcount == 1)


def is_paused(whole: HotConnection, digest: str, period: str) -> bool:
    """Whether no sender may claim deliveries of an issue."""
    return whole.rows(_PAUSED, (digest, period)) != []


# Executed often, as the driver takes it (decision 0160).
_PAUSED = "SELECT 1 FROM issues WHERE digest = ? AND period = ? AND paused_at IS NOT NULL"


async def paused_since(connection: AsyncConnection, digest: str, period: str) -> datetime | None:
    """Since when no sender may claim deliveries of an issue; None: one may."""
    found = await connection.execute(
        select(issues.c.paused_at).where(issues.c.digest == digest, issues.c.period == period)
    )
    paused_at: datetime | None = found.scalar_one_or_none()
    return paused_at


async def cancel(connection: AsyncConnection, digest: str, period: str, *, now: datetime) -> int:
    """Close what no sender has in hand and nobody may have got; gives how many."""
    waits = deliveries.c.state.in_((State.PLANNED, State.DEFERRED))
    return await _decide(connection, digest, period, waits, State.CANCELLED, "cancelled by an operator", now)


async def plan_failed(connection: AsyncConnection, digest: str, period: str, *, now: datetime) -> int:
    """Plan what was rejected or expired once more, but for addresses that do not exist; gives how many."""
    failed = and_(
        deliveries.c.state.in_((State.REJECTED, State.EXPIRED)),
        or_(deliveries.c.blame.is_(None), deliveries.c.blame != Blame.DEAD),
    )
    return await _decide(connection, digest, period, failed, State.PLANNED, "tried again by an operator", now)


async def _decide(
    connection: AsyncConnection,
    digest: str,
    period: str,
    which: ColumnElement[bool],
    state: State,
    reason: str,
    now: datetime,
) -> int:
    result = await connection.execute(
        update(deliveries)
        .where(of_issue(digest, period), which)
        .values(state=state, due=None, reason=reason, changed_at=now)
    )
    return result.rowcount
