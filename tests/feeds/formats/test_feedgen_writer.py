"""Atom and RSS as written: valid, deterministic, free of the defects of the library behind them."""

import locale
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from feedgen.feed import FeedGenerator
from lxml import etree

from sse_digest.feeds.formats.feedgen_writer import atom, rss
from sse_digest.feeds.model import FeedDocument
from tests.builders import NOON, make_item
from tests.feeds.feeds import feed_of
from tests.feeds.rules import ATOM, DC, LANG, atom_problems, parse, rss_problems

NOW = datetime(2023, 5, 1, tzinfo=UTC)
TWO = (make_item(1), make_item(2))
HOSTILE = {
    "control characters": "a\x00b\x0bc\x1fd\x7fe\x85f\x9fg",
    "a lone surrogate": "half \ud83d of it",
    "characters that are none": "a\ufffeb\uffffc\U0010ffffd",
    "a lost character": "caf\ufffd",
    "markup": '<script>alert("x")</script> <b>bold</b> & <x> ]]> <!-- c -->',
    "entities": "S&P500 &copy; &amp; &#65; &nbsp; AT&T &lt;b&gt;",
    "wrong encoding": "Ã©conomie Â© â€™",
    "open bidi controls": "\u202eabc \u2067def",
    "a long text": "long " * 5000,
}


def entries_of(document: bytes) -> list[etree._Element]:
    return list(parse(document).iterfind(f"{ATOM}entry"))


def items_of(document: bytes) -> list[etree._Element]:
    return list(parse(document).iterfind("channel/item"))


def assert_valid(document: FeedDocument) -> None:
    assert atom_problems(atom(document), now=NOW) == []
    assert rss_problems(rss(document), now=NOW) == []


def test_an_ordinary_feed_breaks_no_rule() -> None:
    assert_valid(feed_of(make_item(1, kicker="Video"), make_item(2, link=None), make_item(3, language="ar")))


def test_an_empty_feed_breaks_no_rule_and_is_dated_by_a_fixed_fact() -> None:
    empty = feed_of()

    assert_valid(empty)
    assert parse(atom(empty)).findtext(f"{ATOM}updated") == "2023-01-01T00:00:00+00:00"


def test_a_feed_without_subtitle_rights_or_site_breaks_no_rule() -> None:
    assert_valid(feed_of(*TWO, subtitle="", rights=None, site_url=None, ttl_minutes=0))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_stands_in_an_item_the_feed_breaks_no_rule(text: str) -> None:
    hostile = make_item(
        1, title=text, summary=text, kicker=text, place=text, date_text=text, link=f"https://a.example/{text}"
    )

    assert_valid(feed_of(hostile, make_item(2), title=text, subtitle=text, author=text, rights=text))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_writers_clean_what_they_are_given(text: str) -> None:
    document = feed_of(make_item(1))
    dirty = replace(document.entries[0], title=text, summary=text, dateline=text)

    assert_valid(replace(document, title=text, subtitle=text, author=text, rights=text, entries=(dirty,)))


# ---- what the library gets wrong, by the numbers of our list


def test_the_library_still_drops_the_attributes_of_entry_links() -> None:
    feed = FeedGenerator()
    feed.id("a")
    feed.title("a")
    entry = feed.add_entry()
    entry.id("b")
    entry.title("b")
    entry.link(href="https://a.example/", rel="alternate", type="text/html")

    link = parse(feed.atom_str()).find(f"{ATOM}entry/{ATOM}link")

    assert dict(link.attrib) == {"href": "https://a.example/"}, (
        "feedgen keeps the attributes of entry links now: feeds/atom.py need not write them anew"
    )


def test_entry_links_keep_their_attributes() -> None:  # F1, F2
    (link,) = entries_of(atom(feed_of(make_item(1))))[0].findall(f"{ATOM}link")

    assert dict(link.attrib) == {
        "rel": "alternate",
        "type": "text/html",
        "href": "https://news.example.org/items/1",
    }


