"""Starts sending an issue: freeze it and fix its recipients, so that a sender can take over.

Here on one machine, inline; where several machines send, each does the same with the same ledger.
A test mail passes by the ledger and carries no live token.
"""

from dataclasses import dataclass
from datetime import datetime

from sse_digest.delivery.issue_mail import MailSetup
from sse_digest.delivery.recipients import count_recipients, fix_recipients
from sse_digest.delivery.smtp.connect import Relay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.digest.approval import refuse_unapproved
from sse_digest.digest.compose import freeze_issue
from sse_digest.digest.edition import edition_language
from sse_digest.digest.gate.check import refuse_faulty
from sse_digest.digest.mail.message import prepare
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome
from sse_digest.model.issues import Issue, Period
from sse_digest.store import Store
from sse_digest.store.issues.issue_edits import read_overrides
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.sending import accounts, operator
from sse_digest.store.sending import deliveries as ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenIssue:
    """An issue that is frozen and whose recipients are fixed."""

    issue: Issue
    total: int
    was_fixed: bool  # by an earlier send


def freeze_recipients(store: Store, period: Period, stationery: MailSetup, *, now: datetime) -> FrozenIssue:
    """Freeze an issue and fix its recipients, both or neither; a second time nothing changes.

    Raises:
        DigestError: the issue is not composed, not approved as it is, or breaks a rule of the gate.
        DeliveryError: nobody is subscribed.
    """
    digest = stationery.digest
    _pass_gate(store, period, stationery)
    with store.writing() as connection:
        fixed = load_issue(connection, digest.name, period)
        account = accounts.account(connection, digest.name, str(period))
        if fixed is not None and account is not None:
            return FrozenIssue(issue=fixed, total=account.total, was_fixed=True)
        issue = freeze_issue(connection, digest, period, now=now)
        refuse_unapproved(connection, digest, issue, hash_of=stationery.content_hash)
        total = fix_recipients(connection, issue, digest, stationery.signing, now=now)
        if total == 0:  # raising rolls everything back: the issue stays open until there is a subscriber
            raise DeliveryError(
                f"There are no subscribers of {', '.join(digest.lists)}."
                " Import people with `sse-digest subscribers import FILE.csv`."
            )
        return FrozenIssue(issue=issue, total=total, was_fixed=False)


def plan_failed(store: Store, digest: str, period: Period, *, now: datetime) -> int:
    """Plan those again whose delivery failed; return how many.

    Raises:
        DeliveryError: other deliveries are still open, so more than those would be sent; or none failed.
    """
    with store.writing() as connection:
        account = accounts.account(connection, digest, str(period))
        if account is not None and account.open > account.held:
            raise DeliveryError(
                f"{account.open} deliveries are open. Finish them with `sse-digest send {period}` first."
            )
        planned = operator.plan_failed(connection, digest, str(period), now=now)
    if not planned:
        raise DeliveryError("No delivery failed for a temporary reason; see `sse-digest report`.")
    return planned


def _pass_gate(store: Store, period: Period, stationery: MailSetup) -> None:
    """Refuse an issue one of whose editions breaks a rule, before its recipients are fixed.

    Editions stored at first use are sent unchanged even if templates change later; only what is
    not rendered yet is judged then.

    Raises:
        DigestError: with every rule that is broken, where, and what to do.
    """
    digest = stationery.digest
    with store.reading() as connection:
        issue = load_issue(connection, digest.name, period)
        if issue is None:
            return
        overridden = read_overrides(connection, digest.name, period)
        if ledger.is_planned(connection, digest.name, str(period)):
            keys = accounts.editions_to_render(connection, digest.name, str(period))
        else:
            keys = count_recipients(connection, issue, digest, stationery.signing).editions
    refuse_faulty(stationery.sample_mails(issue, keys), overridden)


async def send_test(
    relay: Relay,
    issue: Issue,
    stationery: MailSetup,
    address: str,
    *,
    language: str,
    now: datetime,
    nonce: str,
) -> Outcome:
    """Submit one marked copy with every theme to one address; nothing is stored.

    Args:
        nonce: random text that makes the Message-ID unique.

    Raises:
        RelayUnavailableError: the relay cannot be reached.
        DeliveryError: the address cannot be written in SMTP.
    """
    digest = stationery.digest
    list_name = digest.lists[0]
    edition = stationery.render(
        issue,
        list_name=list_name,
        language=edition_language(digest, language),
        themes=" ".join(digest.themes),
    )
    mail = prepare(edition, stationery.letterhead(list_name), test=True, signer=stationery.signer)
    message_id = f"<test.{nonce}@{stationery.signing.domain}>"
    content = mail.fill(address=address, message_id=message_id, date=now)
    sender = stationery.envelope_from.replace("{token}", "test")
    session = await relay.open()
    try:
        return await session.submit(Envelope(sender, address), content_of(content))
    finally:
        await session.close()
