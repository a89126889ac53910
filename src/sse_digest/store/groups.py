"""Intents and outcomes of several deliveries in one transaction.

The transitions to submitting and on from there, each still one UPDATE that names the
state, sender and claim it expects. Where one row of a group does not fit, the caller rolls back.
These three statements are executed for every message, so the driver gets them as they are (decision 0160).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.model.deliveries import Outcome, Step, Verdict
from sse_digest.store.deliveries import Claimed, explain
from sse_digest.store.schema import stored_instant
from sse_digest.store.whole import Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an attempt at a delivery said, and the state it leads to."""

    row: Claimed
    step: Step
    outcome: Outcome


def intend_all(whole: Whole, rows: Sequence[tuple[Claimed, datetime]], *, sender: str, now: datetime) -> bool:
    """Write down that deliveries are about to be submitted; False: one of them is no longer ours.

    Args:
        whole: the connection, in a transaction.
        rows: each with the instant of its first attempt.
        sender: in whose hands they are.
        now: the time.
    """
    at = stored_instant(now)
    values = [(stored_instant(first), at, row.id, sender, row.claim) for row, first in rows]
    return not values or whole.many(_INTEND, values) == len(values)


def record_all(whole: Whole, settled: Sequence[Settled], *, sender: str, now: datetime) -> bool:
    """Write down what attempts said; False: one of the deliveries is no longer ours."""
    if not settled:
        return True
    at = stored_instant(now)
    values = [(*_outcome_values(one), at, one.row.id, sender, one.row.claim) for one in settled]
    if whole.many(_RECORD, values) != len(values):
        return False
    whole.many(_ATTEMPT, [_attempt(one, at) for one in settled])
    return True


def _outcome_values(one: Settled) -> tuple[object, ...]:
    step, outcome = one.step, one.outcome
    accepted = outcome.verdict is Verdict.ACCEPTED
    return (
        step.state.value,
        None if step.due is None else stored_instant(step.due),
        step.held,
        step.doubts,
        None if accepted else explain(outcome),
        None if accepted else outcome.blame.value,
    )


def _attempt(one: Settled, at: str) -> tuple[object, ...]:
    outcome = one.outcome
    return (
        one.row.id,
        one.row.claim,
        at,
        outcome.phase.value,
        outcome.verdict.value,
        outcome.code,
        outcome.enhanced,
        outcome.text,
    )


_INTEND = """
    UPDATE deliveries
    SET state = 'submitting', attempts = attempts + 1, first_attempt = ?, due = NULL, changed_at = ?
    WHERE id = ? AND sender = ? AND claim = ? AND state = 'claimed'
"""
_RECORD = """
    UPDATE deliveries
    SET state = ?, due = ?, held = ?, doubts = ?, reason = ?, blame = ?, changed_at = ?, sender = NULL
    WHERE id = ? AND sender = ? AND claim = ? AND state = 'submitting'
"""
_ATTEMPT = """
    INSERT INTO attempts (delivery_id, claim, at, phase, verdict, code, enhanced, reply)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