def test_the_channels_link_is_the_site_and_not_the_feed_itself() -> None:  # F3
    assert parse(rss(feed_of(*TWO))).findtext("channel/link") == "https://www.example.org/"
    assert (
        parse(rss(feed_of(*TWO, site_url=None))).findtext("channel/link")
        == "https://news.example.org/feeds/all.html"
    )


def test_an_items_link_is_its_own() -> None:  # F4
    assert [item.findtext("link") for item in items_of(rss(feed_of(make_item(1))))] == [
        "https://news.example.org/items/1"
    ]


def test_no_text_is_written_as_cdata_or_claims_a_media_type() -> None:  # F5, F6, F7
    document = atom(feed_of(make_item(1, summary=HOSTILE["markup"])))

    assert b"CDATA" not in document
    assert [element.get("type") for element in parse(document).iter(f"{ATOM}title", f"{ATOM}summary")] == [
        None
    ] * 3


def test_html_in_a_text_is_text_in_every_format() -> None:  # F7, F8
    feed = feed_of(make_item(1, title="a <b>title</b> &nbsp;", summary="1 < 2 & <br>"))

    entry, item = entries_of(atom(feed))[0], items_of(rss(feed))[0]

    assert entry.findtext(f"{ATOM}title").replace("\u2060", "") == "a <b>title</b> &nbsp;"
    assert entry.findtext(f"{ATOM}summary") == "1 < 2 & <br>"
    assert item.findtext("title").replace("\u2060", "") == "a <b>title</b> &nbsp;"
    assert item.findtext("description") == "1 &lt; 2 &amp; &lt;br&gt;"


def test_one_item_without_any_words_does_not_stop_the_feed() -> None:  # F10
    feed = feed_of(make_item(1, title=None, summary=None, link=None), make_item(2))

    assert len(entries_of(atom(feed))) == len(items_of(rss(feed))) == 2
    assert_valid(feed)


def test_no_date_is_that_of_the_run() -> None:  # F11
    feed = feed_of(*TWO)
    dates = [element.text for element in parse(atom(feed)).iter(f"{ATOM}updated")]
    built = parsedate_to_datetime(parse(rss(feed)).findtext("channel/lastBuildDate"))

    assert {text[:19] for text in dates} == {"2023-04-20T12:00:00"}
    assert built == NOON


def test_the_organisation_is_the_author_without_a_mail_address() -> None:  # F12
    feed = feed_of(make_item(1))

    assert parse(atom(feed)).findtext(f"{ATOM}author/{ATOM}name") == "The Example Organisation"
    assert items_of(rss(feed))[0].findtext(f"{DC}creator") == "The Example Organisation"
    assert items_of(rss(feed))[0].find("author") is None


def test_an_organisation_without_a_name_is_not_claimed_as_author_in_rss() -> None:
    feed = feed_of(make_item(1), author="")

    assert items_of(rss(feed))[0].find(f"{DC}creator") is None
    assert atom_problems(atom(feed), now=NOW) == []


def test_writing_never_touches_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:  # F18
    def refuse(*_: object) -> str:
        raise AssertionError("the locale of the whole process was changed")

    monkeypatch.setattr(locale, "setlocale", refuse)

    assert len(items_of(rss(feed_of(*TWO)))) == len(entries_of(atom(feed_of(*TWO)))) == 2


def test_writing_changes_nothing_it_is_given() -> None:  # F19
    feed = feed_of(*TWO)
    before = repr(feed)

    atom(feed)
    rss(feed)

    assert repr(feed) == before


def test_entries_stand_newest_first_in_the_order_given() -> None:  # F22
    feed = feed_of(*(make_item(number) for number in range(1, 15)))
    titles = [f"Item number {number}" for number in range(14, 0, -1)]

    assert [entry.findtext(f"{ATOM}title") for entry in entries_of(atom(feed))] == titles
    assert [item.findtext("title") for item in items_of(rss(feed))] == titles


