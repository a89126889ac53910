"""Questions to the ledger: the account of an issue, what is due, what is left and why.

Reads only; the transitions are in `deliveries`.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.deliveries import Account, Blame, State
from sse_digest.store.sending.deliveries import due_now, of_issue
from sse_digest.store.tables import WAITS, deliveries, editions, issues, senders, subscribers

IN_HAND = (State.CLAIMED, State.SUBMITTING)


async def account(connection: AsyncConnection, digest: str, period: str) -> Account | None:
    """Give the account of an issue; None: its recipients are not fixed yet."""
    total = (
        await connection.execute(
            select(issues.c.total).where(issues.c.digest == digest, issues.c.period == period)
        )
    ).scalar_one_or_none()
    if total is None:
        return None
    held = func.sum(case((deliveries.c.held, 1), else_=0))
    rows = await connection.execute(
        select(deliveries.c.state, func.count(), held)
        .where(of_issue(digest, period))
        .group_by(deliveries.c.state)
    )
    counted = [(State(state), count, held) for state, count, held in rows]
    return Account(
        total=total,
        states={state: count for state, count, _ in counted},
        held=sum(held for state, _, held in counted if state is State.IN_DOUBT),
    )


async def next_due(connection: AsyncConnection, digest: str, period: str) -> datetime | None:
    """Give the earliest instant a waiting delivery is due; None: nothing waits for a time."""
    result = await connection.execute(
        select(func.min(deliveries.c.due)).where(
            of_issue(digest, period), deliveries.c.state == State.DEFERRED, WAITS
        )
    )
    due: datetime | None = result.scalar_one()
    return due


async def count_due(connection: AsyncConnection, digest: str, period: str, now: datetime) -> int:
    """How many deliveries could be claimed now."""
    return (
        await connection.execute(select(func.count()).select_from(due_now(digest, period, now).subquery()))
    ).scalar_one()


async def count_waiting(connection: AsyncConnection, digest: str, period: str) -> dict[Blame | None, int]:
    """Count the deferred deliveries by whose trouble the last refusal was."""
    rows = await connection.execute(
        select(deliveries.c.blame, func.count())
        .where(of_issue(digest, period), deliveries.c.state == State.DEFERRED, WAITS)
        .group_by(deliveries.c.blame)
    )
    return {None if blame is None else Blame(blame): count for blame, count in rows}


async def editions_to_render(
    connection: AsyncConnection, digest: str, period: str
) -> Collection[tuple[str, str]]:
    """Give the editions (language, themes) that open deliveries need and that are not stored yet."""
    rows = await connection.execute(
        select(deliveries.c.language, deliveries.c.themes)
        .outerjoin(
            editions,
            and_(
                *(
                    editions.c[name] == deliveries.c[name]
                    for name in ("digest", "period", "list", "language", "themes")
                )
            ),
        )
        .where(
            of_issue(digest, period),
            deliveries.c.state.in_([State.PLANNED, State.CLAIMED, State.DEFERRED, State.IN_DOUBT]),
            editions.c.language.is_(None),
        )
        .distinct()
    )
    return [(language, themes) for language, themes in rows]


async def in_hands(connection: AsyncConnection, digest: str, period: str, *, but: str) -> int:
    """How many deliveries other senders have in hand."""
    return (
        await connection.execute(
            select(func.count()).where(
                of_issue(digest, period), deliveries.c.sender.is_not(None), deliveries.c.sender != but
            )
        )
    ).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderLoad:
    """What one sender has in hand of an issue."""

    sender: str
    host: str
    pid: int
    started_at: datetime
    claimed: int
    submitting: int


async def hands(connection: AsyncConnection, digest: str, period: str) -> list[SenderLoad]:
    """List the senders that have deliveries of an issue in hand, living or dead, the oldest first."""
    rows = await connection.execute(
        select(
            senders.c.id.label("sender"),
            senders.c.host,
            senders.c.pid,
            senders.c.started_at,
            *(
                func.sum(case((deliveries.c.state == state, 1), else_=0)).label(state.value)
                for state in IN_HAND
            ),
        )
        .select_from(deliveries.join(senders, senders.c.id == deliveries.c.sender))
        .where(of_issue(digest, period), deliveries.c.sender.is_not(None))
        .group_by(senders.c.id)
        .order_by(senders.c.started_at)
    )
    return [SenderLoad(**row) for row in rows.mappings()]


async def count_reasons(connection: AsyncConnection, digest: str, period: str) -> dict[tuple[str, str], int]:
    """Count skips and refusals by (state, reason)."""
    rows = await connection.execute(
        select(deliveries.c.state, deliveries.c.reason, func.count())
        .where(of_issue(digest, period), deliveries.c.reason.is_not(None))
        .group_by(deliveries.c.state, deliveries.c.reason)
    )
    return {(state, reason): count for state, reason, count in rows}


async def in_doubt(connection: AsyncConnection, digest: str, period: str) -> list[dict[str, object]]:
    """List what is in doubt, in order of ids: id, address, attempts, message_id, reason, held, changed_at.

    `address` is None for somebody who was erased.
    """
    rows = await connection.execute(
        select(
            deliveries.c.id,
            subscribers.c.address,
            deliveries.c.attempts,
            deliveries.c.message_id,
            deliveries.c.reason,
            deliveries.c.held,
            deliveries.c.changed_at,
        )
        .select_from(deliveries.outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id))
        .where(of_issue(digest, period), deliveries.c.state == State.IN_DOUBT)
        .order_by(deliveries.c.id)
    )
    return [dict(row) for row in rows.mappings()]


BATCH = 1_000  # deliveries in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One delivery, as a report tells of it."""

    id: int
    address: str | None  # None: the person was erased
    list: str
    language: str
    themes: str  # keys joined by blanks; empty: nothing for the chosen themes
    state: State
    reason: str | None
    held: bool
    doubts: int  # how often it was in doubt
    attempts: int
    message_id: str
    changed_at: datetime

    @property
    def domain(self) -> str:
        """What follows the @, in lower case; "(erased)" where nobody knows any more."""
        return self.address.rpartition("@")[2].lower() if self.address else "(erased)"


async def told_deliveries(
    connection: AsyncConnection, digest: str, period: str
) -> AsyncIterator[DeliveryRow]:
    """Give the deliveries of an issue in the order in which people signed up.

    It is the order of an index, so that each batch goes on where the one before it ended.
    """
    number = deliveries.c.subscriber_id
    last = -1
    while True:
        rows = await connection.execute(
            select(number, *_COLUMNS)
            .select_from(deliveries.outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id))
            .where(of_issue(digest, period), number > last)
            .order_by(number)
            .limit(BATCH)
        )
        found = [dict(row) for row in rows.mappings()]
        last = found[-1]["subscriber_id"] if found else last
        for row in found:
            del row["subscriber_id"]
            yield DeliveryRow(**{**row, "state": State(row["state"])})
        if len(found) < BATCH:
            return


_COLUMNS = (
    deliveries.c.id,
    subscribers.c.address,
    deliveries.c.list,
    deliveries.c.language,
    deliveries.c.themes,
    deliveries.c.state,
    deliveries.c.reason,
    deliveries.c.held,
    deliveries.c.doubts,
    deliveries.c.attempts,
    deliveries.c.message_id,
    deliveries.c.changed_at,
)
