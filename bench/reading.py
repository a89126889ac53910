"""Items read a second, compared with BeautifulSoup and feedparser, and the cost of a large ledger.

`python3 run.py bench reading [--pages N]`. The input is made here and read from disk. Each measurement runs
in a process of its own, so that its peak memory can be measured, and peers take turns. Times are processor
times. Prints JSON; `--write` also writes the tables.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import structlog
from bs4 import BeautifulSoup
from bs4.element import Tag

from bench.listings import ENTRIES, ITEMS, atom, item, listing
from bench.page import put, spread
from sse_digest.model.items import Reading
from sse_digest.settings.room_options import shipped_rules
from sse_digest.sources import KINDS
from sse_digest.sources.kinds.html import cards_of, parse_page
from sse_digest.sources.ledger.ingest import DriftCheck, ingest
from sse_digest.sources.page import read_file
from sse_digest.sources.presets import PRESETS
from sse_digest.sources.text.dates import read_date
from sse_digest.sources.text.language import tell_language
from sse_digest.store import Connection, open_store
from tests.options import source_options

LEDGERS = (1_000, 100_000)
FETCHES = 15
_LIMIT = 50_000_000
ROUNDS = 5  # in which peers take turns, each with its part of the pages
_HOME = "https://www.ilo.org/"
_HTML = source_options(name="bench", kind="html", url=_HOME, preset="ilo")
_FEED = source_options(name="bench", kind="feed", url="https://www.example.org/")
_NOW = datetime(2023, 4, 20, 12, tzinfo=UTC)

# ------------------------------------------------------------------ who reads


def extracted(paths: list[Path]) -> int:
    """Extract the items of listings without dates and languages: title, link, kicker, summary and so on."""
    count = 0
    for path in paths:
        tree, base = parse_page(read_file(path, _LIMIT))
        cards = cards_of(tree, PRESETS["ilo"], base or _HOME)
        assert len({(card.title, card.link, card.summary) for card in cards}) == ITEMS
        count += len(cards)
    return count


def whole(paths: list[Path]) -> int:
    """Read listings as a source does, with dates and languages."""
    return sum(len(KINDS["html"](read_file(path, _LIMIT), _HTML).items) for path in paths)


def layers(paths: list[Path]) -> dict[str, float]:
    """Return the seconds of each part of a whole reading, measured separately."""
    began = time.process_time()
    extracted(paths)
    took = {"extraction": time.process_time() - began}
    found = [one for path in paths for one in KINDS["html"](read_file(path, _LIMIT), _HTML).items]
    began = time.process_time()
    for one in found:
        tell_language(f"{one.title} {one.summary}", prior="en")
    took["languages"] = time.process_time() - began
    began = time.process_time()
    for one in found:
        read_date(one.date_text or "")
    return {**took, "dates": time.process_time() - began}


def soup_by_name(paths: list[Path]) -> int:
    """Extract the same with BeautifulSoup and lxml, by names and classes: its faster way."""
    count = 0
    for path in paths:
        tree = BeautifulSoup(path.read_bytes(), "lxml")
        items = set()
        for card in tree.find_all("div", class_="ilo--card"):
            link, time_ = (
                card.find("a", class_="ilo--card--link"),
                card.find("time", class_="ilo--card--date"),
            )
            texts = [card.find("p", class_=f"ilo--card--{name}") for name in ("title", "eyebrow", "intro")]
            credit = next((one for one in card.find_all("span") if not one.get("class")), None)
            items.add(_taken([*texts, time_, credit], link, time_, card.find("img")))
        assert len(items) == ITEMS
        count += len(items)
    return count


def soup_by_selector(paths: list[Path]) -> int:
    """Extract the same with BeautifulSoup and lxml, by CSS selectors like ours."""
    count = 0
    for path in paths:
        tree = BeautifulSoup(path.read_bytes(), "lxml")
        items = set()
        for card in tree.select(".ilo--card"):
            link, time_ = card.select_one("a.ilo--card--link"), card.select_one("time.ilo--card--date")
            texts = [card.select_one(f".ilo--card--{name}") for name in ("title", "eyebrow", "intro")]
            credit = card.select_one("span:not([class])")
            items.add(_taken([*texts, time_, credit], link, time_, card.select_one("img")))
        assert len(items) == ITEMS
        count += len(items)
    return count


def _taken(
    texts: list[Tag | None], link: Tag | None, time_: Tag | None, image: Tag | None
) -> tuple[str | None, ...]:
    """Return title, kicker, summary, date, credit, the date's attribute, link, image and alternative text."""
    assert link is not None
    assert time_ is not None
    assert image is not None
    words = (text.get_text(" ", strip=True) if text is not None else None for text in texts)
    addresses = (urljoin(_HOME, str(link["href"])), urljoin(_HOME, str(image["src"])))
    return (*words, str(time_["datetime"]), *addresses, str(image["alt"]))