def test_atom_elements_are_in_the_namespace_of_atom() -> None:  # F24
    assert {etree.QName(element).namespace for element in parse(atom(feed_of(*TWO))).iter()} == {ATOM[1:-1]}


def test_ids_and_addresses_are_fit_to_be_uris() -> None:  # F25
    feed = feed_of(make_item(1, link="https://a.example/a b/é"))
    odd = replace(feed.entries[0], id="tag:news.example.org,2023:item/a b")

    assert entries_of(atom(feed))[0].find(f"{ATOM}link").get("href") == "https://a.example/a%20b/%C3%A9"
    assert entries_of(atom(replace(feed, entries=(odd,))))[0].findtext(f"{ATOM}id").endswith("item/a%20b")


def test_years_before_1000_do_not_reach_a_date() -> None:  # F25
    feed = feed_of(make_item(1, published=date(45, 1, 2)))

    assert_valid(feed)
    assert items_of(rss(feed))[0].findtext("pubDate") == "Thu, 20 Apr 2023 12:00:00 GMT"


def test_each_entry_tells_its_own_language() -> None:  # F26
    feed = feed_of(make_item(1, language="fr"), make_item(2, language=None), make_item(3, language="en"))

    assert parse(atom(feed)).get(LANG) == "en"
    assert [entry.get(LANG) for entry in entries_of(atom(feed))] == ["en", "und", "fr"]
    assert parse(rss(feed)).findtext("channel/language") == "en"
    assert [item.findtext(f"{DC}language") for item in items_of(rss(feed))] == ["en", "und", "fr"]


NAIVE = datetime(2023, 4, 20, 12)  # noqa: DTZ001 # that is what is tested


@pytest.mark.parametrize(
    ("write", "changes"),
    [
        (atom, {"updated": NAIVE}),
        (atom, {"published": NAIVE}),
        (rss, {"published": NAIVE}),
        (rss, {"published": None, "seen": NAIVE}),
    ],
)
def test_an_instant_without_a_zone_is_a_bug_and_not_a_guess(
    write: Callable[[FeedDocument], bytes], changes: dict[str, datetime | None]
) -> None:
    feed = feed_of(make_item(1))

    with pytest.raises(ValueError, match="no time zone"):
        write(replace(feed, entries=(replace(feed.entries[0], **changes),)))  # type: ignore[arg-type] # instants
    with pytest.raises(ValueError, match="no time zone"):
        write(replace(feed, updated=NAIVE))


def test_instants_of_other_zones_are_written_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=30, seconds=20))
    feed = feed_of(make_item(1))
    moved = replace(
        feed.entries[0], published=datetime(2023, 4, 20, 3, tzinfo=east), updated=NOON.astimezone(east)
    )

    entry = entries_of(atom(replace(feed, entries=(moved,))))[0]

    assert entry.findtext(f"{ATOM}published") == "2023-04-19T21:29:40+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2023-04-20T12:00:00+00:00"
    assert (
        items_of(rss(replace(feed, entries=(moved,))))[0].findtext("pubDate")
        == "Wed, 19 Apr 2023 21:29:40 GMT"
    )


# ---- what entries say


def test_the_same_id_stands_in_atom_and_rss() -> None:
    feed = feed_of(*TWO)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries_of(atom(feed))]

    assert ids == [item.findtext("guid") for item in items_of(rss(feed))]
    assert {item.find("guid").get("isPermaLink") for item in items_of(rss(feed))} == {"false"}


def test_a_date_that_is_not_plausible_is_left_out_and_its_words_are_told() -> None:
    feed = feed_of(make_item(1, published=date(1919, 5, 3), date_text="3 May 1919", summary="Long ago."))

    entry, item = entries_of(atom(feed))[0], items_of(rss(feed))[0]

    assert entry.find(f"{ATOM}published") is None
    assert entry.findtext(f"{ATOM}summary") == "3 May 1919 — Long ago."
    assert item.findtext("pubDate") == "Thu, 20 Apr 2023 12:00:00 GMT"
    assert item.findtext("description") == "3 May 1919 — Long ago."


