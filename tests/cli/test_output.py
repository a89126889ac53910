"""Reports as JSON and as words."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sse_digest.cli.output import counted, emit, json_of, table, warn
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


def test_nothing_from_outside_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b]0;owned\x07\x1b[2J b\x9b31m\x7f c\u202ed\r\n\te"
    emit({"title": hostile}, [hostile], as_json=False)
    emit({"title": hostile}, [], as_json=True)
    warn(hostile)

    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert said.out.startswith("a\\u001b]0;owned\\u0007\\u001b[2J b\\u009b31m\\u007f c\\u202ed\\u000d\n\te\n")
    assert json.loads(said.out.partition("e\n")[2])["title"] == hostile
