"""Statements on deliveries, their attempts and their senders.

Every transition is one UPDATE that names the state, sender and claim it expects; where it changes no
row, the caller has lost the delivery and must send nothing (DESIGN: Promises, Deliveries 5).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.deliveries import (
    DoubtPolicy,
    Outcome,
    Skip,
    State,
    Step,
    doubt,
)
from sse_digest.store.schema import stored_instant
from sse_digest.store.tables import WAITS, deliveries, issues, senders
from sse_digest.store.write_thread import HotConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A delivery to be planned, or skipped with a reason."""

    subscriber_id: int
    list: str
    language: str
    themes: str
    message_id: str
    skip: Skip | None = None

    def as_claimed(self) -> "ClaimedDelivery":
        """Give it as a sender would have it in hand, for a run that writes nothing down."""
        return ClaimedDelivery(
            id=0,
            subscriber_id=self.subscriber_id,
            list=self.list,
            language=self.language,
            themes=self.themes,
            message_id=self.message_id,
            claim=0,
            attempts=0,
            doubts=0,
            first_attempt=None,
        )


class ClaimedDelivery(NamedTuple):
    """A delivery in the hands of one sender."""

    id: int
    subscriber_id: int
    list: str
    language: str
    themes: str
    message_id: str
    claim: int
    attempts: int  # before this one
    doubts: int
    first_attempt: datetime | None


def of_issue(digest: str, period: str) -> ColumnElement[bool]:
    """Give the condition that a delivery belongs to an issue."""
    return and_(deliveries.c.digest == digest, deliveries.c.period == period)


async def is_planned(connection: AsyncConnection, digest: str, period: str) -> bool:
    """Whether the recipients of an issue are fixed."""
    total = await connection.execute(
        select(issues.c.total).where(issues.c.digest == digest, issues.c.period == period)
    )
    return total.scalar_one_or_none() is not None


async def add_deliveries(
    connection: AsyncConnection, digest: str, period: str, rows: Sequence[NewDelivery], now: datetime
) -> None:
    """Add deliveries; a subscriber that already has one keeps the first."""
    if not rows:
        return
    known = set(
        (
            await connection.execute(
                select(deliveries.c.subscriber_id).where(
                    of_issue(digest, period),
                    deliveries.c.subscriber_id.in_([row.subscriber_id for row in rows]),
                )
            )
        ).scalars()
    )
    values = [
        {
            "digest": digest,
            "period": period,
            "subscriber_id": row.subscriber_id,
            "list": row.list,
            "language": row.language,
            "themes": row.themes,
            "state": State.SKIPPED if row.skip else State.PLANNED,
            "reason": row.skip,
            "held": False,
            "doubts": 0,
            "claim": 0,
            "attempts": 0,
            "message_id": row.message_id,
            "changed_at": now,
        }
        for row in rows
        if row.subscriber_id not in known
    ]
    if values:
        await connection.execute(insert(deliveries), values)


async def fix_total(connection: AsyncConnection, digest: str, period: str) -> int:
    """Write down how many deliveries the issue has; from now on its recipients are fixed."""
    total = (await connection.execute(select(func.count()).where(of_issue(digest, period)))).scalar_one()
    await connection.execute(
        update(issues).where(issues.c.digest == digest, issues.c.period == period).values(total=total)
    )
    return total


def due_now(digest: str, period: str, now: datetime) -> Select[tuple[int]]:
    """Select the ids of deliveries that could be claimed now."""
    return select(deliveries.c.id).where(
        of_issue(digest, period),
        WAITS,
        or_(deliveries.c.due.is_(None), deliveries.c.due <= now),
    )


def claim(
    whole: HotConnection, digest: str, period: str, *, sender: str, limit: int, now: datetime
) -> tuple[ClaimedDelivery, ...]:
    """Take up to `limit` due deliveries; another sender can no longer take them.

    First those that never waited, in order of their ids, then those that waited longest.
    """
    at = stored_instant(now)
    taken: list[ClaimedDelivery] = []
    # One condition after the other: each is a range of one index, however long the list is.
    for state in (State.PLANNED, State.DEFERRED):
        for due, values in (("due IS NULL", ()), ("due <= ?", (at,))):
            left = limit - len(taken)
            if left == 0:
                break
            rows = whole.rows(
                _CLAIM.format(waits=WAITS, due=due), (sender, at, digest, period, state.value, *values, left)
            )
            taken += sorted(map(_claimed, rows), key=lambda row: row.id)
    return tuple(taken)


