"""Every delivery of an issue with what became of it, one by one. Reads only; memory stays flat."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.deliveries import State
from sse_digest.store.sending.deliveries import of_issue
from sse_digest.store.tables import deliveries, subscribers

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
