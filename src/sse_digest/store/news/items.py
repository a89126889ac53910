"""Statements on items: read all or one, insert, update, and what an editor changes.

Decides nothing about identity; `KnownItem` gives the matching in `sources` what it compares.
"""

import json
import unicodedata
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    RowMapping,
    Text,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.errors import UsageError
from sse_digest.model.items import Evidence, Item, ItemCard, Precision, ThemeDecision
from sse_digest.model.significant_change import is_significant
from sse_digest.store.news_tables import items

EDITOR = "editor"
"""Term and field of the evidence for themes that an editor chose."""

_PLAIN_COLUMNS = (  # whose values are an item's own
    *("id", "source", "link", "title", "summary", "kicker", "credit", "section", "place", "language"),
    *("image_url", "image_alt", "body", "published_at"),
    *("published", "date_text", "first_seen", "updated", "group", "hidden", "gone_at"),
    "merged_into",
)
_KEY_COLUMNS = ("source_item_id", "canonical", "link_number", "heading", "day")
_KNOWN_COLUMNS = ("id", "source", "group", "language", "summary", *_KEY_COLUMNS)
_ROWS = 500  # of a long answer, in memory at once
_CHUNK = 500  # ids in one statement; databases bound the number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKeys:
    """What tells a source's item from its others when the source is read again."""

    source_item_id: str | None  # the source's own id
    canonical: str | None  # the link, folded; None: no link
    link_number: str | None  # the publisher's number in the link; None: it has none
    heading: str  # the title, or the summary where there is none; an editor's words never stand here
    day: str | None = None  # as the list says it: precision, then day or words; no own page's, no editor's


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """A stored item as matching sees it."""

    id: str
    source: str
    group: str
    language: str | None
    summary: str | None
    keys: ItemKeys


async def all_items(connection: AsyncConnection, *, include_hidden: bool = True) -> tuple[Item, ...]:
    """Give all items, newest day first; items of one day in the order they were first seen."""
    statement = select(items).order_by(items.c.number)
    if not include_hidden:
        statement = statement.where(
            items.c.hidden.is_(False), items.c.gone_at.is_(None), items.c.merged_into.is_(None)
        )
    found = [_item(row) for row in (await connection.execute(statement)).mappings()]
    return tuple(sorted(found, key=lambda item: item.day(UTC), reverse=True))


async def item_cards(connection: AsyncConnection) -> AsyncIterator[ItemCard]:
    """Give the cards of all items by order of first sight, then by id, few of them at a time."""
    columns = (items.c[name] for name in ("id", "first_seen", "updated", "published", "published_at"))
    more = (items.c.precision, items.c.language, type_coerce(items.c.themes, Text))
    is_out = or_(items.c.hidden, items.c.gone_at.is_not(None), items.c.merged_into.is_not(None))
    shown = (items.c[name] for name in (*_PLAIN_COLUMNS, "precision", "themes"))
    mark = func.sse_mark(*(type_coerce(column, LargeBinary) for column in shown), type_=LargeBinary)
    statement = select(*columns, *more, is_out, mark).order_by(items.c.first_seen, items.c.id)
    async with connection.stream(statement) as rows:
        async for found in rows.partitions(_ROWS):
            for row in found:
                yield _card(row)


def _card(row: Sequence[Any]) -> ItemCard:
    item_id, first_seen, updated, published, published_at, precision, language, themes, is_out, mark = row
    return ItemCard(
        id=item_id,
        first_seen=first_seen,
        updated=updated,
        published=published,
        precision=Precision(precision),
        published_at=published_at,
        language=language,
        themes=_themes(themes),
        is_out=bool(is_out),
        mark=mark,
    )


