"""A ledger that cannot be written: told clearly, nothing lost, finished once it can."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from sse_digest.errors import StoreError
from sse_digest.model.deliveries import State
from sse_digest.store import Connection, open_store
from tests.delivery.ground import Ground, everybody, plan
from tests.smtp_server import listening, recipients

COUNT = 200


def limit_pages(connection: Connection, count: int) -> int:
    """Let the database grow to so many pages at most, as a full disk would."""
    return int(connection.value(f"PRAGMA max_page_count = {count}"))


def second_copies(got: Counter[str]) -> int:
    return sum(count - 1 for count in got.values())


async def test_a_full_disk_ends_the_send_and_nobody_is_lost(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/db") as store:
        plan(store, COUNT)
        ground = Ground(store, tmp_path / "senders")
        used = await store.write_deliveries(
            lambda connection: limit_pages(connection, 1)
        )  # no less than it has
        await store.write_deliveries(lambda connection: limit_pages(connection, used + 2))
        async with listening() as server:
            with pytest.raises(StoreError, match="Free some disk space"):
                await ground.send(server)
            taken = len(server.taken)
            await store.write_deliveries(lambda connection: limit_pages(connection, used + 1000))
            report = await ground.send(server)

    got = Counter(recipients(server))
    assert 0 < taken < COUNT
    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: COUNT}
    assert sorted(got) == everybody(COUNT)
    assert second_copies(got) <= 3  # one for each connection


async def test_a_database_that_another_process_locks_ends_the_send_and_nobody_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sse_digest.store.engine.BUSY_TIMEOUT_MS", 100)
    with open_store(f"sqlite:///{tmp_path}/db") as store:
        plan(store, 10)
        ground = Ground(store, tmp_path / "senders")
        other = sqlite3.connect(tmp_path / "db", isolation_level=None)

        def lock(to: str) -> str:
            if to == "p5@example.net" and not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")
            return "250 ok"

        async with listening(RCPT=lock) as server:
            with pytest.raises(StoreError, match="Another process is writing"):
                await ground.send(server)
            other.execute("ROLLBACK")
            server.script.pop("RCPT")
            report = await ground.send(server)
        other.close()

    got = Counter(recipients(server))
    assert report.is_clean
    assert sorted(got) == everybody()
    assert second_copies(got) <= 3
