"""Statements on deliveries that were rejected because the address seems not to exist.

They are held until the send ends. Then their addresses are suppressed, unless there are so many that the
relay may be wrong: in that case, an admin confirms them or takes them back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.store.connection import Connection
from sse_digest.store.subscribers import suppress

_HELD = "digest = ? AND period = ? AND state = 'rejected' AND blame = 'dead' AND held"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCount:
    """How many addresses of an issue seem not to exist."""

    dead: int  # held deliveries, neither suppressed nor taken back
    attempted: int
    total: int


def count_dead(connection: Connection, digest: str, period: str) -> DeadCount:
    """Return the numbers that decide whether the dead addresses of an issue may be suppressed."""
    key = (digest, period)
    return DeadCount(
        dead=connection.value(f"SELECT count(*) FROM deliveries WHERE {_HELD}", key),  # noqa: S608 # a condition
        attempted=connection.value(
            "SELECT count(*) FROM deliveries WHERE digest = ? AND period = ? AND attempts > 0", key
        ),
        total=connection.value("SELECT count(*) FROM deliveries WHERE digest = ? AND period = ?", key),
    )


def issues_with_dead(connection: Connection) -> list[tuple[str, str]]:
    """Return digest and period of every issue with held deliveries."""
    rows = connection.rows(
        "SELECT DISTINCT digest, period FROM deliveries WHERE state = 'rejected' AND blame = 'dead' AND held"
    )
    return [(row["digest"], row["period"]) for row in rows]


def held_dead(connection: Connection, digest: str, period: str) -> list[tuple[int, str | None, str | None]]:
    """Return the held deliveries, by id: id, address (None if the person was erased) and reason."""
    rows = connection.rows(
        f"""
        SELECT deliveries.id, address, reason
        FROM deliveries LEFT JOIN subscribers ON subscribers.id = deliveries.subscriber_id
        WHERE {_HELD} ORDER BY deliveries.id
        """,  # noqa: S608 # a condition, no value
        (digest, period),
    )
    return [tuple(row) for row in rows]


def suppress_dead(
    connection: Connection, digest: str, period: str, *, secret_keys: Sequence[bytes], now: datetime
) -> int:
    """Suppress the addresses of the held deliveries, and return how many deliveries were held."""
    held = held_dead(connection, digest, period)
    for _, address, _ in held:
        if address is not None:
            # A relay's reply often repeats the address, which a suppression must not contain.
            reason = f"the relay said that the address does not exist ({digest}/{period})"
            suppress(connection, address, reason=reason, secret_keys=secret_keys, now=now)
    connection.change(
        f"UPDATE deliveries SET held = 0, changed_at = ? WHERE {_HELD}",  # noqa: S608 # a condition
        (now, digest, period),
    )
    return len(held)


def take_back_dead(connection: Connection, digest: str, period: str, *, why: str, now: datetime) -> int:
    """Plan the held deliveries again, store the reason with each, and return how many there were."""
    return connection.change(
        f"""
        UPDATE deliveries
        SET state = 'planned', held = 0, blame = NULL, due = NULL, reason = ?, changed_at = ? WHERE {_HELD}
        """,  # noqa: S608 # a condition, no value
        (f"taken back: {why}", now, digest, period),
    )
