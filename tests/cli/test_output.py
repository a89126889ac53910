"""Reports as JSON and as words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sse_digest.cli.output import counted, json_of, table
from sse_digest.model.deliveries import State
from sse_digest.model.issues import Period


@dataclass(frozen=True, slots=True)
class Inner:
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    states: dict[State, int]
    inner: tuple[Inner, ...]
    period: Period
    folder: Path
    day: date | None


def test_a_report_is_json_by_its_fields() -> None:
    report = Report(
        states={State.IN_DOUBT: 2},
        inner=(Inner(datetime(2023, 5, 1, 8, tzinfo=UTC)),),
        period=Period(2023, 4),
        folder=Path("a/b"),
        day=None,
    )

    assert json_of(report) == {
        "states": {"in_doubt": 2},
        "inner": [{"at": "2023-05-01T08:00:00+00:00"}],
        "period": "2023-04",
        "folder": "a/b",
        "day": None,
    }


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2, ("row",), "2 rows"),
        (1, ("delivery", "deliveries"), "1 delivery"),
        (3, ("delivery", "deliveries"), "3 deliveries"),
    ],
)
def test_a_noun_agrees_with_its_number(count: int, words: tuple[str, ...], said: str) -> None:
    assert counted(count, *words) == said


def test_cells_stand_in_columns() -> None:
    assert table([("a", 1), ("long", 22)]) == ["a     1", "long  22"]
