"""Whole texts and pictures: safe, with absolute addresses, and whose the picture is."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import feedparser
import pytest
from lxml import html

from sse_digest.feeds.formats.feedgen_writer import atom, rss
from sse_digest.feeds.formats.json_feed import json_feed
from sse_digest.feeds.model import FeedDocument
from sse_digest.feeds.options import EntryContent
from sse_digest.feeds.validation.validate import check
from sse_digest.model.items import Item
from tests.builders import make_item
from tests.feeds.feeds import feed_of

NOW = datetime(2023, 9, 1, tzinfo=UTC)
BODY = '<p>The whole <em>text</em>.</p><p><a href="https://a.example/b">more</a></p>'
PICTURE = {
    "image_url": "https://a.example/größe/photo.jpg",
    "image_alt": "Women & men at a loom",
    "credit": "© A. Weaver",
}


def content(item: Item, **options: object) -> str:
    feed = feed_of(item, **options)
    inside = json.loads(json_feed(feed))["items"][0].get("content_html", "")
    read = [feedparser.parse(document(feed)).entries[0] for document in (atom, rss)]
    for entry in read:
        assert bool(entry.get("content")) == bool(inside)
    for name, document in (("a.atom", atom), ("a.rss", rss), ("a.json", json_feed)):
        assert check(name, document(feed), now=NOW, ours=True) == ()
    return str(inside)


def test_the_whole_text_stands_in_every_format_in_its_language() -> None:
    assert content(make_item(1, body=BODY, language="fr")) == f'<div lang="fr" dir="ltr">{BODY}</div>'
    assert content(make_item(1, body=BODY, language="ar")).startswith('<div lang="ar" dir="rtl">')
    assert content(make_item(1, body=BODY, language=None)) == BODY


def test_a_feed_of_summaries_holds_no_text_but_the_picture() -> None:
    assert content(make_item(1, body=BODY), content=EntryContent.SUMMARY) == ""
    shown = content(make_item(1, body=BODY, **PICTURE), content=EntryContent.SUMMARY)
    assert "<p>What item number 1 is about.</p>" in shown
    assert "whole" not in shown


def test_an_item_without_text_and_picture_has_no_content() -> None:
    assert content(make_item(1)) == ""


def test_a_picture_stands_in_the_content_with_alt_text_and_credit() -> None:
    root = html.fragment_fromstring(content(make_item(1, body=BODY, **PICTURE)))

    image = root.find("figure/img")
    assert image.get("src") == "https://a.example/gr%C3%B6%C3%9Fe/photo.jpg"
    assert image.get("alt") == "Women & men at a loom"
    assert root.findtext("figure/figcaption") == "© A. Weaver"
    assert root.findtext("p") == "The whole "


def test_a_picture_the_text_shows_already_is_not_shown_twice() -> None:
    body = '<p><img src="https://a.example/p.png" alt="A loom"></p>'

    assert content(make_item(1, body=body, image_url="https://a.example/p.png")).count("<img") == 1


def test_a_picture_without_words_is_marked_as_decoration() -> None:
    shown = content(make_item(1, image_url="https://a.example/p.png"))

    assert '<figure><img src="https://a.example/p.png" alt=""></figure>' in shown


def test_readers_find_the_picture_as_enclosure_and_as_media_with_credit() -> None:
    feed = feed_of(make_item(1, **PICTURE))

    for document in (atom, rss):
        entry = feedparser.parse(document(feed)).entries[0]
        (enclosure,) = entry.enclosures
        assert (enclosure.href, enclosure.type) == (
            "https://a.example/gr%C3%B6%C3%9Fe/photo.jpg",
            "image/jpeg",
        )
        (media,) = entry.media_content
        assert (media["medium"], media["url"]) == ("image", enclosure.href)
        assert entry.media_credit[0]["content"] == "© A. Weaver"
    item = json.loads(json_feed(feed))["items"][0]
    assert item["image"] == enclosure.href
    assert (item["_sse"]["credit"], item["_sse"]["alt"]) == ("© A. Weaver", "Women & men at a loom")


def test_a_picture_whose_type_the_address_does_not_tell_has_no_enclosure_in_rss() -> None:
    feed = feed_of(make_item(1, image_url="https://a.example/picture?id=3"))

    assert feedparser.parse(rss(feed)).entries[0].enclosures == []
    assert feedparser.parse(atom(feed)).entries[0].enclosures[0].href == "https://a.example/picture?id=3"
    assert content(make_item(1, image_url="https://a.example/picture?id=3")).count("<img") == 1


@pytest.mark.parametrize("address", ["javascript:x()", "/relative.png", "http://[", "data:image/png,x"])
def test_what_is_no_address_of_a_picture_is_none(address: str) -> None:
    assert content(make_item(1, image_url=address)) == ""


HOSTILE = (
    "<script>x()</script><p onclick=x()>one</p><iframe src=https://a.example></iframe>",
    "<img src=x onerror=x()><p>two",
    '<a href="java&#x0A;script:x()">three</a><a href="/relative">four</a>',
    "<p>five &#0;&#x1b;&#xfffe; &Atilde;&copy; \x00\ud83d</p>",
    "</div></div><style>*{display:none}</style><p>six",
    "<p>seven</p><base href=https://evil.example><meta http-equiv=refresh content=0>",
)


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_text_is_made_harmless_in_every_format(body: str) -> None:
    shown = content(make_item(1, body=body))

    root = html.fragment_fromstring(shown)
    assert {element.tag for element in root.iter()} <= {"div", "p", "a"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    assert root.get("dir") == "ltr", "nothing gets out of its frame"


@pytest.mark.parametrize(
    ("fragment", "rule"),
    [
        ("<p>a</p><script>x()</script>", "active"),
        ("<p onclick='x()'>a</p>", "active"),
        ("<img src='/a.png'>", "address"),
        ("<a href='javascript:x()'>a</a>", "address"),
        ("<a href='mailto:a@example.org'>a</a>", None),
        ("no markup", None),
    ],
)
def test_html_in_a_feed_of_anyone_is_looked_at(fragment: str, rule: str | None) -> None:
    document: FeedDocument = feed_of(make_item(1, body=BODY))
    (entry,) = document.entries
    other = replace(document, entries=(replace(entry, content=fragment),))

    for name, written in (("a.atom", atom), ("a.rss", rss), ("a.json", json_feed)):
        rules = {finding.rule for finding in check(name, written(other), now=NOW)}
        assert rules == ({rule} if rule else set()), name


def test_an_exact_time_is_the_time_of_the_entry() -> None:
    exact = datetime(2023, 4, 18, 23, 30, tzinfo=UTC)
    (entry,) = feed_of(make_item(1, published=date(2023, 4, 19), published_at=exact)).entries

    assert (entry.published, entry.dateline) == (exact, "")


def test_a_feed_names_its_icon_and_its_logo() -> None:
    feed = feed_of(make_item(1), icon="https://a.example/icon.png", logo="https://a.example/logo.png")

    read = feedparser.parse(atom(feed)).feed
    assert (read.icon, read.logo) == ("https://a.example/icon.png", "https://a.example/logo.png")
    image = feedparser.parse(rss(feed)).feed.image
    assert (image.href, image.title, image.link) == (
        "https://a.example/logo.png",
        feed.title,
        "https://www.example.org/",
    )
    assert json.loads(json_feed(feed))["icon"] == "https://a.example/icon.png"
    for name, document in (("a.atom", atom), ("a.rss", rss), ("a.json", json_feed)):
        assert check(name, document(feed), now=NOW, ours=True) == ()
