"""Statements on deliveries and their senders.

Every change of state is one UPDATE that names the state, sender and claim it expects. If it changes no row,
the caller has lost the delivery and must send nothing (docs/promises.md, Deliveries 5).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sse_digest.model.deliveries import (
    DoubtPolicy,
    Outcome,
    Skip,
    State,
    Step,
    doubt,
)
from sse_digest.store.connection import Connection, Row
from sse_digest.store.values import read_instant, stored_instant

WAITS = "state IN ('planned', 'deferred')"  # not bound as values, so that SQLite can use the partial index


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A delivery to add: planned, or skipped with a reason."""

    subscriber_id: int
    list: str
    language: str
    themes: str
    message_id: str
    skip: Skip | None = None

    def as_claimed(self) -> "ClaimedDelivery":
        """Return the delivery as if a sender had claimed it, for a run that stores nothing."""
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
            mail_date=None,
        )


class ClaimedDelivery(NamedTuple):
    """A delivery that one sender has claimed."""

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
    mail_date: datetime | None  # of the content that a relay may have; None if none has any


def is_planned(connection: Connection, digest: str, period: str) -> bool:
    """Return whether the recipients of an issue are fixed."""
    total = connection.value("SELECT total FROM issues WHERE digest = ? AND period = ?", (digest, period))
    return total is not None


def add_deliveries(
    connection: Connection, digest: str, period: str, rows: Sequence[NewDelivery], now: datetime
) -> None:
    """Add deliveries. A subscriber who already has one keeps it."""
    connection.driver.executemany(
        """
        INSERT INTO deliveries (digest, period, subscriber_id, list, language, themes, state, reason,
            held, doubts, claim, attempts, message_id, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?)
        ON CONFLICT (digest, period, subscriber_id) DO NOTHING
        """,
        [
            (
                *(digest, period, row.subscriber_id, row.list, row.language, row.themes),
                State.SKIPPED.value if row.skip else State.PLANNED.value,
                None if row.skip is None else row.skip.value,
                row.message_id,
                stored_instant(now),
            )
            for row in rows
        ],
    )


def fix_total(connection: Connection, digest: str, period: str) -> int:
    """Store and return how many deliveries an issue has. From then on its recipients are fixed."""
    key = (digest, period)
    total: int = connection.value("SELECT count(*) FROM deliveries WHERE digest = ? AND period = ?", key)
    connection.update("issues", {"total": total}, digest=digest, period=period)
    return total


def claim(
    connection: Connection, digest: str, period: str, *, sender: str, limit: int, now: datetime
) -> tuple[ClaimedDelivery, ...]:
    """Claim up to `limit` due deliveries, so that no other sender can claim them.

    Planned deliveries come first, then deferred ones; of each, those that have been due longest.
    """
    at = stored_instant(now)
    taken: list[ClaimedDelivery] = []
    # One query for each condition, because each is a range of one index, however long the list is.
    for state in (State.PLANNED, State.DEFERRED):
        for due, values in (("due IS NULL", ()), ("due <= ?", (at,))):
            left = limit - len(taken)
            if left == 0:
                break
            rows = connection.rows(
                _CLAIM.format(waits=WAITS, due=due), (sender, at, digest, period, state.value, *values, left)
            )
            taken += sorted(map(_claimed, rows), key=lambda row: row.id)
    return tuple(taken)


# Executed for every message, so the values are already in the driver's types (decision 0160).
_CLAIM = """
    UPDATE deliveries SET state = 'claimed', sender = ?, claim = claim + 1, changed_at = ?
    WHERE id IN (
        SELECT id FROM deliveries WHERE digest = ? AND period = ? AND state = ? AND {waits} AND {due}
        ORDER BY due, id LIMIT ?
    )
    RETURNING id, subscriber_id, list, language, themes, message_id, claim, attempts, doubts,
        first_attempt, mail_date
"""


def _claimed(row: Row) -> ClaimedDelivery:
    *plain, first, dated = row
    return ClaimedDelivery._make((*plain, read_instant(first), read_instant(dated)))


