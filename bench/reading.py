"""Items read a second beside BeautifulSoup and feedparser, and what a large ledger costs a fetch.

`python3 run.py bench reading [--pages N]`. Everything is made here and read from disk; each measurement runs
in a process of its own, so that its peak of memory is its own. Prints JSON; `--write` also writes the table.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import feedparser
import structlog
from bs4 import BeautifulSoup
from bs4.element import Tag
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.page import put
from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.settings.assembly import shipped_rules
from sse_digest.sources import KINDS
from sse_digest.sources.ingest import Scrutiny, ingest
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import read_file
from sse_digest.store import open_store
from sse_digest.store.tables import metadata

ITEMS = 40  # of one listing
ENTRIES = 10_000  # of the feed
LEDGERS = (1_000, 100_000)
FETCHES = 15
_LIMIT = 50_000_000
_HTML = SourceOptions(name="bench", kind="html", url="https://www.ilo.org/", preset="ilo")
_FEED = SourceOptions(name="bench", kind="feed", url="https://www.example.org/")
_NOW = datetime(2023, 4, 20, 12, tzinfo=UTC)
_WORDS = (
    *("the", "cooperative", "of", "young", "farmers", "met", "in", "the", "capital", "and", "agreed", "on"),
    *("a", "plan", "for", "the", "coming", "year"),
)

# ------------------------------------------------------------------ what is read


def words(seed: int, count: int) -> str:
    """Give so many words, others for every seed."""
    return " ".join(_WORDS[(seed * 7 + n * (seed % 5 + 1)) % len(_WORDS)] for n in range(count))


def listing(number: int) -> str:
    """Give a page of cards like those of the preset."""
    cards = []
    for n in range(number * ITEMS, (number + 1) * ITEMS):
        day = date(2023, 4, 1) - timedelta(days=n % 6000)
        cards.append(
            '<div class="ilo--card ilo--card__type__feature">'
            f'<a class="ilo--card--link" href="/resource/news/{n}">'
            f'<span class="ilo--card--link-text">Item {n}</span></a><div class="ilo--card--wrap">'
            f'<div class="ilo--card--image-wrap"><img src="/i/{n}.jpg" alt=""></div><span>© ILO</span>'
            f'<div class="ilo--card--content"><p class="ilo--card--eyebrow">News</p>'
            f'<p class="ilo--card--title">Item {n}: {words(n, 9)}</p>'
            f'<p class="ilo--card--intro">{words(n + 1, 40)}</p>'
            f'<time class="ilo--card--date" datetime="{day}T12:00:00Z">{day.day} {day:%B %Y}</time>'
            "</div></div></div>"
        )
    menu = "".join(f'<li><a href="/topics/{n}">Topic {n}</a></li>' for n in range(60))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>News</title></head><body><nav><ul>{menu}</ul></nav>'
        f"<main>{''.join(cards)}</main><footer><ul>{menu}</ul></footer></body></html>"
    )


def atom() -> str:
    """Give a feed of many entries."""
    entries = []
    for n in range(ENTRIES):
        day = date(2023, 4, 1) - timedelta(days=n % 6000)
        entries.append(
            f"<entry><id>urn:item:{n}</id><title>Item {n}: {words(n, 9)}</title>"
            f'<link href="https://www.example.org/{n}"/><published>{day}T12:00:00Z</published>'
            f"<updated>{day}T12:00:00Z</updated><summary>{words(n + 1, 40)}</summary></entry>"
        )
    head = "<id>urn:feed</id><title>News</title><updated>2023-04-01T12:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'


# ------------------------------------------------------------------ who reads


def ours(paths: list[Path]) -> int:
    """Read listings as a source does: dates as days, languages told, links made absolute."""
    return sum(len(KINDS["html"](read_file(path, _LIMIT), _HTML).items) for path in paths)


def soup(paths: list[Path]) -> int:
    """Take the same six texts out of every card with BeautifulSoup and lxml; nothing is made of them."""
    count = 0
    for path in paths:
        tree = BeautifulSoup(path.read_bytes(), "lxml")
        items = []
        for card in tree.select(".ilo--card"):
            names = ("title", "eyebrow", "intro", "date")
            parts = [card.select_one(f".ilo--card--{name}") for name in names]
            link, credit = card.select_one("a.ilo--card--link"), card.select_one("span:not([class])")
            texts = [part.get_text(" ", strip=True) if part else None for part in [*parts, credit]]
            items.append((*texts, _href(link)))
        assert len(set(items)) == ITEMS
        count += len(items)
    return count


def _href(link: Tag | None) -> str:
    return str(link["href"]) if link is not None else ""


def our_feed(paths: list[Path]) -> int:
    """Read the feed as a source does."""
    return sum(len(KINDS["feed"](read_file(path, _LIMIT), _FEED).items) for path in paths)


def parsed_feed(paths: list[Path]) -> int:
    """Parse the feed with feedparser as it comes, which sanitises as well."""
    return sum(len(feedparser.parse(path.read_bytes()).entries) for path in paths)


READERS: Mapping[str, tuple[str, Callable[[list[Path]], int]]] = {
    "sse-digest": ("listings", ours),
    "BeautifulSoup with lxml": ("listings", soup),
    "sse-digest, kind feed": ("feed", our_feed),
    "feedparser": ("feed", parsed_feed),
}


def item(number: int) -> ReadItem:
    """Give an item as a reading has it."""
    day = date(2023, 4, 1) - timedelta(days=number // 15)
    return ReadItem(
        title=f"Item {number}: {words(number, 9)}",
        summary=words(number + 1, 40),
        published=day,
        precision=Precision.DAY,
        date_text=str(day),
        language="en",
        link=f"https://www.example.org/news/{number}",
    )


async def duplicate(connection: AsyncConnection, copy: int, least: int) -> None:
    """Store the first items once more, as older ones with other ids, links and titles, and their places."""
    older = f"date(published, '-{copy * (least // 15 + 1)} days')"
    changed = {
        "number": f"number + {copy * least}",
        "id": f"substr(id, 1, 20) || '{copy:06d}'",
        "item_id": f"substr(item_id, 1, 20) || '{copy:06d}'",
        "link": f"link || '-{copy}'",
        "canonical": f"canonical || '-{copy}'",
        "heading": f"heading || ' {copy}'",
        "published": older,
        "last_seen": f"'{_NOW - timedelta(days=copy):%Y-%m-%dT%H:%M:%S.000000Z}'",
        "position": f"position + {copy * least}",
    }
    names = {"items": "number", "item_places": "position"}
    for table, order in names.items():
        columns = [column.name for column in metadata.tables[table].columns]
        taken = ", ".join(changed.get(name, f'"{name}"') for name in columns)
        into = ", ".join(f'"{name}"' for name in columns)
        bound = f'"{order}" < {least}'
        chosen = f"SELECT {taken} FROM {table} WHERE {bound}"  # noqa: S608 # our own words
        await connection.exec_driver_sql(f"INSERT INTO {table} ({into}) {chosen}")


async def fetches(size: int) -> list[float]:
    """Fill a ledger, then take in a page of which one item is new; gives the seconds of each time."""
    rules = shipped_rules()
    took = []
    with tempfile.TemporaryDirectory() as folder:
        async with await open_store(f"sqlite:///{folder}/bench.db") as store:
            least = min(LEDGERS)
            first = Reading(items=tuple(map(item, range(least))))
            await ingest(store, "news", first, now=_NOW, rules=rules)
            async with store.write() as connection:
                for copy in range(1, size // least):
                    await duplicate(connection, copy, least)
            for turn in range(FETCHES + 1):
                now = _NOW + timedelta(days=turn + 1)
                reading = Reading(items=tuple(item(n) for n in range(-turn - 1, ITEMS - turn - 1)))
                began = time.perf_counter()
                report = await ingest(store, "news", reading, now=now, rules=rules, scrutiny=Scrutiny.FULL)
                took.append(time.perf_counter() - began)
                assert report.added == 1, report
    return took[1:]  # the first one warms up


# ------------------------------------------------------------------ measuring


def measure(what: str, folder: str) -> None:
    """Measure one thing in this process and print it as JSON."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if what in READERS:
        kind, reader = READERS[what]
        paths = sorted(Path(folder, kind).iterdir())
        reader(paths[:1]) if kind == "listings" else None
        began = time.perf_counter()
        count = reader(paths)
        found: dict[str, object] = {"rate": count / (time.perf_counter() - began)}
    else:
        found = {"seconds": statistics.median(asyncio.run(fetches(int(what))))}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "peak_mb": peak}))


