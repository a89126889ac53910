"""Approve an issue: freeze it, and send it only if people would get exactly what was approved.

The approval contains a hash of the rendered mails. If templates, settings or news change afterwards, the
hash differs, the approval is void, and nothing is sent until somebody approves the issue again.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sse_digest.digest.compose import freeze_issue
from sse_digest.digest.edition import Edition
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.options import Letterhead
from sse_digest.errors import DigestError
from sse_digest.model.issue_rules import compose_command
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.store import Connection, Store
from sse_digest.store.issues.issue_edits import (
    Approval,
    is_fixed,
    read_approval,
    withdraw_approval,
    write_approval,
)
from sse_digest.store.issues.issues import issue_members
from sse_digest.store.news.items import get_items

if TYPE_CHECKING:  # the library is loaded only if mails are signed
    from sse_digest.digest.mail.dkim import DkimSigner

_SAMPLE_DATE = datetime(1970, 1, 1, tzinfo=UTC)  # constant, so that the hash does not change


def sample_mail(edition: Edition, letterhead: Letterhead, signer: "DkimSigner | None" = None) -> bytes:
    """Return an edition's mail with a sample recipient and date; equal input yields equal bytes."""
    return prepare(edition, letterhead, signer=signer).fill(
        address=letterhead.from_address, message_id=f"sample@{letterhead.list_id}", date=_SAMPLE_DATE
    )


def content_hash(editions: Iterable[tuple[Edition, Letterhead]]) -> str:
    """Return the hash of what people would get: a sample mail of each edition."""
    digest = hashlib.sha256()
    for edition, letterhead in editions:
        digest.update(hashlib.sha256(sample_mail(edition, letterhead)).digest())
    return digest.hexdigest()


def approve_issue(
    store: Store,
    digest: Digest,
    period: Period,
    *,
    hash_of: Callable[[Issue], str],
    by: str,
    now: datetime,
) -> Approval:
    """Freeze an issue with its items as they are now, and store the approval; it replaces an earlier one.

    Args:
        hash_of: renders the frozen issue and returns its `content_hash`.
        by: name of the person who approves it.

    Raises:
        DigestError: there is no such issue, its recipients are fixed, or it cannot be rendered.
    """
    with store.writing() as connection:
        if is_fixed(connection, digest.name, period):
            raise DigestError(
                f"{digest.name}/{period} was sent or is being sent, so it cannot be approved any more."
            )
        withdraw_approval(connection, digest.name, period)
        issue = freeze_issue(connection, digest, period, now=now)
        approval = Approval(content_hash=hash_of(issue), by=by, at=now)
        write_approval(connection, digest.name, period, approval)
    return approval


def withdraw(store: Store, digest: Digest, period: Period) -> bool:
    """Withdraw an approval, so that the issue can be composed again; return whether there was one.

    Raises:
        DigestError: there is no such issue, or its recipients are fixed.
    """
    with store.writing() as connection:
        if not issue_members(connection, digest.name, period):
            raise DigestError(
                f"There is no issue {digest.name}/{period}. Compose it: {compose_command(digest, period)}"
            )
        if is_fixed(connection, digest.name, period):
            raise DigestError(
                f"{digest.name}/{period} was sent or is being sent, so its approval cannot be withdrawn."
            )
        return withdraw_approval(connection, digest.name, period)


def refuse_unapproved(
    connection: Connection, digest: Digest, issue: Issue, *, hash_of: Callable[[Issue], str]
) -> None:
    """Refuse an issue that needs approval and has none, or that changed after it was approved.

    Raises:
        DigestError: the issue must not be sent; the message says why and what to do.
    """
    name, command = f"{digest.name}/{issue.period}", f"{issue.period} --digest {digest.name}"
    approval = read_approval(connection, digest.name, issue.period)
    if approval is None:
        if digest.require_approval:
            raise DigestError(
                f"{name} is not approved, and require_approval is set for this digest."
                f" Look at it with `sse-digest preview {command}`, then: sse-digest approve {command}"
            )
        return
    changed = _changed_items(connection, issue)
    if not changed and approval.content_hash == hash_of(issue):
        return
    what = f"news changed ({'; '.join(changed)})" if changed else "its templates or settings changed"
    raise DigestError(
        f"{name} is no longer what {approval.by} approved on {approval.at:%Y-%m-%d %H:%M} UTC: {what}."
        f" Look at it with `sse-digest preview {command}`, then approve it again:"
        f" sse-digest approve {command}"
    )


def _changed_items(connection: Connection, issue: Issue) -> list[str]:
    """Describe the items that were taken out, or whose text or link changed, after the issue was frozen."""
    kept = {placed.item.id: placed.item for section in issue.sections for placed in section.items}
    today = get_items(connection, kept)
    return [
        f"{item.heading}: {'taken out' if new.is_out else 'edited'}"
        for item_id, item in kept.items()
        if (new := today.get(item_id)) is not None
        if new.is_out or (new.title, new.summary, new.link) != (item.title, item.summary, item.link)
    ]
