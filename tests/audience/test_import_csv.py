"""An import takes good rows, lists bad ones, and never signs anybody up against their will."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sse_digest.audience.import_csv import ImportReport, import_subscribers
from sse_digest.audience.options import AudienceOptions
from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import Status, Subscriber
from sse_digest.store import Store
from sse_digest.store.subscribers import list_subscribers, suppress

NOW = datetime(2023, 5, 2, 9, tzinfo=UTC)
SECRETS = (b"k" * 32,)
OPTIONS = AudienceOptions(
    list_name="news",
    themes=("youth", "un-coordination", "cooperatives", "other"),
    languages=("en", "fr", "es", "ar"),
    default_language="en",
)
STATUSES = tuple(Status)


def take(
    store: Store,
    folder: Path,
    content: str | bytes,
    *,
    options: AudienceOptions = OPTIONS,
    now: datetime = NOW,
) -> ImportReport:
    path = folder / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = import_subscribers(store, path, options, secret_keys=SECRETS, now=now)
    assert report.balances
    return report


def everybody(store: Store, list_name: str = "news") -> dict[str, Subscriber]:
    with store.reading() as connection:
        return {one.address: one for batch in list_subscribers(connection, list_name) for one in batch}


def lines(report: ImportReport) -> dict[int, str]:
    return {finding.line: finding.text for finding in report.refusals}


def remarks(report: ImportReport) -> dict[int, str]:
    return {finding.line: finding.text for finding in report.remarks}


def test_every_column_is_taken_in_any_order(store: Store, tmp_path: Path) -> None:
    report = take(
        store,
        tmp_path,
        'Status,themes,ADDRESS,language,name\npending,"youth; other",Ana@Example.org,fr-CA,"López, Ana"\n',
    )

    (ana,) = (everybody(store)).values()
    assert report.added == 1
    assert ana == Subscriber(
        id=ana.id,
        number=ana.number,
        address="Ana@example.org",
        name="López, Ana",
        language="fr",
        list="news",
        status=Status.PENDING,
        themes=("youth", "other"),
    )


def test_only_the_address_is_needed(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "address\nana@example.org\n")

    (ana,) = (everybody(store)).values()
    assert (ana.name, ana.language, ana.status, ana.themes) == (None, "en", Status.ACTIVE, ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_every_spreadsheet_are_read(
    store: Store, tmp_path: Path, delimiter: str, newline: str, mark: str
) -> None:
    rows = [["address", "name", "themes"], ["ana@example.org", "Ana", '"youth,other"']]

    report = take(store, tmp_path, mark + newline.join(delimiter.join(row) for row in rows))

    (ana,) = (everybody(store)).values()
    assert (report.added, ana.name, ana.themes) == (1, "Ana", ("youth", "other"))


def test_columns_that_nothing_is_done_with_are_named(store: Store, tmp_path: Path) -> None:
    report = take(store, tmp_path, "E-Mail,Phone,Name,\nana@example.org,123,Ana,\n")

    assert report.unknown_columns == ("phone", "")
    assert set(everybody(store)) == {"ana@example.org"}


def test_bad_rows_are_listed_with_line_and_reason_and_good_ones_taken(store: Store, tmp_path: Path) -> None:
    report = take(
        store,
        tmp_path,
        "address,name,language,themes,status\n"
        "ana@example.org,Ana,en,,\n"
        "not an address,,,,\n"
        "\n"
        ",Nobody,,,\n"
        "b@example.org,,english,,\n"
        "c@example.org,,,sports,\n"
        "d@example.org,,,,maybe\n"
        "e@example.org,E,en,youth;other,active,more\n"
        f"f@example.org,{'x' * 201},,,\n"
        "g@example.org,a\x07b,,,\n"
        "h@example.org\n",
    )

    assert set(everybody(store)) == {"ana@example.org", "h@example.org"}
    assert list(lines(report)) == [3, 5, 6, 7, 8, 9, 10, 11]
    assert [(line, words) for line, words in WHY.items() if words not in lines(report)[line]] == []
    assert (report.rows, report.added, report.refused) == (10, 2, 8)


WHY = {
    3: "not an e-mail address",
    5: "no address",
    6: "not a tag such as en",
    7: "known are youth, un-coordination",
    8: "not active, pending or ended",
    9: "6 fields under 5 columns",
    10: "longer than 200",
    11: "control characters",
}


def test_an_open_quotation_mark_costs_one_line(store: Store, tmp_path: Path) -> None:
    report = take(
        store,
        tmp_path,
        'address,name\na@example.org,"Ana\nb@example.org,"Bo"\nc@example.org,"C" D\nd@example.org,Dora\n"e',
    )

    assert set(everybody(store)) == {"b@example.org", "d@example.org"}
    assert lines(report) == {
        2: "a quotation mark is in the wrong place",
        4: "a quotation mark is in the wrong place",
        6: "a quotation mark is not closed",
    }


def test_a_field_of_ours_never_runs_over_two_lines(store: Store, tmp_path: Path) -> None:
    report = take(store, tmp_path, 'address,name\na@example.org,"Ana\nb@example.org,Bo"\nc@example.org,\n')

    assert set(everybody(store)) == {"b@example.org", "c@example.org"}
    assert lines(report) == {2: "a quotation mark is not closed"}


def test_a_foreign_column_may_run_over_several_lines(store: Store, tmp_path: Path) -> None:
    report = take(
        store,
        tmp_path,
        'address,notes,name\na@example.org,"one\ntwo, ""three""\nfour",Ana\nb@example.org,,Bo\n',
    )

    assert {one.name for one in (everybody(store)).values()} == {"Ana", "Bo"}
    assert report.refused == 0


def test_an_endless_line_is_passed_over(store: Store, tmp_path: Path) -> None:
    report = take(
        store, tmp_path, f"address,name\na@example.org,{'x' * 200_000}\nb@example.org,Bo\n{'y' * 70_000}"
    )

    assert set(everybody(store)) == {"b@example.org"}
    assert {line: "longer than" in why for line, why in lines(report).items()} == {2: True, 4: True}


def test_a_language_that_is_not_offered_becomes_the_default_and_is_told(store: Store, tmp_path: Path) -> None:
    report = take(store, tmp_path, "address,language\nana@example.org,pt_BR\n")

    assert (everybody(store))["ana@example.org"].language == "en"
    assert remarks(report) == {2: "language 'pt' is not offered; 'en' is used"}


@pytest.mark.parametrize("themes", ["all", " ALL ", ""])
def test_all_themes_are_stored_as_no_choice(store: Store, tmp_path: Path, themes: str) -> None:
    take(store, tmp_path, f"address,themes\nana@example.org,{themes}\n")

    assert (everybody(store))["ana@example.org"].themes == ()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Active", Status.ACTIVE),
        ("subscribed", Status.ACTIVE),
        ("unconfirmed", Status.PENDING),
        ("Unsubscribed", Status.ENDED),
        ("suppressed", Status.ENDED),
        ("bounced", Status.ENDED),
    ],
)
def test_the_words_of_other_programs_for_a_status_are_understood(
    store: Store, tmp_path: Path, word: str, status: Status
) -> None:
    take(store, tmp_path, f"address,status\nana@example.org,{word}\n")

    assert (everybody(store))["ana@example.org"].status is status


# ---------------------------------------------------------------- people who are known


@pytest.mark.parametrize("current", STATUSES)
@pytest.mark.parametrize("given_status", STATUSES)
def test_an_import_never_raises_a_status(
    store: Store, tmp_path: Path, current: Status, given_status: Status
) -> None:
    take(store, tmp_path, f"address,status\nana@example.org,{current}\n")

    report = take(store, tmp_path, f"address,status\nANA@EXAMPLE.ORG,{given_status}\n")

    order = [Status.ENDED, Status.PENDING, Status.ACTIVE]
    expected = min(current, given_status, key=order.index)
    assert (everybody(store))["ana@example.org"].status is expected
    assert (2 in remarks(report)) == (order.index(given_status) > order.index(current))


def test_importing_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    content = "address,name,themes\nana@example.org,Ana,youth\nbo@example.org,,\n"
    take(store, tmp_path, content)
    before = everybody(store)

    report = take(store, tmp_path, content)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert everybody(store) == before


def test_what_a_row_says_of_somebody_active_is_taken_and_the_rest_stays(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "address,name,language,themes\nana@example.org,Ana,fr,youth\n")

    report = take(store, tmp_path, "address,name,language,themes\nana@example.org,,es,\n")

    ana = (everybody(store))["ana@example.org"]
    assert report.changed == 1
    assert (ana.name, ana.language, ana.themes) == ("Ana", "es", ("youth",))


def test_who_has_ended_the_subscription_is_not_touched(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "address,name,status\nana@example.org,Ana,ended\n")
    before = everybody(store)

    report = take(store, tmp_path, "address,name,language,themes\nana@example.org,Other,fr,youth\n")

    assert everybody(store) == before
    assert report.unchanged == 1
    assert remarks(report) == {2: "stays ended: an import never raises a status"}


def test_a_person_of_one_list_is_new_on_another(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "address,name,status\nana@example.org,Ana,ended\n")

    report = take(store, tmp_path, "address\nana@example.org\n", options=replace(OPTIONS, list_name="staff"))

    assert report.added == 1
    assert (everybody(store))["ana@example.org"].status is Status.ENDED
    staff = (everybody(store, "staff"))["ana@example.org"]
    assert (staff.status, staff.name) == (Status.ACTIVE, "Ana")


def test_a_suppressed_address_is_refused_however_it_is_written(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        suppress(connection, "ana@xn--bcher-kva.example", reason="asked", secret_keys=SECRETS, now=NOW)

    report = take(store, tmp_path, "address\nANA@Bücher.example\nbo@example.org\n")

    assert set(everybody(store)) == {"bo@example.org"}
    assert "suppressed" in lines(report)[2]


# ---------------------------------------------------------------- rows that repeat an address


def test_a_repeated_address_is_reported_and_taken_once(store: Store, tmp_path: Path) -> None:
    report = take(
        store, tmp_path, "address,name\nana@example.org,First\nbo@example.org,Bo\nAna@example.org,Second\n"
    )

    assert (everybody(store))["ana@example.org"].name == "First"
    assert (report.added, report.duplicates) == (2, 1)
    assert "line 2" in remarks(report)[4]


@pytest.mark.parametrize("between", [0, 1_500])
@pytest.mark.parametrize("statuses", [("active", "ended"), ("ended", "active")])
def test_of_two_rows_the_lower_status_counts_whichever_comes_first(
    store: Store, tmp_path: Path, between: int, statuses: tuple[str, str]
) -> None:
    fillers = "".join(f"f{number}@example.org,active\n" for number in range(between))

    report = take(
        store,
        tmp_path,
        f"address,status\nana@example.org,{statuses[0]}\n{fillers}ana@example.org,{statuses[1]}\n",
    )

    assert (everybody(store))["ana@example.org"].status is Status.ENDED
    assert (report.added, report.duplicates) == (between + 1, 1)


def test_a_suppressed_address_that_repeats_is_refused_once(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        suppress(connection, "ana@example.org", reason="asked", secret_keys=SECRETS, now=NOW)
    fillers = "".join(f"f{number}@example.org\n" for number in range(1_000))

    report = take(store, tmp_path, f"address\nana@example.org\n{fillers}ana@example.org\n")

    assert (report.added, report.refused, report.duplicates) == (1_000, 1, 1)


def test_a_bad_row_does_not_make_a_later_good_one_a_repetition(store: Store, tmp_path: Path) -> None:
    report = take(store, tmp_path, "address,themes\nana@example.org,sports\nana@example.org,youth\n")

    assert (everybody(store))["ana@example.org"].themes == ("youth",)
    assert (report.added, report.duplicates, report.refused) == (1, 0, 1)


def test_more_findings_than_fit_are_counted(store: Store, tmp_path: Path) -> None:
    report = take(
        store,
        tmp_path,
        "address\n" + "nobody\n" * 1_200 + "".join(f"a{n}@example.org\n" * 2 for n in range(1_100)),
    )

    assert (report.refused, len(report.refusals)) == (1_200, 1_000)
    assert (report.duplicates, len(report.remarks)) == (1_100, 1_000)


# ---------------------------------------------------------------- files that are none


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfea\0d\0d\0", "UTF-16"),
        (b"PK\x03\x04\0\0\0", "binary"),
        (
            "address,name\nana@example.org,Ana\nbo@example.org,José\n".encode("latin-1"),
            r"not in UTF-8 \(line 3\)",
        ),
        (b"address\nana@example.org\n\xc3", r"not in UTF-8 \(line 3\)"),
        (b"ana@example.org\nbo@example.org\n", "must name the columns"),
        (b"name,themes\nAna,youth\n", "must name the columns"),
        (b"address,email\na@example.org,b@example.org\n", "more than one column for address"),
        (b'"address\nana@example.org\n', "must name the columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_and_nothing_is_taken(
    store: Store, tmp_path: Path, content: bytes, words: str
) -> None:
    with pytest.raises(AudienceError, match=words):
        take(store, tmp_path, content)

    assert everybody(store) == {}


def test_a_file_that_is_not_there_is_explained(store: Store, tmp_path: Path) -> None:
    with pytest.raises(AudienceError, match=r"none\.csv cannot be read: No such file"):
        import_subscribers(store, tmp_path / "none.csv", OPTIONS, secret_keys=SECRETS, now=NOW)
    with pytest.raises(AudienceError, match="is not a file"):
        import_subscribers(store, tmp_path, OPTIONS, secret_keys=SECRETS, now=NOW)


CELLS = st.text(alphabet=st.sampled_from("a@.,;\"\n\r\t '=é\u202eéx"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS | st.just("ana@example.org"), max_size=6).map(",".join), max_size=12))
def test_whatever_stands_in_the_file_every_row_is_accounted_for(
    store: Store, tmp_path: Path, rows: list[str]
) -> None:
    a_new_list = replace(OPTIONS, list_name=uuid4().hex)

    report = take(store, tmp_path, "address,name,themes,status\n" + "\n".join(rows), options=a_new_list)

    assert len(everybody(store, a_new_list.list_name)) == report.added
    assert "ana" not in " ".join(finding.text for finding in (*report.refusals, *report.remarks))


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("Email;Name\na@example.org;Ann;;\nb@example.org;Bob;;\n", ["Ann", "Bob"]),
        ('email,name\na@example.org,"Ann\nLee"\nb@example.org,Bob\n', ["Ann Lee", "Bob"]),
        ("Adresse e-mail;Nom;Langue\na@example.org;Ann;fr\n", ["Ann"]),
        ("email_address,Full Name\na@example.org,Ann\n", ["Ann"]),
        ("email,first_name,last_name\na@example.org,Ann,Lee\n", ["Ann Lee"]),
        ("E-Mail-Adresse;Vorname;Nachname\na@example.org;Ann;\n", ["Ann"]),
        ("Correo electrónico,Nombre\na@example.org,Ann\n", ["Ann"]),
        ("邮箱,姓名\na@example.org,安\n", ["安"]),
    ],
)
def test_files_of_other_programs_are_taken_as_they_are(
    store: Store, tmp_path: Path, rows: str, names: list[str]
) -> None:
    report = take(store, tmp_path, rows)

    assert report.refused == 0
    assert [one.name for one in everybody(store).values()] == names
