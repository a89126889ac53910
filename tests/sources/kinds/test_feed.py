"""Feeds of every format, as they really are: by value, hostile, broken off, and with odd dates."""

import json
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.sources.html.fragments import fragment_text, summary_text
from sse_digest.sources.kinds import feed
from sse_digest.sources.kinds.xml_limits import MAX_DEPTH, refuse_bomb
from sse_digest.sources.page import Page
from sse_digest.sources.text.timestamps import read_instant
from tests.options import source_options
from tests.pages import text_of

BASE = "https://news.example.org/feed"
OPTIONS = source_options(name="news", kind="feed", url=BASE)

ATOM_10 = text_of("feeds/atom_10.xml")
ATOM_03 = text_of("feeds/atom_03.xml")
RSS_20 = text_of("feeds/rss_20.xml")
RSS_091 = text_of("feeds/rss_091.xml")
RSS_092 = RSS_091.replace("0.91", "0.92").partition(">")[2]
RSS_10 = text_of("feeds/rss_10.xml")
JSON_11 = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "language": "en",
        "items": [
            {
                "id": 2,
                "url": "/items/2",
                "title": "A title",
                "content_html": "<p>What it is <b>about</b>.</p>",
                "date_published": "2023-04-25T10:00:00Z",
                "language": "es",
            },
            {"id": "3"},
            "no object",
            {"id": True, "title": "Only a title", "url": 7},
        ],
    }
)
JSON_10 = JSON_11.replace("version/1.1", "version/1")
FORMATS = {
    "Atom 1.0": ATOM_10,
    "Atom 0.3": ATOM_03,
    "RSS 2.0": RSS_20,
    "RSS 0.91": RSS_091,
    "RSS 0.92": RSS_092,
    "RSS 1.0": RSS_10,
    "JSON Feed 1.1": JSON_11,
    "JSON Feed 1.0": JSON_10,
}


def read(text: str | bytes, *, charset: str | None = None, url: str | None = BASE) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    return feed.read_page(Page(data=data, place="the feed", url=url, charset=charset), OPTIONS)


def rss_item(inside: str, *, head: str = "") -> ReadItem:
    text = f"<rss version='2.0'><channel><title>t</title>{head}<item>{inside}</item></channel></rss>"
    (item,) = read(text).items
    return item


# ------------------------------------------------------------------ the formats


@pytest.mark.parametrize("name", FORMATS)
def test_the_item_of_every_format_is_read(name: str) -> None:
    item = read(FORMATS[name]).items[0]

    assert item.title in {"A title", "Les coopératives et la loi", "R&D in cooperatives"}
    assert item.link == "https://news.example.org/items/2"
    if name not in {"RSS 0.91", "RSS 0.92"}:  # which have no dates of items
        assert item.published == date(2023, 4, 25)
        assert item.precision is Precision.DAY


def test_an_entry_has_its_own_language_its_id_and_the_day_its_publisher_wrote() -> None:
    reading = read(ATOM_10)
    (item,) = reading.items

    assert reading.language == "en"
    assert (item.language, item.source_item_id) == ("fr", "urn:2")
    assert item.date_text == "2023-04-25T23:30:00-05:00"
    assert item.summary == "Une loi nouvelle."


def test_html_in_a_description_becomes_text_and_a_credit_begins_with_its_sign() -> None:
    (item,) = read(RSS_20).items

    assert item.summary == "What it is about."
    assert item.credit == "© J. Doe / ORG"
    assert item.source_item_id == "n-2"


def test_a_language_that_cannot_be_told_from_text_is_taken_as_stated() -> None:
    stated = "<dc:language xmlns:dc='http://purl.org/dc/elements/1.1/'>sw</dc:language>"
    assert rss_item(f"<title>Ushirika na vijana</title>{stated}").language == "sw"


def test_what_has_neither_title_nor_text_is_left_out_and_told() -> None:
    reading = read(JSON_11)

    assert [item.title for item in reading.items] == ["A title", "Only a title"]
    assert reading.items[0].language == "en"  # the text says so, whatever is stated
    assert (reading.items[0].source_item_id, reading.items[1].source_item_id) == ("2", None)
    assert reading.warnings == ("entries without a title and a text, which were left out: 1",)


def test_a_text_that_repeats_the_title_is_no_summary() -> None:
    assert (
        rss_item("<title>One and the same</title><description>One and the same</description>").summary is None
    )


def test_the_day_of_the_last_change_stands_in_with_a_warning() -> None:
    text = ATOM_10.replace("<published>2023-04-25T23:30:00-05:00</published>", "")
    (item,) = read(text).items

    assert item.published == date(2023, 5, 1)
    assert "last change" in item.warnings[0]


def test_an_item_without_a_date_has_none_and_says_so() -> None:
    item = rss_item("<title>A title</title>")

    assert (item.published, item.precision, item.warnings) == (None, Precision.NONE, ("no date",))


