"""The database opens, migrates, and never loses an update."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from sse_digest.errors import StoreBusyError, StoreError
from sse_digest.model.deliveries import State
from sse_digest.model.issues import Period
from sse_digest.store import Connection, Store, open_store
from sse_digest.store.engine import SCHEMA
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.migrate import migration_config
from sse_digest.store.news.item_history import ChangeKind, changes_of
from sse_digest.store.news.items import all_items
from sse_digest.store.news.sightings import places_of
from sse_digest.store.news.sources import source_states
from sse_digest.store.sending import accounts
from sse_digest.store.subscribers import list_subscribers

OLD = Path(__file__).with_name(
    "database_0001.sql"
)  # made by the first commit of schema 0001, with every verb


def schema_of(connection: Connection) -> set[str]:
    rows = connection.rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {" ".join(row["sql"].split()) for row in rows}


def test_migrations_lead_to_exactly_the_tables_of_an_older_database(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    old.close()

    with open_store(f"sqlite:///{path}") as opened, opened.reading() as before, store.reading() as now:
        assert schema_of(before) == schema_of(now)


def test_an_older_database_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    old.close()

    with open_store(f"sqlite:///{path}") as store, store.reading() as connection:
        found = all_items(connection)
        issue = load_issue(connection, "monthly", Period(2023, 4))
        account = accounts.account(connection, "monthly", "2023-04")
        told = list(accounts.told_deliveries(connection, "monthly", "2023-04"))
        merged = [item for item in found if item.merged_into is not None]
        changes = changes_of(connection, merged[0].id)
        people = [person for batch in list_subscribers(connection, "readers") for person in batch]
        places = [places_of(connection, item.id) for item in found]
        (state, *_) = source_states(connection)

    assert (len(found), len(merged), [item.title for item in found if item.edited]) == (
        16,
        1,
        ["Another title"],
    )
    assert issue is not None
    assert (issue.frozen, issue.item_count) == (True, 8)
    assert account is not None
    assert account.states == {State.ACCEPTED: 8}
    assert [one.state for one in told] == [State.ACCEPTED] * 8
    assert [change.what for change in changes] == [ChangeKind.ADDED, ChangeKind.MERGED]
    assert len(people) == 9
    assert all(len(one) == 1 for one in places)
    assert state.good_at is not None


async def test_concurrent_read_then_write_loses_no_update(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_store(url) as first, open_store(url) as second:
        with first.writing() as connection:
            connection.insert("facts", {"key": "n", "value": "0"})

        def count(store: Store) -> None:
            for _ in range(50):
                with store.writing() as connection:
                    value = int(connection.value("SELECT value FROM facts"))
                    connection.execute("UPDATE facts SET value = ?", (str(value + 1),))

        await asyncio.gather(*(asyncio.to_thread(count, store) for store in (first, second, first)))

        with first.reading() as connection:
            assert connection.value("SELECT value FROM facts") == "150"


def test_reading_works_while_somebody_else_holds_the_write_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_store(url) as writer, writer.writing() as writing:
        writing.insert("facts", {"key": "n", "value": "0"})
        with open_store(url) as reader, reader.reading() as connection:
            assert connection.rows("SELECT * FROM facts") == []


def test_a_failed_block_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        connection.insert("facts", {"key": "n", "value": "0"})
        raise RuntimeError
    with store.reading() as connection:
        assert connection.rows("SELECT * FROM facts") == []


def test_commits_are_durable(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db") as store, store.reading() as connection:
        assert connection.value("PRAGMA journal_mode") == "wal"
        assert connection.value("PRAGMA synchronous") == 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not a database address"),
        ("mysql://h/d", "not supported"),
        ("sqlite:////no/such/folder/a.db", "does not exist"),
    ],
)
def test_a_wrong_address_is_explained(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("no database at all, only text " * 100)

    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{path}")


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_store(url) as store, store.writing() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer version"):
        open_store(url)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2023, 5, 1)  # noqa: DTZ001 # that is the point
    with pytest.raises(ValueError, match="without a time zone"), store.reading() as connection:
        connection.rows("SELECT * FROM senders WHERE started_at = ?", (naive,))


def test_the_schema_that_is_asked_for_is_that_of_the_last_migration() -> None:
    assert ScriptDirectory.from_config(migration_config()).get_current_head() == SCHEMA


NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)


def add(connection: Connection, name: str) -> str:
    connection.insert("senders", {"id": name, "host": "here", "pid": 1, "started_at": NOW})
    return name


def names(connection: Connection) -> list[str]:
    return [name for (name,) in connection.rows("SELECT id FROM senders ORDER BY id")]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{folder}/db"], ids=["memory", "file"])
async def test_all_ways_of_writing_see_one_database(url: str, tmp_path: Path) -> None:
    with open_store(url.format(folder=tmp_path)) as store:
        assert await store.write_deliveries(lambda connection: add(connection, "a")) == "a"
        with store.writing() as connection:
            add(connection, "b")
        await asyncio.gather(*(store.write(add, name) for name in "cde"))

        assert await store.read(names) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("count", [0, 1, 3, 256, 257, 600])
async def test_a_statement_for_any_number_of_keys_takes_each_once(store: Store, count: int) -> None:
    everybody = [f"s{number:03d}" for number in range(count)]

    def work(connection: Connection) -> tuple[list[str], int]:
        for name in (*everybody, "another"):
            add(connection, name)
        found = connection.rows_in(
            "SELECT id FROM senders WHERE host = ? AND id IN ({keys})", ("here",), everybody
        )
        numbers = [number for (number,) in connection.rows("SELECT rowid FROM senders WHERE id <> 'another'")]
        changed = connection.change_in(
            "UPDATE senders SET host = ? WHERE rowid IN ({keys})", ("there",), numbers
        )
        return [name for (name,) in found], changed

    found, changed = await store.write(work)

    assert sorted(found) == everybody
    assert changed == count
    with store.reading() as connection:
        assert connection.value("SELECT id FROM senders WHERE host = 'here'") == "another"


async def test_two_databases_in_memory_have_nothing_in_common(store: Store) -> None:
    await store.write(add, "a")
    with open_store("sqlite://") as other:
        assert await other.read(names) == []


async def test_what_raises_in_the_middle_leaves_nothing(store: Store) -> None:
    def work(connection: Connection) -> None:
        add(connection, "a")
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        await store.write(work)
    assert await store.read(names) == []


async def test_what_the_database_refuses_is_explained(store: Store) -> None:
    def work(connection: Connection) -> None:
        add(connection, "a")
        add(connection, "a")

    with pytest.raises(StoreError, match="UNIQUE"):
        await store.write(work)
    assert await store.read(names) == []


async def test_what_others_may_have_read_is_known_to_have_changed(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db") as store, open_store(f"sqlite:///{tmp_path}/a.db") as other:
        versions = [await store.write_deliveries(Connection.version)]
        await store.write_deliveries(lambda connection: add(connection, "a"))  # of deliveries, it says
        versions.append(await store.write_deliveries(Connection.version))
        await store.write(add, "b")
        versions.append(await store.write_deliveries(Connection.version))
        await other.write(add, "c")
        versions.append(await store.write_deliveries(Connection.version))

    assert versions[0] == versions[1]
    assert len(set(versions[1:])) == 3


def test_a_writer_in_a_hurry_does_not_wait_for_another_thread(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'news.db'}") as store, ThreadPoolExecutor(1) as pool:

        def hurry() -> None:
            with store.writing(patience_ms=1):
                pass

        with store.writing(), pytest.raises(StoreBusyError, match="is writing to it"):
            pool.submit(hurry).result()
        pool.submit(hurry).result()
