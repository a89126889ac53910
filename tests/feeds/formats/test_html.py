"""The HTML page of a feed: the same items, for people and for every kind of browser."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from lxml import etree
from playwright.sync_api import sync_playwright

from sse_digest.model.items import Item, Precision
from tests.builders import make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.rules import ATOM, parse

ITEMS = (
    make_item(1, kicker="Video", place="Geneva", themes=("youth",)),
    make_item(2, link=None, language="ar", title="أخبار", themes=("youth", "cooperatives")),
    make_item(
        3, language=None, published=None, precision=Precision.NONE, date_text="in spring", place="Lima"
    ),
    make_item(4, published=None, precision=Precision.NONE, place="Lima", summary=None),
    make_item(5, language="fr", published=date(2023, 4, 1), precision=Precision.MONTH, themes=("unknown",)),
)


def page_of(*items: Item, name: str = "all.html", **changes: object) -> etree._Element:
    """Parse a page as browsers do; anything they would have to repair raises."""
    documents = documents_for(items, OPTIONS.__class__(**{**fields(), **changes}), TAG)  # type: ignore[arg-type] # fields
    text = documents[name].decode()
    html5lib.HTMLParser(strict=True).parse(text)
    return html5lib.parse(text, treebuilder="lxml", namespaceHTMLElements=False).getroot()


def fields() -> dict[str, object]:
    return {name: getattr(OPTIONS, name) for name in OPTIONS.__slots__}


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def place_of(page: etree._Element, number: int) -> etree._Element:
    (found,) = page.xpath("//*[@id=$place]", place=f"item-{make_item(number).id}")
    return found


def test_the_page_shows_the_entries_of_the_feed_in_their_order() -> None:
    documents = documents_for(ITEMS, OPTIONS, TAG)
    titles = [title.text for title in parse(documents["all.atom"]).iterfind(f"{ATOM}entry/{ATOM}title")]

    assert [words(heading) for heading in page_of(*ITEMS).iterfind(".//h3")] == titles


def test_a_feed_is_followed_in_one_click_by_what_people_have() -> None:
    feed = "https://news.example.org/feeds/youth.ar.atom"
    links = page_of(*ITEMS, name="youth.ar.html").xpath("//ul[@class='bar readers']//a")

    device, *services = [link.get("href") for link in links]
    assert device == f"feed:{feed}"
    assert len(services) == 5
    for address in services:
        assert urlsplit(address).scheme == "https"
        assert unquote(address).endswith((f"={feed}", f"/{feed}"))
    assert {link.get("rel") for link in links[1:]} == {"noreferrer"}


def test_a_title_is_a_link_where_there_is_one_and_plain_text_where_not() -> None:
    page = page_of(*ITEMS)

    assert place_of(page, 1).find("h3/a").get("href") == "https://news.example.org/items/1"
    assert place_of(page, 2).find("h3/a") is None
    assert words(place_of(page, 2).find("h3")) == "أخبار"


def test_each_item_tells_its_language_and_direction_where_they_differ() -> None:
    page = page_of(*ITEMS)
    told = {
        number: (place_of(page, number).get("lang"), place_of(page, number).get("dir"))
        for number in (1, 2, 3, 5)
    }

    assert told == {1: (None, None), 2: ("ar", "rtl"), 3: ("", "auto"), 5: ("fr", "ltr")}
    assert place_of(page, 2).find(".//time").get("lang") == "en"


def test_dates_are_written_out_and_the_sources_words_stand_where_there_is_none() -> None:
    page = page_of(*ITEMS)
    dates = {number: words(place_of(page, number).xpath(".//p[@class='when']")[0]) for number in (1, 3, 4, 5)}

    assert dates == {1: "2 April 2023 · Geneva", 3: "in spring", 4: "Lima", 5: "2023-04"}
    assert place_of(page, 1).find(".//time").get("datetime") == "2023-04-02"


def test_themes_lead_to_their_pages_where_there_are_any() -> None:
    page = page_of(*ITEMS)

    assert [link.get("href") for link in place_of(page, 2).iterfind("ul/li/a")] == [
        "youth.html",
        "cooperatives.html",
    ]
    assert words(place_of(page, 5).find("ul/li")) == "unknown"
    assert place_of(page, 5).find("ul/li/a") is None


def test_a_title_made_from_the_summary_is_not_said_twice() -> None:
    page = page_of(make_item(1, title=None, summary="Short."))

    assert words(place_of(page, 1)).count("Short.") == 1


@pytest.mark.parametrize("name", ["all.html", "youth.html"])
def test_a_page_has_one_heading_landmarks_and_a_way_to_every_feed(name: str) -> None:
    page = page_of(*ITEMS, name=name)
    published = documents_for(ITEMS, OPTIONS, TAG)

    landmarks = ("h1", "header", "nav", "main", "footer")
    assert [len(page.findall(f".//{landmark}")) for landmark in landmarks] == [
        1,
        1,
        4 if name == "all.html" else 3,
        1,
        1,
    ]
    assert page.get("lang") == "en"
    assert words(page.find("head/title")) == words(page.find(".//h1"))
    found = {link.get("href"): link.get("type") for link in page.xpath("//link[@rel='alternate']")}
    own = {name.replace("html", ending) for ending in ("atom", "rss", "json")}
    others = {feed for feed in published if feed.endswith(".atom")}
    assert {href for href in found if not href.endswith(".html")} == own | others
    assert set(found) <= set(published)
    theme = name.removesuffix(".html")
    assert {link.get("href") for link in page.xpath("//div[@class='filters']//a")} == {
        feed for feed in published if re.fullmatch(rf"[a-z-]+\.html|{theme}\.[a-z]+\.html", feed)
    }
    assert {link.get("href") for link in page.xpath("//a[@aria-current]")} == {name}
    assert found[name.replace("html", "atom")] == "application/atom+xml"
    assert page.xpath("//link[@rel='canonical']/@href") == [f"https://news.example.org/feeds/{name}"]


def test_every_item_stands_on_the_page_of_its_month_and_months_lead_to_each_other() -> None:
    items = [make_item(number, published=date(2023, number, 2)) for number in (1, 2, 4)]
    whole, middle = page_of(*items), page_of(*items, name="all.2023-02.html")

    assert [link.get("href") for link in whole.xpath("//nav[@class='paging']//a")] == [
        "all.2023-04.html",
        "all.2023-02.html",
        "all.2023-01.html",
    ]
    assert [link.get("href") for link in middle.xpath("//nav[@class='paging']//a[not(@aria-current)]")] == [
        "all.2023-04.html",
        "all.2023-01.html",
    ]
    assert words(middle.find(".//h1")) == "Example news – February 2023"
    assert [words(heading) for heading in middle.iterfind(".//h2")] == ["Item number 2"]
    assert middle.xpath("//link[@rel='canonical']/@href") == [
        "https://news.example.org/feeds/all.2023-02.html"
    ]


def test_an_empty_feed_has_a_page_that_says_so() -> None:
    page = page_of(subtitle="")

    assert words(page.find(".//main"))
    assert page.find(".//article") is None


def test_pages_need_no_script_and_load_nothing() -> None:
    page = page_of(*ITEMS)

    assert (
        page.xpath("//script | //img | //iframe | //link[@rel='stylesheet'] | //@src | //@onclick | //@style")
        == []
    )
    assert "url(" not in page.find("head/style").text
    assert "@import" not in page.find("head/style").text


def test_ids_are_unique_and_no_heading_level_is_skipped() -> None:
    page = page_of(*ITEMS)
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids)) == len(ITEMS) + 1  # and the content, to which the first link leads
    assert [element.tag for element in page.iter("h1", "h2", "h3")] == [
        *("h1", "h2"),
        *["h3"] * len(ITEMS),
    ]


def test_hostile_text_stays_text() -> None:
    page = page_of(
        make_item(
            1, title="<script>alert(1)</script>", summary='"><img src=x>', link='https://a.example/"><b>'
        )
    )

    assert page.find(".//script") is None
    assert page.find(".//img") is None
    assert words(place_of(page, 1).find("h3")) == "<script>alert(1)</script>"


def test_a_page_in_arabic_reads_from_right_to_left() -> None:
    page = page_of(*ITEMS, language="ar")

    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert place_of(page, 1).get("dir") == "ltr"
    assert place_of(page, 2).get("dir") is None


def test_a_feed_in_a_language_without_a_catalogue_marks_its_own_words() -> None:
    page = page_of(*ITEMS, language="de", themes={"youth": {"de": "Jugend"}})

    assert page.get("lang") == "en"
    assert page.find(".//h1").get("lang") == "de"
    assert [item.get("lang") for item in place_of(page, 2).iterfind("ul/li")] == ["de", "de"]


def test_a_page_looks_right_in_a_browser(chromium: str, tmp_path: Path) -> None:
    for name, body in documents_for(ITEMS, OPTIONS, TAG).items():
        (tmp_path / name).write_bytes(body)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.goto((tmp_path / "all.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        page.click("nav >> text=Youth")
        title = page.title()
        browser.close()

    assert width <= 320, "nothing may stick out of a narrow window"
    assert title == "Example news: Youth"
