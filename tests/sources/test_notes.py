"""Folders of notes and tables: what counts as an item, and what is left out and told."""

from datetime import date
from pathlib import Path

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading
from sse_digest.sources.kinds import folder, table
from sse_digest.sources.kinds.folder import gather
from sse_digest.sources.page import Page
from sse_digest.sources.read import read_source
from tests.options import fetch_options, source_options

LIMIT = 1_000_000
NOTE = """---
title: A dairy cooperative turns fifty
date: 2021-05-12
url: https://www.example.org/fifty
lang: en
tags: [one, two]
draft: false
---
"""


def read_folder(path: Path) -> Reading:
    return folder.read_page(gather(path, LIMIT), source_options(name="notes", kind="folder", path=path))


def read_table(text: str | bytes) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    options = source_options(name="t", kind="table", path=Path("t.csv"))
    return table.read_page(Page(data=data, place="t.csv", url="https://www.example.org/a/"), options)


# ------------------------------------------------------------------ notes


def test_the_head_of_a_note_and_its_first_paragraph_are_its_item(tmp_path: Path) -> None:
    (tmp_path / "fifty.md").write_text(NOTE + "\nWhat *it* is\n[about](x).\n\nMore.", encoding="utf-8")
    (item,) = read_folder(tmp_path).items

    assert (item.title, item.summary) == ("A dairy cooperative turns fifty", "What it is about.")
    assert (item.published, item.precision, item.date_text) == (
        date(2021, 5, 12),
        Precision.DAY,
        "2021-05-12",
    )
    assert (item.link, item.language) == ("https://www.example.org/fifty", "en")
    assert item.source_item_id == "fifty.md"


def test_a_note_without_a_head_has_its_heading_for_a_title(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One **bold** title #\nThe text\nof it.\n## Next", encoding="utf-8")
    (tmp_path / "b.markdown").write_text("## Only a title", encoding="utf-8")
    items = read_folder(tmp_path).items

    assert [(item.title, item.summary) for item in items] == [
        ("One bold title", "The text of it."),
        ("Only a title", None),
    ]


def test_what_is_no_note_is_passed_over_and_what_is_broken_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(NOTE, encoding="utf-8")
    (tmp_path / "draft.md").write_text(NOTE.replace("draft: false", "draft: true"), encoding="utf-8")
    (tmp_path / "other.txt").write_text(NOTE, encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.md").write_text(NOTE, encoding="utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "other.txt")
    (tmp_path / "latin.md").write_bytes(NOTE.encode() + b"caf\xe9")
    (tmp_path / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    (tmp_path / "untitled.md").write_text("words only", encoding="utf-8")
    reading = read_folder(tmp_path)

    assert [item.source_item_id for item in reading.items] == ["good.md"]
    assert [warning.partition(".md")[0] for warning in reading.warnings] == [
        "the head of broken",
        "latin",
        "untitled",
    ]


def test_a_folder_without_notes_or_with_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file in it ends in \.md"):
        gather(tmp_path, LIMIT)
    (tmp_path / "a.md").write_text("---\ntitle: {\n---\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"has no items.*head of a\.md"):
        read_folder(tmp_path)
    with pytest.raises(SourceError, match="contains more than"):
        gather(tmp_path, 5)


def test_a_note_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text(NOTE, encoding="utf-8")

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched, pytest.raises(SourceError, match="Permission denied"):
        patched.setattr(Path, "open", refuse)
        gather(tmp_path, LIMIT)
    with pytest.raises(SourceError, match="No such file"):
        gather(tmp_path / "nowhere", LIMIT)


def test_links_in_a_folder_lead_nowhere(tmp_path: Path) -> None:
    outside, notes = tmp_path / "outside", tmp_path / "notes"
    for place in (outside, notes / "in"):
        place.mkdir(parents=True)
        (place / "a.md").write_text(NOTE, encoding="utf-8")
    (notes / "in" / "round").symlink_to(notes, target_is_directory=True)
    (notes / "out").symlink_to(outside, target_is_directory=True)
    (tmp_path / "entrance").symlink_to(notes, target_is_directory=True)
    for path in (notes, tmp_path / "entrance"):
        assert [item.source_item_id for item in read_folder(path).items] == ["in/a.md"]


def test_a_folder_that_is_too_deep_or_too_full_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "notes"
    for number in range(folder.MAX_DEPTH):
        deep /= str(number)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text(NOTE, encoding="utf-8")
    assert len(read_folder(tmp_path / "notes").items) == 1
    (deep / "more").mkdir()
    with pytest.raises(SourceError, match="20 levels of folders"):
        gather(tmp_path / "notes", LIMIT)
    flat = tmp_path / "flat"
    flat.mkdir()
    for number in range(6):
        (flat / f"{number}.md").write_text(NOTE, encoding="utf-8")
    monkeypatch.setattr(folder, "MAX_NOTES", 5)
    with pytest.raises(SourceError, match="more than 5 notes"):
        gather(flat, LIMIT)
    monkeypatch.setattr(folder, "MAX_ENTRIES", 4)
    with pytest.raises(SourceError, match="more than 4 files and folders"):
        gather(flat, LIMIT)


async def test_an_edited_note_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    options = source_options(name="notes", kind="folder", path=tmp_path)
    for title in ("The first title", "The second title"):
        path.write_text(f"# {title}", encoding="utf-8")
        reading = await read_source(options, fetch_options(user_agent="test"))
        assert [item.title for item in reading.items] == [title]


# ------------------------------------------------------------------ tables


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_row_is_an_item_whatever_separates_its_cells(separator: str) -> None:
    rows = ("Title|Link|Published|ID", '"One, two; three"|/1|12.05.2021|a', "|||", "Another|x y|soon|b")
    reading = read_table("\ufeff" + "\r\n".join(row.replace("|", separator) for row in rows))
    one, two = reading.items

    assert (one.title, one.link) == ("One, two; three", "https://www.example.org/1")
    assert (one.published, one.source_item_id) == (date(2021, 5, 12), "a")
    assert two.warnings == ("“soon” is not a date",)


def test_a_row_without_a_title_and_a_summary_is_left_out_and_told() -> None:
    reading = read_table("title,summary,date\n,,12 May 2021\n,Only a summary,\n")

    assert [item.summary for item in reading.items] == ["Only a summary"]
    assert reading.warnings == ("record 1 has neither a title nor a summary and was left out",)


def test_numeric_dates_are_ordered_by_the_whole_table() -> None:
    reading = read_table("title,date\na,03/04/2021\nb,29/01/2021\n")

    assert reading.items[0].published == date(2021, 4, 3)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("name,when\nx,y\n", "names neither a column"),
        ("\n", "names neither a column"),
        (b"title\n\xff\xfe\xfd", "is not UTF-8"),
        ("title\n" + '"' + "x" * 200_000, "cannot be read as a table"),
    ],
)
def test_what_is_no_table_is_refused(data: str | bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read_table(data)


def test_a_table_is_read_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_ROWS", 2)
    reading = read_table("title\na\nb\nc\n")

    assert len(reading.items) == 2
    assert reading.warnings == ("only the first 2 of 3 records were read",)
