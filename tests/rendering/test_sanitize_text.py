import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.rendering.sanitize_text import clean, direction_of_text, web_link

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))  # half characters included


@pytest.mark.parametrize(
    ("given_text", "left"),
    [
        (None, ""),
        ("  a \t\r\n b  ", "a b"),
        ("a\u2028b\x85c", "a b c"),
        ("nul\0 bell\a esc\x1b[31m", "nul bell esc[31m"),
        ("\u202egnp.exe\u202c \u2067left open", "gnp.exe left open"),
        ("half \ud800", "half \ufffd"),
        ("10\u00a0000 «\u202fmots\u202f»", "10\u00a0000 «\u202fmots\u202f»"),
        ("می\u200cخواهم \u200f!", "می\u200cخواهم \u200f!"),
        ("\ufeffmark\uffff", "mark"),
        ("\u00a0a\u00a0", "a"),
        ("\u00a0", ""),
        ("\u200b\u200d \u0301", ""),
        ("🎉", "🎉"),
    ],
)
def test_what_escaping_cannot_help_is_taken_out(given_text: str | None, left: str) -> None:
    assert clean(given_text) == left


@given(ANY_TEXT)
def test_a_cleaned_text_is_one_line_that_can_be_encoded(text: str) -> None:
    cleaned = clean(text)

    assert cleaned.encode().decode() == cleaned
    assert "Cc" not in {unicodedata.category(character) for character in cleaned}
    assert len(cleaned.splitlines()) <= 1
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://news.example.org/a?b=c&d=%20#e", "https://news.example.org/a?b=c&d=%20#e"),
        (" http://news.example.org ", "http://news.example.org"),
        ("https://news.example.org:8443/é?q=ü b", "https://news.example.org:8443/%C3%A9?q=%C3%BC%20b"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ('https://news.example.org/"><script>', "https://news.example.org/%22%3E%3Cscript%3E"),
        (None, None),
        ("", None),
        ("news.example.org/a", None),
        ("//news.example.org/a", None),
        ("https:///a", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://news.example.org", None),
        ("https://user:secret@news.example.org/", None),
        ("http://[::1", None),
        ("https://" + "ü" * 70 + ".example/", None),
        ("https://a b.example/", None),
    ],
)
def test_a_link_is_a_web_address_in_ascii_or_nothing(address: str | None, link: str | None) -> None:
    assert web_link(address) == link


@given(ANY_TEXT)
def test_no_address_makes_the_check_raise(tail: str) -> None:
    for address in (tail, f"https://{tail}", f"https://news.example.org/{tail}"):
        link = web_link(address)
        if link is not None:
            assert link.isascii()
            assert not set(link) & set(' "<>\\^`{|}\r\n\t\0')
            assert urlsplit(link).scheme in {"http", "https"}


@pytest.mark.parametrize(
    ("text", "expected", "direction"),
    [
        ("plain words", None, "ltr"),
        ("كلمات", None, "rtl"),
        ("12 – 34", None, None),
        ("", None, None),
        ("", "rtl", "rtl"),
        ("123", "rtl", "rtl"),
        ("ILO-SSE meeting: كلمة", None, "ltr"),
        ("ILO-SSE meeting: كلمة", "rtl", "rtl"),
        ("words only", "rtl", "ltr"),
        ("كلمات", "ltr", "rtl"),
        ("שלום", None, "rtl"),
    ],
)
def test_the_direction_of_a_text_is_that_of_its_letters(
    text: str, expected: str | None, direction: str | None
) -> None:
    assert direction_of_text(text, expected) == direction  # type: ignore[arg-type] # parameters are plain strings
