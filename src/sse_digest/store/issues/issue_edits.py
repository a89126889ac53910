"""Statements on what editors decided about issues and their items, on approvals and on overrides.

Composing an issue never writes to these tables, so that no decision is lost. The caller checks, in the same
transaction, whether an issue may still be changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sse_digest.model.issue_edits import UNTOUCHED, IssueEdit, ItemEdit
from sse_digest.model.issues import Period
from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The record that somebody approved an issue."""

    content_hash: str
    by: str
    at: datetime


def read_item_edits(connection: Connection, digest: str) -> Mapping[str, ItemEdit]:
    """Return the edits of a digest's items, by item id."""
    rows = connection.rows("SELECT * FROM item_edits WHERE digest = ?", (digest,))
    return {row["item_id"]: read_row(ItemEdit, row) for row in rows}


def write_item_edits(
    connection: Connection, digest: str, edits: Mapping[str, ItemEdit], now: datetime
) -> None:
    """Replace the edits of these items. An edit that decides nothing is deleted."""
    connection.change_in(
        "DELETE FROM item_edits WHERE digest = ? AND item_id IN ({keys})", (digest,), list(edits)
    )
    for item_id, edit in edits.items():
        if edit != UNTOUCHED:
            row = {"digest": digest, "item_id": item_id, "changed_at": now}
            connection.insert("item_edits", row | asdict(edit))


def read_leads(connection: Connection, digest: str) -> Mapping[Period, str]:
    """Return the ids of the lead items that editors chose, by period."""
    rows = connection.rows(
        "SELECT period, lead FROM issue_edits WHERE digest = ? AND lead IS NOT NULL", (digest,)
    )
    return {Period.parse(row["period"]): row["lead"] for row in rows}


def read_issue_edit(connection: Connection, digest: str, period: Period) -> IssueEdit:
    """Return the edit of an issue as a whole. If there is none, it decides nothing."""
    row = connection.row("SELECT * FROM issue_edits WHERE digest = ? AND period = ?", (digest, str(period)))
    return IssueEdit() if row is None else read_row(IssueEdit, row)


def write_issue_edit(
    connection: Connection, digest: str, period: Period, edit: IssueEdit, now: datetime
) -> None:
    """Replace the edit of an issue as a whole. An edit that decides nothing is deleted."""
    key = {"digest": digest, "period": str(period)}
    if edit == IssueEdit():
        connection.change("DELETE FROM issue_edits WHERE digest = :digest AND period = :period", key)
    else:
        connection.replace("issue_edits", {**key, **asdict(edit), "changed_at": now}, *key)


def read_approval(connection: Connection, digest: str, period: Period) -> Approval | None:
    """Return the approval of an issue, or None if it is not approved."""
    row = connection.row(
        """
        SELECT content_hash, approved_by AS "by", approved_at AS "at" FROM approvals
        WHERE digest = ? AND period = ?
        """,
        (digest, str(period)),
    )
    return None if row is None else read_row(Approval, row)


def write_approval(connection: Connection, digest: str, period: Period, approval: Approval) -> None:
    """Store an approval in place of any earlier one."""
    key = {"digest": digest, "period": str(period)}
    values = {"content_hash": approval.content_hash, "approved_by": approval.by, "approved_at": approval.at}
    connection.replace("approvals", key | values, *key)


def withdraw_approval(connection: Connection, digest: str, period: Period) -> bool:
    """Delete an approval, so that the issue can be changed again; return whether there was one.

    An issue whose recipients are fixed stays frozen.
    """
    key = (digest, str(period))
    connection.change(
        "UPDATE issues SET frozen_at = NULL WHERE digest = ? AND period = ? AND total IS NULL", key
    )
    return bool(connection.change("DELETE FROM approvals WHERE digest = ? AND period = ?", key))


def is_fixed(connection: Connection, digest: str, period: Period) -> bool:
    """Return whether the recipients of an issue are fixed, so that it can no longer be changed."""
    total = connection.value(
        "SELECT total FROM issues WHERE digest = ? AND period = ?", (digest, str(period))
    )
    return total is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """The record that somebody set aside a rule of the gate for an issue."""

    why: str
    by: str
    at: datetime


def read_overrides(connection: Connection, digest: str, period: Period) -> Mapping[str, Override]:
    """Return the overrides of an issue, by rule."""
    rows = connection.rows(
        "SELECT * FROM gate_overrides WHERE digest = ? AND period = ? ORDER BY rule",
        (digest, str(period)),
    )
    return {row["rule"]: read_row(Override, row) for row in rows}


def write_override(
    connection: Connection, digest: str, period: Period, rule: str, override: Override
) -> None:
    """Store the override of a rule in place of any earlier one."""
    key = {"digest": digest, "period": str(period), "rule": rule}
    connection.replace("gate_overrides", key | asdict(override), *key)


def forget_override(connection: Connection, digest: str, period: Period, rule: str) -> bool:
    """Delete the override of a rule, so that it applies again; return whether there was one."""
    gone = connection.change(
        "DELETE FROM gate_overrides WHERE digest = ? AND period = ? AND rule = ?",
        (digest, str(period), rule),
    )
    return bool(gone)
