"""Statements on what editors decided: about issues, about their items, and which issue was approved.

Composing never writes here, so that no decision is lost. Whether an issue may still be changed is decided
by whoever calls, in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.issue_edits import UNTOUCHED, IssueEdit, ItemEdit
from sse_digest.model.issues import Period
from sse_digest.store.tables import approvals, gate_overrides, issue_edits, issues, item_edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That somebody approved an issue as it looked then."""

    content_hash: str
    by: str
    at: datetime


async def read_item_edits(connection: AsyncConnection, digest: str) -> Mapping[str, ItemEdit]:
    """Give what was decided about a digest's items, by item id."""
    rows = await connection.execute(select(item_edits).where(item_edits.c.digest == digest))
    return {
        row.item_id: ItemEdit(
            hidden=row.hidden, theme=row.theme, pinned=row.pinned, position=row.position, note=row.note
        )
        for row in rows
    }


async def write_item_edits(
    connection: AsyncConnection, digest: str, edits: Mapping[str, ItemEdit], now: datetime
) -> None:
    """Write decisions about items in place of the earlier ones; one that decides nothing is forgotten."""
    if not edits:
        return
    columns = item_edits.c
    await connection.execute(
        delete(item_edits).where(columns.digest == digest, columns.item_id.in_(list(edits)))
    )
    rows = [
        {
            "digest": digest,
            "item_id": item_id,
            "hidden": edit.hidden,
            "theme": edit.theme,
            "pinned": edit.pinned,
            "position": edit.position,
            "note": dict(edit.note),
            "changed_at": now,
        }
        for item_id, edit in edits.items()
        if edit != UNTOUCHED
    ]
    if rows:
        await connection.execute(insert(item_edits), rows)


async def read_leads(connection: AsyncConnection, digest: str) -> Mapping[Period, str]:
    """Give the lead items that editors chose, by issue."""
    rows = await connection.execute(
        select(issue_edits.c.period, issue_edits.c.lead).where(
            issue_edits.c.digest == digest, issue_edits.c.lead.is_not(None)
        )
    )
    return {Period.parse(row.period): row.lead for row in rows}


async def read_issue_edit(connection: AsyncConnection, digest: str, period: Period) -> IssueEdit:
    """Give what was decided about an issue as a whole."""
    found = await connection.execute(
        select(issue_edits).where(issue_edits.c.digest == digest, issue_edits.c.period == str(period))
    )
    row = found.one_or_none()
    if row is None:
        return IssueEdit()
    return IssueEdit(title=row.title, introduction=row.introduction, lead=row.lead)


async def write_issue_edit(
    connection: AsyncConnection, digest: str, period: Period, edit: IssueEdit, now: datetime
) -> None:
    """Write what was decided about an issue in place of what was before."""
    await connection.execute(
        delete(issue_edits).where(issue_edits.c.digest == digest, issue_edits.c.period == str(period))
    )
    if edit != IssueEdit():
        await connection.execute(
            insert(issue_edits).values(
                digest=digest,
                period=str(period),
                title=dict(edit.title),
                introduction=dict(edit.introduction),
                lead=edit.lead,
                changed_at=now,
            )
        )


async def read_approval(connection: AsyncConnection, digest: str, period: Period) -> Approval | None:
    """Give the approval of an issue; None: it is not approved."""
    found = await connection.execute(
        select(approvals).where(approvals.c.digest == digest, approvals.c.period == str(period))
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Approval(content_hash=row.content_hash, by=row.approved_by, at=row.approved_at)


async def write_approval(
    connection: AsyncConnection, digest: str, period: Period, approval: Approval
) -> None:
    """Write an approval in place of an earlier one."""
    await _forget_approval(connection, digest, period)
    await connection.execute(
        insert(approvals).values(
            digest=digest,
            period=str(period),
            content_hash=approval.content_hash,
            approved_by=approval.by,
            approved_at=approval.at,
        )
    )


async def withdraw_approval(connection: AsyncConnection, digest: str, period: Period) -> bool:
    """Take an approval back and let the issue be changed again; gives whether there was one.

    An issue whose recipients are fixed stays frozen, whatever is withdrawn.
    """
    await connection.execute(
        update(issues)
        .where(issues.c.digest == digest, issues.c.period == str(period), issues.c.total.is_(None))
        .values(frozen_at=None)
    )
    return await _forget_approval(connection, digest, period)


async def is_fixed(connection: AsyncConnection, digest: str, period: Period) -> bool:
    """Tell whether the recipients of an issue are fixed, so that nothing changes it any more."""
    total = await connection.execute(
        select(issues.c.total).where(issues.c.digest == digest, issues.c.period == str(period))
    )
    return total.scalar_one_or_none() is not None


async def _forget_approval(connection: AsyncConnection, digest: str, period: Period) -> bool:
    gone = await connection.execute(
        delete(approvals).where(approvals.c.digest == digest, approvals.c.period == str(period))
    )
    return bool(gone.rowcount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """That somebody lets an issue break a rule."""

    why: str
    by: str
    at: datetime


async def read_overrides(connection: AsyncConnection, digest: str, period: Period) -> Mapping[str, Override]:
    """Give what was overridden for an issue, by rule."""
    rows = await connection.execute(
        select(gate_overrides)
        .where(gate_overrides.c.digest == digest, gate_overrides.c.period == str(period))
        .order_by(gate_overrides.c.rule)
    )
    return {row.rule: Override(why=row.why, by=row.by, at=row.at) for row in rows}


async def write_override(
    connection: AsyncConnection, digest: str, period: Period, rule: str, override: Override
) -> None:
    """Write that a rule is overridden, in place of an earlier word on it."""
    await forget_override(connection, digest, period, rule)
    await connection.execute(
        insert(gate_overrides).values(
            digest=digest,
            period=str(period),
            rule=rule,
            why=override.why,
            by=override.by,
            at=override.at,
        )
    )


async def forget_override(connection: AsyncConnection, digest: str, period: Period, rule: str) -> bool:
    """Let a rule hold again; gives whether it was overridden."""
    gone = await connection.execute(
        delete(gate_overrides).where(
            gate_overrides.c.digest == digest,
            gate_overrides.c.period == str(period),
            gate_overrides.c.rule == rule,
        )
    )
    return bool(gone.rowcount)
