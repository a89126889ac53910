"""A wish to leave is never lost: not to a busy database, a full disk, a damaged line or a restored backup."""

import shutil
import sqlite3
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sse_digest.app import App, open_app, people
from sse_digest.errors import TokenError
from sse_digest.model.signed_tokens import TokenPurpose, mint
from sse_digest.model.subscribers import Status
from sse_digest.settings import load_settings
from sse_digest.store.departures import DepartureJournal
from tests.cli.test_verbs import home

NOW = datetime(2023, 5, 2, 9, tzinfo=UTC)
__all__ = ["home"]


def opened(home: Path) -> AbstractContextManager[App]:
    return open_app(load_settings(home / "config.toml"), lambda: NOW)


def database(home: Path) -> Path:
    (found,) = (home / "var").glob("*.db")
    return found


def statuses(home: Path) -> list[str]:
    with closing(sqlite3.connect(database(home))) as connection:
        return [
            status
            for (status,) in connection.execute("SELECT status FROM subscriptions ORDER BY subscriber_id")
        ]


@pytest.fixture
def tokens(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two people on the first list, and the tokens of their mails."""
    monkeypatch.chdir(home)
    with opened(home) as app:
        for name in ("ana", "ben"):
            people.add(app, f"{name}@readers.example", None, name="", language=None, themes="")
        with app.store.reading() as connection:
            rows = connection.rows(
                "SELECT number, list FROM subscribers JOIN subscriptions ON subscriber_id = id"
            )
        keys = app.settings.secret_keys()
        return [mint(keys, TokenPurpose.UNSUBSCRIBE, number=row["number"], name=row["list"]) for row in rows]


def test_a_wish_is_journalled_and_carried_out(home: Path, tokens: list[str]) -> None:
    with opened(home) as app:
        assert app.unsubscribe(tokens[0]).address == "a•••@readers.example"
        app.unsubscribe(tokens[0])
        with pytest.raises(TokenError):
            app.unsubscribe("nonsense")

    assert statuses(home) == [Status.ENDED, Status.ACTIVE]
    assert DepartureJournal.beside(database(home))._path.read_bytes().count(b"\n") == 2


def test_a_busy_database_loses_no_wish(home: Path, tokens: list[str]) -> None:
    busy = sqlite3.connect(database(home), isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    with opened(home) as app:
        assert app.unsubscribe(tokens[0]).list_title
        assert statuses(home) == [Status.ACTIVE, Status.ACTIVE]
        busy.execute("COMMIT")
        busy.close()
    with opened(home):
        assert statuses(home) == [Status.ENDED, Status.ACTIVE]


def test_a_restored_backup_hears_of_those_who_left_since(home: Path, tokens: list[str]) -> None:
    with (
        closing(sqlite3.connect(database(home))) as connection,
        closing(sqlite3.connect(home / "backup")) as backup,
    ):
        connection.backup(backup)
    with opened(home) as app:
        app.unsubscribe(tokens[1])
    for path in (home / "var").glob("*.db-*"):
        path.unlink()
    shutil.copy(home / "backup", database(home))
    assert statuses(home) == [Status.ACTIVE, Status.ACTIVE]

    with opened(home):
        assert statuses(home) == [Status.ACTIVE, Status.ENDED]


def test_a_damaged_line_counts_as_a_departure_and_stops_nothing(home: Path, tokens: list[str]) -> None:
    journal = DepartureJournal.beside(database(home))._path
    with opened(home) as app:
        app.unsubscribe(tokens[0])
    with closing(sqlite3.connect(database(home), isolation_level=None)) as connection:
        connection.execute("UPDATE subscriptions SET status = 'active'")
        connection.execute("UPDATE facts SET value = '0' WHERE key = 'departures'")
    lines = journal.read_bytes()
    journal.write_bytes(b"\x00\xff garbage\n" + lines.replace(b"end", b"enx") + b"1\t2\tcut in the mid")
    with opened(home) as app:
        assert statuses(home) == [Status.ENDED, Status.ACTIVE]
        app.unsubscribe(tokens[1])
    assert statuses(home) == [Status.ENDED, Status.ENDED]


def test_a_journal_that_cannot_be_written_does_not_keep_anybody(home: Path, tokens: list[str]) -> None:
    DepartureJournal.beside(database(home))._path.mkdir()
    with opened(home) as app:
        app.unsubscribe(tokens[0])
    assert statuses(home) == [Status.ENDED, Status.ACTIVE]
