"""The same items give the same files, wherever and however often; a new item changes only what holds it."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.whole import publish

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import contextlib, locale, sys
from pathlib import Path
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
from sse_digest.rendering.fingerprint import program_mark
from tests.feeds.whole import publish_items
from tests.feeds.feeds import OPTIONS
from tests.feeds.odd import odd_items
items = odd_items(int(sys.argv[2]))
items = reversed(items) if sys.argv[3:] else items
print(len(publish_items(Path(sys.argv[1]), items, OPTIONS, program=program_mark()).asked))
"""
PLACES: tuple[Mapping[str, str], ...] = (
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "ar_EG.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4294967295"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "POSIX", "PYTHONHASHSEED": "77"},
)


def start(folder: Path, count: int, place: Mapping[str, str], *more: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(count), *more],
        stdout=subprocess.PIPE,
        env={**os.environ, **place, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )


def looked_into(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a publish, and give the number of items whose texts it needed."""
    told, _ = process.communicate()
    assert process.returncode == 0
    return int(told)


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "current").iterdir()
    }


@pytest.mark.slow
def test_the_same_items_give_the_same_bytes_and_times_everywhere(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    count = 10_000 if effort == "full" else 60
    one, other = tmp_path / "one", tmp_path / "other"
    assert looked_into(start(one, count, PLACES[0])) == count
    first = state(one)
    # Two processes at once in the same folder, the items in another order in one of them.
    together = [start(one, count, PLACES[1]), start(one, count, PLACES[2], "reversed")]
    assert [looked_into(process) for process in together] == [0, 0], "the record says that nothing changed"
    assert looked_into(start(other, count, PLACES[3])) == count

    assert state(one) == first
    assert {name: body for name, (body, _) in state(other).items()} == {
        name: body for name, (body, _) in first.items()
    }
    proof(
        "The same bytes everywhere",
        f"{count} items in {len(PLACES)} time zones, locales and hash seeds, two processes at once",
    )


def test_a_new_item_changes_only_the_documents_that_hold_it(tmp_path: Path) -> None:
    items = [
        make_item(
            number,
            themes=(("youth",), ("cooperatives",), ("other",))[number % 3],
            language=("en", "fr")[number % 2],
            published=date(2023, 4, 1 + number),
            first_seen=NOON + timedelta(hours=number),
            updated=NOON + timedelta(hours=number),
        )
        for number in range(24)
    ]
    options = replace(OPTIONS, range_length=10, newest=5)
    publish(tmp_path, documents_for(items[:-1], options, TAG))

    report = publish(tmp_path, documents_for(items, options, TAG))

    formats = ("atom", "html", "json", "rss")
    holders = ("all", "all.fr", "other", "other.fr")
    expected = {f"{feed}.{format_}" for feed in holders for format_ in formats} | {"all.2023-04.html"}
    assert set(report.changed) == expected
    assert report.unchanged > len(expected)
