"""Images, whole texts and times, as each kind of source gives them."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from sse_digest.model.items import Image, Precision, Reading, ReadItem
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources import KINDS
from sse_digest.sources.html.images import picture_in
from sse_digest.sources.kinds.folder import BUNDLE
from sse_digest.sources.kinds.sandbox import read_contained
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.sources.ledger.matching import without_doubles
from sse_digest.sources.page import Page
from sse_digest.sources.text.dates import ReadDate
from sse_digest.sources.text.timestamps import exact_time
from sse_digest.store import Store
from sse_digest.store.news.item_history import changes_of
from sse_digest.store.news.items import all_items
from tests.builders import NOON
from tests.options import source_options
from tests.pages import filled, text_of

HOME = "https://news.example.org/list/"
IMAGE = "https://news.example.org/i/boat.jpg"
AT = datetime(2024, 3, 7, 8, 30, tzinfo=UTC)
RULES = parse_rules(
    {"themes": {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}}, where="test"
)

FEEDS = {
    "media": (
        '<m:content url="/i/boat.jpg" medium="image"><m:description>A boat</m:description>'
        "<m:credit>Ann</m:credit></m:content>"
    ),
    "group": (
        '<m:group><m:content url="https://v.example/v.mp4" type="video/mp4"/><m:content url="/i/boat.jpg" '
        'type="image/jpeg"/></m:group><m:credit>Ann</m:credit><m:description>A boat</m:description>'
    ),
    "enclosure": (
        '<enclosure url="/i/boat.jpg" type="image/jpeg" length="9"/><m:credit>Ann</m:credit>'
        "<m:description>A boat</m:description>"
    ),
    "thumbnail": (
        '<m:thumbnail url="/i/boat.jpg"><m:description>A boat</m:description></m:thumbnail>'
        "<m:credit>Ann</m:credit>"
    ),
}
BODY = '<p>Whole &lt;b&gt; text with <a href="https://news.example.org/x">a link</a>.</p>'


def rss(image: str) -> str:
    return filled("feeds/rss_with_image.xml", image=image)


def read(kind: str, text: str, **more: object) -> ReadItem:
    kept = BUNDLE if kind == "folder" else None
    page = Page(data=text.encode(), place="page", url=HOME, content_type=kept)
    options = source_options(name="news", kind=kind, url=HOME, **more)
    return KINDS[kind](page, options).items[0]


def told(item: ReadItem) -> tuple[str | None, ...]:
    return item.image_url, item.image_alt, item.credit


# ------------------------------------------------------------------ feeds


@pytest.mark.parametrize("way", FEEDS)
def test_a_feed_gives_image_description_credit_text_and_time(way: str) -> None:
    item = read("feed", rss(FEEDS[way]))
    assert told(item) == (IMAGE, "A boat", "© Ann")
    assert (item.title, item.summary) == ("A boat comes in", "It carries tea.")
    assert item.body == BODY
    assert (item.published, item.published_at) == (date(2024, 3, 7), AT)


def test_a_description_of_an_image_is_no_summary_of_the_item() -> None:
    item = read("feed", rss(FEEDS["media"]).replace("<description>It carries tea.</description>", ""))
    assert item.summary == "Whole <b> text with a link."


def test_of_several_images_the_first_counts_and_a_description_is_nobodys() -> None:
    two = '<m:content url="/i/boat.jpg" medium="image"/><m:content url="/i/b.jpg" medium="image">'
    item = read("feed", rss(f"{two}<m:description>Another</m:description></m:content>"))
    assert told(item)[:2] == (IMAGE, None)


def test_an_image_in_the_text_stands_for_an_item_that_names_none() -> None:
    text = rss("").replace(
        "<script>", "<img src='/i/p.gif' width='1'><img src='/i/boat.jpg' alt='A boat'><script>"
    )
    assert told(read("feed", text))[:2] == (IMAGE, "A boat")


def test_what_is_no_image_or_no_address_is_left_out() -> None:
    for image in (
        '<enclosure url="https://v.example/a.mp3" type="audio/mpeg" length="9"/>',
        '<m:content url="javascript:alert(1)" medium="image"/>',
        '<m:content medium="image"/>',
        '<m:thumbnail url=""/>',
    ):
        assert told(read("feed", rss(image)))[:2] == (None, None)


def test_an_atom_feed_names_its_image_by_a_link() -> None:
    item = read("feed", text_of("feeds/atom_with_image.xml"))
    assert told(item)[:2] == (IMAGE, "A boat")
    assert (item.body, item.published_at) == ("<p>Whole text</p>", AT)


def test_a_json_feed_gives_image_text_and_time() -> None:
    entry = {
        "id": "1",
        "title": "A boat",
        "image": "/i/boat.jpg",
        "content_html": "<p>Whole text</p><script>1</script>",
        "date_published": "2024-03-07T09:30:00+01:00",
    }
    item = read("feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}))
    assert told(item) == (IMAGE, None, None)
    assert (item.body, item.published_at) == ("<p>Whole text</p>", AT)


# ------------------------------------------------------------------ notes and tables


def test_a_note_gives_image_text_and_time() -> None:
    head = (
        "title: A boat\nimage: https://news.example.org/i/boat.jpg\nimage_alt: A boat\nimage_credit: Ann\n"
        "date: 2024-03-07T09:30:00+01:00"
    )
    note = f"---\n{head}\n---\n# A boat\n\nIt carries *tea*.\n\n- one\n- two\n\n<script>1</script>\n"
    item = read("folder", json.dumps([("a.md", note)]))
    assert told(item) == (IMAGE, "A boat", "© Ann")
    assert item.summary == "It carries tea."
    assert item.body == "<p>It carries <em>tea</em>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    assert item.published_at == AT


def test_a_note_of_one_paragraph_has_no_text_beside_its_summary() -> None:
    assert read("folder", json.dumps([("a.md", "# A boat\n\nIt carries *tea*.\n")])).body is None


def test_a_table_gives_image_and_text() -> None:
    item = read(
        "table",
        "Title,Image,Image alt,Credit,Date,Body\n"
        'A boat,/i/boat.jpg,A boat,Ann,2024-03-07T09:30:00+01:00,"<p>Whole <b onclick=x>text</b></p>"\n',
    )
    assert told(item) == (IMAGE, "A boat", "© Ann")
    assert (item.body, item.published_at) == ("<p>Whole <b>text</b></p>", AT)


def test_a_row_that_ends_early_has_no_text() -> None:
    assert read("table", "Title,Body\nA boat\n").body is None


# ------------------------------------------------------------------ web pages


def listing(image: str) -> str:
    return (
        f"<ul><li class=news><div class=pic>{image}</div><h3><a href=/7>A boat comes in</a></h3>"
        "<time datetime='1709800200'>7 March 2024</time><p>It carries tea.</p></li></ul>"
    )


SELECTORS = {"item": "li.news"}


@pytest.mark.parametrize(
    "image",
    [
        '<img src="/i/boat.jpg" alt="A boat">',
        '<img src="data:image/gif;base64,R0" data-src="/i/boat.jpg" alt=" A  boat ">',
        '<img srcset="/i/small.jpg 300w, /i/boat.jpg 900w" alt="A boat">',
        '<img src="/i/icon.png" width="16"><img src="/i/boat.jpg" alt="A boat">',
    ],
)
def test_a_page_gives_the_image_and_the_time_of_an_item(image: str) -> None:
    item = read("html", listing(image), selectors=SELECTORS)
    assert told(item)[:2] == (IMAGE, "A boat")
    assert (item.published, item.published_at) == (date(2024, 3, 7), AT)


def test_a_selector_chooses_among_images() -> None:
    two = '<img src="/i/logo.jpg"><span class=lead><img src="/i/boat.jpg" alt="A boat"></span>'
    item = read("html", listing(two), selectors={**SELECTORS, "image": ".lead"})
    assert told(item)[:2] == (IMAGE, "A boat")


def test_an_image_without_a_usable_address_is_none() -> None:
    for image in ("<img>", '<img src="data:image/png;base64,AA">', '<img srcset=", ,">', ""):
        assert read("html", listing(image), selectors=SELECTORS).image_url is None


def test_machines_are_told_of_images_too() -> None:
    def article(image: object) -> dict[str, object]:
        return {
            "@type": "NewsArticle",
            "headline": f"A boat {image}",
            "url": f"/{len(str(image))}",
            "datePublished": "2024-03-07T09:30:00+01:00",
            "image": image,
        }

    detailed = [
        {"@type": "ImageObject", "contentUrl": "/i/boat.jpg", "caption": "A boat", "creditText": "Ann"}
    ]
    page = json.dumps([article("/i/boat.jpg"), article(detailed), article([]), article({"url": 7})])
    text = f'<script type="application/ld+json">{page}</script>'
    whole = KINDS["html"](
        Page(data=text.encode(), place="page", url=HOME), source_options(name="n", kind="html", url=HOME)
    )
    assert [told(item) for item in whole.items] == [
        (IMAGE, None, None),
        (IMAGE, "A boat", "© Ann"),
        (None, None, None),
        (None, None, None),
    ]
    assert whole.items[0].published_at == AT


def test_microdata_names_its_image() -> None:
    box = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><img src="/i/logo.jpg">'
        '<img itemprop="image" src="/i/boat.jpg" alt="A boat"><a itemprop="url" href="/{0}">'
        '<b itemprop="headline">A boat number {0}</b></a></div>'
    )
    item = read("html", box.format(1) + box.format(2))
    assert told(item)[:2] == (IMAGE, "A boat")


def test_a_selector_that_finds_nothing_gives_no_image() -> None:
    body = LexborHTMLParser("<div><img src='https://h.example/i.jpg'></div>").body
    assert body is not None
    assert picture_in(body, HOME, ".lead") is None


# ------------------------------------------------------------------ times


@pytest.mark.parametrize(
    "raw",
    [
        "2024-03-07",
        "2024-03-07T09:30:00",  # whose time that is, is not said
        "2024-03-07T00:00:00+01:00",
        "2024-03-07T12:00:00Z",
        "2024-03-07T14:00:00+02:00",  # noon as programs store it
        "Thu, 07 Mar 2024 09:30:00 -0000",
        "2024-03-09T09:30:00Z",
        "7 March 2024",
        "Thu, 99 Mar 2024 09:30:00 +0100",
        "2024-03-07T25:30:00Z",
        "0001-01-01T01:00:00+23:00",
        "x" * 101,
        "",
        None,
    ],
)
def test_a_day_is_not_made_more_exact_than_it_was_said(raw: str | None) -> None:
    assert exact_time(raw, ReadDate(published=date(2024, 3, 7), precision=Precision.DAY)) is None


def test_a_month_has_no_time() -> None:
    month = ReadDate(published=date(2024, 3, 1), precision=Precision.MONTH)
    assert exact_time("2024-03-01T09:30:00Z", month) is None
    assert exact_time("2024-03-01T09:30:00Z", ReadDate()) is None


# ------------------------------------------------------------------ what becomes of them


async def test_images_texts_and_times_come_out_of_the_contained_process_as_they_are() -> None:
    page = Page(data=rss(FEEDS["media"]).encode(), place="page", url=HOME)
    options = source_options(name="news", kind="feed", url=HOME)
    assert (await read_contained(page, options)).items == KINDS["feed"](page, options).items


FULL = read("feed", rss(FEEDS["media"]))


def take(store: Store, *items: ReadItem, days: int = 0, rules: ThemeRules = RULES) -> None:
    ingest(store, "news", Reading(items=items), now=NOON + timedelta(days=days), rules=rules)


def test_an_item_keeps_what_a_later_reading_does_not_say(store: Store) -> None:
    take(store, FULL)
    bare = ReadItem(
        title=FULL.title,
        link=FULL.link,
        published=FULL.published,
        precision=Precision.DAY,
        summary=FULL.summary,
    )
    take(store, bare, days=1)
    with store.reading() as connection:
        (item,) = all_items(connection)
        history = changes_of(connection, item.id)
    assert item.image == Image(url=IMAGE, alt="A boat", credit="© Ann")
    assert (item.body, item.published_at, item.updated) == (BODY, AT, NOON)
    assert [change.what for change in history] == ["added"]


def test_another_address_of_the_same_image_is_not_even_stored(store: Store) -> None:
    take(store, FULL)
    take(store, changed(image_url=f"{IMAGE}?v=2"), days=1)
    with store.reading() as connection:
        (item,) = all_items(connection)
    assert (item.image_url, item.updated) == (IMAGE, NOON)


def test_better_words_for_an_image_are_taken_quietly(store: Store) -> None:
    take(store, FULL)
    take(store, changed(image_alt="A red boat", credit="© Ann Other"), days=1)
    with store.reading() as connection:
        (item,) = all_items(connection)
        history = changes_of(connection, item.id)
    assert (item.image_alt, item.credit, item.updated) == ("A red boat", "© Ann Other", NOON)
    assert dict(history[-1].fields) == {
        "image_alt": ("A boat", "A red boat"),
        "credit": ("© Ann", "© Ann Other"),
    }


@pytest.mark.parametrize(
    "change", [{"image_url": "https://news.example.org/i/ship.jpg"}, {"body": "<p>Other words</p>"}]
)
def test_another_image_and_another_text_move_updated(store: Store, change: dict[str, str]) -> None:
    take(store, FULL)
    take(store, changed(**change), days=1)
    with store.reading() as connection:
        (item,) = all_items(connection)
        history = changes_of(connection, item.id)
    assert item.updated == NOON + timedelta(days=1)
    assert set(change) <= set(history[-1].fields)


def test_a_corrected_day_drops_the_time_of_the_old_one(store: Store) -> None:
    take(store, FULL)
    take(store, changed(published=date(2024, 3, 8), published_at=None), days=1)
    with store.reading() as connection:
        (item,) = all_items(connection)
    assert (item.published, item.published_at) == (date(2024, 3, 8), None)


def changed(**changes: object) -> ReadItem:
    names = ("title", "link", "summary", "credit", "language", "published", "precision", "date_text")
    more = ("image_url", "image_alt", "body", "published_at")
    values = {name: getattr(FULL, name) for name in (*names, *more)}
    return ReadItem(**{**values, **changes})


def test_doubles_on_a_page_may_have_different_images() -> None:
    assert without_doubles([FULL, changed(image_url=None, image_alt=None)]) == (FULL,)
