"""Read the stored status of each relay: its pace, what is left of its limits, and why it waits.

This is read-only, so the status can be shown while another process sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sse_digest.delivery.options import Limits
from sse_digest.delivery.relays.throttle import USUAL, SlowDown, allowance, begun_within, recovered
from sse_digest.store import Connection
from sse_digest.store.sending import relays


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStatus:
    """What may be submitted to one relay now."""

    relay: str  # host and port
    per_second: float | None  # messages that may begin each second; None: no limit
    connections: int  # that may be open
    begun_in_hour: int | None  # None: messages are not counted
    begun_in_day: int | None
    per_hour: int | None
    per_day: int | None
    waits_until: datetime | None  # None: it may be used now
    why: str | None  # why it waits or is slowed down; None if neither


def read_standings(connection: Connection, limits: Mapping[str, Limits], now: datetime) -> list[RelayStatus]:
    """Return the status of the relays, in the order of `limits`."""
    return [_status_of(connection, name, limit, now) for name, limit in limits.items()]


def _status_of(connection: Connection, name: str, limits: Limits, now: datetime) -> RelayStatus:
    written = relays.read_pace(connection, name)
    use = relays.read_use(connection, name)
    pace = recovered(USUAL if written is None else SlowDown(**written), limits, now)
    left = allowance(use, limits, now)
    waits_until, why = pace.resting_until, pace.why
    if waits_until is None and left.left == 0:
        waits_until, why = left.free_at, f"its limit of {left.limit} is used up"
    in_hour, in_day = begun_within(use, now)
    return RelayStatus(
        relay=name,
        per_second=pace.per_second(limits),
        connections=pace.allowed(limits),
        begun_in_hour=in_hour if limits.counts else None,
        begun_in_day=in_day if limits.counts else None,
        per_hour=limits.max_per_hour,
        per_day=limits.max_per_day,
        waits_until=waits_until,
        why=why,
    )
