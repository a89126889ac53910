"""Read a CSV file of people line by line.

If a line cannot be read, only that line is lost, even if a quotation mark is never closed. The file is never
in memory as a whole. Records are untrusted.
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
_SPAN_LIMIT = 20  # lines that one record may span
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record: its fields by our column names, stripped; missing ones are ""."""

    line: int  # counted from 1
    fields: Mapping[str, str]
    others: Mapping[str, str]  # fields of other columns, by name


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that cannot be read, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    delimiter: str
    names: tuple[str, ...]  # case-folded

    @property
    def places(self) -> dict[str, int]:
        """The columns we use and their positions."""
        ours = {our_name(name): place for place, name in enumerate(self.names)}
        return {name: place for name, place in ours.items() if name in (*COLUMNS, FIRST, LAST)}


class CsvReader:
    """An open CSV file. Iterate over its records once."""

    def __init__(self, file: io.TextIOWrapper, name: str) -> None:
        self._lines = _read_lines(file)
        self._waiting: deque[tuple[int, str]] = deque()
        self._header = _find_header(self._next(), name)

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """The columns that we do not use, case-folded."""
        taken = set(self._header.places.values())
        return tuple(name for place, name in enumerate(self._header.names) if place not in taken)

    def __iter__(self) -> Iterator[CsvRow | UnreadableLine]:
        """Yield each record or unreadable line, in the order of the file; skip blank lines."""
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
                " put quotation marks around fields that contain the delimiter"
            )
        if not fault and any("\n" in fields[place] for place in places.values() if place < len(fields)):
            # A name may contain a line break, but an unclosed quotation mark would swallow people.
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
    """Return the fields of one record and "", or no fields and what is wrong."""
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
        while len(text) == _LINE_LIMIT and not text.endswith(
            "\n"
        ):  # skip the rest of a line that is too long
            text = file.readline(_LINE_LIMIT)


def _find_header(first: tuple[int, str] | None, name: str) -> _Header:
    if first is None:
        raise AudienceError(f"{name} is empty. Its first line must name the columns: {','.join(COLUMNS)}")
    found = [_header(first[1], delimiter) for delimiter in _DELIMITERS]
    header = max(found, key=lambda one: ("address" in one.places, len(one.names)))
    if "address" not in header.places:
        raise AudienceError(
            f"{name}: the first line must name the columns: address and, if wanted, name, language, themes,"
            " status. Add such a line and import again; nothing was imported."
        )
    ours = [called for each in header.names if (called := our_name(each)) in COLUMNS]
    twice = sorted({each for each in ours if ours.count(each) > 1})
    if twice:
        raise AudienceError(
            f"{name}: more than one column for {', '.join(twice)}. Keep one; nothing was imported."
        )
    return header


def _header(line: str, delimiter: str) -> _Header:
    fields, _ = _split(line, delimiter)
    return _Header(delimiter=delimiter, names=tuple(field.strip().casefold() for field in fields))


def open_table(path: Path) -> io.TextIOWrapper:
    """Check every byte of a file of people, then open it; the caller closes it.

    Raises:
        AudienceError: it cannot be read, is binary, or is not in UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise AudienceError(f"{path.name} is not a file. Give the path of a CSV file.")
        _check_text(path)
        return path.open(encoding="utf-8-sig", errors="replace")  # it was valid when checked
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
    return f"{path.name} is {what}. Save it as CSV in UTF-8 and import it again; nothing was imported."


_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_PROTECTED = re.compile(r"'+[=+\-@\t\r\n]")


def protect(text: str) -> str:
    """Return text with an apostrophe before it if a spreadsheet would treat it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotect(text: str) -> str:
    """Return text without the apostrophe that `protect` adds."""
    return text[1:] if _PROTECTED.match(text) else text
