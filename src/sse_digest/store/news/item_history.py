"""Statements on what happened to items: one row for each change, with what was said before and after.

Nothing is ever changed or taken back here; why an item is as it is can be read from the first row on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.store.news_tables import item_changes


class ChangeKind(StrEnum):
    """What happened to an item."""

    ADDED = "added"  # read for the first time
    CHANGED = "changed"  # its source says something else
    PLACED = "placed"  # found on a further source's page
    GONE = "gone"  # taken down by its publisher, with proof
    BACK = "back"  # found again
    MERGED = "merged"  # an editor let one item stand for another
    SPLIT = "split"  # an editor took that back


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One thing that happened to an item."""

    item_id: str
    at: datetime  # aware, UTC; when its source was read
    source: str
    what: ChangeKind
    why: str  # what made it this item, or what proves that it is gone
    fields: Mapping[str, tuple[str | None, str | None]]  # field to what it said before and after


async def record_change(connection: AsyncConnection, change: ItemChange) -> None:
    """Store what happened."""
    values = {name: getattr(change, name) for name in ("item_id", "at", "source", "why")}
    said = {field: list(pair) for field, pair in change.fields.items()}
    await connection.execute(
        insert(item_changes).values(values | {"what": change.what.value, "fields": said})
    )


async def changes_of(connection: AsyncConnection, item_id: str) -> tuple[ItemChange, ...]:
    """Give what happened to an item, the first thing first."""
    statement = select(item_changes).where(item_changes.c.item_id == item_id).order_by(item_changes.c.id)
    return tuple(
        ItemChange(
            item_id=row["item_id"],
            at=row["at"],
            source=row["source"],
            what=ChangeKind(row["what"]),
            why=row["why"],
            fields={field: (before, after) for field, (before, after) in row["fields"].items()},
        )
        for row in (await connection.execute(statement)).mappings()
    )