def measured(what: str, folder: str) -> dict[str, float]:
    """Measure one thing in a process of its own."""
    command = [sys.executable, "-m", "bench.reading", "--one", what, folder]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def run(pages: int) -> dict[str, object]:
    """Make everything and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("listings", "feed"):
            Path(folder, kind).mkdir()
        for number in range(pages):
            Path(folder, "listings", f"{number:04}.html").write_text(listing(number), encoding="utf-8")
        Path(folder, "feed", "feed.xml").write_text(atom(), encoding="utf-8")
        return {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "versions": {name: version(name) for name in ("beautifulsoup4", "feedparser", "selectolax")},
            "pages": pages,
            "readers": {name: measured(name, folder) for name in READERS},
            "ledgers": {size: measured(str(size), folder) for size in LEDGERS},
        }


def table(report: Mapping[str, object]) -> Iterator[str]:
    """Write what was measured for people."""
    readers, ledgers, versions = report["readers"], report["ledgers"], report["versions"]
    assert isinstance(readers, dict)
    assert isinstance(ledgers, dict)
    assert isinstance(versions, dict)
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    yield f"{report['date']}, {report['machine']}, Python {report['python']}, {known}."
    yield ""
    yield "| what | program | items a second | ratio | peak memory, MB |"
    yield "|---|---|---|---|---|"
    whats = {"listings": f"{report['pages']} listings of {ITEMS} items", "feed": f"an Atom feed of {ENTRIES}"}
    peers = {"listings": "BeautifulSoup with lxml", "feed": "feedparser"}
    for name, (kind, _) in READERS.items():
        found = readers[name]
        ratio = found["rate"] / readers[peers[kind]]["rate"]
        yield f"| {whats[kind]} | {name} | {found['rate']:.0f} | {ratio:.2f} | {found['peak_mb']:.0f} |"
    yield ""
    yield "| items in the ledger | taking in a page, ms | ratio | peak memory, MB |"
    yield "|---|---|---|---|"
    least = ledgers[LEDGERS[0]]["seconds"]
    for size, found in ledgers.items():
        row = f"{found['seconds'] * 1000:.1f} | {found['seconds'] / least:.2f} | {found['peak_mb']:.0f}"
        yield f"| {size} | {row} |"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    arguments = parser.parse_args()
    if arguments.one:
        measure(*arguments.one)
        return
    report = run(arguments.pages)
    print(json.dumps(report, indent=2))
    if arguments.write:
        put("reading", table(report))


if __name__ == "__main__":
    main()
