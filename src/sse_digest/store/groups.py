"""Intents and outcomes of several deliveries in one transaction.

The transition of `deliveries.intend` and that of an outcome, each still one UPDATE that names the
state, sender and claim it expects. Where one row of a group does not fit, the caller rolls back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.deliveries import Outcome, State, Step, Verdict
from sse_digest.store.deliveries import Claimed, explain
from sse_digest.store.tables import attempts, deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an attempt at a delivery said, and the state it leads to."""

    row: Claimed
    step: Step
    outcome: Outcome


async def intend_all(
    connection: AsyncConnection, rows: Sequence[tuple[Claimed, datetime]], *, sender: str, now: datetime
) -> bool:
    """Write down that deliveries are about to be submitted; False: one of them is no longer ours.

    Args:
        rows: each with the instant of its first attempt.
    """
    return await _all(
        connection,
        _INTEND,
        [{**_named(row, sender), "new_first_attempt": first, "new_changed_at": now} for row, first in rows],
    )


async def record_all(
    connection: AsyncConnection, settled: Sequence[Settled], *, sender: str, now: datetime
) -> bool:
    """Write down what attempts said; False: one of the deliveries is no longer ours."""
    values = [{**_named(one.row, sender), **_outcome_values(one), "new_changed_at": now} for one in settled]
    if not await _all(connection, _RECORD, values):
        return False
    if settled:
        await connection.execute(_ATTEMPT, [_attempt(one, now) for one in settled])
    return True


def _outcome_values(one: Settled) -> dict[str, object]:
    accepted = one.outcome.verdict is Verdict.ACCEPTED
    return {
        "new_state": one.step.state,
        "new_due": one.step.due,
        "new_held": one.step.held,
        "new_doubts": one.step.doubts,
        "new_reason": None if accepted else explain(one.outcome),
        "new_blame": None if accepted else one.outcome.blame,
    }


def _attempt(one: Settled, now: datetime) -> dict[str, object]:
    outcome = one.outcome
    return {
        "delivery_id": one.row.id,
        "claim": one.row.claim,
        "at": now,
        "phase": outcome.phase,
        "verdict": outcome.verdict,
        "code": outcome.code,
        "enhanced": outcome.enhanced,
        "reply": outcome.text,
    }


def _named(row: Claimed, sender: str) -> dict[str, object]:
    return {"the_id": row.id, "the_sender": sender, "the_claim": row.claim}


_MINE = (
    deliveries.c.id == bindparam("the_id"),
    deliveries.c.sender == bindparam("the_sender"),
    deliveries.c.claim == bindparam("the_claim"),
)
_INTEND = (
    update(deliveries)
    .where(*_MINE, deliveries.c.state == State.CLAIMED)
    .values(
        state=State.SUBMITTING,
        attempts=deliveries.c.attempts + 1,
        first_attempt=bindparam("new_first_attempt"),
        due=None,
        changed_at=bindparam("new_changed_at"),
    )
)
_RECORD = (
    update(deliveries)
    .where(*_MINE, deliveries.c.state == State.SUBMITTING)
    .values(
        state=bindparam("new_state"),
        sender=None,
        due=bindparam("new_due"),
        held=bindparam("new_held"),
        doubts=bindparam("new_doubts"),
        reason=bindparam("new_reason"),
        blame=bindparam("new_blame"),
        changed_at=bindparam("new_changed_at"),
    )
)
_ATTEMPT = insert(attempts)


async def _all(
    connection: AsyncConnection, statement: Executable, values: Sequence[Mapping[str, object]]
) -> bool:
    """Whether every one of the statements changed its row."""
    if not values:
        return True
    result = await connection.execute(statement, values)
    return bool(result.rowcount == len(values))