def explain(outcome: Outcome) -> str:
    """Return an outcome that is not accepted as one line, without the addresses that replies often repeat.

    Thus the same refusal for a thousand people is one reason, and no reason shows an address.
    """
    code = f"{outcome.code} " if outcome.code is not None else ""
    return f"{outcome.phase}: {code}{_ADDRESS.sub('(address)', outcome.text)}".strip()


_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>,;]+>?")


def put_aside(
    connection: Connection, row: ClaimedDelivery, step: Step, reason: str, *, sender: str, now: datetime
) -> bool:
    """Skip or defer a claimed delivery with a reason, without an attempt.

    Return whether the sender still had its claim.
    """
    changed = connection.change(
        """
        UPDATE deliveries SET state = ?, sender = NULL, due = ?, reason = ?, changed_at = ?
        WHERE id = ? AND state = 'claimed' AND sender = ? AND claim = ?
        """,
        (step.state, step.due, reason, now, row.id, sender, row.claim),
    )
    return changed == 1


def release(connection: Connection, *, sender: str, now: datetime) -> int:
    """Plan again everything that a sender has claimed and not begun, and return how many there were."""
    return connection.change(
        """
        UPDATE deliveries SET state = 'planned', sender = NULL, changed_at = ?
        WHERE sender = ? AND state = 'claimed'
        """,
        (now, sender),
    )


def recover(connection: Connection, *, dead: str, policy: DoubtPolicy, now: datetime) -> tuple[int, int]:
    """Recover the deliveries of a dead sender; return how many were planned again and how many are in doubt.

    Claimed deliveries were not begun, so they are planned again. Those in the state submitting are in doubt,
    because nobody knows whether the relay has them; the policy decides what happens next.
    """
    planned = release(connection, sender=dead, now=now)
    doubtful = 0
    for before, had in ((0, "doubts = 0"), (1, "doubts >= 1")):
        step = doubt(doubts=before, policy=policy)
        doubtful += connection.change(
            f"""
            UPDATE deliveries SET state = ?, held = ?, doubts = doubts + 1, sender = NULL,
                reason = 'the sender died while it submitted this', changed_at = ?
            WHERE sender = ? AND state = 'submitting' AND {had}
            """,  # noqa: S608 # a condition, no value
            (step.state, step.held, now, dead),
        )
    end_sender(connection, sender=dead, now=now)
    return planned, doubtful


def register_sender(connection: Connection, *, sender: str, host: str, pid: int, now: datetime) -> None:
    """Store a sender. It must hold its lock."""
    connection.insert("senders", {"id": sender, "host": host, "pid": pid, "started_at": now})


def end_sender(connection: Connection, *, sender: str, now: datetime) -> None:
    """Record that a sender has ended. It must have no claimed deliveries."""
    connection.update("senders", {"ended_at": now}, id=sender)


def unfinished_senders(connection: Connection, *, but: str) -> tuple[str, ...]:
    """Return the ids of senders, other than `but`, that are not recorded as ended."""
    rows = connection.rows("SELECT id FROM senders WHERE ended_at IS NULL AND id <> ?", (but,))
    return tuple(row["id"] for row in rows)


def resolve(
    connection: Connection,
    digest: str,
    period: str,
    *,
    ids: Sequence[int] | None,
    resend: bool,
    now: datetime,
) -> int:
    """Resolve deliveries in doubt, and return how many there were.

    Args:
        connection: in a writing transaction.
        digest: the digest's name.
        period: the issue's period.
        ids: the deliveries; None: all that are in doubt.
        resend: True plans them again, False cancels them.
        now: when they change.
    """
    statement = """
        UPDATE deliveries
        SET state = ?, held = 0, due = NULL, reason = 'decided by an operator', changed_at = ?
        WHERE digest = ? AND period = ? AND state = 'in_doubt'
    """
    state = State.PLANNED if resend else State.CANCELLED
    values = (state.value, stored_instant(now), digest, period)
    if ids is None:
        return connection.change(statement, values)
    return connection.change_in(f"{statement} AND id IN ({{keys}})", values, ids)
