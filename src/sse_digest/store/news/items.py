"""Statements on items: read all or some, insert, update, and edit.

They decide nothing about identity: `sources` matches items, and compares what `KnownItem` contains.
"""

import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sse_digest.errors import UsageError
from sse_digest.model.items import Evidence, Item, ItemCard, Precision, ThemeDecision
from sse_digest.model.significant_change import is_significant
from sse_digest.store.connection import Connection, Row
from sse_digest.store.news.item_json import MARK
from sse_digest.store.values import read_instant

EDITOR = "editor"
"""Term and field of the evidence for themes that an editor chose."""

_PLAIN_COLUMNS = (  # with the names of the item's fields
    *("id", "source", "link", "title", "summary", "kicker", "credit", "section", "place", "language"),
    *("image_url", "image_alt", "body", "published_at"),
    *("published", "date_text", "first_seen", "updated", "group", "hidden", "gone_at"),
    "merged_into",
)
_KEY_COLUMNS = ("source_item_id", "canonical", "link_number", "heading", "day")
_KNOWN_COLUMNS = ("id", "source", "group", "language", "summary", "link", *_KEY_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKeys:
    """The values by which an item is recognised when its source is read again, without editors' changes."""

    source_item_id: str | None  # the source's own id
    canonical: str | None  # the link in its canonical form, or None if there is no link
    link_number: str | None  # the publisher's number in the link, or None if it has none
    heading: str  # the title, or the summary if there is no title
    day: str | None = None  # precision, then the day or its words, as the list gives it, not the own page


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """A stored item, reduced to what matching needs."""

    id: str
    source: str
    group: str
    language: str | None
    summary: str | None
    keys: ItemKeys
    link: str | None = None


def all_items(connection: Connection, *, include_hidden: bool = True) -> tuple[Item, ...]:
    """Return all items, newest day first, and within a day in the order in which they were first seen."""
    shown = "" if include_hidden else "WHERE NOT hidden AND gone_at IS NULL AND merged_into IS NULL"
    rows = connection.execute(f"SELECT * FROM items {shown} ORDER BY number")  # noqa: S608 # no value
    return tuple(sorted(map(_item, rows), key=lambda item: item.day(UTC), reverse=True))


def item_cards(connection: Connection) -> Iterator[ItemCard]:
    """Yield the cards of all items in the order in which they were first seen, then by id.

    Only one row is in memory at a time.
    """
    columns = ", ".join(f'"{name}"' for name in (*_PLAIN_COLUMNS, "precision", "themes"))
    rows = connection.execute(
        f"""
        SELECT id, first_seen, updated, published, published_at, precision, language, themes,
            hidden OR gone_at IS NOT NULL OR merged_into IS NOT NULL AS is_out, {MARK}({columns}) AS mark
        FROM items ORDER BY first_seen, id
        """  # noqa: S608 # names only
    )
    for row in rows:
        yield ItemCard(
            id=row["id"],
            first_seen=datetime.fromisoformat(row["first_seen"]),
            updated=datetime.fromisoformat(row["updated"]),
            published=_day(row["published"]),
            precision=Precision(row["precision"]),
            published_at=read_instant(row["published_at"]),
            language=row["language"],
            themes=_themes(row["themes"]),
            is_out=bool(row["is_out"]),
            mark=row["mark"],
        )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


@lru_cache(maxsize=1024)  # few combinations occur thousands of times
def _themes(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


def get_item(connection: Connection, prefix: str) -> Item:
    """Return the item whose id is `prefix`, or the only item whose id begins with it.

    Raises:
        UsageError: no id begins with it, or more than one does.
    """
    wanted = prefix.strip().lower()
    if not wanted:
        raise UsageError(
            "The item's id is empty. Enter an id or the beginning of one; `sse-digest items list` shows them."
        )
    rows = connection.rows(
        "SELECT * FROM items WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 6", (len(wanted), wanted)
    )
    found = [_item(row) for row in rows]
    if not found:
        raise UsageError(f"No item's id begins with {prefix!r}. `sse-digest items list` shows all ids.")
    if len(found) > 1 and found[0].id != wanted:
        ids = ", ".join(item.id for item in found[:5]) + (", ..." if len(found) > 5 else "")
        raise UsageError(
            f"More than one item's id begins with {prefix!r}: {ids}. Enter more characters of the id."
        )
    return found[0]


def get_items(connection: Connection, ids: Iterable[str]) -> Mapping[str, Item]:
    """Return the items with these ids, by id. Unknown ids are left out."""
    rows = connection.rows_in("SELECT * FROM items WHERE id IN ({keys})", (), sorted(set(ids)))
    return {row["id"]: _item(row) for row in rows}


def known_items(
    connection: Connection, having: Mapping[str, Collection[Any]] | None = None
) -> tuple[KnownItem, ...]:
    """Return items as matching needs them, in the order in which they were first seen.

    Args:
        connection: in any transaction.
        having: values by column; an item is returned if any of these columns has one of its values. None
            returns all items.
    """
    columns = ", ".join(f'"{name}"' for name in ("number", *_KNOWN_COLUMNS))
    statement = f"SELECT {columns} FROM items"  # noqa: S608 # names only
    if having is None:
        rows = connection.rows(statement)
    else:
        rows = [
            row
            for name, values in having.items()
            for row in connection.rows_in(
                f"{statement} WHERE {name} IN ({{keys}})", (), sorted(values, key=str)
            )
        ]
    found = {row["number"]: _known(row) for row in rows}
    return tuple(found[number] for number in sorted(found))


def has_item(connection: Connection, item_id: str) -> bool:
    """Return whether an item with this id exists."""
    return connection.row("SELECT 1 FROM items WHERE id = ?", (item_id,)) is not None


def has_items(connection: Connection) -> bool:
    """Return whether any item is stored."""
    return connection.row("SELECT 1 FROM items LIMIT 1") is not None


def insert_item(connection: Connection, item: Item, keys: ItemKeys) -> None:
    """Insert an item. Its id must be new."""
    connection.insert("items", row_of(item, keys))


def update_item(connection: Connection, item: Item, keys: ItemKeys | None = None) -> None:
    """Update an item. If `keys` is None, its keys stay as they are."""
    connection.update("items", _values(item) | (_key_values(keys) if keys else {}), id=item.id)


def edit_item(
    connection: Connection,
    item_id: str,
    *,
    now: datetime,
    themes: tuple[str, ...] | None = None,
    title: str | None = None,
    summary: str | None = None,
    published: date | None = None,
    hidden: bool | None = None,
) -> Item:
    """Change fields of an item for an editor, and return the item. Later fetches do not change these fields.

    Args:
        connection: in a writing transaction.
        item_id: the id, or an unambiguous beginning of it.
        now: becomes `updated` if the change is significant.
        themes: keys of known themes, the primary one first, at least one; None: not changed.
        title: None: not changed.
        summary: None: not changed.
        published: the day, instead of the one that the source gives; None: not changed.
        hidden: True takes the item out of feeds and issues; None: not changed.

    Raises:
        UsageError: the item does not exist, or a text or the themes are empty.
    """
    old = get_item(connection, item_id)
    new = old
    if themes is not None:
        new = replace(new, decision=_chosen(themes))
    if title is not None:
        new = replace(new, title=_typed("title", title))
    if summary is not None:
        new = replace(new, summary=_typed("summary", summary))
    if published is not None:
        new = replace(new, published=published, precision=Precision.DAY, published_at=None)
    if hidden is not None:
        new = replace(new, hidden=hidden)
    given = {"themes": themes, "title": title, "summary": summary, "published": published, "hidden": hidden}
    names = {*old.edited, *(name for name, value in given.items() if value is not None)}
    new = replace(new, edited=tuple(sorted(names)), updated=now if is_significant(old, new) else old.updated)
    if new != old:
        update_item(connection, new)
    return new


def _chosen(themes: tuple[str, ...]) -> ThemeDecision:
    keys = tuple(dict.fromkeys(themes))
    if not keys:
        raise UsageError("An item needs at least one theme.")
    evidence = tuple(Evidence(theme=key, term=EDITOR, field=EDITOR, weight=1.0) for key in keys)
    return ThemeDecision(themes=keys, primary=keys[0], evidence=evidence)


def _typed(field: str, text: str) -> str:
    spaced = "".join(" " if mark.isspace() else mark for mark in unicodedata.normalize("NFC", text))
    visible = "".join(mark for mark in spaced if unicodedata.category(mark) not in {"Cc", "Cs"})
    plain = " ".join(visible.split())
    if not plain:
        raise UsageError(
            f"The {field} is empty. To take the item out of feeds and issues, hide it with --hide."
        )
    return plain


def _values(item: Item) -> dict[str, object]:
    return {name: getattr(item, name) for name in _PLAIN_COLUMNS} | {
        "precision": item.precision.value,
        "themes": list(item.decision.themes),
        "primary_theme": item.decision.primary,
        "evidence": [
            {"theme": reason.theme, "term": reason.term, "field": reason.field, "weight": reason.weight}
            for reason in item.decision.evidence
        ],
        "edited": list(item.edited),
    }


def row_of(item: Item, keys: ItemKeys) -> dict[str, object]:
    """Return an item's row in the table without its number."""
    return _values(item) | _key_values(keys)


def _key_values(keys: ItemKeys) -> dict[str, object]:
    return {name: getattr(keys, name) for name in _KEY_COLUMNS}


def _known(row: Row) -> KnownItem:
    return KnownItem(
        id=row["id"],
        source=row["source"],
        group=row["group"],
        language=row["language"],
        summary=row["summary"],
        link=row["link"],
        keys=ItemKeys(**{name: row[name] for name in _KEY_COLUMNS}),
    )


def _item(row: Row) -> Item:
    instants = {
        name: read_instant(row[name]) for name in ("published_at", "first_seen", "updated", "gone_at")
    }
    values = {name: row[name] for name in _PLAIN_COLUMNS} | instants
    return Item(
        **{**values, "published": _day(row["published"]), "hidden": bool(row["hidden"])},
        precision=Precision(row["precision"]),
        decision=ThemeDecision(
            themes=_themes(row["themes"]),
            primary=row["primary_theme"],
            evidence=tuple(Evidence(**reason) for reason in json.loads(row["evidence"])),
        ),
        edited=tuple(json.loads(row["edited"])),
    )