# Executed for every message, as the driver takes it (decision 0160).
_CLAIM = """
    UPDATE deliveries SET state = 'claimed', sender = ?, claim = claim + 1, changed_at = ?
    WHERE id IN (
        SELECT id FROM deliveries WHERE digest = ? AND period = ? AND state = ? AND {waits} AND {due}
        ORDER BY due, id LIMIT ?
    )
    RETURNING id, subscriber_id, list, language, themes, message_id, claim, attempts, doubts, first_attempt
"""


def _claimed(row: tuple[Any, ...]) -> ClaimedDelivery:
    first = row[-1]
    return ClaimedDelivery._make((*row[:-1], None if first is None else datetime.fromisoformat(first)))


def explain(outcome: Outcome) -> str:
    """Say in one line what a refusal or silence was, without the address that replies often repeat.

    So the same refusal of a thousand people is one reason, and no address gets where reasons are shown.
    """
    code = f"{outcome.code} " if outcome.code is not None else ""
    return f"{outcome.phase}: {code}{_ADDRESS.sub('(address)', outcome.text)}".strip()


_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>,;]+>?")


async def put_aside(
    connection: AsyncConnection, row: ClaimedDelivery, step: Step, reason: str, *, sender: str, now: datetime
) -> bool:
    """Take a claimed delivery out of the run without an attempt: skipped, or deferred with its reason."""
    values = {"state": step.state, "sender": None, "due": step.due, "reason": reason, "changed_at": now}
    return await _move(connection, row, sender, State.CLAIMED, values)


async def release(connection: AsyncConnection, *, sender: str, now: datetime) -> int:
    """Give back everything a sender has claimed and not begun; gives how many."""
    result = await connection.execute(
        update(deliveries)
        .where(deliveries.c.sender == sender, deliveries.c.state == State.CLAIMED)
        .values(state=State.PLANNED, sender=None, changed_at=now)
    )
    return result.rowcount


async def _move(
    connection: AsyncConnection,
    row: ClaimedDelivery,
    sender: str,
    expected: State,
    values: Mapping[str, object],
) -> bool:
    result = await connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == row.id,
            deliveries.c.state == expected,
            deliveries.c.sender == sender,
            deliveries.c.claim == row.claim,
        )
        .values(values)
    )
    return bool(result.rowcount == 1)


async def recover(
    connection: AsyncConnection, *, dead: str, policy: DoubtPolicy, now: datetime
) -> tuple[int, int]:
    """Bring back what a dead sender had in hand: (planned again, found in doubt).

    Claimed deliveries were not begun. Those submitting are in doubt: nobody knows whether the relay
    has them; the policy decides what follows.
    """
    planned = await release(connection, sender=dead, now=now)
    doubtful = 0
    for before in (0, 1):
        step = doubt(doubts=before, policy=policy)
        had = deliveries.c.doubts == 0 if before == 0 else deliveries.c.doubts >= 1
        result = await connection.execute(
            update(deliveries)
            .where(deliveries.c.sender == dead, deliveries.c.state == State.SUBMITTING, had)
            .values(
                state=step.state,
                held=step.held,
                doubts=deliveries.c.doubts + 1,
                sender=None,
                reason="the sender died while it submitted this",
                changed_at=now,
            )
        )
        doubtful += result.rowcount
    await connection.execute(update(senders).where(senders.c.id == dead).values(ended_at=now))
    return planned, doubtful


async def register_sender(
    connection: AsyncConnection, *, sender: str, host: str, pid: int, now: datetime
) -> None:
    """Write down a sender that holds its lock."""
    await connection.execute(insert(senders).values(id=sender, host=host, pid=pid, started_at=now))


async def end_sender(connection: AsyncConnection, *, sender: str, now: datetime) -> None:
    """Write down that a sender ended and has nothing in hand."""
    await connection.execute(update(senders).where(senders.c.id == sender).values(ended_at=now))


async def unfinished_senders(connection: AsyncConnection, *, but: str) -> tuple[str, ...]:
    """Give the ids of senders that did not say they ended, other than `but`."""
    rows = await connection.execute(
        select(senders.c.id).where(senders.c.ended_at.is_(None), senders.c.id != but)
    )
    return tuple(rows.scalars())


async def resolve(
    connection: AsyncConnection,
    digest: str,
    period: str,
    *,
    ids: Sequence[int] | None,
    resend: bool,
    now: datetime,
) -> int:
    """Decide deliveries in doubt: plan them again, or give them up. `ids` None: all held ones."""
    chosen: list[ColumnElement[bool]] = [deliveries.c.state == State.IN_DOUBT, of_issue(digest, period)]
    if ids is not None:
        chosen.append(deliveries.c.id.in_(ids))
    state = State.PLANNED if resend else State.CANCELLED
    result = await connection.execute(
        update(deliveries)
        .where(*chosen)
        .values(state=state, held=False, due=None, reason="decided by an operator", changed_at=now)
    )
    return result.rowcount