# ------------------------------------------------------------------ character sets


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (ATOM_10.encode(), None),
        (b"\xef\xbb\xbf" + ATOM_10.encode(), "windows-1252"),
        (ATOM_10.encode("utf-16"), None),
        (ATOM_10.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?').encode("latin-1"), None),
        (ATOM_10.encode("latin-1"), "latin-1"),
        (ATOM_10.encode("latin-1"), "no such set"),
        (ATOM_10.replace('"1.0"?', '"1.0" encoding="utf-8"?').encode("cp1252"), None),
    ],
)
def test_a_feed_is_decoded_by_what_fits(data: bytes, charset: str | None) -> None:
    assert read(data, charset=charset).items[0].title == "Les coopératives et la loi"


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!DOCTYPE html><html><body><h1>404</h1></body></html>", "is not a feed .*404"),
        ("just words", "is not a feed"),
        (RSS_20[: len(RSS_20) // 2], "is incomplete"),
        (RSS_20.replace("</channel></rss>", ""), "is incomplete"),
        ("<rss version='2.0'><channel><title>t</title></channel></rss>", "has no items"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "has no items"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": 3}', "has no items"),
        ('{"error": "not found"}', "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/ver', "begins like JSON but is not valid"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("<rss><channel>" + "<item>" * 200_000, "nests elements deeper than 100"),
        (f"<!DOCTYPE r [<!ENTITY a 'b'>]>{RSS_20}", "declares entities"),
        (
            RSS_20.replace("<rss", "<!doctype r [<!entity % x SYSTEM 'file:///etc/passwd'> %x;]><rss"),
            "entities",
        ),
    ],
)
def test_what_is_no_whole_harmless_feed_is_refused(text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told) as caught:
        read(text)
    assert "the feed" in str(caught.value)


def test_a_feed_with_a_comment_at_its_end_is_whole() -> None:
    assert read(RSS_20 + "\n<!-- made by <x> -->\n").items


def test_depth_counts_neither_comments_nor_quoted_markup_nor_closed_elements() -> None:
    flat = "<a>" + "<b/><b></b><!-- <c> --><![CDATA[<d>]]><?e <e>?>" * 500 + "</a>"
    refuse_bomb(flat.encode(), "page")
    refuse_bomb(("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH).encode(), "page")
    refuse_bomb(b"<a> 1 < 2 <!-- never closed " + b"<b>" * 500, "page")
    with pytest.raises(SourceError, match="deeper"):
        refuse_bomb(("<a>" * (MAX_DEPTH + 1)).encode(), "page")


@settings(deadline=None)
@given(name=st.sampled_from(sorted(FORMATS)), data=st.binary(min_size=1, max_size=200), at=st.integers(0))
@example(name="RSS 1.0", data=b"!\xa0", at=468)  # a blank within a namespace
def test_any_bytes_in_a_feed_give_items_or_the_one_error(name: str, data: bytes, at: int) -> None:
    whole = FORMATS[name].encode()
    place = at % len(whole)
    try:
        reading = read(whole[:place] + data + whole[place:])
    except SourceError:
        return
    assert all(item.title or item.summary for item in reading.items)


# ------------------------------------------------------------------ dates of machines


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("Tue, 25 Apr 2023 10:00:00 GMT", "2023-04-25"),
        ("25 Apr 2023", "2023-04-25"),
        ("Tue, 25 Apr 2023 10:00 +0200", "2023-04-25"),
        ("Tue, 25 April 2023 10:00:00 EST (Tuesday)", "2023-04-25"),
        ("Tue, 25 Apr 23 10:00:00 GMT", "2023-04-25"),
        ("Sat, 25-Apr-98 10:00:00 GMT", "1998-04-25"),
        ("2023-04-25", "2023-04-25"),
        ("2023-04-25T24:00:00.5Z", "2023-04-25"),
        ("2023-04-25 10:00:00", "2023-04-25"),
        ("2026年9月14日", "2026-09-14"),
        ("mardi 25 avril 2023", "2023-04-25"),
        ("2016/6/29", "2016-06-29"),
    ],
)
def test_a_date_of_a_feed_is_read(raw: str, day: str) -> None:
    found = read_instant(raw)
    assert found is not None
    assert (str(found.published), found.warning) == (day, None)


@pytest.mark.parametrize(
    ("raw", "warned"),
    [
        ("Tue, 31 Feb 2023 10:00:00 GMT", "not a day of the calendar"),
        ("2023-02-31", "not a day of the calendar"),
        ("Wed, 25 Apr 23 10:00:00 GMT", "has two digits"),
        ("25 Apr 23", "has two digits"),
        ("0001-01-01T00:00:00Z", "is not between 1800 and 2199"),
        ("03/04/2023", "nothing on this page shows"),
    ],
)
def test_a_date_that_cannot_be_is_none_and_says_why(raw: str, warned: str) -> None:
    found = read_instant(raw)
    assert found is not None
    assert found.published is None
    assert warned in (found.warning or "")


@pytest.mark.parametrize(
    "raw", ["12", "2023", "yesterday", "now", "", "Xyz, 25 Foo 2023", "x" * 200, "10:00:00"]
)
def test_what_is_no_date_is_never_made_one(raw: str) -> None:
    assert read_instant(raw) is None


def test_a_weekday_that_is_another_is_told_and_an_odd_date_is_kept_raw() -> None:
    found = read_instant("Wed, 25 Apr 2023 10:00:00 GMT")
    assert found is not None
    assert str(found.published) == "2023-04-25"
    assert "weekday" in (found.warning or "")
    assert rss_item("<title>t</title><pubDate>soon</pubDate>").warnings == ("“soon” is not a date",)


def test_a_month_is_a_month() -> None:
    found = read_instant("2023-04")
    assert found is not None
    assert (found.published, found.precision) == (date(2023, 4, 1), Precision.MONTH)


# ------------------------------------------------------------------ fragments


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("plain & simple", "plain & simple"),
        ("<p>One</p><p>two &amp; <i>three</i></p>", "One two & three"),
        ("a<script>b</script><style>c</style>d", "ad"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        ("1 &lt; 2", "1 < 2"),
        ("<iframe>hidden</iframe>", ""),
        ("<div>" * 1000 + "deep", "deep"),
    ],
)
def test_a_fragment_gives_what_a_reader_would_see(fragment: str, text: str) -> None:
    assert fragment_text(fragment) == text


def test_a_long_text_is_cut_at_a_word() -> None:
    assert summary_text("<p>one two three</p>", length=9) == "one two…"
    assert summary_text("<p></p>", length=9) is None
