"""Statements on issues, their items, the items that they skip, and their editions.

A frozen issue never changes: every function that writes an issue checks first that it is not frozen.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sse_digest.errors import StoreError
from sse_digest.model.issue_rules import Placements, SkipRecord
from sse_digest.model.issues import Issue, IssueItem, ItemSkip, Period, Section
from sse_digest.model.items import Item
from sse_digest.store.connection import Connection
from sse_digest.store.issues.issue_edits import read_issue_edit, read_item_edits, read_leads
from sse_digest.store.news.item_json import item_from_json, item_to_json
from sse_digest.store.news.items import get_items
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionBytes:
    """An edition as it was first rendered. Resumed sends, the archive and .eml files use these bytes."""

    subject: str
    html: bytes
    text: bytes
    html_gaps: tuple[int, ...] | None = ()  # offsets of token gaps, in characters; None in an older database
    text_gaps: tuple[int, ...] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionHead:
    """A stored edition without its HTML."""

    subject: str
    text: bytes
    mark: bytes  # changes with the HTML


def read_placements(connection: Connection, digest: str) -> Placements:
    """Return which issues a digest's items are in, which items are skipped, and what editors decided."""
    frozen = connection.rows("SELECT period, frozen_at FROM issues WHERE digest = ?", (digest,))
    placed = connection.rows("SELECT item_id, period FROM issue_items WHERE digest = ?", (digest,))
    skips = connection.rows("SELECT item_id, period, reason FROM item_skips WHERE digest = ?", (digest,))
    return Placements(
        issues={Period.parse(row["period"]): row["frozen_at"] is not None for row in frozen},
        placed={row["item_id"]: Period.parse(row["period"]) for row in placed},
        edits=read_item_edits(connection, digest),
        leads=read_leads(connection, digest),
        skips={
            row["item_id"]: SkipRecord(period=Period.parse(row["period"]), reason=ItemSkip[row["reason"]])
            for row in skips
        },
    )


def read_sent(connection: Connection, digest: str) -> Mapping[Period, datetime]:
    """Return when each issue whose recipients are fixed was frozen, by period, oldest first."""
    rows = connection.rows(
        "SELECT period, frozen_at FROM issues WHERE digest = ? AND total IS NOT NULL ORDER BY period",
        (digest,),
    )
    return {Period.parse(row["period"]): datetime.fromisoformat(row["frozen_at"]) for row in rows}


def issue_members(connection: Connection, digest: str, period: Period) -> tuple[str, ...]:
    """Return the ids of an issue's items in order, hidden ones too; none if the issue does not exist."""
    return tuple(_kept(connection, digest, period))


def load_issue(connection: Connection, digest: str, period: Period) -> Issue | None:
    """Return an issue, or None if it does not exist.

    A frozen issue has its items as they were when it was frozen; any other has them as they are now, without
    items that were taken out after it was composed.
    """
    found = connection.row(
        "SELECT frozen_at, lead FROM issues WHERE digest = ? AND period = ?", (digest, str(period))
    )
    if found is None:
        return None
    kept = _kept(connection, digest, period)
    frozen = found["frozen_at"] is not None
    if frozen:
        items = {item_id: item_from_json(snapshot["item"]) for item_id, snapshot in kept.items()}
    else:
        items = {key: item for key, item in (get_items(connection, kept)).items() if not item.is_out}
    edit = read_issue_edit(connection, digest, period)
    return Issue(
        digest=digest,
        period=period,
        sections=_sections(kept, items),
        lead=found["lead"],
        frozen=frozen,
        title=edit.title,
        introduction=edit.introduction,
    )


def _kept(connection: Connection, digest: str, period: Period) -> dict[str, Mapping[str, Any]]:
    rows = connection.rows(
        "SELECT item_id, snapshot FROM issue_items WHERE digest = ? AND period = ? ORDER BY position",
        (digest, str(period)),
    )
    return {row["item_id"]: json.loads(row["snapshot"]) for row in rows}


def _sections(kept: Mapping[str, Mapping[str, Any]], items: Mapping[str, Item]) -> tuple[Section, ...]:
    by_theme: dict[str, list[IssueItem]] = {}
    for item_id, snapshot in kept.items():
        if item_id in items:
            placed = IssueItem(
                item=items[item_id], also_in=tuple(snapshot["also_in"]), note=snapshot.get("note", {})
            )
            by_theme.setdefault(snapshot["theme"], []).append(placed)
    return tuple(Section(theme=theme, items=tuple(placed)) for theme, placed in by_theme.items())


def write_issue(connection: Connection, issue: Issue, now: datetime) -> None:
    """Store an issue in place of the earlier one, and remove its items from other issues that are not frozen.

    If `issue.frozen` is set, the issue is frozen and its items are stored as they are in it.

    Raises:
        StoreError: the stored issue is frozen.
    """
    values = {"composed_at": now, "frozen_at": now if issue.frozen else None, "lead": issue.lead}
    key = {"digest": issue.digest, "period": str(issue.period)}
    _refuse_if_frozen(connection, issue.digest, issue.period)
    if not connection.update("issues", values, **key):
        connection.insert("issues", {**key, **values})
    _clear(connection, issue.digest, issue.period)
    rows = [{**key, **row} for row in _rows(issue)]
    connection.change_in(
        """
        DELETE FROM issue_items WHERE digest = ? AND period NOT IN (
            SELECT period FROM issues WHERE digest = ? AND frozen_at IS NOT NULL
        ) AND item_id IN ({keys})
        """,
        (issue.digest, issue.digest),
        [row["item_id"] for row in rows],
    )
    connection.insert("issue_items", *rows)


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


