"""Import people from a CSV file onto one list.

Valid rows are imported and others are listed with line and reason. An import never raises a status, and
suppressed addresses are refused. A thousand rows are in memory at a time. Reasons contain no address, because
reports are logged.
"""

import hashlib
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from sse_digest.audience.consent_columns import ConsentColumn, is_status_word, kind_of, meaning
from sse_digest.audience.csv_reader import CsvReader, CsvRow, UnreadableLine, open_table
from sse_digest.audience.email_address import EmailAddress, normalise
from sse_digest.audience.options import AudienceOptions
from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import Status, imported_status
from sse_digest.store import Store
from sse_digest.store.subscribers import (
    KnownSubscriber,
    SubscriptionRecord,
    known_subscribers,
    suppressed_keys,
    write_records,
)

LISTED = 1_000  # findings listed in a report; all are counted
_ROWS = 1_000  # per transaction
_NAME_LENGTH = 200
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
_STATUS: Mapping[str, Status] = MappingProxyType(
    {
        **dict.fromkeys(("", "active", "subscribed", "confirmed", "enabled"), Status.ACTIVE),
        **dict.fromkeys(("pending", "unconfirmed", "not confirmed"), Status.PENDING),
        **dict.fromkeys(("ended", "unsubscribed", "removed", "left", "disabled", "inactive"), Status.ENDED),
        **dict.fromkeys(("suppressed", "blocked", "blocklisted", "bounced", "cleaned"), Status.ENDED),
    }
)


@dataclass(frozen=True, slots=True)
class ImportFinding:
    """A finding about one line of the file."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import: what happened to each row."""

    rows: int  # without blank lines and the header
    added: int  # new on this list
    changed: int
    unchanged: int
    duplicates: int  # of an earlier row; their status counts if it is lower
    refused: int
    refusals: tuple[ImportFinding, ...]  # the first LISTED of the refused rows
    remarks: tuple[ImportFinding, ...]  # the first LISTED about rows that were imported with changes
    consent_columns: tuple[str, ...]  # columns of another program that were read as consent
    unknown_columns: tuple[str, ...]  # columns that were ignored

    @property
    def balances(self) -> bool:
        """Whether every row is counted once."""
        return self.rows == self.added + self.changed + self.unchanged + self.duplicates + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """One parsed row; None for what it does not say."""

    line: int
    address: EmailAddress
    name: str | None = None
    language: str | None = None
    themes: tuple[str, ...] | None = None
    status: Status
    repeated: bool = False  # repeats an earlier row; only its status counts


