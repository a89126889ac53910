"""Start to send an issue: freeze it and fix its recipients, so that a sender can submit its deliveries.

Several senders may do this with the same database: the recipients are fixed only once.
A test mail is not recorded in the database and contains no valid token.
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
    was_fixed: bool  # whether an earlier send fixed them


def freeze_recipients(store: Store, period: Period, setup: MailSetup, *, now: datetime) -> FrozenIssue:
    """Freeze an issue and fix its recipients, both in one transaction. A second call changes nothing.

    Raises:
        DigestError: the issue is not composed, not approved as it is now, or breaks a rule of the gate.
        DeliveryError: nobody is subscribed.
    """
    digest = setup.digest
    _pass_gate(store, period, setup)
    with store.writing() as connection:
        fixed = load_issue(connection, digest.name, period)
        account = accounts.account(connection, digest.name, str(period))
        if fixed is not None and account is not None:
            return FrozenIssue(issue=fixed, total=account.total, was_fixed=True)
        issue = freeze_issue(connection, digest, period, now=now)
        refuse_unapproved(connection, digest, issue, hash_of=setup.content_hash)
        total = fix_recipients(connection, issue, digest, setup.signing, now=now)
        if total == 0:  # the error rolls back the transaction, so the issue is not frozen
            raise DeliveryError(
                f"Nobody is subscribed to {', '.join(digest.lists)}."
                " Import people with `sse-digest subscribers import FILE.csv`."
            )
        return FrozenIssue(issue=issue, total=total, was_fixed=False)


def plan_failed(store: Store, digest: str, period: Period, *, now: datetime) -> int:
    """Plan failed deliveries again and return how many.

    Raises:
        DeliveryError: other deliveries are still open, so that more than the failed ones would be sent; or
            none failed.
    """
    with store.writing() as connection:
        account = accounts.account(connection, digest, str(period))
        if account is not None and account.open > account.held:
            raise DeliveryError(
                f"Deliveries still open: {account.open}. Finish them with `sse-digest send {period}` first."
            )
        planned = operator.plan_failed(connection, digest, str(period), now=now)
    if not planned:
        raise DeliveryError(
            f"No delivery failed for a temporary reason. See `sse-digest report {period}` for the others."
        )
    return planned


def _pass_gate(store: Store, period: Period, setup: MailSetup) -> None:
    """Check an issue against the rules of the gate, before its recipients are fixed.

    Stored editions are sent unchanged even if templates change later, so only editions that are not
    stored yet are checked.

    Raises:
        DigestError: an edition breaks a rule; the message contains every broken rule, where, and the cure.
    """
    digest = setup.digest
    with store.reading() as connection:
        issue = load_issue(connection, digest.name, period)
        if issue is None:
            return
        overridden = read_overrides(connection, digest.name, period)
        if ledger.is_planned(connection, digest.name, str(period)):
            keys = accounts.editions_to_render(connection, digest.name, str(period))
        else:
            keys = count_recipients(connection, issue, digest, setup.signing).editions
    refuse_faulty(setup.sample_mails(issue, keys), overridden)


async def send_test(
    relay: Relay,
    issue: Issue,
    setup: MailSetup,
    address: str,
    *,
    language: str,
    now: datetime,
    nonce: str,
) -> Outcome:
    """Submit one copy with all themes, marked as a test, to one address. Nothing is stored.

    Args:
        relay: where the copy is submitted.
        issue: the issue.
        setup: what its mails are built from.
        address: the recipient.
        language: the preferred language; the digest's default if it has no such edition.
        now: the date of the mail.
        nonce: random text that makes the Message-ID unique.

    Raises:
        RelayUnavailableError: the relay cannot be reached.
        DeliveryError: the address cannot be written in SMTP.
    """
    digest = setup.digest
    list_name = digest.lists[0]
    edition = setup.render(
        issue,
        list_name=list_name,
        language=edition_language(digest, language),
        themes=" ".join(digest.themes),
    )
    mail = prepare(edition, setup.letterhead(list_name), test=True, signer=setup.signer)
    message_id = f"<test.{nonce}@{setup.signing.domain}>"
    content = mail.fill(address=address, message_id=message_id, date=now)
    sender = setup.envelope_from.replace("{token}", "test")
    session = await relay.open()
    try:
        return await session.submit(Envelope(sender, address), content_of(content))
    finally:
        await session.close()
