"""Statements on what happened to items: one row for each change, with what was said before and after.

Nothing is ever changed or taken back here; why an item is as it is can be read from the first row on.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row


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


def record_change(connection: Connection, change: ItemChange) -> None:
    """Store what happened."""
    connection.insert("item_changes", asdict(change))


def changes_of(connection: Connection, item_id: str) -> tuple[ItemChange, ...]:
    """Return what happened to an item, the first thing first."""
    rows = connection.rows("SELECT * FROM item_changes WHERE item_id = ? ORDER BY id", (item_id,))
    return tuple(
        read_row(
            ItemChange, row, fields={name: tuple(pair) for name, pair in json.loads(row["fields"]).items()}
        )
        for row in rows
    )
