"""Every delivery of an issue is told once, in batches that each cost what they hold."""

import pytest
from sqlalchemy import event

from sse_digest.store import Store
from sse_digest.store.sending.accounts import told_deliveries
from tests.delivery.ground import ISSUE, plan


async def test_each_delivery_is_told_once_whatever_the_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan(store, 10)
    for batch in (1, 3, 5, 10, 11):
        monkeypatch.setattr("sse_digest.store.sending.accounts.BATCH", batch)
        async with store.read() as connection:
            told = [one.message_id async for one in told_deliveries(connection, *ISSUE)]
        assert told == [f"<{number}@example.org>" for number in range(1, 11)]


async def test_a_batch_goes_on_where_the_one_before_it_ended(store: Store) -> None:
    said: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, parameters))

    event.listen(store._engine.sync_engine, "before_cursor_execute", note)
    async with store.read() as connection:
        assert [one async for one in told_deliveries(connection, *ISSUE)] == []
        event.remove(store._engine.sync_engine, "before_cursor_execute", note)
        [(statement, parameters)] = [one for one in said if one[0].startswith("SELECT")]
        explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type] # as they were given
        steps = [str(row[-1]) for row in explained]

    assert any("subscriber_id>?" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)
