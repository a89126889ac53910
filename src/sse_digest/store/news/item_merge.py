"""Statements that make several stored items one, and take such a one apart: what only a person can know.

A merged item stays in the ledger with its id, its places and its history, and is read on; it only leaves
feeds and issues, where the item that it was merged into stands for it. So splitting loses nothing.
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
    """Let one item stand for others.

    Args:
        connection: of a writing transaction.
        wanted: id of the item that stays, or the beginning of one.
        others: of those it stands for from now on; what was merged into one of them goes along.
        now: for the history.

    Returns:
        The item that stays, and those newly merged into it.

    Raises:
        UsageError: no such item, the same one twice, or the one that stays is merged into another itself.
    """
    keep = get_item(connection, wanted)
    if keep.merged_into is not None:
        raise UsageError(
            f"{keep.id} is itself merged into {keep.merged_into}. Name that one, or split it first: "
            f"sse-digest items split {keep.id}"
        )
    found = {item.id: item for item in [get_item(connection, other) for other in others]}
    if keep.id in found:
        raise UsageError(f"{keep.id} cannot be merged into itself. Name each item once.")
    for item_id in tuple(found):
        found |= {item.id: item for item in merged_into(connection, item_id)}
    fresh = tuple(item for item in found.values() if item.merged_into != keep.id)
    for item in fresh:
        update_item(connection, replace(item, merged_into=keep.id))
        _tell(connection, item.id, ChangeKind.MERGED, f"into {keep.id}", now)
        _tell(connection, keep.id, ChangeKind.MERGED, f"stands for {item.id}", now)
    return keep, fresh


def split_items(connection: Connection, wanted: Sequence[str], *, now: datetime) -> tuple[Item, ...]:
    """Let merged items stand for themselves again; of one that stands for others, all of these.

    Raises:
        UsageError: no such item, or one that neither is merged nor stands for others.
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
        _tell(connection, item.id, ChangeKind.SPLIT, f"from {item.merged_into}", now)
        _tell(connection, item.merged_into or item.id, ChangeKind.SPLIT, f"from {item.id}", now)
    return tuple(replace(item, merged_into=None) for item in parted.values())


def merged_into(connection: Connection, item_id: str) -> tuple[Item, ...]:
    """Return the items that an item stands for, in the order of first sight."""
    rows = connection.rows("SELECT id FROM items WHERE merged_into = ? ORDER BY number", (item_id,))
    ids = [row["id"] for row in rows]
    stored = get_items(connection, ids)
    return tuple(stored[one] for one in ids)


def _tell(connection: Connection, item_id: str, what: ChangeKind, why: str, now: datetime) -> None:
    record_change(
        connection, ItemChange(item_id=item_id, at=now, source=EDITOR, what=what, why=why, fields={})
    )
