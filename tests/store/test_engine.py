"""The database opens, migrates, and never loses an update."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update

from sse_digest.errors import StoreError
from sse_digest.store import Store, open_store
from sse_digest.store.engine import SCHEMA
from sse_digest.store.migrate import newest_schema
from sse_digest.store.schema import metadata
from sse_digest.store.tables import facts, senders


async def test_migrations_lead_to_exactly_the_tables_the_code_knows() -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with await open_store("sqlite://") as store, store.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_concurrent_read_then_write_loses_no_update(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    first, second = await open_store(url), await open_store(url)
    async with first.write() as connection:
        await connection.execute(insert(facts).values(key="n", value="0"))

    async def count(store: object) -> None:
        for _ in range(50):
            async with store.write() as connection:  # type: ignore[attr-defined] # a Store
                value = (await connection.execute(select(facts.c.value))).scalar_one()
                await connection.execute(update(facts).values(value=str(int(value) + 1)))

    await asyncio.gather(count(first), count(second), count(first))

    async with first.read() as connection:
        assert (await connection.execute(select(facts.c.value))).scalar_one() == "150"
    await first.close()
    await second.close()


async def test_reading_works_while_somebody_else_holds_the_write_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with await open_store(url) as writer, writer.write() as writing:
        await writing.execute(insert(facts).values(key="n", value="0"))
        async with await open_store(url) as reader, reader.read() as connection:
            assert (await connection.execute(select(facts))).all() == []


async def test_a_failed_block_leaves_nothing_behind() -> None:
    async with await open_store("sqlite://") as store:
        with pytest.raises(RuntimeError):
            async with store.write() as connection:
                await connection.execute(insert(facts).values(key="n", value="0"))
                raise RuntimeError
        async with store.read() as connection:
            assert (await connection.execute(select(facts))).all() == []


async def test_commits_are_durable(tmp_path: Path) -> None:
    async with await open_store(f"sqlite:///{tmp_path}/a.db") as store, store.read() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not a database address"),
        ("mysql://h/d", "not supported"),
        ("sqlite:////no/such/folder/a.db", "does not exist"),
    ],
)
async def test_a_wrong_address_is_explained(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        await open_store(url)


async def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("no database at all, only text " * 100)

    with pytest.raises(StoreError, match="not a database"):
        await open_store(f"sqlite:///{path}")


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with await open_store(url) as store, store.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match="newer version"):
        await open_store(url)


async def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2023, 5, 1)  # noqa: DTZ001 # that is the point
    with pytest.raises(StoreError, match="without a time zone"):
        async with store.read() as connection:
            await connection.execute(select(senders).where(senders.c.started_at == naive))


def test_the_schema_that_is_asked_for_is_that_of_the_last_migration() -> None:
    assert newest_schema() == SCHEMA
