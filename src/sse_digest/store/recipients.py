"""Who may be mailed at this moment: subscription and suppression of several people at once. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.audience import Status, key_of
from sse_digest.store.audience import suppressed_keys
from sse_digest.store.tables import subscribers, subscriptions

_CHUNK = 500  # ids in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a person stands with one list at this moment."""

    address: str
    name: str | None
    status: Status
    suppressed: bool


async def standings(
    connection: AsyncConnection, list_name: str, ids: Sequence[int], secret_keys: Sequence[bytes]
) -> Mapping[int, Standing]:
    """Look subscribers up by their ids; whoever is missing was erased or never was on the list."""
    found: list[Any] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows = await connection.execute(
            select(subscribers.c.id, subscribers.c.address, subscribers.c.name, subscriptions.c.status)
            .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
            .where(subscriptions.c.list == list_name, subscribers.c.id.in_(chunk))
        )
        found.extend(rows.all())
    keys = {row.id: key_of(row.address) for row in found}
    suppressed = await suppressed_keys(connection, frozenset(keys.values()), secret_keys)
    return {
        row.id: Standing(
            address=row.address,
            name=row.name,
            status=Status(row.status),
            suppressed=keys[row.id] in suppressed,
        )
        for row in found
    }
