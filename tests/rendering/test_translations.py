from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import SseDigestError
from sse_digest.model.items import Precision
from sse_digest.rendering.translations import LANGUAGES, direction_of, load, nearest, own_name, read_catalogue

NINETEENTH = date(2023, 4, 19)


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("en", "19 April 2023", "April 2023"),
        ("fr", "19 avril 2023", "avril 2023"),
        ("es", "19 de abril de 2023", "abril de 2023"),
        ("ar", "19 أبريل 2023", "أبريل 2023"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language: str, day: str, month: str) -> None:
    catalogue = load(language)

    assert catalogue.date(NINETEENTH) == day
    assert catalogue.date(NINETEENTH, Precision.MONTH) == month


def test_the_first_of_a_month_is_an_ordinal_in_french_only() -> None:
    first = date(2023, 5, 1)

    assert load("fr").date(first) == "1er mai 2023"
    assert load("fr").date(date(2023, 5, 11)) == "11 mai 2023"
    assert load("en").date(first) == "1 May 2023"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_that_is_not_known_is_not_written(language: str) -> None:
    assert load(language).date(None) == ""
    assert load(language).date(NINETEENTH, Precision.NONE) == ""


@pytest.mark.parametrize(
    ("number", "beginning"),
    [
        (0, "لا أخبار"),
        (1, "خبر واحد"),
        (2, "خبران"),
        (3, "%(number)s أخبار"),
        (11, "%(number)s خبرًا"),
        (100, "%(number)s خبر "),
    ],
)
def test_arabic_has_six_plural_forms(number: int, beginning: str) -> None:
    text = load("ar").ngettext(
        "%(number)s news item from %(period)s: %(themes)s.",
        "%(number)s news items from %(period)s: %(themes)s.",
        number,
    )

    assert text.startswith(beginning)


def test_french_counts_none_as_one() -> None:
    one = "%(number)s news item from %(period)s: %(themes)s."
    many = "%(number)s news items from %(period)s: %(themes)s."

    assert load("fr").ngettext(one, many, 0) == load("fr").ngettext(one, many, 1)
    assert load("en").ngettext(one, many, 0) == many


@pytest.mark.parametrize(
    ("asked", "default", "given"),
    [
        ("fr", "en", "fr"),
        ("fr-CA", "en", "fr"),
        ("AR_eg", "en", "ar"),
        ("de", "es", "es"),
        ("", "fr", "fr"),
        (None, "fr", "fr"),
        ("../en", "ar", "ar"),
        ("xx", "yy", "en"),
    ],
)
def test_a_language_that_is_not_offered_falls_back(asked: str | None, default: str, given: str) -> None:
    assert load(asked, default=default).language == given


def test_a_catalogue_knows_its_direction_and_sides() -> None:
    assert [
        (load(language).direction, load(language).start, load(language).end) for language in ("en", "ar")
    ] == [
        ("ltr", "left", "right"),
        ("rtl", "right", "left"),
    ]


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("he", "rtl"),
        ("ur-PK", "rtl"),
        ("zh_Hant", "ltr"),
        ("de", "ltr"),
        ("nonsense tag", None),
        ("", None),
        (None, None),
    ],
)
def test_the_direction_of_a_language_is_known_or_not(tag: str | None, direction: str | None) -> None:
    assert direction_of(tag) == direction


def test_languages_are_named_in_the_readers_language() -> None:
    assert load("en").language_name("fr") == "French"
    assert load("ar").language_name("fr") == "الفرنسية"
    assert load("en").language_name("zh-Hans") == "Chinese (Simplified)"
    assert load("en").language_name("no such language") == "no such language"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "a, b and c"), ("fr", "a, b et c"), ("es", "a, b y c"), ("ar", "a وb وc")],
)
def test_words_are_listed_as_in_a_sentence(language: str, sentence: str) -> None:
    assert load(language).listing(["a", "b", "c"]) == sentence
    assert load(language).listing(["a"]) == "a"
    assert load(language).listing([]) == ""


def test_a_message_without_a_translation_stays_english() -> None:
    assert load("ar").gettext("never translated") == "never translated"


@given(st.text())
def test_no_tag_from_outside_makes_a_lookup_raise(tag: str) -> None:
    assert nearest(tag) in LANGUAGES
    assert direction_of(tag) in {"ltr", "rtl", None}
    assert isinstance(load("fr").language_name(tag), str)


@pytest.mark.parametrize("content", [None, b"msgid nonsense\n", b'msgid "\xff"\nmsgstr ""\n'])
def test_a_damaged_catalogue_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SseDigestError, match=r"messages\.po cannot be read"):
        read_catalogue("en", tmp_path)


@pytest.mark.parametrize(
    ("tag", "name"),
    [("zh", "中文"), ("ar", "العربية"), ("fr-ca", "français (Canada)"), ("und", "und"), ("xx", "xx")],
)
def test_a_language_is_named_as_its_readers_name_it(tag: str, name: str) -> None:
    assert own_name(tag) == name
