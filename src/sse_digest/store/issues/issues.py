"""Statements on issues, the items they hold, the items they leave out, and their editions.

A frozen issue is never written again: every statement that changes an issue names the state it expects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.errors import StoreError
from sse_digest.model.issue_rules import Placements, SkipRecord
from sse_digest.model.issues import Issue, IssueItem, ItemSkip, Period, Section
from sse_digest.model.items import Item
from sse_digest.store.issues.issue_edits import read_issue_edit, read_item_edits, read_leads
from sse_digest.store.news.item_json import item_from_json, item_to_json
from sse_digest.store.news.items import get_items
from sse_digest.store.tables import editions, issue_items, issues, item_skips


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionBytes:
    """An edition as it was first rendered; resumed sends, the archive and .eml files use these bytes."""

    subject: str
    html: bytes
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionHead:
    """What is needed of a stored edition as long as nobody looks into it."""

    subject: str
    text: bytes
    mark: bytes  # other HTML has another one: what is stored is never written again


async def read_placements(connection: AsyncConnection, digest: str) -> Placements:
    """Read what was decided about a digest's items so far."""
    frozen = await connection.execute(
        select(issues.c.period, issues.c.frozen_at).where(issues.c.digest == digest)
    )
    placed = await connection.execute(
        select(issue_items.c.item_id, issue_items.c.period).where(issue_items.c.digest == digest)
    )
    skips = await connection.execute(
        select(item_skips.c.item_id, item_skips.c.period, item_skips.c.reason).where(
            item_skips.c.digest == digest
        )
    )
    return Placements(
        issues={Period.parse(row.period): row.frozen_at is not None for row in frozen},
        placed={row.item_id: Period.parse(row.period) for row in placed},
        edits=await read_item_edits(connection, digest),
        leads=await read_leads(connection, digest),
        skips={
            row.item_id: SkipRecord(period=Period.parse(row.period), reason=ItemSkip[row.reason])
            for row in skips
        },
    )


async def read_sent(connection: AsyncConnection, digest: str) -> Mapping[Period, datetime]:
    """Give the issues whose recipients are fixed, oldest first, and when each was frozen."""
    rows = await connection.execute(
        select(issues.c.period, issues.c.frozen_at)
        .where(issues.c.digest == digest, issues.c.total.is_not(None))
        .order_by(issues.c.period)
    )
    return {Period.parse(row.period): row.frozen_at for row in rows}


async def issue_members(connection: AsyncConnection, digest: str, period: Period) -> tuple[str, ...]:
    """Give the ids of an issue's items in their order, hidden ones too; empty: there is no such issue."""
    return tuple(await _kept(connection, digest, period))


async def load_issue(connection: AsyncConnection, digest: str, period: Period) -> Issue | None:
    """Load an issue: a frozen one as it was frozen, any other with its items as they are now.

    An item that was hidden after the issue was composed is left out. None: there is no such issue.
    """
    found = (await connection.execute(select(issues).where(_is(digest, period)))).one_or_none()
    if found is None:
        return None
    kept = await _kept(connection, digest, period)
    frozen = found.frozen_at is not None
    if frozen:
        items = {item_id: item_from_json(snapshot["item"]) for item_id, snapshot in kept.items()}
    else:
        items = {key: item for key, item in (await get_items(connection, kept)).items() if not item.is_out}
    edit = await read_issue_edit(connection, digest, period)
    return Issue(
        digest=digest,
        period=period,
        sections=_sections(kept, items),
        lead=found.lead,
        frozen=frozen,
        title=edit.title,
        introduction=edit.introduction,
    )


async def _kept(connection: AsyncConnection, digest: str, period: Period) -> dict[str, Mapping[str, Any]]:
    rows = await connection.execute(
        select(issue_items.c.item_id, issue_items.c.snapshot)
        .where(issue_items.c.digest == digest, issue_items.c.period == str(period))
        .order_by(issue_items.c.position)
    )
    return {row.item_id: row.snapshot for row in rows}


def _sections(kept: Mapping[str, Mapping[str, Any]], items: Mapping[str, Item]) -> tuple[Section, ...]:
    by_theme: dict[str, list[IssueItem]] = {}
    for item_id, snapshot in kept.items():
        if item_id in items:
            placed = IssueItem(
                item=items[item_id], also_in=tuple(snapshot["also_in"]), note=snapshot.get("note", {})
            )
            by_theme.setdefault(snapshot["theme"], []).append(placed)
    return tuple(Section(theme=theme, items=tuple(placed)) for theme, placed in by_theme.items())


_take_from_unfrozen = delete(issue_items).where(
    issue_items.c.digest == bindparam("of"),
    issue_items.c.item_id == bindparam("item"),
    issue_items.c.period.not_in(
        select(issues.c.period).where(issues.c.digest == bindparam("of"), issues.c.frozen_at.is_not(None))
    ),
)


async def write_issue(connection: AsyncConnection, issue: Issue, now: datetime) -> None:
    """Write an issue in place of the unfrozen one of its key; items come over from other unfrozen issues.

    With `issue.frozen` it is frozen now: the items are kept as they are in it.

    Raises:
        StoreError: the stored issue is frozen.
    """
    values: dict[str, Any] = {
        "composed_at": now,
        "frozen_at": now if issue.frozen else None,
        "lead": issue.lead,
    }
    key = {"digest": issue.digest, "period": str(issue.period)}
    changed = await connection.execute(
        update(issues).where(_is(issue.digest, issue.period), issues.c.frozen_at.is_(None)).values(**values)
    )
    if changed.rowcount == 0:
        await _refuse_if_frozen(connection, issue.digest, issue.period)
        await connection.execute(insert(issues).values(**key, **values))
    await _clear(connection, issue.digest, issue.period)
    rows = [{**key, **row} for row in _rows(issue)]
    if rows:
        await connection.execute(
            _take_from_unfrozen, [{"of": issue.digest, "item": row["item_id"]} for row in rows]
        )
        await connection.execute(insert(issue_items), rows)


