"""A CSV file of people, read line by line: what the columns are, and one record after the other.

A line that cannot be read costs that line only, also where a quotation mark is never closed. The
file is never held in memory as a whole, and every record is as hostile as any text from outside.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sse_digest.audience.column_names import COLUMNS, FIRST, LAST, our_name
from sse_digest.errors import AudienceError

_DELIMITERS = (",", ";", "\t")
_LINE_LIMIT = 65_536  # characters
_SPAN_LIMIT = 20  # lines one record may run over, in columns that are not ours
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record: its fields by our column names, stripped, "" where it has none."""

    line: int  # the first is 1
    fields: Mapping[str, str]
    others: Mapping[str, str]  # the columns that are not ours


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that cannot be read, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    delimiter: str
    names: tuple[str, ...]  # as written, folded

    @property
    def places(self) -> dict[str, int]:
        """Our columns and where they are."""
        ours = {our_name(name): place for place, name in enumerate(self.names)}
        return {name: place for name, place in ours.items() if name in (*COLUMNS, FIRST, LAST)}


class CsvReader:
    """An open CSV file; iterate over its records once."""

    def __init__(self, file: io.TextIOWrapper, name: str) -> None:
        self._lines = _read_lines(file)
        self._waiting: deque[tuple[int, str]] = deque()
        self._header = _find_header(self._next(), name)

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """The columns that nothing is done with, as written."""
        taken = set(self._header.places.values())
        return tuple(name for place, name in enumerate(self._header.names) if place not in taken)

    def __iter__(self) -> Iterator[CsvRow | UnreadableLine]:
        """Yield each record or fault, in the order of the file; blank lines are skipped."""
        while (line := self._next()) is not None:
            if line[1].strip(self._header.delimiter + " \n"):
                yield self._record(line)

    def _next(self) -> tuple[int, str] | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def _record(self, first: tuple[int, str]) -> CsvRow | UnreadableLine:
        spanned = [first]
        fields, fault = _split(first[1], self._header.delimiter)
        while fault == _OPEN and len(spanned) < _SPAN_LIMIT and (line := self._next()) is not None:
            spanned.append(line)
            fields, fault = _split("".join(text for _, text in spanned), self._header.delimiter)
        places = self._header.places
        while len(fields) > len(self._header.names) and not fields[-1].strip():
            fields.pop()
        if not fault and len(fields) > len(self._header.names):
            fault = (
                f"{len(fields)} fields under {len(self._header.names)} columns;"
                " put quotation marks around a field that holds the delimiter"
            )
        if not fault and any("\n" in fields[place] for place in places.values() if place < len(fields)):
            # A name may have a line end in it; a quotation mark that is never closed swallows people.
            fault = _OPEN if any("@" in text for _, text in spanned[1:]) else ""
        if fault:
            self._waiting.extendleft(reversed(spanned[1:]))  # only the first line is lost
            return UnreadableLine(first[0], fault)
        cells = [unprotect(" ".join(field.split())) for field in fields]
        given = {name: cells[place] for name, place in places.items() if place < len(cells)}
        if "name" not in places:
            given["name"] = f"{given.get(FIRST, '')} {given.get(LAST, '')}".strip()
        others = {
            name: cells[place]
            for place, name in enumerate(self._header.names)
            if place < len(cells) and place not in places.values()
        }
        return CsvRow(first[0], {name: given.get(name, "") for name in COLUMNS}, others)


_OPEN = "a quotation mark is not closed"


def _split(text: str, delimiter: str) -> tuple[list[str], str]:
    """Return the fields of one record and "", or what is wrong with it."""
    if len(text) >= _LINE_LIMIT:
        return [], f"longer than {_LINE_LIMIT:,} characters"
    try:
        return next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)), ""
    except csv.Error as error:
        return [], _OPEN if "end of data" in str(error) else "a quotation mark is in the wrong place"


def _read_lines(file: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    number = 0
    while text := file.readline(_LINE_LIMIT):
        number += 1
        yield number, text
        while len(text) == _LINE_LIMIT and not text.endswith("\n"):  # pass over the rest of an endless line
            text = file.readline(_LINE_LIMIT)


def _find_header(first: tuple[int, str] | None, name: str) -> _Header:
    if first is None:
        raise AudienceError(f"{name} is empty. Its first line must name the columns: {','.join(COLUMNS)}")
    found = [_header(first[1], delimiter) for delimiter in _DELIMITERS]
    header = max(found, key=lambda one: ("address" in one.places, len(one.names)))
    if "address" not in header.places:
        raise AudienceError(
            f"{name}: the first line must name the columns: address, and as wanted name, language, themes,"
            " status. Add such a line and import again; nothing was taken."
        )
    ours = [called for each in header.names if (called := our_name(each)) in COLUMNS]
    twice = sorted({each for each in ours if ours.count(each) > 1})
    if twice:
        raise AudienceError(
            f"{name}: more than one column for {', '.join(twice)}. Keep one; nothing was taken"
        )
    return header


def _header(line: str, delimiter: str) -> _Header:
    fields, _ = _split(line, delimiter)
    return _Header(delimiter=delimiter, names=tuple(field.strip().casefold() for field in fields))


def open_table(path: Path) -> io.TextIOWrapper:
    """Open a file of people after looking at every byte of it; close it yourself.

    Raises:
        AudienceError: it cannot be read, is no text, or is not in UTF-8. Nothing was taken from it.
    """
    try:
        if path.exists() and not path.is_file():
            raise AudienceError(f"{path.name} is not a file. Give the path of a CSV file.")
        _check_text(path)
        return path.open(encoding="utf-8-sig", errors="replace")  # strict a moment ago
    except OSError as error:
        raise AudienceError(f"{path.name} cannot be read: {error.strerror}.") from error


def _check_text(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if lines == 0 and block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise AudienceError(_not_text(path, "in UTF-16"))
            if b"\0" in block:
                raise AudienceError(_not_text(path, "a binary file"))
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n") + 1
                raise AudienceError(_not_text(path, f"not in UTF-8 (line {line})")) from error
            lines += block.count(b"\n")
        if decoder.getstate()[0]:
            raise AudienceError(_not_text(path, f"not in UTF-8 (line {lines + 1})"))


def _not_text(path: Path, what: str) -> str:
    return f"{path.name} is {what}. Save it as CSV in UTF-8 and import it again; nothing was taken."


_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_PROTECTED = re.compile(r"'+[=+\-@\t\r\n]")


def protect(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotect(text: str) -> str:
    """Take that apostrophe away."""
    return text[1:] if _PROTECTED.match(text) else text
