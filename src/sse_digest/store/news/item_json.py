"""Convert an item to JSON and back, for the snapshots in frozen issues.

Every snapshot must stay readable: unknown keys are ignored, and a field that is newer than the snapshot gets
its default. Items that may still change are not stored like this.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from sse_digest.errors import StoreError
from sse_digest.model.items import Evidence, Item, Precision, ThemeDecision

_TEXTS = (
    *("link", "title", "summary", "kicker", "credit", "section", "place", "language", "date_text"),
    *("image_url", "image_alt", "body"),
)


def item_to_json(item: Item) -> dict[str, Any]:
    """Return all fields of an item as JSON values, with days and instants as ISO 8601 text."""
    values = asdict(item)
    values["published"] = item.published.isoformat() if item.published else None
    values["published_at"] = item.published_at.isoformat() if item.published_at else None
    values["precision"] = item.precision.value
    values["first_seen"] = item.first_seen.isoformat()
    values["updated"] = item.updated.isoformat()
    return values


def item_from_json(values: Mapping[str, Any]) -> Item:
    """Return the item of a snapshot, equal to the one that was stored.

    Raises:
        StoreError: the values are not a snapshot of an item.
    """
    try:
        return Item(
            id=values["id"],
            source=values["source"],
            **{name: values.get(name) for name in _TEXTS},
            published=date.fromisoformat(values["published"]) if values["published"] else None,
            published_at=_instant(values.get("published_at")),
            precision=Precision(values["precision"]),
            first_seen=datetime.fromisoformat(values["first_seen"]),
            updated=datetime.fromisoformat(values["updated"]),
            group=values["group"],
            decision=_decision(values["decision"]),
            hidden=values.get("hidden", False),
            edited=tuple(values.get("edited", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(
            f"A frozen issue contains an item that cannot be read ({error!r})."
            " Restore the database from a backup."
        ) from error


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _decision(values: Mapping[str, Any]) -> ThemeDecision:
    return ThemeDecision(
        themes=tuple(values["themes"]),
        primary=values["primary"],
        evidence=tuple(
            Evidence(theme=one["theme"], term=one["term"], field=one["field"], weight=one["weight"])
            for one in values.get("evidence", ())
        ),
    )


MARK = "sse_mark"
"""The name of `mark_of` in SQL statements."""


def mark_of(*values: str | bytes | float | None) -> bytes:
    """Return a hash of stored values in their order."""
    return blake2b(repr(values).encode(), digest_size=16).digest()
