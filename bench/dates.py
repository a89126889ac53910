"""Dates read a second, compared with dateparser on the table of the tests, as a ratio within one run.

`python bench/dates.py`, with the extra `bench`. Both read every line. Ours also refuses lines that are no
dates; dateparser does not, so only lines with the date of a single day count.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import dateparser

from sse_digest.sources.text.dates import _shape, read_date

TABLE = Path(__file__).parents[1] / "tests" / "sources" / "date_table.txt"
ROUNDS = 5
LEAST = 20


def lines() -> list[tuple[str, str, str]]:
    """Return language, day and words of every line of the table that is a single day."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return [(language, day, text) for language, day, text in rows if len(day) == len("2024-01-05")]


def ours(language: str, text: str) -> str | None:
    """Read one line as the program does, without a cached result."""
    del language  # ours reads all languages at once
    _shape.cache_clear()
    read = read_date(text)
    return read.published.isoformat() if read is not None and read.published is not None else None


def theirs(language: str, text: str) -> str | None:
    """Read one line with dateparser, which gets the language and guesses nothing."""
    found = dateparser.parse(text, languages=[language], settings={"STRICT_PARSING": True})
    return found.date().isoformat() if found is not None else None


def rate(read: Callable[[str, str], str | None], rows: list[tuple[str, str, str]]) -> float:
    """Return lines a second: the median of some rounds after one that is not counted."""
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        for language, _day, text in rows:
            read(language, text)
        seconds.append(time.perf_counter() - start)
    return len(rows) / statistics.median(seconds[1:])


def main() -> None:
    """Print as JSON the rates, the ratio, and how many lines each reads correctly and wrongly."""
    rows = lines()
    report: dict[str, object] = {"python": platform.python_version(), "dateparser": version("dateparser")}
    rates = {}
    for name, read in (("ours", ours), ("dateparser", theirs)):
        said = [(read(language, text), day) for language, day, text in rows]
        rates[name] = rate(read, rows)
        report[name] = {
            "lines a second": round(rates[name]),
            "right": sum(found == day for found, day in said),
            "wrong": sum(found not in {day, None} for found, day in said),
            "not read": sum(found is None for found, _ in said),
        }
    report["times as fast"] = round(rates["ours"] / rates["dateparser"], 1)
    print(json.dumps(report, indent=2))
    raise SystemExit(rates["ours"] < LEAST * rates["dateparser"])


if __name__ == "__main__":
    main()
