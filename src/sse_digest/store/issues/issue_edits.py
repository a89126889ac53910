"""Statements on what editors decided: about issues, about their items, and which issue was approved.

Composing never writes here, so that no decision is lost. Whether an issue may still be changed is decided
by whoever calls, in the same transaction.
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
    """That somebody approved an issue as it looked then."""

    content_hash: str
    by: str
    at: datetime


def read_item_edits(connection: Connection, digest: str) -> Mapping[str, ItemEdit]:
    """Return what was decided about a digest's items, by item id."""
    rows = connection.rows("SELECT * FROM item_edits WHERE digest = ?", (digest,))
    return {row["item_id"]: read_row(ItemEdit, row) for row in rows}


def write_item_edits(
    connection: Connection, digest: str, edits: Mapping[str, ItemEdit], now: datetime
) -> None:
    """Write decisions about items in place of the earlier ones; one that decides nothing is forgotten."""
    connection.change_in(
        "DELETE FROM item_edits WHERE digest = ? AND item_id IN ({keys})", (digest,), list(edits)
    )
    for item_id, edit in edits.items():
        if edit != UNTOUCHED:
            row = {"digest": digest, "item_id": item_id, "changed_at": now}
            connection.insert("item_edits", row | asdict(edit))


def read_leads(connection: Connection, digest: str) -> Mapping[Period, str]:
    """Return the lead items that editors chose, by period."""
    rows = connection.rows(
        "SELECT period, lead FROM issue_edits WHERE digest = ? AND lead IS NOT NULL", (digest,)
    )
    return {Period.parse(row["period"]): row["lead"] for row in rows}


def read_issue_edit(connection: Connection, digest: str, period: Period) -> IssueEdit:
    """Return what was decided about an issue as a whole."""
    row = connection.row("SELECT * FROM issue_edits WHERE digest = ? AND period = ?", (digest, str(period)))
    return IssueEdit() if row is None else read_row(IssueEdit, row)


def write_issue_edit(
    connection: Connection, digest: str, period: Period, edit: IssueEdit, now: datetime
) -> None:
    """Write what was decided about an issue in place of what was before."""
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
    """Write an approval in place of an earlier one."""
    key = {"digest": digest, "period": str(period)}
    said = {"content_hash": approval.content_hash, "approved_by": approval.by, "approved_at": approval.at}
    connection.replace("approvals", key | said, *key)


def withdraw_approval(connection: Connection, digest: str, period: Period) -> bool:
    """Withdraw an approval and let the issue be changed again; return whether there was one.

    An issue whose recipients are fixed stays frozen, whatever is withdrawn.
    """
    key = (digest, str(period))
    connection.change(
        "UPDATE issues SET frozen_at = NULL WHERE digest = ? AND period = ? AND total IS NULL", key
    )
    return bool(connection.change("DELETE FROM approvals WHERE digest = ? AND period = ?", key))


def is_fixed(connection: Connection, digest: str, period: Period) -> bool:
    """Return whether the recipients of an issue are fixed, so that nothing changes it any more."""
    total = connection.value(
        "SELECT total FROM issues WHERE digest = ? AND period = ?", (digest, str(period))
    )
    return total is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A permission for an issue to break a rule."""

    why: str
    by: str
    at: datetime


def read_overrides(connection: Connection, digest: str, period: Period) -> Mapping[str, Override]:
    """Return what was overridden for an issue, by rule."""
    rows = connection.rows(
        "SELECT * FROM gate_overrides WHERE digest = ? AND period = ? ORDER BY rule",
        (digest, str(period)),
    )
    return {row["rule"]: read_row(Override, row) for row in rows}


def write_override(
    connection: Connection, digest: str, period: Period, rule: str, override: Override
) -> None:
    """Write that a rule is overridden, in place of an earlier word on it."""
    key = {"digest": digest, "period": str(period), "rule": rule}
    connection.replace("gate_overrides", key | asdict(override), *key)


def forget_override(connection: Connection, digest: str, period: Period, rule: str) -> bool:
    """Let a rule hold again; return whether it was overridden."""
    gone = connection.change(
        "DELETE FROM gate_overrides WHERE digest = ? AND period = ? AND rule = ?",
        (digest, str(period), rule),
    )
    return bool(gone)
