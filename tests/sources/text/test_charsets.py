"""Bytes to text, where what is stated is missing, wrong, or true of a part only."""

import pytest

from sse_digest.errors import SourceError
from sse_digest.sources.html.dom import decode_html
from sse_digest.sources.page import Page, decode_utf8
from sse_digest.sources.text.charsets import decode, known_charset

FRENCH = "Coopération “économique” – façade"
RUSSIAN = "Новости кооперативов"
CHINESE = "山谷织女开办自己的店铺"


@pytest.mark.parametrize(
    ("text", "written", "stated", "language", "told"),
    [
        (FRENCH, "utf-8", (), None, None),
        (FRENCH, "utf-8", ("utf-8",), None, None),
        (FRENCH, "utf-8", ("iso-8859-1",), None, "the page states the charset cp1252, but is in utf-8"),
        (FRENCH, "utf-8", ("iso-8859-1", "utf-8"), None, None),
        (FRENCH, "cp1252", ("iso-8859-1",), None, None),
        (FRENCH, "cp1252", ("utf-8",), "fr", "the page is not valid utf-8 and was read as cp1252"),
        (FRENCH, "cp1252", (), None, "the page is not valid utf-8 and was read as cp1252"),
        (FRENCH, "cp1252", ("utf-8", "windows-1252"), None, None),
        (RUSSIAN, "cp1251", ("windows-1251",), None, None),
        (RUSSIAN, "koi8-r", ("koi8-r",), "ru", None),
        (RUSSIAN, "cp1251", ("utf-8",), "ru", "the page is not valid utf-8 and was read as cp1251"),
        (CHINESE, "gb18030", ("gb2312",), "zh", None),
        (CHINESE, "utf-8", ("gb2312",), "zh", "the page states the charset gb18030, but is in utf-8"),
        (CHINESE, "gb18030", (), "zh", "the page is not valid utf-8 and was read as gb18030"),
        (FRENCH, "utf-8-sig", ("iso-8859-1",), None, None),
        (FRENCH, "utf-16", ("utf-8",), None, None),
        ("plain", "ascii", ("windows-1251",), None, None),
        (FRENCH, "utf-8", ("nonsense", "rot13", None), None, None),
    ],
)
def test_text_is_read_as_it_was_written(
    text: str, written: str, stated: tuple[str | None, ...], language: str | None, told: str | None
) -> None:
    assert decode(text.encode(written), stated, language=language) == (text, told)


def test_runs_in_an_old_character_set_are_repaired_within_utf_8() -> None:
    mixed = FRENCH.encode() + "été".encode("cp1252")
    warning = "some characters are not valid utf-8 and were read as cp1252"
    assert decode(mixed, ("utf-8",)) == (f"{FRENCH}été", warning)


def test_a_page_says_its_language_and_character_set_itself() -> None:
    page = f'<html class="x" lang="ru-RU"><head></head><p>{RUSSIAN}</p>'
    assert RUSSIAN in decode_html(page.encode("cp1251"), charset=None, place="p")[0]
    page = f"<html><meta charset=koi8-r><p>{RUSSIAN}</p>"
    assert RUSSIAN in decode_html(page.encode("koi8-r"), charset=None, place="p")[0]


def test_plain_text_is_read_as_its_server_says_and_refused_where_nobody_says() -> None:
    data = FRENCH.encode("cp1252")
    assert decode_utf8(Page(data=data, place="p", charset="iso-8859-1")) == FRENCH
    for charset in (None, "utf-8", "rot13"):
        with pytest.raises(SourceError, match="is not UTF-8"):
            decode_utf8(Page(data=data, place="p", charset=charset))


def test_only_character_sets_of_pages_are_known() -> None:
    assert [
        known_charset(name) for name in ("latin1", "UTF8", "Shift-JIS", "rot13", "base64", "zip", "")
    ] == [
        "cp1252",
        "utf-8",
        "cp932",
        None,
        None,
        None,
        None,
    ]