@dataclass(slots=True)
class _Tally:
    """The counts and findings so far."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[ImportFinding] = field(default_factory=list)
    remarks: list[ImportFinding] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.counts["refused"] += 1
        if len(self.refusals) < LISTED:
            self.refusals.append(ImportFinding(line, reason))

    def remark(self, line: int, text: str) -> None:
        if len(self.remarks) < LISTED:
            self.remarks.append(ImportFinding(line, text))


def import_subscribers(
    store: Store, path: Path, options: AudienceOptions, *, secret_keys: Sequence[bytes], now: datetime
) -> ImportReport:
    """Import the people in a CSV file onto a list, a thousand rows per transaction.

    The first line names the columns: address and, if wanted, name, language, themes, status. A row without
    a status is active, unless a column of another program says that the person left; see `consent_columns`.
    For known people, empty fields keep the stored values; an ended subscription is never changed. Importing
    a file a second time changes nothing.

    Raises:
        AudienceError: the file cannot be read, is not in UTF-8, has no column `address`, or has a column that
            looks like consent and is not understood. Nothing was imported.
        StoreError: the database cannot be written; earlier transactions stay.
    """
    tally = _Tally()
    with open_table(path) as file:
        consents = _consents_of(CsvReader(file, path.name), path.name)
    with open_table(path) as file, closing(_Seen()) as seen:
        table = CsvReader(file, path.name)
        for rows in _batches(table):
            tally.counts["rows"] += len(rows)
            persons = _merge(_parse_rows(rows, options, consents, tally), seen, tally)
            _store(store, persons, options, tally, origin=path.name, secret_keys=secret_keys, now=now)
    names = ("rows", "added", "changed", "unchanged", "duplicates", "refused")
    return ImportReport(
        **{name: tally.counts[name] for name in names},
        refusals=tuple(sorted(tally.refusals, key=lambda finding: finding.line)),
        remarks=tuple(sorted(tally.remarks, key=lambda finding: finding.line)),
        consent_columns=tuple(consents),
        unknown_columns=tuple(name for name in table.unknown_columns if name not in consents),
    )


def _consents_of(table: CsvReader, name: str) -> Mapping[str, ConsentColumn]:
    """Read all rows and return the columns that record who left.

    Raises:
        AudienceError: a column looks like consent and one of its values is not understood.
    """
    kinds = {column: kind for column in table.unknown_columns if (kind := kind_of(column)) is not None}
    strange: dict[str, str] = {}  # column to a value that is not understood
    understood: set[str] = set()
    words: dict[str, bool] = {}  # other columns: whether all values are words for a status
    for row in table:
        if isinstance(row, UnreadableLine):
            continue
        for column, value in row.others.items():
            if column not in kinds:
                words[column] = words.get(column, True) and (not value or is_status_word(value))
                understood |= {column} if value else set()
            elif meaning(kinds[column], value) is None:
                strange.setdefault(column, value)
            elif value:
                understood.add(column)
    for column, kind in tuple(kinds.items()):
        if kind is ConsentColumn.STATUS and column in strange and column not in understood:
            del kinds[column], strange[column]  # for instance the state in a postal address
    suspicious = [column for column, only in words.items() if only and column in understood]
    for column in (*strange, *suspicious):
        what = f"the value {strange[column]!r} is" if column in strange else "it is"
        raise AudienceError(
            f"{name}: the column {column!r} looks like consent, but {what} not understood. If it says"
            " who wants mail, rename it status, with the values active, pending or ended; or remove it."
            " Nothing was imported."
        )
    return kinds


def _batches(table: CsvReader) -> Iterator[list[CsvRow | UnreadableLine]]:
    rows = iter(table)
    while batch := list(islice(rows, _ROWS)):
        yield batch


def _parse_rows(
    rows: Iterable[CsvRow | UnreadableLine],
    options: AudienceOptions,
    consents: Mapping[str, ConsentColumn],
    tally: _Tally,
) -> Iterator[_Person]:
    for row in rows:
        if isinstance(row, UnreadableLine):
            tally.refuse(row.line, row.reason)
            continue
        try:
            yield _parse_row(row, options, consents, tally)
        except AudienceError as error:
            tally.refuse(row.line, str(error))


def _parse_row(
    row: CsvRow, options: AudienceOptions, consents: Mapping[str, ConsentColumn], tally: _Tally
) -> _Person:
    if not row.fields["address"]:
        raise AudienceError("no address")
    address = normalise(row.fields["address"])
    status = _STATUS.get(row.fields["status"].casefold())
    if status is None:
        raise AudienceError("a status that is not active, pending or ended")
    for column, kind in consents.items():
        status = imported_status(status, meaning(kind, row.others.get(column, "")) or Status.ENDED)
    themes = parse_themes(row.fields["themes"], options)
    name = check_name(row.fields["name"])
    language = row.fields["language"].casefold().replace("_", "-")
    if language and not _LANGUAGE.fullmatch(language):
        raise AudienceError("a language that is not a tag such as en or fr")
    primary = language.partition("-")[0] or None
    if primary and primary not in options.languages:
        tally.remark(row.line, f"language {primary!r} is not offered; {options.default_language!r} is used")
        primary = options.default_language
    return _Person(line=row.line, address=address, name=name, language=primary, themes=themes, status=status)


def parse_themes(text: str, options: AudienceOptions) -> tuple[str, ...] | None:
    """Return the theme keys in text separated by , ; or |. "all" means every theme (an empty tuple).

    Returns:
        The keys in the order of the options, or None if the text has none.

    Raises:
        AudienceError: one of them is unknown.
    """
    keys = {key for part in re.split(r"[,;|]", text.casefold()) if (key := part.strip())}
    if not keys:
        return None
    if keys == {"all"}:
        return ()
    if not keys <= set(options.themes):
        raise AudienceError(f"an unknown theme; known are {', '.join(options.themes)}")
    return tuple(theme for theme in options.themes if theme in keys)


def check_name(text: str) -> str | None:
    """Return a name that can be used in a header, or None if it is empty.

    Raises:
        AudienceError: it contains control characters or is longer than 200 characters.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if any(unicodedata.category(mark) in {"Cc", "Cs"} for mark in name):
        raise AudienceError("a name with control characters")
    if len(name) > _NAME_LENGTH:
        raise AudienceError(f"a name longer than {_NAME_LENGTH} characters")
    return name or None


