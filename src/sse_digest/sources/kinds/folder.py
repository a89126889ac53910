"""Read a folder of notes: Markdown files with one item each, whose fields are in a head of YAML or TOML.

The file name of a note is its id, so that an edited note stays the same item. Outside the reader process
files are only read (`gather`), never parsed.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import frontmatter
from markdown_it import MarkdownIt

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading, shorten
from sse_digest.sources.html.fragments import MAX_LENGTH, fragment_text
from sse_digest.sources.kinds.records import MAX_SUMMARY, fields_of, read_record
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page, decode_utf8, read_bytes
from sse_digest.sources.text.dates import numeric_order
from sse_digest.sources.text.language import primary_tag, tell_language

MAX_NOTES = 5000
MAX_ENTRIES = 50_000  # files and folders, of any kind
MAX_DEPTH = 20  # of nested folders
BUNDLE = "application/x-sse-digest-notes"
"""The content type of a page that contains a whole folder, as a JSON list of pairs of file name and text."""

_SUFFIXES = frozenset({".md", ".markdown"})
_HEADING = re.compile(r"#{1,3}\s+(.+?)\s*#*")
_WITHOUT_HEADING = re.compile(r"\A\s*#{1,3}\s+[^\n]*")
_HTML = "html"  # the key of the body in a record, next to the fields
_PARSER = MarkdownIt("commonmark").enable("table")
_LINK = re.compile(r"!?\[([^\]]{0,500})\]\([^)]{0,2000}\)")
_MARKS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LEAD = re.compile(r"(?:>|[-*+]|\d{1,3}[.)])\s+")


def gather(path: Path, limit: int) -> Page:
    """Return the notes of a folder and its sub-folders as one page; hidden files and folders are left out.

    Args:
        path: a folder.
        limit: bytes of all notes together.

    Raises:
        SourceError: the folder contains no notes or too many, they are too long, or one cannot be read.
    """
    try:
        files = sorted(_notes(path))
        if not files:
            raise SourceError(
                f"{path} has no items: no file in it ends in .md. Check the path of the source."
            )
        notes, left = [], limit
        for file in files:
            data = read_bytes(file, left)
            left -= len(data)
            if left < 0:
                raise _too_much(path, f"{limit / 1_000_000:g} MB")
            notes.append((file.relative_to(path).as_posix(), data.decode("utf-8", "surrogateescape")))
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({error.strerror or error}). Check the folder and its permissions."
        ) from error
    return Page(data=json.dumps(notes).encode("ascii"), place=str(path), content_type=BUNDLE)


def _notes(folder: Path) -> Iterator[Path]:
    """Yield a folder's notes; links are not followed, because they could lead out of it or in a circle."""
    seen = found = 0
    for inside, folders, names in os.walk(folder, onerror=_raise):
        seen += len(folders) + len(names)
        if seen > MAX_ENTRIES:
            raise _too_much(folder, f"{MAX_ENTRIES} files and folders")
        if folders and len(Path(inside).relative_to(folder).parts) >= MAX_DEPTH:
            raise _too_much(folder, f"{MAX_DEPTH} levels of folders")
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(inside, name)
            if not name.startswith(".") and file.suffix.lower() in _SUFFIXES and _is_plain(file):
                found += 1
                if found > MAX_NOTES:
                    raise _too_much(folder, f"{MAX_NOTES} notes")
                yield file


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _raise(error: OSError) -> None:
    raise error


def _too_much(folder: Path, bound: str) -> SourceError:
    return SourceError(
        f"{folder} contains more than {bound}, so it was not read. Move old notes to another folder, "
        "or set path to the folder that contains the notes."
    )


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read the page of a source of kind `folder`: the result of `gather`, or a single note.

    Raises:
        SourceError: no note is an item, or the page is a single note that is not text.
    """
    if page.content_type == BUNDLE:
        notes = [(str(name), str(text)) for name, text in json.loads(page.data)]
    else:
        notes = [(Path(page.place).name, decode_utf8(page))]
    warnings: list[str] = []
    records = [record for name, text in notes if (record := _record(name, text, warnings)) is not None]
    order = numeric_order(record["date"] for record in records if "date" in record)
    expected = primary_tag(options.language) or tell_language(" ".join(map(_words, records)))
    read = (
        read_record(record, base="", language=expected, order=order, html=record.get(_HTML))
        for record in records
    )
    items = tuple(item for item in read if item is not None)
    if not items:
        reason = f" ({warnings[0]})" if warnings else ""
        raise SourceError(
            f"{page.place} has no items: no note in it has a title{reason}. Begin each note with a head: "
            "a line “title:” between two lines of three hyphens."
        )
    return Reading(items=items, warnings=tuple(warnings), language=expected)


def _record(name: str, text: str, warnings: list[str]) -> Mapping[str, str] | None:
    """Return the fields of one note; None if it is a draft, or, with a warning, if it cannot be used."""
    if any("\udc80" <= mark <= "\udcff" for mark in text):
        warnings.append(f"{name} is not UTF-8 and was left out; save it again as UTF-8")
        return None
    try:
        head, body = frontmatter.parse(text.lstrip("\ufeff"))
    except Exception as error:  # noqa: BLE001 # the parsers of the formats raise different errors
        reason = shorten(" ".join(str(error).split()), 120)
        warnings.append(f"the head of {name} cannot be read ({reason}); the note was left out")
        return None
    if head.get("draft") is True:
        return None
    values = ((str(key), _text(value)) for key, value in head.items())
    fields = fields_of((key, value) for key, value in values if value is not None)
    heading, paragraph = _body(body)
    title = fields.get("title") or heading
    if not title:
        warnings.append(f"{name} has no title and was left out")
        return None
    summary = fields.get("summary") or shorten(paragraph, MAX_SUMMARY)
    html = _PARSER.render(_WITHOUT_HEADING.sub("", body[:MAX_LENGTH]))
    more = {"summary": summary, _HTML: html if fragment_text(html) != summary else ""}
    return {"id": name, **fields, "title": title, **{key: words for key, words in more.items() if words}}


def _text(value: object) -> str | None:
    """Return a value of the head as text, or None if it is not a single value.

    YAML parses dates and numbers itself.
    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.date()).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def _body(text: str) -> tuple[str | None, str]:
    """Return the first heading, and the first paragraph as plain text."""
    heading = None
    for paragraph in _paragraphs(text):
        match = _HEADING.fullmatch(paragraph)
        if match is None:
            return heading, _plain(paragraph)
        heading = heading or _plain(match.group(1))
    return heading, ""


def _paragraphs(text: str) -> Iterator[str]:
    """Yield paragraphs on one line each; a heading is a paragraph even without an empty line after it."""
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        bare = line.strip()
        if lines and (not bare or _HEADING.fullmatch(bare)):
            yield " ".join(lines)
            lines.clear()
        if bare and _HEADING.fullmatch(bare):
            yield bare
        elif bare:
            lines.append(bare)


def _plain(markdown: str) -> str:
    text = _LINK.sub(r"\1", _LEAD.sub("", markdown, count=1) if _LEAD.match(markdown) else markdown)
    return fragment_text(_MARKS.sub(r"\2", _MARKS.sub(r"\2", text)))


def _words(record: Mapping[str, str]) -> str:
    return " ".join(filter(None, (record.get("title"), record.get("summary"))))
