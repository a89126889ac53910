"""Queries on deliveries: the account of an issue, what is due, what is left and why.

They only read; `deliveries` changes states.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sse_digest.model.deliveries import Account, Blame, State
from sse_digest.store.connection import Connection
from sse_digest.store.sending.deliveries import WAITS
from sse_digest.store.values import read_instant, read_row


def account(connection: Connection, digest: str, period: str) -> Account | None:
    """Return the account of an issue, or None if its recipients are not fixed yet."""
    total = connection.value("SELECT total FROM issues WHERE digest = ? AND period = ?", (digest, period))
    if total is None:
        return None
    rows = connection.rows(
        "SELECT state, count(*), sum(held) FROM deliveries WHERE digest = ? AND period = ? GROUP BY state",
        (digest, period),
    )
    counted = [(State(state), count, held) for state, count, held in rows]
    return Account(
        total=total,
        states={state: count for state, count, _ in counted},
        held=sum(held for state, _, held in counted if state is State.IN_DOUBT),
    )


def next_due(connection: Connection, digest: str, period: str) -> datetime | None:
    """Return when the next deferred delivery is due, or None if none has a time."""
    return read_instant(
        connection.value(
            f"""
            SELECT min(due) FROM deliveries
            WHERE digest = ? AND period = ? AND state = 'deferred' AND {WAITS}
            """,  # noqa: S608 # a condition, no value
            (digest, period),
        )
    )


def count_due(connection: Connection, digest: str, period: str, now: datetime) -> int:
    """Return how many deliveries could be claimed now."""
    count: int = connection.value(
        f"""
        SELECT count(*) FROM deliveries
        WHERE digest = ? AND period = ? AND {WAITS} AND (due IS NULL OR due <= ?)
        """,  # noqa: S608 # a condition, no value
        (digest, period, now),
    )
    return count


def count_waiting(connection: Connection, digest: str, period: str) -> dict[Blame | None, int]:
    """Return the number of deferred deliveries, by whose fault the last refusal was."""
    rows = connection.rows(
        f"""
        SELECT blame, count(*) FROM deliveries
        WHERE digest = ? AND period = ? AND state = 'deferred' AND {WAITS} GROUP BY blame
        """,  # noqa: S608 # a condition, no value
        (digest, period),
    )
    return {None if blame is None else Blame(blame): count for blame, count in rows}


def editions_to_render(connection: Connection, digest: str, period: str) -> Collection[tuple[str, str]]:
    """Return the editions (language, themes) that open deliveries need and that are not stored yet."""
    rows = connection.rows(
        """
        SELECT DISTINCT deliveries.language, deliveries.themes
        FROM deliveries LEFT JOIN editions USING (digest, period, list, language, themes)
        WHERE deliveries.digest = ? AND deliveries.period = ?
            AND state IN ('planned', 'claimed', 'deferred', 'in_doubt') AND editions.subject IS NULL
        """,
        (digest, period),
    )
    return [(language, themes) for language, themes in rows]


def in_hands(connection: Connection, digest: str, period: str, *, but: str) -> int:
    """Return how many deliveries of an issue are claimed by senders other than `but`."""
    count: int = connection.value(
        """
        SELECT count(*) FROM deliveries
        WHERE digest = ? AND period = ? AND sender IS NOT NULL AND sender <> ?
        """,
        (digest, period, but),
    )
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderLoad:
    """The deliveries of an issue that one sender has claimed."""

    sender: str
    host: str
    pid: int
    started_at: datetime
    claimed: int
    submitting: int


def hands(connection: Connection, digest: str, period: str) -> list[SenderLoad]:
    """Return the senders that have claimed deliveries of an issue, running or dead, oldest first."""
    rows = connection.rows(
        """
        SELECT senders.id AS sender, host, pid, started_at,
            sum(state = 'claimed') AS claimed, sum(state = 'submitting') AS submitting
        FROM deliveries JOIN senders ON senders.id = deliveries.sender
        WHERE digest = ? AND period = ? AND sender IS NOT NULL
        GROUP BY senders.id ORDER BY started_at
        """,
        (digest, period),
    )
    return [read_row(SenderLoad, row) for row in rows]


def count_reasons(connection: Connection, digest: str, period: str) -> dict[tuple[str, str], int]:
    """Return the number of deliveries with a reason, by (state, reason)."""
    rows = connection.rows(
        """
        SELECT state, reason, count(*) FROM deliveries
        WHERE digest = ? AND period = ? AND reason IS NOT NULL GROUP BY state, reason
        """,
        (digest, period),
    )
    return {(state, reason): count for state, reason, count in rows}


def in_doubt(connection: Connection, digest: str, period: str) -> list[dict[str, object]]:
    """Return the deliveries in doubt, by id: id, address, attempts, message_id, reason, held, changed_at.

    `address` is None if the person was erased.
    """
    rows = connection.rows(
        """
        SELECT deliveries.id, address, attempts, message_id, reason, held, changed_at
        FROM deliveries LEFT JOIN subscribers ON subscribers.id = deliveries.subscriber_id
        WHERE digest = ? AND period = ? AND state = 'in_doubt' ORDER BY deliveries.id
        """,
        (digest, period),
    )
    return [
        {**row, "held": bool(row["held"]), "changed_at": read_instant(row["changed_at"])}
        for row in map(dict, rows)
    ]


BATCH = 1_000  # the most deliveries in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One delivery, as a report shows it."""

    id: int
    address: str | None  # None: the person was erased
    list: str
    language: str
    themes: str  # keys joined by spaces; empty if there was nothing for the chosen themes
    state: State
    reason: str | None
    held: bool
    doubts: int  # how often it was in doubt
    attempts: int
    message_id: str
    changed_at: datetime

    @property
    def domain(self) -> str:
        """The part of the address after the @, in lower case; "(erased)" if the person was erased."""
        return self.address.rpartition("@")[2].lower() if self.address else "(erased)"


def told_deliveries(connection: Connection, digest: str, period: str) -> Iterator[DeliveryRow]:
    """Yield the deliveries of an issue in the order in which people signed up.

    This is the order of an index, so each batch continues where the previous one ended.
    """
    last = -1
    while True:
        rows = connection.rows(
            """
            SELECT subscriber_id, deliveries.id, address, list, deliveries.language, themes, state, reason,
                held, doubts, attempts, message_id, changed_at
            FROM deliveries LEFT JOIN subscribers ON subscribers.id = deliveries.subscriber_id
            WHERE digest = ? AND period = ? AND subscriber_id > ? ORDER BY subscriber_id LIMIT ?
            """,
            (digest, period, last, BATCH),
        )
        for row in rows:
            yield read_row(DeliveryRow, row)
        if len(rows) < BATCH:
            return
        last = rows[-1]["subscriber_id"]