def delete_issue(connection: Connection, digest: str, period: Period) -> None:
    """Delete an issue that no longer has any items.

    Raises:
        StoreError: the stored issue is frozen.
    """
    _refuse_if_frozen(connection, digest, period)
    _clear(connection, digest, period)
    connection.change("DELETE FROM issues WHERE digest = ? AND period = ?", (digest, str(period)))


def write_skips(connection: Connection, digest: str, skips: Mapping[str, SkipRecord]) -> None:
    """Replace all skips of a digest by `skips`, a record for each item id. Writes only the differences."""
    known = read_placements(connection, digest).skips
    gone = [item_id for item_id, record in known.items() if skips.get(item_id) != record]
    connection.change_in("DELETE FROM item_skips WHERE digest = ? AND item_id IN ({keys})", (digest,), gone)
    new = [(item_id, record) for item_id, record in skips.items() if known.get(item_id) != record]
    connection.insert(
        "item_skips",
        *(
            {
                "digest": digest,
                "item_id": item_id,
                "period": str(record.period),
                "reason": record.reason.name,  # the name is stored, because the words for people may change
            }
            for item_id, record in new
        ),
    )


_THIS_EDITION = "digest = ? AND period = ? AND list = ? AND language = ? AND themes = ?"


def load_edition(
    connection: Connection, digest: str, period: Period, *, list_name: str, language: str, themes: str
) -> EditionBytes | None:
    """Return an edition, or None if it is not stored yet.

    `themes` are theme keys in the digest's order, joined by spaces.
    """
    row = connection.row(
        f"SELECT subject, html, text, html_gaps, text_gaps FROM editions WHERE {_THIS_EDITION}",  # noqa: S608 # a part of a statement
        (digest, str(period), list_name, language, themes),
    )
    if row is None:
        return None
    gaps = {name: row[name] and tuple(json.loads(row[name])) for name in ("html_gaps", "text_gaps")}
    return read_row(EditionBytes, row, **gaps)


def load_edition_head(
    connection: Connection, digest: str, period: Period, *, list_name: str, language: str, themes: str
) -> EditionHead | None:
    """Return an edition without its HTML, or None if it is not stored yet. Arguments as in `load_edition`."""
    row = connection.row(  # SQLite returns the length of the HTML without reading it
        f"SELECT subject, text, stored_at, length(html) AS size FROM editions WHERE {_THIS_EDITION}",  # noqa: S608 # as above
        (digest, str(period), list_name, language, themes),
    )
    if row is None:
        return None
    mark = f"{datetime.fromisoformat(row['stored_at']).isoformat()} {row['size']}".encode()
    return EditionHead(subject=row["subject"], text=row["text"], mark=mark)


def store_edition(
    connection: Connection,
    digest: str,
    period: Period,
    *,
    list_name: str,
    language: str,
    themes: str,
    edition: EditionBytes,
    now: datetime,
) -> EditionBytes:
    """Store an edition on its first use, and return the stored one, which may be an earlier one.

    An edition from an older database, whose token gaps are unknown, is replaced if none of the issue's mails
    was submitted yet.

    Raises:
        StoreError: the issue is not frozen, so the edition may still change; or the token gaps are unknown
            and some of the issue's mails were submitted.
    """
    stored = load_edition(connection, digest, period, list_name=list_name, language=language, themes=themes)
    if stored is not None and stored.html_gaps is not None:
        return stored
    if stored is not None and _is_begun(connection, digest, period):
        raise StoreError(
            f"{digest}/{period} was frozen and partly sent by an older version of sse-digest. This version"
            f" cannot send the rest. Cancel it: sse-digest cancel {period} --digest {digest}"
        )
    if not _is_frozen(connection, digest, period):
        raise StoreError(f"The edition of {digest}/{period} cannot be stored: the issue is not frozen.")
    key = {"digest": digest, "period": str(period), "list": list_name, "language": language, "themes": themes}
    connection.change(
        f"DELETE FROM editions WHERE {_THIS_EDITION}",  # noqa: S608 # as above
        tuple(key.values()),
    )
    connection.insert("editions", {**key, **asdict(edition), "stored_at": now})
    return edition


def _is_begun(connection: Connection, digest: str, period: Period) -> bool:
    """Return whether any mail of an issue was submitted."""
    statement = (
        "SELECT 1 FROM deliveries WHERE digest = ? AND period = ? AND first_attempt IS NOT NULL LIMIT 1"
    )
    return connection.value(statement, (digest, str(period))) is not None


def _clear(connection: Connection, digest: str, period: Period) -> None:
    connection.change("DELETE FROM issue_items WHERE digest = ? AND period = ?", (digest, str(period)))


def _is_frozen(connection: Connection, digest: str, period: Period) -> bool:
    key = (digest, str(period))
    return connection.value("SELECT frozen_at FROM issues WHERE digest = ? AND period = ?", key) is not None


def _refuse_if_frozen(connection: Connection, digest: str, period: Period) -> None:
    if _is_frozen(connection, digest, period):
        raise StoreError(f"The issue {digest}/{period} is frozen and cannot be changed.")
