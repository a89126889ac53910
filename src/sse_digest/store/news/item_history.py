"""Statements on the history of items: one row for each change, with the values before and after.

Rows are only added, never changed or deleted, so the history explains how an item became what it is.
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

    ADDED = "added"  # it was read for the first time
    CHANGED = "changed"  # its source changed it
    PLACED = "placed"  # it was found on another source's page
    GONE = "gone"  # its publisher provably took it down
    BACK = "back"  # it was found again
    MERGED = "merged"  # an editor merged it with another item
    SPLIT = "split"  # an editor undid a merge


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One change of an item."""

    item_id: str
    at: datetime  # when its source was read; aware, UTC
    source: str
    what: ChangeKind
    why: str  # how the item was recognised, or what proves that it is gone
    fields: Mapping[str, tuple[str | None, str | None]]  # values before and after, by field


def record_change(connection: Connection, change: ItemChange) -> None:
    """Store a change."""
    connection.insert("item_changes", asdict(change))


def changes_of(connection: Connection, item_id: str) -> tuple[ItemChange, ...]:
    """Return the changes of an item, oldest first."""
    rows = connection.rows("SELECT * FROM item_changes WHERE item_id = ? ORDER BY id", (item_id,))
    return tuple(
        read_row(
            ItemChange, row, fields={name: tuple(pair) for name, pair in json.loads(row["fields"]).items()}
        )
        for row in rows
    )
