from datetime import date, timedelta

import pytest

from sse_digest.model.items import Evidence, Item, Precision, ThemeDecision
from sse_digest.settings.room_options import shipped_rules
from sse_digest.sources.ledger.review import ReviewFinding, ReviewReason, review
from tests.builders import NOON, make_item

RULES = shipped_rules()
NEEDED = RULES.needed
DAY = date(2023, 4, 19)


def decided(primary: str, **scores: float) -> ThemeDecision:
    themes = tuple(theme for theme, score in scores.items() if score >= NEEDED) or (primary,)
    evidence = tuple(
        Evidence(theme=theme, term="term x", field="title", weight=score) for theme, score in scores.items()
    )
    return ThemeDecision(themes=themes, primary=primary, evidence=evidence)


def found(*items: Item) -> list[tuple[ReviewReason, str]]:
    return [(one.doubt, one.command) for one in review(items, RULES)]


def test_an_item_that_nearly_has_a_theme_is_on_the_list_with_that_theme() -> None:
    item = make_item(decision=decided("other", youth=0.8 * NEEDED))
    (one,) = review([item], RULES)
    assert one == ReviewFinding(
        item_id=item.id,
        heading="Item number 1",
        doubt=ReviewReason.WEAK,
        why=f"youth has {0.8 * NEEDED:g} of the {NEEDED:g} that a theme needs",
        command=f"sse-digest items edit {item.id} --theme youth",
    )


def test_two_themes_that_are_nearly_level_are_told_with_all_themes_as_they_stand() -> None:
    item = make_item(decision=decided("youth", cooperatives=2 * NEEDED, youth=1.95 * NEEDED))
    assert found(item) == [
        (ReviewReason.TIE, f"sse-digest items edit {item.id} --theme youth --theme cooperatives")
    ]


@pytest.mark.parametrize(
    "decision",
    [
        decided("other"),
        decided("other", youth=0.5 * NEEDED),
        decided("youth", youth=NEEDED),
        decided("youth", youth=2 * NEEDED, cooperatives=1.5 * NEEDED),
    ],
)
def test_what_is_clear_is_not_on_the_list(decision: ThemeDecision) -> None:
    assert found(make_item(decision=decision)) == []


def test_what_an_editor_settled_or_took_out_is_not_on_the_list() -> None:
    weak = decided("other", youth=0.8 * NEEDED)
    assert found(make_item(decision=weak, edited=("themes",))) == []
    assert (
        found(make_item(decision=weak, hidden=True), make_item(2, decision=weak, merged_into="a" * 26)) == []
    )


def test_words_in_the_place_of_a_date_are_on_the_list() -> None:
    item = make_item(published=None, precision=Precision.NONE, date_text="31 April 2023")
    assert found(item) == [(ReviewReason.DATE, f"sse-digest items edit {item.id} --date YYYY-MM-DD")]
    assert found(make_item(published=None, precision=Precision.NONE)) == []


def test_items_that_may_be_one_are_told_once_the_earlier_one_first() -> None:
    title = "A boat of the cooperative comes in"
    late = make_item(1, title=title, published=DAY, first_seen=NOON + timedelta(days=1))
    early = make_item(2, title=title, published=DAY)
    assert found(late, early) == [(ReviewReason.DOUBLE, f"sse-digest items merge {early.id} {late.id}")]
    assert [
        doubt for doubt, _ in found(early, make_item(3, title=f"{title}!", published=date(2023, 5, 9)))
    ] == [ReviewReason.DOUBLE]


def test_items_of_a_series_a_translation_and_of_another_year_are_not_doubles() -> None:
    title = "A boat of the cooperative comes in"
    item = make_item(1, title=title, published=DAY)
    assert found(item, make_item(2, title=f"{title} 2", published=DAY)) == []
    assert found(item, make_item(2, title=title, published=DAY, language="fr")) == []
    assert found(item, make_item(2, title=title, published=date(2022, 4, 19))) == []
    assert found(item, make_item(2, title=title, published=None, precision=Precision.NONE)) == []