def _rows(issue: Issue) -> list[dict[str, Any]]:
    placed = [(section.theme, one) for section in issue.sections for one in section.items]
    return [
        {
            "item_id": one.item.id,
            "position": position,
            "snapshot": {
                "theme": theme,
                "also_in": list(one.also_in),
                **({"note": dict(one.note)} if one.note else {}),
                **({"item": item_to_json(one.item)} if issue.frozen else {}),
            },
        }
        for position, (theme, one) in enumerate(placed)
    ]


async def delete_issue(connection: AsyncConnection, digest: str, period: Period) -> None:
    """Delete an issue that has nothing to print any more.

    Raises:
        StoreError: the stored issue is frozen.
    """
    await _refuse_if_frozen(connection, digest, period)
    await _clear(connection, digest, period)
    await connection.execute(delete(issues).where(_is(digest, period)))


async def write_skips(connection: AsyncConnection, digest: str, skips: Mapping[str, SkipRecord]) -> None:
    """Make `skips` (item id to record) all skips of the digest; only what differs is written."""
    known = (await read_placements(connection, digest)).skips
    gone = [item_id for item_id, record in known.items() if skips.get(item_id) != record]
    new = [item_id for item_id, record in skips.items() if known.get(item_id) != record]
    if gone:
        await connection.execute(_forget_skip, [{"of": digest, "item": item_id} for item_id in gone])
    if new:
        rows = [
            {
                "digest": digest,
                "item_id": item_id,
                "period": str(skips[item_id].period),
                "reason": skips[item_id].reason.name,  # the name is the key; the words for people may change
            }
            for item_id in new
        ]
        await connection.execute(insert(item_skips), rows)


_forget_skip = delete(item_skips).where(
    item_skips.c.digest == bindparam("of"), item_skips.c.item_id == bindparam("item")
)


def _is_edition(
    digest: str, period: Period, list_name: str, language: str, themes: str
) -> ColumnElement[bool]:
    return and_(
        editions.c.digest == digest,
        editions.c.period == str(period),
        editions.c.list == list_name,
        editions.c.language == language,
        editions.c.themes == themes,
    )


async def load_edition(
    connection: AsyncConnection, digest: str, period: Period, *, list_name: str, language: str, themes: str
) -> EditionBytes | None:
    """Load an edition's bytes; None: not stored yet. `themes`: keys in digest order, joined by blanks."""
    found = await connection.execute(
        select(editions.c.subject, editions.c.html, editions.c.text).where(
            _is_edition(digest, period, list_name, language, themes)
        )
    )
    row = found.one_or_none()
    return None if row is None else EditionBytes(subject=row.subject, html=row.html, text=row.text)


async def load_edition_head(
    connection: AsyncConnection, digest: str, period: Period, *, list_name: str, language: str, themes: str
) -> EditionHead | None:
    """Load an edition without its HTML; arguments and None as in `load_edition`."""
    size = func.length(editions.c.html)  # SQLite tells it without reading them
    found = await connection.execute(
        select(editions.c.subject, editions.c.text, editions.c.stored_at, size.label("size")).where(
            _is_edition(digest, period, list_name, language, themes)
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    mark = f"{row.stored_at.isoformat()} {row.size}".encode()
    return EditionHead(subject=row.subject, text=row.text, mark=mark)


async def store_edition(
    connection: AsyncConnection,
    digest: str,
    period: Period,
    *,
    list_name: str,
    language: str,
    themes: str,
    edition: EditionBytes,
    now: datetime,
) -> EditionBytes:
    """Store an edition on its first use and give the bytes that count: those stored first.

    Raises:
        StoreError: the issue is not frozen, so its bytes may still change.
    """
    stored = await load_edition(
        connection, digest, period, list_name=list_name, language=language, themes=themes
    )
    if stored is not None:
        return stored
    frozen = await connection.execute(select(issues.c.frozen_at).where(_is(digest, period)))
    if frozen.scalar_one_or_none() is None:
        raise StoreError(f"The edition of {digest}/{period} cannot be kept: the issue is not frozen.")
    await connection.execute(
        insert(editions).values(
            digest=digest,
            period=str(period),
            list=list_name,
            language=language,
            themes=themes,
            subject=edition.subject,
            html=edition.html,
            text=edition.text,
            stored_at=now,
        )
    )
    return edition


def _is(digest: str, period: Period) -> ColumnElement[bool]:
    return and_(issues.c.digest == digest, issues.c.period == str(period))


async def _clear(connection: AsyncConnection, digest: str, period: Period) -> None:
    await connection.execute(
        delete(issue_items).where(issue_items.c.digest == digest, issue_items.c.period == str(period))
    )


async def _refuse_if_frozen(connection: AsyncConnection, digest: str, period: Period) -> None:
    found = await connection.execute(select(issues.c.frozen_at).where(_is(digest, period)))
    if found.scalar_one_or_none() is not None:
        raise StoreError(f"The issue {digest}/{period} is frozen and cannot be changed.")
