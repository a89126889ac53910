"""Merge several stored items into one, and split them again. Only an editor can decide this.

A merged item keeps its id, its sightings and its history, and is still updated from its source. It is only
left out of feeds and issues, where the item that it was merged into stands for it. So a split loses nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sse_digest.errors import UsageError
from sse_digest.model.items import Item
from sse_digest.store.connection import Connection
from sse_digest.store.news.item_history import ChangeKind, ItemChange, record_change
from sse_digest.store.news.items import EDITOR, get_item, get_items, update_item


def merge_items(
    connection: Connection, wanted: str, others: Sequence[str], *, now: datetime
) -> tuple[Item, tuple[Item, ...]]:
    """Merge other items into one item.

    Args:
        connection: in a writing transaction.
        wanted: id of the item that stays, or the beginning of its id.
        others: ids, or their beginnings, of the items to merge into it, together with all items that were
            merged into them before.
        now: the time, for the history.

    Returns:
        The item that stays, and the items newly merged into it.

    Raises:
        UsageError: an item does not exist, is named twice, or the one that stays is merged into another.
    """
    keep = get_item(connection, wanted)
    if keep.merged_into is not None:
        raise UsageError(
            f"{keep.id} is itself merged into {keep.merged_into}. Name that item instead, or split it first:"
            f" sse-digest items split {keep.id}"
        )
    found = {item.id: item for item in [get_item(connection, other) for other in others]}
    if keep.id in found:
        raise UsageError(f"{keep.id} cannot be merged into itself. Name each item once.")
    for item_id in tuple(found):
        found |= {item.id: item for item in merged_into(connection, item_id)}
    fresh = tuple(item for item in found.values() if item.merged_into != keep.id)
    for item in fresh:
        update_item(connection, replace(item, merged_into=keep.id))
        _record(connection, item.id, ChangeKind.MERGED, f"into {keep.id}", now)
        _record(connection, keep.id, ChangeKind.MERGED, f"stands for {item.id}", now)
    return keep, fresh


def split_items(connection: Connection, wanted: Sequence[str], *, now: datetime) -> tuple[Item, ...]:
    """Undo merges, and return the items that were merged.

    A merged item is split from the item it was merged into; an item that stands for others, from all of them.

    Raises:
        UsageError: an item does not exist, or is neither merged nor stands for others.
    """
    parted: dict[str, Item] = {}
    for one in wanted:
        item = get_item(connection, one)
        found = (item,) if item.merged_into is not None else merged_into(connection, item.id)
        if not found:
            raise UsageError(f"{item.id} is not merged with any item, so there is nothing to split.")
        parted |= {item.id: item for item in found}
    for item in parted.values():
        update_item(connection, replace(item, merged_into=None))
        _record(connection, item.id, ChangeKind.SPLIT, f"from {item.merged_into}", now)
        _record(connection, item.merged_into or item.id, ChangeKind.SPLIT, f"from {item.id}", now)
    return tuple(replace(item, merged_into=None) for item in parted.values())


def merged_into(connection: Connection, item_id: str) -> tuple[Item, ...]:
    """Return the items that were merged into an item, in the order in which they were first seen."""
    rows = connection.rows("SELECT id FROM items WHERE merged_into = ? ORDER BY number", (item_id,))
    ids = [row["id"] for row in rows]
    stored = get_items(connection, ids)
    return tuple(stored[one] for one in ids)


def _record(connection: Connection, item_id: str, what: ChangeKind, why: str, now: datetime) -> None:
    record_change(
        connection, ItemChange(item_id=item_id, at=now, source=EDITOR, what=what, why=why, fields={})
    )
