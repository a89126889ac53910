"""Any text becomes text that XML, readers and validators accept, and looks as before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sse_digest.feeds.xml_text import clean, isolated, unambiguous

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ("a\x00b\x08c", "abc"),
        ("line\r\nline\tend\x0b ", "line line end"),
        ("\x85next\u2028line", "next line"),
        ("\ud83d\ude00", "😀"),
        ("lone \ud83d half", "lone half"),
        ("lost \ufffd sign", "lost sign"),
        ("\ufffe\uffff\U0001ffff\ufdd0", ""),
        ("\u202eevil\u202c", "evil"),
        ("\u2067left open", "left open"),
        ("« fin »", "« fin »"),
        ("\u200b\u2060", ""),
        ("   ", ""),
    ],
)
def test_text_is_made_clean(text: str | None, expected: str) -> None:
    assert clean(text) == expected


@given(ANY)
def test_clean_text_can_stand_in_xml_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    element = etree.Element("a")
    element.text = cleaned

    assert (etree.fromstring(etree.tostring(element, encoding="utf-8")).text or "") == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", "a < b"),
        ("</b>", "<\u2060/b>"),
        ("AT&T", "AT&T"),
        ("Ã©tude", "Ã\u2060©tude"),
        ("ÂME", "ÂME"),
    ],
)
def test_only_what_would_be_mistaken_gets_a_joiner(text: str, expected: str) -> None:
    assert unambiguous(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("ILO news", "en", "ILO news"),
        ("Coopératives", "fr", "Coopératives"),
        ("أخبار اليوم", "ar", "أخبار اليوم"),
        ("أخبار ILO", "ar", "\u2067أخبار ILO\u2069"),
        ("Newspaper الأهرام", "en", "\u2066Newspaper الأهرام\u2069"),
        ("שלום ILO", None, "\u2068שלום ILO\u2069"),
    ],
)
def test_text_of_mixed_direction_is_isolated_in_its_language(
    text: str, language: str | None, expected: str
) -> None:
    assert isolated(text, language) == expected
