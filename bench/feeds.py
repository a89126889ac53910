"""Publishing: documents a second compared with bare feedgen, the cost of one new item, memory, serving.

`python3 run.py bench feeds [--items N ...]`. A whole installation publishes the ledger, with validation,
into a folder. Each publish runs in a process of its own, so that its peak memory can be measured. Prints
JSON; `--write` also writes the tables.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from feedgen.feed import FeedGenerator

from bench.page import put, spread
from bench.serving import CONNECTIONS, missing, rates
from sse_digest.app import open_app
from sse_digest.feeds.ledger import open_ledger
from sse_digest.feeds.names import FORMATS
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.plan import batches_for
from sse_digest.model.items import Item, Precision, ThemeDecision
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.settings import load_settings
from sse_digest.store import open_store
from sse_digest.store.news.items import ItemKeys, row_of
from tests.options import feed_options

TAG = TagAuthority(authority="news.example.org", year=2023)
THEMES = tuple(f"theme-{number}" for number in range(9))
LANGUAGES = ("en", "fr", "es")
BIRTH = datetime(2015, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (10_000, 100_000)
ENTRIES = 50
CHANGED = 17  # documents: four feeds in four formats, and the page of the month
ROUNDS = 5
_ROWS = 1000  # in one statement


def item(number: int) -> Item:
    """Make one of many items, in the order in which they were first seen."""
    seen, theme = BIRTH + timedelta(minutes=20 * number), THEMES[number % len(THEMES)]
    return Item(
        id=f"{number:026d}".translate(str.maketrans("0189", "abcd")),
        source="bench",
        link=f"https://www.example.org/news/{number}",
        title=f"What members of cooperative number {number} decided together",
        summary="Prices, droughts and what members decide together, told by those who were there. " * 3,
        kicker="Interview",
        credit=None,
        section=None,
        place="Nairobi",
        language=LANGUAGES[number // len(THEMES) % len(LANGUAGES)],
        published=seen.date(),
        precision=Precision.DAY,
        date_text=None,
        first_seen=seen,
        updated=seen,
        group=str(number),
        decision=ThemeDecision(themes=(theme,), primary=theme),
    )


# ------------------------------------------------------------------ a whole installation


def make(folder: Path) -> None:
    """Make an installation without items."""
    folder.mkdir()
    lines = [
        'organisation = "Example"',
        'public_url = "https://news.example.org"',
        'secret_keys = ["0123456789abcdefghijklmnopqrstuvwxyzABCDEF"]',
        f'[database]\nurl = "sqlite:///{folder}/ledger.db"',
        f'[feeds]\nfolder = "{folder}/feeds"',
    ]
    for rank, theme in enumerate(THEMES):
        labels = ", ".join(f'{language} = "{theme} ({language})"' for language in LANGUAGES)
        lines.append(f"[themes.{theme}]\nrank = {rank}\nlabels = {{ {labels} }}")
        lines.append(f'[themes.{theme}.terms.any]\n"{theme}" = "its name"')
    (folder / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def fill(folder: Path, first: int, count: int) -> None:
    """Put items into the ledger of an installation."""
    with open_store(f"sqlite:///{folder}/ledger.db") as store, store.writing() as connection:
        for begin in range(first, first + count, _ROWS):
            numbers = range(begin, min(begin + _ROWS, first + count))
            rows = [row_of(item(one), _keys(one)) for one in numbers]
            connection.insert("items", *rows)


def _keys(number: int) -> ItemKeys:
    return ItemKeys(
        source_item_id=None, canonical=f"https://www.example.org/news/{number}", link_number=None, heading="x"
    )


async def publish(folder: Path) -> dict[str, float]:
    """Publish an installation; return what that took of this process."""
    with open_app(load_settings(folder / "config.toml"), lambda: NOW) as app:
        began, busy = time.perf_counter(), time.process_time()
        built = (await app.publish()).built
        return {
            "seconds": time.perf_counter() - began,
            "cpu_s": time.process_time() - busy,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "documents": len(built.changed) + built.unchanged,
            "changed": len(built.changed),
        }


def in_its_own_process(*arguments: str) -> dict[str, float]:
    """Run one function in a new process."""
    command = [sys.executable, "-m", "bench.feeds", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout or b"{}"))


def growth(root: Path, size: int) -> dict[str, list[dict[str, float]]]:
    """Publish this many items, then the same again, then one more each time."""
    folder = root / str(size)
    make(folder)
    in_its_own_process("--fill", str(folder), "0", str(size))
    publishing = ("--publish", str(folder))
    found = {"full": [in_its_own_process(*publishing)], "nothing new": [in_its_own_process(*publishing)]}
    found["one more"] = []
    for turn in range(ROUNDS):
        in_its_own_process("--fill", str(folder), str(size + turn), "1")
        found["one more"].append(in_its_own_process(*publishing))
    assert {one["changed"] for one in found["one more"]} == {CHANGED}
    shutil.rmtree(folder)
    return found


# ------------------------------------------------------------------ documents, one by one


def drafted() -> tuple[list[PendingDocuments], dict[str, Item]]:
    """Return the planned feeds of each theme in each language, with 50 entries each, and the items."""
    held = {one.id: one for one in map(item, range(len(LANGUAGES) * len(THEMES) * ENTRIES))}
    options = feed_options(
        folder=Path("feeds"),
        public_url="https://news.example.org",
        title="News",
        subtitle="News",
        author="Example",
        language="en",
        themes={theme: {"en": theme} for theme in THEMES},
        newest=ENTRIES,
    )
    ledger = open_ledger(held.values(), len(held) + 1)
    names = {f"{theme}.{language}." for theme in THEMES for language in LANGUAGES}
    drafts = [draft for batch in batches_for(ledger, options, TAG) for draft in batch()]
    return [one for one in drafts if one.names[0].rpartition(".")[0] + "." in names], held


def ours(drafts: Sequence[PendingDocuments], held: Mapping[str, Item]) -> float:
    """Return how many documents the program writes a second, from stored items to bytes."""
    began, count = time.process_time(), 0
    for draft in drafts:
        count += len(draft.write(held))
    assert count == len(LANGUAGES) * len(THEMES) * len(FORMATS)
    return count / (time.process_time() - began)


def bare(held: Mapping[str, Item]) -> float:
    """Return how many Atom documents with as many entries feedgen alone writes a second."""
    items, began, count = list(held.values())[:ENTRIES], time.process_time(), 20
    for _ in range(count):
        feed = FeedGenerator()
        feed.id("tag:x")
        feed.title("x")
        for one in items:
            entry = feed.add_entry(order="append")
            entry.id(one.id)
            entry.title(one.title)
            entry.summary(one.summary)
            entry.link(href=one.link)
            entry.updated(one.updated)
        feed.atom_str()
    return count / (time.process_time() - began)


# ------------------------------------------------------------------ the report


def run(sizes: Sequence[int]) -> dict[str, Any]:
    """Measure everything."""
    drafts, held = drafted()
    written = [(ours(drafts, held), bare(held)) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        served: Mapping[str, list[float]] = {}
        if not missing():
            make(root / "served")
            in_its_own_process("--fill", str(root / "served"), "0", "200")
            in_its_own_process("--publish", str(root / "served"))
            config = root / "served" / "config.toml"
            root.chmod(0o755)
            served = rates(config, load_settings(config).feed_options(), ROUNDS)
        grown = {str(size): growth(root, size) for size in sizes}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "feedgen": version("feedgen"),
        "written": written,
        "grown": grown,
        "served": served,
        "missing": missing(),
    }


def table(report: Mapping[str, Any]) -> Iterator[str]:
    """Return the report as lines of the page of results."""
    yield (
        f"{report['date']}, {report['machine']}, Python {report['python']}, feedgen {report['feedgen']};"
        " median (least to most)."
    )
    written = report["written"]
    yield ""
    yield (
        f"3 languages, 9 themes, 4 formats of {ENTRIES} entries: {spread([one for one, _ in written], 0)}"
        f" documents a second of the processor; bare feedgen {spread([one for _, one in written], 0)};"
        f" ratio {spread([one / other for one, other in written], 2)}."
    )
    yield ""
    yield (
        "| items | documents | full build, s (of the processor) | one item more, s; of the processor"
        " | of a full build | of its processor time | nothing new, s | peak memory, MB: full, one more |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for size, found in report["grown"].items():
        (full,), (same,), more = found["full"], found["nothing new"], found["one more"]
        took, busy = ([one[what] for one in more] for what in ("seconds", "cpu_s"))
        yield (
            f"| {size} | {full['documents']} | {full['seconds']:.0f} ({full['cpu_s']:.0f}) |"
            f" {spread(took, 1)}; {spread(busy, 1)} |"
            f" {spread([one / full['seconds'] for one in took], 3)} |"
            f" {spread([one / full['cpu_s'] for one in busy], 3)} |"
            f" {same['seconds']:.1f} | {full['peak_mb']:.0f}, {max(one['peak_mb'] for one in more):.0f} |"
        )
    if len(report["grown"]) > 1:
        peaks = [max(one["peak_mb"] for one in chain(*found.values())) for found in report["grown"].values()]
        yield ""
        yield f"Peak memory of the largest, times that of the smallest: {peaks[-1] / peaks[0]:.2f}."
    yield ""
    yield from _served(report)


def _served(report: Mapping[str, Any]) -> Iterator[str]:
    if not report["served"]:
        yield f"Not measured: serving, for want of {report['missing']}."
        return
    yield f"| {CONNECTIONS} connections, one process each | answers a second | of nginx |"
    yield "|---|---|---|"
    for kind in ("304", "200"):
        nginx = report["served"][f"nginx, {kind}"]
        own = report["served"][f"sse-digest serve, {kind}"]
        parts = [one / other for one, other in zip(own, nginx, strict=True)]
        yield f"| sse-digest serve, {kind} | {spread(own, 0)} | {spread(parts, 2)} |"
        yield f"| nginx, {kind} | {spread(nginx, 0)} |  |"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=SIZES)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument("--fill", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--publish", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.fill:
        folder, first, count = arguments.fill
        fill(Path(folder), int(first), int(count))
    elif arguments.publish:
        print(json.dumps(asyncio.run(publish(Path(arguments.publish)))))
    else:
        report = run(arguments.items)
        print(json.dumps(report, indent=2))
        if arguments.write:
            put("feeds", table(report))


if __name__ == "__main__":
    main()