def test_categories_have_scheme_and_label_in_the_language_of_the_feed() -> None:
    feed = feed_of(make_item(1, language="fr", kicker="Vidéo", themes=("youth",)))
    kicker, theme = entries_of(atom(feed))[0].findall(f"{ATOM}category")

    assert dict(kicker.attrib) == {
        "term": "Vidéo",
        "scheme": "tag:news.example.org,2023:kicker",
        "label": "Vidéo",
    }
    assert dict(theme.attrib) == {
        "term": "youth",
        "scheme": "tag:news.example.org,2023:theme",
        "label": "Youth",
        LANG: "en",
    }
    assert [category.text for category in items_of(rss(feed))[0].findall("category")] == ["Vidéo", "Youth"]


def test_mixed_directions_are_isolated_and_right_to_left_html_says_so() -> None:
    feed = feed_of(make_item(1, language="ar", title="أخبار ILO", summary="نص"))

    entry, item = entries_of(atom(feed))[0], items_of(rss(feed))[0]

    assert entry.findtext(f"{ATOM}title") == item.findtext("title") == "\u2067أخبار ILO\u2069"
    assert entry.findtext(f"{ATOM}summary") == "نص"
    assert item.findtext("description") == '<p lang="ar" dir="rtl">نص</p>'


def test_the_feed_tells_where_it_stands_and_how_often_to_ask() -> None:
    feed = feed_of(*TWO, ttl_minutes=90)
    atom_links = [dict(link.attrib) for link in parse(atom(feed)).findall(f"{ATOM}link")]
    rss_links = [dict(link.attrib) for link in parse(rss(feed)).findall(f"channel/{ATOM}link")]
    at = "https://news.example.org/feeds/all"

    assert atom_links == [
        {"rel": "self", "href": f"{at}.atom", "type": "application/atom+xml"},
        {"rel": "alternate", "href": f"{at}.html", "type": "text/html"},
        {"rel": "alternate", "href": f"{at}.rss", "type": "application/rss+xml"},
        {"rel": "alternate", "href": f"{at}.json", "type": "application/feed+json"},
        {"rel": "alternate", "href": f"{at}.en.atom", "type": "application/atom+xml", "hreflang": "en"},
    ]
    assert [link["rel"] for link in rss_links] == ["self"] + ["alternate"] * 4
    assert rss_links[-1] == {
        "rel": "alternate",
        "href": f"{at}.en.rss",
        "type": "application/rss+xml",
        "hreflang": "en",
    }
    assert parse(rss(feed)).findtext("channel/ttl") == "90"
    assert parse(atom(feed)).findtext(f"{ATOM}generator") == "sse-digest"
    assert parse(atom(feed)).find(f"{ATOM}generator").attrib == {}
    assert parse(atom(feed)).findtext(f"{ATOM}rights") == "© The Example Organisation"


# ---- the same bytes everywhere

PROGRAM = """
import sys
from tests.feeds.documents import documents_for
from tests.builders import make_item
from tests.feeds.feeds import OPTIONS, TAG
languages = ("en", "fr", "ar", None)
themes = ("youth", "other")
items = [make_item(n, language=languages[n % 4], kicker="Video", themes=themes) for n in range(60)]
for name, body in documents_for(items, OPTIONS, TAG).items():
    sys.stdout.buffer.write(name.encode() + body)
"""


@pytest.mark.slow
def test_time_zone_locale_and_hash_seed_change_no_byte() -> None:
    worlds = (
        {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
        {"TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Kathmandu", "LC_ALL": "ar_EG.UTF-8", "LANG": "ar_EG.UTF-8", "PYTHONHASHSEED": "4711"},
    )
    root = Path(__file__).resolve().parents[3]

    written = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONPATH": str(root), **world},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for world in worlds
    ]

    assert b"Item number 59" in written[0]
    assert written[1:] == written[:1] * 2
