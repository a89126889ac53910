"""What is exported can be imported again, and runs no formula in a spreadsheet."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.audience.csv_reader import protect, unprotect
from sse_digest.audience.export_csv import export_subscribers
from sse_digest.audience.import_csv import import_subscribers
from sse_digest.audience.options import AudienceOptions
from sse_digest.model.subscribers import Status, Subscriber
from sse_digest.store import Store, open_store
from sse_digest.store.subscribers import SubscriptionRecord, list_subscribers, suppress, write_records

NOW = datetime(2023, 5, 2, 9, tzinfo=UTC)
SECRETS = (b"k" * 32,)
OPTIONS = AudienceOptions(
    list_name="news", themes=("youth", "other"), languages=("en", "fr"), default_language="en"
)


def record(address: str, **changes: object) -> SubscriptionRecord:
    values = {
        "key": address,
        "address": address,
        "name": None,
        "language": "en",
        "status": Status.ACTIVE,
        "themes": (),
        "origin": "a test",
    }
    return SubscriptionRecord(**{**values, **changes})  # type: ignore[arg-type] # the defaults above fit, changes are the test's own


PEOPLE = (
    record("ana@example.org", name='López, "Ana"', themes=("youth", "other")),
    record("+plus@example.org", name='=HYPERLINK("https://example.org")', status=Status.ENDED),
    record("'=quote@example.org", name="-1+2", language="fr", status=Status.PENDING),
    record("@example@example.org", name="'already quoted"),
)


def put(store: Store, *people: SubscriptionRecord) -> None:
    with store.writing() as connection:
        write_records(connection, "news", people, NOW)


def export(store: Store) -> tuple[int, str]:
    out = io.StringIO(newline="")
    count = export_subscribers(store, out, list_name="news", secret_keys=SECRETS)
    return count, out.getvalue()


def everybody(store: Store) -> list[Subscriber]:
    with store.reading() as connection:
        return [one for batch in list_subscribers(connection, "news") for one in batch]


def test_no_cell_of_an_export_begins_a_formula(store: Store) -> None:
    put(store, *PEOPLE)

    count, text = export(store)

    rows = list(csv.reader(io.StringIO(text)))
    assert (count, rows[0]) == (4, ["address", "name", "language", "themes", "status"])
    assert [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")] == []
    assert rows[1] == ["ana@example.org", 'López, "Ana"', "en", "youth;other", "active"]
    assert rows[2][1] == '\'=HYPERLINK("https://example.org")'


def test_an_export_imported_elsewhere_gives_the_same_list(store: Store, tmp_path: Path) -> None:
    put(store, *PEOPLE[:3])
    path = tmp_path / "people.csv"
    path.write_bytes((export(store))[1].encode())

    with open_store("sqlite://") as other:
        report = import_subscribers(other, path, OPTIONS, secret_keys=SECRETS, now=NOW)

        assert (report.added, report.refusals) == (3, ())
        copies = [replace(one, number=0) for one in everybody(other)]
        assert copies == [replace(one, number=0) for one in everybody(store)]


def test_a_suppressed_address_is_exported_as_such_and_read_as_ended(store: Store, tmp_path: Path) -> None:
    put(store, PEOPLE[0])
    with store.writing() as connection:
        suppress(connection, "ana@example.org", reason="asked", secret_keys=SECRETS, now=NOW)
    path = tmp_path / "people.csv"
    path.write_bytes((export(store))[1].encode())

    with open_store("sqlite://") as other:
        import_subscribers(other, path, OPTIONS, secret_keys=SECRETS, now=NOW)

        assert "suppressed" in path.read_text()
        assert [one.status for one in everybody(other)] == [Status.ENDED]


def test_an_empty_list_is_a_line_of_column_names(store: Store) -> None:
    assert export(store) == (0, "address,name,language,themes,status\r\n")


@given(st.text())
def test_protecting_a_cell_can_be_undone(text: str) -> None:
    assert unprotect(protect(text)) == text


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r", "'=1", "''+1"])
def test_what_a_spreadsheet_may_run_is_protected(text: str) -> None:
    assert protect(text) == f"'{text}"
