"""The ledger's statements: what is written once stays as it was written."""

from datetime import UTC, datetime

from sse_digest.model.deliveries import State
from sse_digest.store import Connection, Store
from sse_digest.store.sending import accounts
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.deliveries import ClaimedDelivery, NewDelivery

NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)
ISSUE = ("monthly", "2023-04")


def take(whole: Connection) -> tuple[ClaimedDelivery, ...]:
    return ledger.claim(whole, *ISSUE, sender="me", limit=9, now=NOW)


async def test_whoever_has_a_delivery_keeps_the_first(store: Store) -> None:
    with store.writing() as connection:
        connection.insert(
            "issues", {"digest": ISSUE[0], "period": ISSUE[1], "composed_at": NOW, "frozen_at": NOW}
        )
        for message_id in ("<first@example.org>", "<second@example.org>"):
            row = NewDelivery(
                subscriber_id=1, list="news", language="en", themes="youth", message_id=message_id
            )
            ledger.add_deliveries(connection, *ISSUE, [row], NOW)
        ledger.fix_total(connection, *ISSUE)
    (claimed,) = await store.write_deliveries(take)
    with store.reading() as connection:
        account = accounts.account(connection, *ISSUE)

    assert claimed.message_id == "<first@example.org>"
    assert account is not None
    assert account.states == {State.CLAIMED: 1}
    assert account.balances