def our_feed(paths: list[Path]) -> int:
    """Read the feed as a source does."""
    return sum(len(KINDS["feed"](read_file(path, _LIMIT), _FEED).items) for path in paths)


def parsed_feed(paths: list[Path]) -> int:
    """Parse the feed with feedparser's defaults, which also sanitise."""
    return sum(len(feedparser.parse(path.read_bytes()).entries) for path in paths)


READERS: Mapping[str, tuple[str, Callable[[list[Path]], int]]] = {
    "sse-digest, extraction": ("listings", extracted),
    "BeautifulSoup with lxml, by selector": ("listings", soup_by_selector),
    "BeautifulSoup with lxml, by name": ("listings", soup_by_name),
    "sse-digest, whole reading": ("listings", whole),
    "sse-digest, kind feed": ("feed", our_feed),
    "feedparser": ("feed", parsed_feed),
}
PEERS: Mapping[str, tuple[str, ...]] = {
    "listings": ("BeautifulSoup with lxml, by selector", "BeautifulSoup with lxml, by name"),
    "feed": ("feedparser",),
}


def duplicate(connection: Connection, copy: int, least: int) -> None:
    """Store the first items again, as older ones with other ids, links and titles, and their sightings."""
    older = f"'-{copy * (least // 15 + 1)} days'"
    changed = {
        "number": f"number + {copy * least}",
        "id": f"substr(id, 1, 20) || '{copy:06d}'",
        "item_id": f"substr(item_id, 1, 20) || '{copy:06d}'",
        "link": f"link || '-{copy}'",
        "canonical": f"canonical || '-{copy}'",
        "heading": f"heading || ' {copy}'",
        "published": f"date(published, {older})",
        "day": f"date(day, {older})",
        "last_seen": f"'{_NOW - timedelta(days=copy):%Y-%m-%dT%H:%M:%S.000000Z}'",
        "position": f"position + {copy * least}",
    }
    names = {"items": "number", "item_places": "position"}
    for table, order in names.items():
        columns = [row["name"] for row in connection.rows(f"PRAGMA table_info({table})")]
        taken = ", ".join(changed.get(name, f'"{name}"') for name in columns)
        into = ", ".join(f'"{name}"' for name in columns)
        bound = f'"{order}" < {least}'
        chosen = f"SELECT {taken} FROM {table} WHERE {bound}"  # noqa: S608 # our own words
        connection.execute(f"INSERT INTO {table} ({into}) {chosen}")


