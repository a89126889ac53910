import asyncio
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.errors import SourceError, UsageError
from sse_digest.model.items import Reading, ReadItem
from sse_digest.sources import KINDS
from sse_digest.sources.kinds import sandbox
from sse_digest.sources.kinds.folder import BUNDLE
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.presets import PRESETS
from sse_digest.sources.read import read_source
from tests.loopback import loopback
from tests.options import fetch_options, source_options
from tests.sources.dresses import CLASSIC, bundle, classic, rss, table
from tests.sources.listings import load_listings

FETCH = fetch_options(user_agent="sse-digest test")
LISTING = next(listing for listing in load_listings() if all(item.title for item in listing.items))
# One good page for each kind: a new kind has to say here what it reads.
GOOD = {
    "text": LISTING.text,
    "html": classic(LISTING.items, CLASSIC["plain"], LISTING.language),
    "feed": rss(LISTING.items, LISTING.language),
    "folder": bundle(LISTING.items),
    "table": table(LISTING.items),
}


def page_of(kind: str) -> Page:
    kept = BUNDLE if kind == "folder" else None
    return Page(data=GOOD[kind].encode(), place="page", url="https://www.ilo.org/news", content_type=kept)


def written(kind: str, path: Path) -> None:
    """Write the good page of a kind where a source of that kind is read from."""
    if kind != "folder":
        path.write_text(GOOD[kind], encoding="utf-8")
        return
    path.mkdir()
    for name, text in json.loads(GOOD[kind]):
        (path / name).write_text(text, encoding="utf-8")


def source(
    kind: str, path: Path | None = None, url: str | None = None, preset: str | None = None
) -> SourceOptions:
    preset = preset or ("ilo-classic" if kind == "html" else None)
    return source_options(name="news", kind=kind, path=path, url=url, preset=preset)


def bombs() -> dict[str, str]:
    reopened = "<p>" + "".join(f"<b id={n}>" for n in range(3000)) + "</p>" + "<p>x" * 30_000
    return {"memory": reopened, "time": "<div>" * 400_000}


# ------------------------------------------------------------------ what every kind does


def test_every_kind_is_held_to_the_contract() -> None:
    assert GOOD.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_reads_its_page_into_the_same_items(kind: str) -> None:
    reading = KINDS[kind](page_of(kind), source(kind))
    for field in ("title", "kicker", "credit", "summary", "date_text", "published", "precision", "place"):
        expected = [getattr(item, field) for item in LISTING.items]
        assert [getattr(item, field) for item in reading.items] == expected, field
    assert reading.language == LISTING.language


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_of_every_item_how_it_was_found(kind: str) -> None:
    said = [item.how or "" for item in KINDS[kind](page_of(kind), source(kind)).items]
    assert all(
        re.fullmatch(r"[^;]+(?:; date by [^;]+)?; language by (?:its|what) [^;]+", one) for one in said
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(
    data=st.binary(min_size=1, max_size=300)
    | st.text(min_size=1, max_size=300).map(lambda text: text.encode("utf-8", "ignore") or b"x")
)
def test_a_kind_reads_any_bytes_or_raises_its_one_error(kind: str, data: bytes) -> None:
    middle = GOOD[kind].encode()
    for bytes_read in (data, middle[: len(middle) // 2] + data + middle[len(middle) // 2 :]):
        for preset in (*PRESETS, None) if kind == "html" else (None,):
            try:
                reading = KINDS[kind](Page(data=bytes_read, place="page"), source(kind, preset=preset))
            except SourceError:
                continue
            assert isinstance(reading, Reading)
            for item in reading.items:
                assert (item.published is None) == (item.precision == "none")
                assert item.title or item.summary
                for text in (item.title, item.summary, item.kicker, item.credit):
                    assert text is None or text == " ".join(text.split()) != ""


# ------------------------------------------------------------------ from the options to the items


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_a_source_is_read_from_its_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "page"
    written(kind, path)
    reading = await read_source(source(kind, path), FETCH)
    direct = KINDS[kind](replace(page_of(kind), place=str(path), url=None), source(kind, path))
    assert reading == direct
    assert all(isinstance(item, ReadItem) for item in reading.items)


@pytest.mark.slow
async def test_a_source_is_read_from_its_address() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = GOOD["html"].encode("cp1252", "replace")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async with loopback(handle) as port:
        url = f"http://127.0.0.1:{port}/news/"
        options = source_options(
            name="n", kind="html", url=url, preset="ilo-classic", allow_private_hosts=True
        )
        reading = await read_source(options, FETCH)
    assert len(reading.items) == len(LISTING.items)
    assert (reading.items[0].link or "").startswith("http://127.0.0.1:")
    with pytest.raises(SourceError, match="not a public address"):
        await read_source(source("html", url=url), FETCH)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"\x00\x01\x02binary", "not text"),
        (b"x" * 5_000_001, "longer than 5 MB"),
        (b"just words", "no items|nothing in it matches|is not a feed"),
    ],
)
async def test_a_file_that_is_no_page_is_told_with_its_name(
    kind: str, tmp_path: Path, data: bytes | None, told: str
) -> None:
    path = tmp_path / "page.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SourceError, match=told) as caught:
        await read_source(source(kind, path), FETCH)
    assert "page.txt" in str(caught.value)


async def test_options_that_make_no_sense_are_told() -> None:
    for options, told in (
        (source("pigeon", Path("x")), "no kind of source 'pigeon'.*text, html"),
        (source("text"), "exactly one"),
        (source("text", Path("x"), "https://h.org/"), "exactly one"),
    ):
        with pytest.raises(UsageError, match=told):
            await read_source(options, FETCH)


# ------------------------------------------------------------------ the process of its own


@pytest.mark.slow
@pytest.mark.parametrize("bomb", bombs())
async def test_a_page_that_overcomes_a_parser_costs_one_source_only(
    bomb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MAX_TIME_S", 2)
    path = tmp_path / "bomb.html"
    path.write_text(bombs()[bomb], encoding="utf-8")
    with pytest.raises(SourceError, match=r"bomb\.html (needs more than|cannot be read as HTML)"):
        await read_source(source("html", path), FETCH)


async def test_a_reader_that_fails_is_told_and_its_last_word_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_CHILD", "import sys; sys.exit('the reader broke')")
    with pytest.raises(SourceError, match=r"its reader failed \(the reader broke\)"):
        await sandbox.read_contained(Page(data=b"x", place="page"), source("text"))


async def test_a_reader_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_CHILD", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(SourceError, match="needs more than"):
        await sandbox.read_contained(Page(data=b"x", place="page"), source("text"))


async def test_a_process_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(SourceError, match="no process could be started"):
        await sandbox.read_contained(Page(data=b"x", place="page"), source("text"))


async def test_a_reading_that_is_called_off_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    child = (
        f"import os, time, pathlib; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    monkeypatch.setattr(sandbox, "_CHILD", child)
    reading = asyncio.create_task(sandbox.read_contained(Page(data=b"x", place="page"), source("text")))
    while not (note.exists() and note.read_text(encoding="ascii")):
        await asyncio.sleep(0.01)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text(encoding="ascii")), 0)


async def test_a_file_beside_the_caller_does_not_stand_in_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    reading = await sandbox.read_contained(Page(data=GOOD["text"].encode(), place="page"), source("text"))
    assert reading.items
