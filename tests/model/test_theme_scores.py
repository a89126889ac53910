import json
from collections.abc import Callable

import pytest

from sse_digest.errors import UsageError
from sse_digest.model.items import Evidence, ThemeDecision
from sse_digest.model.theme_scores import LabelledItem, parse_cases, score


def line(**changes: object) -> str:
    base = {
        "id": "i1",
        "title": "A title",
        "label": None,
        "summary": "A summary.",
        "language": "en",
        "themes": ["youth"],
        "primary": "youth",
    }
    return json.dumps({k: v for k, v in (base | changes).items() if v != "absent"})


def answer(**by_id: list[str]) -> Callable[[LabelledItem], ThemeDecision]:
    def decide(item: LabelledItem) -> ThemeDecision:
        themes = tuple(by_id[item.id])
        evidence = Evidence(theme=themes[0], term="term x", field="title", weight=3.0)
        return ThemeDecision(themes=themes, primary=themes[0], evidence=(evidence,))

    return decide


CASES = parse_cases(
    [
        line(id="a", themes=["youth", "cooperatives"], primary="youth"),
        line(id="b", themes=["cooperatives"], primary="cooperatives", language="fr"),
        "",
        line(id="c", themes=["other"], primary="other", language=None),
        line(id="d", themes=["cooperatives"], primary="cooperatives"),
    ]
)


def test_scores_count_primaries_per_item_and_themes_per_set() -> None:
    got = score(
        CASES, answer(a=["youth"], b=["cooperatives"], c=["cooperatives"], d=["cooperatives", "youth"])
    )

    assert got.items == 4
    assert got.primary_accuracy == 0.75
    assert (got.themes["youth"].precision, got.themes["youth"].recall) == (0.5, 1.0)
    assert (got.themes["cooperatives"].precision, got.themes["cooperatives"].recall) == (2 / 3, 2 / 3)
    assert (got.themes["other"].precision, got.themes["other"].recall) == (0.0, 0.0)
    assert got.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert got.languages == {"en": (2, 2), "fr": (1, 1), "und": (1, 0)}
    assert [entry.item.id for entry in got.disagreements] == ["a", "c", "d"]


def test_full_agreement_scores_one_and_lists_nothing() -> None:
    got = score(
        CASES, answer(a=["youth", "cooperatives"], b=["cooperatives"], c=["other"], d=["cooperatives"])
    )

    assert (got.primary_accuracy, got.macro_f1, got.disagreements) == (1.0, 1.0, ())


def test_a_theme_that_no_item_has_is_reported_but_left_out_of_the_mean() -> None:
    decide = answer(a=["youth", "cooperatives"], b=["cooperatives"], c=["other"], d=["other"])

    got = score(CASES, decide, themes=["care", "youth"])

    assert list(got.themes) == ["care", "youth", "cooperatives", "other"]
    assert got.themes["care"].precision == 1.0
    assert got.macro_f1 == score(CASES, decide).macro_f1


def test_no_items_give_no_score() -> None:
    got = score((), answer())

    assert (got.items, got.primary_accuracy, got.macro_f1) == (0, 0.0, 0.0)


def test_json_has_exactly_the_promised_keys() -> None:
    decide = answer(a=["youth"], b=["cooperatives"], c=["other"], d=["cooperatives"])

    data = json.loads(json.dumps(score(CASES, decide).to_json()))

    assert list(data) == ["items", "primary_accuracy", "macro_f1", "themes", "languages", "disagreements"]
    assert set(data["themes"]["youth"]) == {"precision", "recall"}
    assert data["languages"]["fr"] == {"items": 1, "right": 1}
    assert data["disagreements"] == [
        {
            "id": "a",
            "title": "A title",
            "language": "en",
            "expected": {"themes": ["youth", "cooperatives"], "primary": "youth"},
            "got": {"themes": ["youth"], "primary": "youth"},
            "evidence": [{"theme": "youth", "term": "term x", "field": "title", "weight": 3.0}],
        }
    ]


def test_a_line_is_read_with_its_label_as_kicker() -> None:
    (labelled,) = parse_cases([line(id=7, label="News", summary="", extra=[1])])
    (named,) = parse_cases([line(kicker="Opinion", label="absent")])

    assert labelled == LabelledItem(
        id="7",
        title="A title",
        kicker="News",
        summary=None,
        language="en",
        themes=("youth",),
        primary="youth",
    )
    assert named.kicker == "Opinion"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a JSON object"),
        (line(themes=[]), "'themes'"),
        (line(themes="youth"), "'themes'"),
        (line(themes=[1]), "'themes'"),
        (line(primary="other"), "'primary'"),
        (line(primary=["youth"]), "'primary'"),
        (line(id="absent"), "'id'"),
        (line(title=5), "'title'"),
        (line(summary=["x"]), "'summary'"),
        (line(), "also in line 1"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(bad: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"my\.jsonl, line 3") as caught:
        parse_cases([line(), "  ", bad], where="my.jsonl")

    assert said in str(caught.value)


def test_a_file_without_items_is_refused() -> None:
    with pytest.raises(UsageError, match="no labelled items"):
        parse_cases(["", "\n"])