def fetches(size: int) -> list[float]:
    """Fill a ledger, then ingest a page with one new item; return the seconds of each round."""
    rules = shipped_rules()
    took = []
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/bench.db") as store:
        least = min(LEDGERS)
        first = Reading(items=tuple(map(item, range(least))))
        ingest(store, "news", first, now=_NOW, rules=rules)
        with store.writing() as connection:
            for copy in range(1, size // least):
                duplicate(connection, copy, least)
        for turn in range(FETCHES + 1):
            now = _NOW + timedelta(days=turn + 1)
            reading = Reading(items=tuple(item(n) for n in range(-turn - 1, ITEMS - turn - 1)))
            began = time.perf_counter()
            report = ingest(store, "news", reading, now=now, rules=rules, scrutiny=DriftCheck.FULL)
            took.append(time.perf_counter() - began)
            assert report.added == 1, report
    return took[1:]  # the first one warms up


# ------------------------------------------------------------------ measuring


def measure(what: str, folder: str, turn: int) -> None:
    """Measure one thing in this process and print it as JSON."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found: dict[str, object]
    if what.isdecimal():
        seconds = statistics.median(fetches(int(what)))
        found = {"seconds": seconds, "rate": ITEMS / seconds}
    else:
        paths = sorted(Path(folder, "listings").iterdir())[turn::ROUNDS]
        if what == "layers":
            found = {**layers(paths)}
        else:
            kind, reader = READERS[what]
            paths = paths if kind == "listings" else list(Path(folder, kind).iterdir())
            reader(paths[:1]) if kind == "listings" else None
            held, began = peak(), time.process_time()
            count = reader(paths)
            found = {"rate": count / (time.process_time() - began), "more_mb": peak() - held}
    print(json.dumps({**found, "peak_mb": peak()}))


def peak() -> float:
    """Return the peak memory of this process, in MB."""
    status = Path("/proc/self/status")  # on Linux; what getrusage says there began with the parent's memory
    if status.exists():
        held = next(line for line in status.read_text(encoding="ascii").splitlines() if "VmHWM" in line)
        return int(held.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(what: str, folder: str, turn: int = 0) -> dict[str, float]:
    """Measure one thing in a process of its own."""
    command = [sys.executable, "-m", "bench.reading", "--one", what, folder, str(turn)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def compared(folder: str) -> dict[str, dict[str, object]]:
    """Run all readers in turn; return the median rates, and for each turn the ratio to each peer."""
    turns = [{name: measured(name, folder, turn) for name in READERS} for turn in range(ROUNDS)]
    found: dict[str, dict[str, object]] = {}
    for name, (kind, _) in READERS.items():
        middle = {key: statistics.median(turn[name][key] for turn in turns) for key in turns[0][name]}
        times = {
            peer: [turn[name]["rate"] / turn[peer]["rate"] for turn in turns]
            for peer in PEERS[kind]
            if name not in PEERS[kind]
        }
        found[name] = {**middle, "times": times}
    return found


def run(pages: int) -> dict[str, object]:
    """Make the input and measure everything."""
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
            "readers": compared(folder),
            "layers": measured("layers", folder),
            "ledgers": [{size: measured(str(size), folder) for size in LEDGERS} for _ in range(ROUNDS)],
        }


def table(report: Mapping[str, object]) -> Iterator[str]:
    """Return the results as text for the page."""
    readers, ledgers, versions = report["readers"], report["ledgers"], report["versions"]
    assert isinstance(readers, dict)
    assert isinstance(ledgers, list)
    assert isinstance(versions, dict)
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    yield f"{report['date']}, {report['machine']}, Python {report['python']}, {known}."
    yield f"{ROUNDS} turns, each with its part of the pages: median (least to most), within each turn."
    yield ""
    yield "| what | program | items a second | times a peer's rate | MB more while reading |"
    yield "|---|---|---|---|---|"
    whats = {"listings": f"{report['pages']} listings of {ITEMS} items", "feed": f"an Atom feed of {ENTRIES}"}
    for name, (kind, _) in READERS.items():
        found = readers[name]
        times = "; ".join(f"{spread(each, 2)} of {peer}" for peer, each in found["times"].items())
        yield f"| {whats[kind]} | {name} | {found['rate']:.0f} | {times} | {found['more_mb']:.0f} |"
    yield ""
    yield from _parts(report)
    yield ""
    yield from _by_size(ledgers)


def _by_size(turns: Sequence[Mapping[int, Mapping[str, float]]]) -> Iterator[str]:
    yield "| items in the ledger | taking in a page, ms | of the smaller one's time | peak memory, MB |"
    yield "|---|---|---|---|"
    for size in LEDGERS:
        took = spread([turn[size]["seconds"] * 1000 for turn in turns], 0)
        times = spread([turn[size]["seconds"] / turn[min(LEDGERS)]["seconds"] for turn in turns], 2)
        held = max(turn[size]["peak_mb"] for turn in turns)
        yield f"| {size} | {took} | {times} | {held:.0f} |"


def _parts(report: Mapping[str, object]) -> Iterator[str]:
    layers, readers, pages = report["layers"], report["readers"], report["pages"]
    assert isinstance(layers, dict)
    assert isinstance(readers, dict)
    assert isinstance(pages, int)
    count = len(range(0, pages, ROUNDS)) * ITEMS
    each = {name: layers[name] / count * 1e6 for name in ("extraction", "languages", "dates")}
    each["the rest"] = 1e6 / readers["sse-digest, whole reading"]["rate"] - sum(each.values())
    parts = ", ".join(f"{name} {took:.0f}" for name, took in each.items())
    yield f"Microseconds of a whole reading, for each item: {parts}."


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    arguments = parser.parse_args()
    if arguments.one:
        what, folder, turn = arguments.one
        measure(what, folder, int(turn))
        return
    report = run(arguments.pages)
    print(json.dumps(report, indent=2))
    if arguments.write:
        put("reading", table(report))


if __name__ == "__main__":
    main()
