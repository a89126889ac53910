from collections.abc import Mapping
from typing import Any

import pytest

from sse_digest.errors import SettingsError
from sse_digest.model.theme_rules import parse_rules
from sse_digest.model.themes import decide

OTHER = {"fallback": True, "labels": {"en": "Other", "fr": "Autres"}}


def document(**theme: object) -> dict[str, Any]:
    base = {"rank": 1, "labels": {"en": "Bees"}, "terms": {"en": {"bee": "the animal"}}}
    return {"themes": {"bees": base | theme, "other": OTHER}}


def problems_of(*documents: Mapping[str, object]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        parse_rules(list(documents), where=[f"doc{n}" for n in range(len(documents))])
    assert caught.value.exit_code == 2
    return caught.value.problems


def themes_of(title: str, *documents: Mapping[str, object]) -> tuple[str, ...]:
    rules = parse_rules(list(documents), where="doc")
    return decide(rules, title=title, kicker=None, summary=None, language="en").themes


def test_one_document_gives_its_themes_with_the_fallback_last() -> None:
    rules = parse_rules(document(), where="doc")

    assert [theme.key for theme in rules.themes] == ["bees", "other"]
    assert rules.fallback.key == "other"
    theme = rules.theme("other")
    assert theme is not None
    assert (theme.label("fr"), theme.label("de")) == ("Autres", "Other")
    assert rules.theme("wasps") is None


def test_a_later_document_adds_changes_and_takes_away() -> None:
    extra = {"themes": {"bees": {"terms": {"en": {"honey": "what they make"}}, "labels": {"fr": "Abeilles"}}}}
    weak = {"themes": {"bees": {"terms": {"en": {"bee": {"weight": 0.5}}}}}}
    off = {"themes": {"bees": {"terms": {"en": {"bee": {"off": True}}}}}}

    assert themes_of("honey", document(), extra) == ("bees",)
    assert themes_of("a bee", document(), extra) == ("bees",)
    assert themes_of("a bee", document(), weak) == ("other",)
    assert themes_of("a bee", document(), off) == ("other",)
    assert themes_of("a bee", document(), off, document()) == ("bees",)


def test_a_term_with_options_counts_as_they_say() -> None:
    exact = document(terms={"en": {"BEE": {"why": "an acronym", "case": True}}})
    elsewhere = document(terms={"en": {"bee": {"why": "the animal", "fields": ["summary"]}}})

    assert themes_of("BEE", exact) == ("bees",)
    assert themes_of("a bee", exact) == ("other",)
    assert themes_of("a bee", elsewhere) == ("other",)


def test_organisations_speak_for_a_theme_together() -> None:
    bodies = {
        "one": {"names": ["ABC", "Alpha Bees"], "why": "a club"},
        "two": {"names": ["XYZ"], "why": "a club"},
    }
    rules = document(bodies=bodies, joiners={"en": {"and": "both"}})

    assert themes_of("alpha bees and XYZ", rules) == ("bees",)
    assert themes_of("Alpha Bees and ABC", rules) == ("other",)
    assert themes_of("abc and XYZ", rules) == ("other",)


def test_every_problem_of_every_document_is_told_with_its_path() -> None:
    first = document(
        rank="high",
        colour="red",
        terms={"en": {"bee": "", "(bee": "x", "wasp": 5, "fly": {"why": "x", "weigth": 2}}, "english": {}},
    )
    second = {
        "themes": {
            "Bees!": {},
            "wasps": {"terms": {"en": {"wasp": {"why": "x", "weight": float("nan"), "fields": ["body", 1]}}}},
            "bees": {"terms": {"en": {"hornet": {"off": True}}}, "labels": {"fr": " ", "french": "Abeilles"}},
        },
        "theme": {},
    }

    problems = problems_of(first, second)

    expected = [
        "doc0: themes.bees.rank must be a whole number",
        "doc0: themes.bees.colour is not known",
        "doc0: themes.bees.terms.en.\"bee\" needs a line 'why'",
        'doc0: themes.bees.terms.en."(bee" has an alternative',
        'doc0: themes.bees.terms.en."wasp" must be text',
        'doc0: themes.bees.terms.en."fly".weigth is not known',
        "doc0: themes.bees.terms.english is not a language",
        "doc1: theme is not known here",
        "doc1: themes.Bees! is not a theme name",
        'doc1: themes.wasps.terms.en."wasp".weight must be a number',
        "doc1: themes.wasps.terms.en.\"wasp\".fields 'body' is not a field",
        'doc1: themes.bees.terms.en."hornet" is switched off',
        "doc1: themes.bees.labels.fr needs text",
        "doc1: themes.bees.labels.french is not a language",
        "doc0: themes.bees.rank is missing",
        "doc1: themes.wasps.labels.en is missing",
        "doc1: themes.wasps.rank is missing",
    ]
    assert [start for start in expected if not any(problem.startswith(start) for problem in problems)] == []
    assert len(problems) == len(expected)


@pytest.mark.parametrize(
    ("theme", "said"),
    [
        ({"rank": True}, "rank must be a whole number"),
        ({"over_series": 1}, "over_series must be true or false"),
        ({"labels": "Bees"}, "labels must be a table"),
        ({"terms": {"en": []}}, "terms.en must be a table"),
        ({"terms": {"en": {"bee": {"why": 3}}}}, '"bee".why must be text'),
        ({"terms": {"en": {"bee": {"why": "x", "fields": "title"}}}}, "fields must be a list"),
        ({"terms": {"en": {"bee": {"why": "x", "fields": [1]}}}}, "1 is not text"),
        ({"terms": {"en": {"bee": {"why": "x", "weight": True}}}}, "weight must be a number"),
        ({"bodies": {"club": {"why": "x"}}}, "needs 'names'"),
        ({"bodies": {"club": {"why": "x", "names": ["("]}}}, "'(' has an alternative"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told(theme: dict[str, Any], said: str) -> None:
    assert said in problems_of(document(**theme))[0]


def test_rules_that_are_no_table_are_told() -> None:
    assert "themes must be a table" in problems_of({"themes": 5})[0]


def test_exactly_one_theme_is_the_fallback() -> None:
    two = {"themes": {"a": OTHER, "b": OTHER}}
    none = {"themes": {"bees": document()["themes"]["bees"]}}

    assert "those that have it: a, b" in problems_of(two)[0]
    assert "those that have it: none" in problems_of(none)[0]
    assert "exactly one" in problems_of({})[0]


def test_the_fallback_has_no_terms() -> None:
    wrong = {"themes": {"other": OTHER | {"terms": {"en": {"bee": "x"}}}}}

    assert "is the fallback and has terms" in problems_of(wrong)[0]
