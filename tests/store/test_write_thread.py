"""A transaction in one piece: all of it or nothing, and nothing waits inside."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.errors import StoreError
from sse_digest.store import Store, open_store
from sse_digest.store.tables import senders
from sse_digest.store.write_thread import HotConnection

NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)


async def add(connection: AsyncConnection, name: str) -> str:
    await connection.execute(insert(senders).values(id=name, host="here", pid=1, started_at=NOW))
    return name


async def names(store: Store) -> list[str]:
    async with store.read() as connection:
        return list((await connection.execute(select(senders.c.id).order_by(senders.c.id))).scalars())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{folder}/db"], ids=["memory", "file"])
async def test_both_ways_of_writing_see_one_database(url: str, tmp_path: Path) -> None:
    async with await open_store(url.format(folder=tmp_path)) as store:
        assert await store.write_whole(lambda connection: add(connection, "a")) == "a"
        async with store.write() as connection:
            await add(connection, "b")
        await asyncio.gather(*(store.write_whole(lambda c, n=n: add(c, n)) for n in "cde"))  # type: ignore[misc] # bound now

        assert await names(store) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("count", [0, 1, 3, 256, 257, 600])
async def test_a_statement_for_any_number_of_keys_takes_each_once(store: Store, count: int) -> None:
    everybody = [f"s{number:03d}" for number in range(count)]

    async def work(whole: HotConnection) -> tuple[list[str], int]:
        for name in (*everybody, "another"):
            await add(whole, name)
        found = whole.rows_of("SELECT id FROM senders WHERE host = ? AND id IN ({ids})", ("here",), everybody)
        numbers = [number for (number,) in whole.rows("SELECT rowid FROM senders WHERE id <> 'another'")]
        changed = whole.change("UPDATE senders SET host = ? WHERE rowid IN ({ids})", ("there",), numbers)
        return [name for (name,) in found], changed

    found, changed = await store.write_whole(work)

    assert sorted(found) == everybody
    assert changed == count
    left = await store.write_whole(untouched)
    assert left == ["another"]


async def untouched(whole: HotConnection) -> list[str]:
    return [name for (name,) in whole.rows("SELECT id FROM senders WHERE host = 'here'")]


async def test_two_databases_in_memory_have_nothing_in_common(store: Store) -> None:
    await store.write_whole(lambda connection: add(connection, "a"))
    async with await open_store("sqlite://") as other:
        assert await names(other) == []


async def test_what_raises_in_the_middle_leaves_nothing(store: Store) -> None:
    async def work(connection: AsyncConnection) -> None:
        await add(connection, "a")
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        await store.write_whole(work)
    assert await names(store) == []


async def test_what_waits_in_the_middle_leaves_nothing(store: Store) -> None:
    async def work(connection: AsyncConnection) -> None:
        await add(connection, "a")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its connection"):
        await store.write_whole(work)
    assert await names(store) == []


async def test_what_the_database_refuses_is_explained(store: Store) -> None:
    async def work(connection: AsyncConnection) -> None:
        await add(connection, "a")
        await add(connection, "a")

    with pytest.raises(StoreError, match="UNIQUE"):
        await store.write_whole(work)
    assert await names(store) == []
