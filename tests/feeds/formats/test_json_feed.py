"""The feed as JSON Feed 1.1."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from sse_digest.feeds.formats.feedgen_writer import atom
from sse_digest.feeds.formats.json_feed import json_feed
from sse_digest.feeds.formats.opml import outline
from sse_digest.model.items import Precision
from tests.builders import make_item
from tests.feeds.feeds import feed_of, feeds
from tests.feeds.rules import ATOM, parse


def test_the_same_ids_stand_in_json_and_in_atom() -> None:
    feed = feed_of(make_item(1), make_item(2, link=None))
    ids = [entry.findtext(f"{ATOM}id") for entry in parse(atom(feed)).iterfind(f"{ATOM}entry")]

    assert [item["id"] for item in json.loads(json_feed(feed))["items"]] == ids


def test_the_feed_says_what_atom_says_of_itself() -> None:
    feed = feed_of(make_item(1), make_item(2, language="fr"))
    found = json.loads(json_feed(feed))
    del found["items"]

    assert found == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Example news",
        "home_page_url": "https://news.example.org/feeds/all.html",
        "feed_url": "https://news.example.org/feeds/all.json",
        "description": "What the example does",
        "authors": [{"name": "The Example Organisation", "url": "https://www.example.org/"}],
        "language": "en",
        "_sse": {
            "id": "tag:news.example.org,2023:feed/all",
            "updated": feed.updated.isoformat(),
            "rights": "© The Example Organisation",
            "languages": {
                "en": "https://news.example.org/feeds/all.en.json",
                "fr": "https://news.example.org/feeds/all.fr.json",
            },
        },
    }


def test_an_item_says_what_other_formats_have_no_word_for() -> None:
    item = make_item(
        1,
        kicker="Video",
        credit="© Someone",
        place="Geneva",
        date_text="April 2023",
        published=date(2023, 4, 1),
        precision=Precision.MONTH,
        themes=("youth",),
        language="fr",
    )
    (found,) = json.loads(json_feed(feed_of(item)))["items"]

    assert found["tags"] == ["Video", "Youth"]
    assert found["language"] == "fr"
    assert found["date_published"] == "2023-04-01T12:00:00+00:00"
    assert found["_sse"] == {
        "date": "2023-04-01",
        "date_precision": "month",
        "date_text": "April 2023",
        "place": "Geneva",
        "kicker": "Video",
        "credit": "© Someone",
        "themes": ["youth"],
        "group": f"tag:news.example.org,2023:group/{item.id}",
    }


def test_a_date_that_is_not_plausible_is_left_out_and_its_words_stay() -> None:
    odd = make_item(1, published=date(1919, 5, 3), date_text="3 May 1919", summary="Long ago.", language=None)
    (found,) = json.loads(json_feed(feed_of(odd)))["items"]

    assert "date_published" not in found
    assert "language" not in found
    assert found["content_text"] == "3 May 1919 — Long ago."
    assert (found["_sse"]["date_precision"], found["_sse"]["date_text"]) == ("none", "3 May 1919")


def test_an_empty_feed_has_an_empty_list_of_items() -> None:
    assert json.loads(json_feed(feed_of()))["items"] == []


def test_an_instant_without_a_zone_is_a_bug_and_not_a_guess() -> None:
    naive = datetime(2023, 4, 20, 12, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="no time zone"):
        json_feed(replace(feed_of(), updated=naive))


def test_the_outline_names_every_feed_by_theme_and_language() -> None:
    found = feeds([make_item(1, themes=("youth",)), make_item(2, language="fr", themes=("cooperatives",))])
    root = etree.fromstring(outline(found))

    assert [shelf.get("text") for shelf in root.iterfind("body/outline")] == [
        "Example news",
        "Cooperatives",
        "Youth",
    ]
    lines = root.findall("body/outline/outline")
    assert [line.get("xmlUrl") for line in lines] == [feed.urls["atom"] for feed in found]
    assert {line.get("type") for line in lines} == {"rss"}
    assert [line.get("language") for line in lines][:3] == [None, "en", "fr"]
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "Example news"


def test_the_outline_of_feeds_without_a_subtitle_describes_none() -> None:
    root = etree.fromstring(outline(feeds([], subtitle="")))

    assert root.find("body/outline/outline").get("description") is None