@lru_cache(maxsize=1024)  # a handful of combinations, thousands of times
def _themes(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


async def get_item(connection: AsyncConnection, prefix: str) -> Item:
    """Give the item whose id is `prefix`, or the only one whose id begins so.

    Raises:
        UsageError: no item or more than one begins so.
    """
    wanted = prefix.strip().lower()
    if not wanted:
        raise UsageError(
            "Which item? Give its id, or the beginning of it; `sse-digest items list` shows them."
        )
    statement = (
        select(items).where(items.c.id.startswith(wanted, autoescape=True)).order_by(items.c.id).limit(6)
    )
    found = [_item(row) for row in (await connection.execute(statement)).mappings()]
    if not found:
        raise UsageError(f"No item's id begins with {prefix!r}. `sse-digest items list` shows all ids.")
    if len(found) > 1 and found[0].id != wanted:
        ids = ", ".join(item.id for item in found[:5]) + (", ..." if len(found) > 5 else "")
        raise UsageError(f"More than one item's id begins with {prefix!r}: {ids}. Give more letters.")
    return found[0]


async def get_items(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, Item]:
    """Give the items with these ids, by id; an id that is unknown is left out."""
    wanted = sorted(set(ids))
    found: dict[str, Item] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(items).where(items.c.id.in_(wanted[start : start + _CHUNK]))
        found |= {row["id"]: _item(row) for row in (await connection.execute(statement)).mappings()}
    return found


async def known_items(
    connection: AsyncConnection, having: Mapping[str, Collection[object]] | None = None
) -> tuple[KnownItem, ...]:
    """Give items as matching needs them, in the order they were first seen.

    Args:
        connection: of any transaction.
        having: columns and values; an item is given that has one of a column's values. None: every item is.
    """
    columns = [items.c[name] for name in _KNOWN_COLUMNS]
    conditions: list[ColumnElement[bool] | None] = [None]
    if having is not None:
        conditions = [one for name, values in having.items() for one in _having(items.c[name], values)]
    found: dict[int, KnownItem] = {}
    for condition in conditions:
        statement = select(items.c.number, *columns)
        if condition is not None:
            statement = statement.where(condition)
        rows = (await connection.execute(statement)).mappings()
        found |= {row["number"]: _known(row) for row in rows}
    return tuple(found[number] for number in sorted(found))


def _having(column: ColumnElement[object], values: Collection[object]) -> Iterator[ColumnElement[bool]]:
    wanted = sorted(values, key=str)
    for start in range(0, len(wanted), _CHUNK):
        yield column.in_(wanted[start : start + _CHUNK])


async def has_item(connection: AsyncConnection, item_id: str) -> bool:
    """Tell whether there is an item with this id."""
    return (await connection.execute(select(items.c.number).where(items.c.id == item_id))).first() is not None


async def insert_item(connection: AsyncConnection, item: Item, keys: ItemKeys) -> None:
    """Store a new item; its id must be new."""
    await connection.execute(insert(items).values(row_of(item, keys)))


async def update_item(connection: AsyncConnection, item: Item, keys: ItemKeys | None = None) -> None:
    """Store what an item has become; without `keys` they stay as they are."""
    values = _values(item) | (_key_values(keys) if keys else {})
    await connection.execute(update(items).where(_is(item.id)).values(values))


async def edit_item(
    connection: AsyncConnection,
    item_id: str,
    *,
    now: datetime,
    themes: tuple[str, ...] | None = None,
    title: str | None = None,
    summary: str | None = None,
    published: date | None = None,
    hidden: bool | None = None,
) -> Item:
    """Change an item as an editor wants it; later fetches leave the changed fields alone.

    Args:
        connection: of a writing transaction.
        item_id: or an unambiguous beginning of it.
        now: becomes `updated` if title or summary get other words.
        themes: keys of known themes, the primary one first, at least one; None: not changed.
        title: None: not changed.
        summary: None: not changed.
        published: the day, in place of whatever the source says; None: not changed.
        hidden: True takes it out of feeds and issues; None: not changed.

    Raises:
        UsageError: no such item, or a text or the themes are empty.
    """
    old = await get_item(connection, item_id)
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
        await update_item(connection, new)
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
        raise UsageError(f"The {field} is empty. To take an item out of feeds and issues, hide it.")
    return plain


def _is(item_id: str) -> ColumnElement[bool]:
    return items.c.id == item_id


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
    """Give an item's row in the table, all but its number."""
    return _values(item) | _key_values(keys)


def _key_values(keys: ItemKeys) -> dict[str, object]:
    return {name: getattr(keys, name) for name in _KEY_COLUMNS}


def _known(row: RowMapping) -> KnownItem:
    return KnownItem(
        id=row["id"],
        source=row["source"],
        group=row["group"],
        language=row["language"],
        summary=row["summary"],
        keys=ItemKeys(**{name: row[name] for name in _KEY_COLUMNS}),
    )


def _item(row: RowMapping) -> Item:
    return Item(
        **{name: row[name] for name in _PLAIN_COLUMNS},
        precision=Precision(row["precision"]),
        decision=ThemeDecision(
            themes=tuple(row["themes"]),
            primary=row["primary_theme"],
            evidence=tuple(Evidence(**reason) for reason in row["evidence"]),
        ),
        edited=tuple(row["edited"]),
    )
