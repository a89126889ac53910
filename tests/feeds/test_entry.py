"""An item becomes an entry that every format can show."""

from dataclasses import replace
from datetime import date

import pytest

from sse_digest.feeds.entry import label_of, make_entry
from sse_digest.feeds.model import Entry
from sse_digest.model.items import Precision
from tests.builders import NOON, make_item
from tests.feeds.feeds import OPTIONS, TAG


def entry_of(**changes: object) -> Entry:
    return make_entry(make_item(1, **changes), updated=NOON, options=OPTIONS, tag=TAG)


def test_the_id_is_the_items_tag_uri() -> None:
    item = make_item()

    assert (
        make_entry(item, updated=NOON, options=OPTIONS, tag=TAG).id
        == f"tag:news.example.org,2023:item/{item.id}"
    )


@pytest.mark.parametrize("link", [None, "", "javascript:alert(1)", "/relative"])
def test_an_item_without_a_usable_link_points_to_its_place_on_our_page(link: str | None) -> None:
    entry = entry_of(link=link)

    assert entry.link is None
    assert entry.url == f"https://news.example.org/feeds/all.2023-04.html#{entry.anchor}"


def test_a_link_with_blanks_and_letters_of_other_alphabets_is_encoded() -> None:
    assert entry_of(link="https://a.example/a b/é").url == "https://a.example/a%20b/%C3%A9"


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": None, "summary": "Only a summary."}, "Only a summary."),
        ({"title": "\x00\u200b", "summary": "Only a summary."}, "Only a summary."),
        ({"title": None, "summary": "word " * 40}, "word " * 14 + "word…"),
    ],
)
def test_an_item_without_a_title_is_headed_by_its_beginning(changes: dict[str, object], title: str) -> None:
    assert entry_of(**changes).title == title


def test_an_item_without_any_words_is_headed_by_its_id() -> None:
    entry = entry_of(title=None, summary=None)

    assert entry.title == make_item().id
    assert entry.text == entry.title


def test_the_text_begins_with_the_sources_words_where_the_date_does_not_say_them() -> None:
    entry = entry_of(published=date(1919, 5, 3), date_text="3 May 1919, Geneva", summary="A summary.")

    assert entry.text == "3 May 1919, Geneva — A summary."
    assert (entry.published, entry.day, entry.dated) == (None, None, NOON)


def test_the_text_may_be_the_words_of_a_date_alone() -> None:
    assert (
        entry_of(published=None, precision=Precision.NONE, date_text="spring", summary=None).text == "spring"
    )


def test_kicker_and_themes_are_categories_with_scheme_and_label() -> None:
    entry = entry_of(kicker="Video", themes=("youth", "cooperatives"))

    assert [(category.scheme, category.term, category.label) for category in entry.categories] == [
        ("tag:news.example.org,2023:kicker", "Video", "Video"),
        ("tag:news.example.org,2023:theme", "youth", "Youth"),
        ("tag:news.example.org,2023:theme", "cooperatives", "Cooperatives"),
    ]


def test_a_label_is_in_the_feeds_language_else_the_first_else_the_key() -> None:
    french = replace(OPTIONS, language="fr")

    assert label_of("cooperatives", french) == "Coopératives"
    assert label_of("youth", french) == "Youth"
    assert label_of("gone", french) == "gone"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "en"),
        ("fr", "fr"),
        ("pt-BR", "pt-BR"),
        (None, None),
        ("", None),
        ("English", None),
        ("q!", None),
    ],
)
def test_a_language_that_readers_do_not_know_is_not_claimed(
    language: str | None, expected: str | None
) -> None:
    assert entry_of(language=language).language == expected
