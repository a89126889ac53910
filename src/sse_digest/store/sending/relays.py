"""Statements on relays: how many messages each was given in which minute, and what it asked of our pace.

Whoever reserves messages does so in one write transaction, so that several senders share a limit.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.tables import relay_paces, relay_use


async def read_use(connection: AsyncConnection, relay: str) -> dict[datetime, int]:
    """Give the messages of each minute, by the minute's beginning."""
    rows = await connection.execute(
        select(relay_use.c.minute, relay_use.c.count).where(relay_use.c.relay == relay)
    )
    return dict(rows.all())


async def add_use(connection: AsyncConnection, relay: str, minute: datetime, count: int) -> None:
    """Count messages in a minute; a negative count takes back what was not used."""
    which = (relay_use.c.relay == relay, relay_use.c.minute == minute)
    changed = await connection.execute(
        update(relay_use).where(*which).values(count=relay_use.c.count + count)
    )
    if changed.rowcount == 0:
        await connection.execute(insert(relay_use).values(relay=relay, minute=minute, count=count))


async def forget_use(connection: AsyncConnection, before: datetime) -> None:
    """Forget the minutes that no limit counts any more."""
    await connection.execute(delete(relay_use).where(relay_use.c.minute < before))


async def read_pace(connection: AsyncConnection, relay: str) -> Mapping[str, Any] | None:
    """Give what was written of a relay's pace, by column; None: nothing."""
    columns = [relay_paces.c[name] for name in _PACE]
    found = await connection.execute(select(*columns).where(relay_paces.c.relay == relay))
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)


_PACE = tuple(column.name for column in relay_paces.c if column.name != "relay")


async def write_pace(connection: AsyncConnection, relay: str, values: Mapping[str, object] | None) -> None:
    """Write a relay's pace in place of an earlier one; None: it is the usual one again."""
    await connection.execute(delete(relay_paces).where(relay_paces.c.relay == relay))
    if values is not None:
        await connection.execute(insert(relay_paces).values(relay=relay, **values))
