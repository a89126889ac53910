"""Every delivery of an issue is told once, in batches that each cost what they hold."""

import pytest

from sse_digest.store import Store
from sse_digest.store.sending.accounts import told_deliveries
from tests.delivery.ground import ISSUE, plan


def test_each_delivery_is_told_once_whatever_the_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(store, 10)
    for batch in (1, 3, 5, 10, 11):
        monkeypatch.setattr("sse_digest.store.sending.accounts.BATCH", batch)
        with store.reading() as connection:
            told = [one.message_id for one in told_deliveries(connection, *ISSUE)]
        assert told == [f"<{number}@example.org>" for number in range(1, 11)]


async def test_a_batch_goes_on_where_the_one_before_it_ended(store: Store) -> None:
    said: list[str] = []
    with store.reading() as connection:
        connection.driver.set_trace_callback(said.append)
        assert list(told_deliveries(connection, *ISSUE)) == []
        connection.driver.set_trace_callback(None)
        [statement] = [one for one in said if one.lstrip().startswith("SELECT")]
        steps = [str(row[-1]) for row in connection.rows(f"EXPLAIN QUERY PLAN {statement}")]

    assert any("subscriber_id>?" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)
