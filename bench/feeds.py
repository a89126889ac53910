"""Publishing: documents a second, beside bare feedgen; what one new item costs; peak memory.

`python bench/feeds.py [ITEMS ...]`. Each number of items is measured in a process of its own; prints JSON.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from feedgen.feed import FeedGenerator

from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.plan import documents_for
from sse_digest.feeds.publish import publish, published_body, take_turn
from sse_digest.feeds.rules import approve
from sse_digest.model.items import Item, Precision, ThemeDecision
from sse_digest.model.tags import TagAuthority

TAG = TagAuthority(authority="news.example.org", year=2023)
THEMES = tuple(f"theme-{number}" for number in range(9))
LANGUAGES = ("en", "fr", "es")
BIRTH = datetime(2015, 1, 1, tzinfo=UTC)
SIZES = ("1000", "10000")


def item(number: int) -> Item:
    """Make one of many items, in the order of first sight."""
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
        published=date(2015, 1, 1) + timedelta(minutes=20 * number),
        precision=Precision.DAY,
        date_text=None,
        first_seen=seen,
        updated=seen,
        group=str(number),
        decision=ThemeDecision(themes=(theme,), primary=theme),
    )


def timed(work: Callable[[], object]) -> float:
    """Give the seconds some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare(items: list[Item]) -> float:
    """Give the seconds feedgen alone takes for an Atom feed of these items."""

    def work() -> bytes:
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
        return bytes(feed.atom_str())

    return timed(work)


def measure(count: int) -> dict[str, float]:
    """Publish so many items, then one more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = FeedOptions(
            folder=folder,
            public_url="https://news.example.org",
            title="News",
            subtitle="News",
            author="Example",
            language="en",
            themes={theme: {"en": theme} for theme in THEMES},
        )
        items = [item(number) for number in range(count + 1)]
        now = items[-1].first_seen + timedelta(days=1)
        known = {TAG.item(one.id) for one in items}
        documents: dict[str, bytes] = {}

        def build(some: list[Item]) -> None:
            documents.clear()
            documents.update(documents_for(some, options, TAG, kept=()))

        def check() -> None:
            approve(documents, partial(published_body, folder), known, now=now)

        rendered, checked = timed(lambda: build(items[:-1])), timed(check)

        def swap() -> None:
            with take_turn(folder) as turn:
                publish(turn, documents)

        swapped = timed(swap)
        again = timed(lambda: build(items)) + timed(check) + timed(swap)
        full = rendered + checked + swapped
        return {
            "items": count,
            "documents": len(documents),
            "documents_a_second": len(documents) / rendered,
            "render_s": rendered,
            "gate_s": checked,
            "swap_s": swapped,
            "one_more_of_a_full_build": again / full,
            "bare_feedgen_of_50_entries_ms": bare(items[:50]) * 1000,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def main() -> None:
    """Measure each size in a process of its own."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.feeds", "--one", size], check=True, capture_output=True
            ).stdout
        )
        for size in sys.argv[1:] or SIZES
    ]
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
