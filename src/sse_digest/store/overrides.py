"""Statements on rules of the gate that somebody overrode for one issue, with the reason.

Composing never writes here. Which rules may be overridden is decided by whoever calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.issues import Period
from sse_digest.store.tables import gate_overrides


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
