"""Looking for published items: by words however they are written, by theme, newest first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sse_digest.feeds.search import SearchResult, find, read_items
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.odd import odd_items

ITEMS = [
    make_item(
        1, title="Coopératives de pêche", summary="Un atelier à Genève", language="fr", themes=("youth",)
    ),
    make_item(2, title="أخبار التعاونيات", language="ar", published=date(2023, 4, 18)),
    make_item(3, title="合作社新闻", language="zh", published=date(2023, 4, 19), place="Zürich"),
    make_item(4, title="Ｗide letters", published=None, themes=("other",)),
]


def published_in(documents: Mapping[str, bytes]) -> tuple[SearchResult, ...]:
    return read_items(documents, documents.__getitem__)


def titles(question: str, theme: str | None = None) -> list[str]:
    documents = documents_for(ITEMS, OPTIONS, TAG)
    return [item.title for item in find(published_in(documents), question, theme)]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("PECHE geneve", ["Coopératives de pêche"]),
        ("التعاونيات", ["أخبار التعاونيات"]),
        ("合作", ["合作社新闻"]),
        ("zurich", ["合作社新闻"]),
        ("wide", ["Ｗide letters"]),
        ("pêche zurich", []),
        ("youth", ["Coopératives de pêche"]),
        ("\ud83d", []),
    ],
)
def test_words_are_found_in_any_form_and_all_must_be_there(question: str, found: list[str]) -> None:
    assert titles(question) == found


def test_a_theme_without_words_gives_all_its_items_newest_first() -> None:
    assert titles("", "cooperatives") == ["合作社新闻", "أخبار التعاونيات"]
    assert titles("genève", "cooperatives") == []
    assert titles("", "no-such-theme") == []


def test_archived_items_are_found_and_an_edited_one_once_as_it_is_now() -> None:
    options = replace(OPTIONS, range_length=3, newest=2)
    items = [make_item(number, first_seen=NOON + timedelta(hours=number)) for number in range(8)]
    edited = [replace(items[0], title="Edited", updated=NOON + timedelta(days=9)), *items[1:]]
    published = published_in(documents_for(edited, options, TAG))

    assert len(published) == 8
    assert [item.title for item in published if item.id == TAG.item(items[0].id)] == ["Edited"]


@pytest.mark.slow
def test_whatever_is_published_can_be_searched() -> None:
    published = published_in(documents_for(odd_items(200), OPTIONS, TAG))

    assert len(published) == 200
    assert len(find(published, "x" * 5000, None)) < 200


def test_before_anything_is_published_nothing_is_found() -> None:
    assert published_in({}) == ()