def _merge(persons: Iterable[_Person], seen: "_Seen", tally: _Tally) -> dict[str, _Person]:
    """Return one person for each address; of a repeated row only a lower status counts."""
    merged: dict[str, _Person] = {}
    for person in persons:
        key = person.address.key
        first = seen.first_line(key, person.line)
        if first is None:
            merged[key] = person
            continue
        tally.counts["duplicates"] += 1
        tally.remark(person.line, f"the same address as in line {first}; only a lower status counts")
        before = merged.get(key)
        if before is not None:
            merged[key] = replace(before, status=imported_status(before.status, person.status))
        else:
            merged[key] = _Person(
                line=person.line, address=person.address, status=person.status, repeated=True
            )
    return merged


def _store(
    store: Store,
    persons: Mapping[str, _Person],
    options: AudienceOptions,
    tally: _Tally,
    *,
    origin: str,
    secret_keys: Sequence[bytes],
    now: datetime,
) -> None:
    with store.writing() as connection:
        suppressed = suppressed_keys(connection, persons.keys(), secret_keys)
        known = known_subscribers(connection, options.list_name, persons.keys())
        records = []
        for key, person in persons.items():
            if key in suppressed:
                if not person.repeated:
                    tally.refuse(person.line, "suppressed: only the person's own sign-up lifts this")
                continue
            record = _decide(person, known.get(key), options, tally, origin)
            if record is not None:
                records.append(record)
        write_records(connection, options.list_name, records, now)


def _decide(
    person: _Person, known: KnownSubscriber | None, options: AudienceOptions, tally: _Tally, origin: str
) -> SubscriptionRecord | None:
    """Count a person; return the record to store, or None if nothing changes."""
    current = known.status if known else None
    status = imported_status(current, person.status)
    if status is not person.status and not person.repeated:
        tally.remark(person.line, f"stays {status}: an import never raises a status")
    record = SubscriptionRecord(
        key=person.address.key,
        address=person.address.address,
        name=person.name or (known.name if known else None),
        language=person.language or (known.language if known else options.default_language),
        status=status,
        themes=person.themes if person.themes is not None else (known.themes if known else ()),
        origin=f"import of {origin}, line {person.line}",
    )
    outcome = _outcome(record, known)
    if not person.repeated:
        tally.counts[outcome] += 1
    return None if outcome == "unchanged" else record


def _outcome(record: SubscriptionRecord, known: KnownSubscriber | None) -> str:
    if known is None or known.status is None:
        return "added"
    if known.status is Status.ENDED:
        return "unchanged"
    before = (known.name, known.language, known.status, known.themes)
    return (
        "unchanged" if before == (record.name, record.language, record.status, record.themes) else "changed"
    )


class _Seen:
    """The addresses read so far, as hashes; on disk once there are many."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # private, deleted when it is closed
        self._database.execute("CREATE TABLE seen (hash BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def first_line(self, key: str, line: int) -> int | None:
        """Return the earlier line with this key, or None if this is the first."""
        hashed = hashlib.sha256(key.encode()).digest()[:16]
        if self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (hashed, line)).rowcount:
            return None
        found = self._database.execute("SELECT line FROM seen WHERE hash = ?", (hashed,)).fetchone()
        return int(found[0])

    def close(self) -> None:
        """Delete all hashes."""
        self._database.close()
