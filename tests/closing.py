"""The summary at the end of a test run: minutes and coverage of each room, and what was not tested.

`run.py test` runs this program after the tests; pytest alone prints the same through conftest.
Standard library only.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

GATED = ("model", "sources", "feeds", "digest", "delivery", "store")  # rooms that need this coverage
BAR_PERCENT = 95.0


class Tests(NamedTuple):
    """The tests of one room."""

    number: int = 0
    seconds: float = 0.0  # set-up, call and tear-down together


class Counts(NamedTuple):
    """What coverage counted in one room."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def percents(self) -> tuple[float, float]:
        """Return the percentages of lines and branches that ran; 100 if there are none."""
        return (
            100 * self.lines_run / self.lines if self.lines else 100.0,
            100 * self.branches_run / self.branches if self.branches else 100.0,
        )

    def is_low(self) -> bool:
        """Return whether the coverage of lines or branches is too low."""
        return min(self.percents()) < BAR_PERCENT


def by_room(sums: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, Counts]:
    """Add up the files of coverage's JSON report; a module at the top is a room of its own."""
    rooms: dict[str, Counts] = {}
    for name, file in sums.items():
        room = Path(name.partition("sse_digest/")[2]).parts[0].removesuffix(".py")
        told = file["summary"]
        new = (told["num_statements"], told["covered_lines"], told["num_branches"], told["covered_branches"])
        rooms[room] = Counts(*(a + b for a, b in zip(rooms.get(room, Counts()), new, strict=True)))
    return rooms


def rooms_table(tests: Mapping[str, Tests], coverage: Mapping[str, Counts]) -> list[str]:
    """Return a table of tests, minutes and, if measured, coverage by room."""
    head = f"{'room':14}{'tests':>7}{'minutes':>9}" + (f"{'lines':>10}{'branches':>10}" if coverage else "")
    table = [head]
    for room in sorted({*tests, *coverage}):
        count, seconds = tests.get(room, Tests())
        line = f"{room:14}{count:7}{seconds / 60:9.2f}"
        if room in coverage:
            line += "".join(f"{percent:8.1f} %" for percent in coverage[room].percents())
            line += f"  under {BAR_PERCENT:.0f} %" if room in GATED and coverage[room].is_low() else ""
        table.append(line)
    count = sum(room.number for room in tests.values())
    seconds = sum(room.seconds for room in tests.values())
    return [*table, f"{'together':14}{count:7}{seconds / 60:9.2f}"]


def not_tested(needs: Mapping[str, int], absent: Mapping[str, str]) -> list[str]:
    """Return the list of what was not tested; empty if nothing was missing.

    Args:
        needs: what tests lacked, and how many tests lacked it.
        absent: system packages that could not be installed, and why they are needed.
    """
    if not needs and not absent:
        return []
    lines = ["NOT TESTED ON THIS MACHINE"]
    lines += [
        f"  {count} test{'s' * (count != 1)} skipped: needs {need}" for need, count in sorted(needs.items())
    ]
    return [*lines, *(f"  {name} is absent: {why}" for name, why in sorted(absent.items()))]


def main(report: Path, sums: Path) -> int:
    """Print the summary; return 1 if a room has too little coverage, else 0."""
    if not report.exists():  # pytest ran no tests and has printed why
        return 1
    told = json.loads(report.read_text(encoding="utf-8"))
    coverage = by_room(json.loads(sums.read_text(encoding="utf-8"))["files"]) if sums.exists() else {}
    tests = {room: Tests(*values) for room, values in told["rooms"].items()}
    print("\n" + "\n".join(rooms_table(tests, coverage)))
    low = [room for room in GATED if room in coverage and coverage[room].is_low()]
    if low:
        print(f"\nCoverage is below {BAR_PERCENT:.0f} % in {', '.join(low)}. To see where:")
        print(f"  COVERAGE_FILE={sums.with_suffix('') / 'data'} .venv/bin/coverage report -m --skip-covered")
    block = not_tested(told["needs"], json.loads(os.environ.get("SSE_TEST_ABSENT", "{}")))
    is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in ["", *block] if block else []:
        print(f"\033[1;31m{line}\033[0m" if is_coloured else line)
    return int(bool(low))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
