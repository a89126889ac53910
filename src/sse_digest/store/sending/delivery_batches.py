"""Statements that write the intents and outcomes of several deliveries at once.

Each change of state to or from submitting is an UPDATE that names the state, sender and claim it expects. If
a row does not match, the caller must roll back. Rows with the same values share one statement, so that
SQLite works without the interpreter lock for longer, in parallel with the event loop (decision 0160).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.model.deliveries import Outcome, Phase, Step, Verdict
from sse_digest.store.connection import Connection
from sse_digest.store.sending.deliveries import ClaimedDelivery, explain
from sse_digest.store.values import stored_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDelivery:
    """The outcome of an attempt at a delivery, and the state it leads to."""

    row: ClaimedDelivery
    step: Step
    outcome: Outcome


def intend_all(
    connection: Connection, rows: Sequence[tuple[ClaimedDelivery, datetime]], *, sender: str, now: datetime
) -> bool:
    """Store the intents of deliveries. Return False if the sender has lost one of them.

    Args:
        connection: in a writing transaction.
        rows: the deliveries, each with the date of its mail.
        sender: the sender that has claimed them.
        now: when they change.
    """
    at = stored_instant(now)
    alike: defaultdict[tuple[datetime, int], list[int]] = defaultdict(list)
    for row, dated in rows:
        alike[dated, row.claim].append(row.id)
    return all(
        connection.change_in(_INTEND, (stored_instant(dated), stored_instant(dated), at, sender, claim), ids)
        == len(ids)
        for (dated, claim), ids in alike.items()
    )


def record_all(
    connection: Connection, settled: Sequence[SettledDelivery], *, sender: str, now: datetime
) -> bool:
    """Store the outcomes of attempts. Return False if the sender has lost one of the deliveries."""
    at = stored_instant(now)
    led_to: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    replies: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for one in settled:
        undated = one.row.mail_date is None and one.outcome.phase is not Phase.CONTENT
        led_to[(*_state(one.step, one.outcome), undated, at, sender, one.row.claim)].append(one.row.id)
        replies[at, *_words(one.outcome)].append(one.row.id)
    fits = all(connection.change_in(_RECORD, values, ids) == len(ids) for values, ids in led_to.items())
    return fits and all(
        connection.change_in(_ATTEMPT, values, ids) == len(ids) for values, ids in replies.items()
    )


def _state(step: Step, outcome: Outcome) -> tuple[object, ...]:
    accepted = outcome.verdict is Verdict.ACCEPTED
    return (
        step.state.value,
        None if step.due is None else stored_instant(step.due),
        step.held,
        step.doubts,
        None if accepted else explain(outcome),
        None if accepted else outcome.blame.value,
    )


def _words(outcome: Outcome) -> tuple[object, ...]:
    return outcome.phase.value, outcome.verdict.value, outcome.code, outcome.enhanced, outcome.text


# The plus signs make SQLite find the rows by their ids, not by another index.
_INTEND = """
    UPDATE deliveries
    SET state = 'submitting', attempts = attempts + 1, mail_date = ?,
        first_attempt = coalesce(first_attempt, ?), due = NULL, changed_at = ?
    WHERE +sender = ? AND claim = ? AND +state = 'claimed' AND id IN ({keys})
"""
_RECORD = """
    UPDATE deliveries
    SET state = ?, due = ?, held = ?, doubts = ?, reason = ?, blame = ?,
        mail_date = CASE WHEN ? THEN NULL ELSE mail_date END, changed_at = ?, sender = NULL
    WHERE +sender = ? AND claim = ? AND +state = 'submitting' AND id IN ({keys})
"""
_ATTEMPT = """
    INSERT INTO attempts (delivery_id, claim, at, phase, verdict, code, enhanced, reply)
    SELECT id, claim, ?, ?, ?, ?, ?, ? FROM deliveries WHERE id IN ({keys})
"""
