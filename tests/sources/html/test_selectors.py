"""Pages read by a source's own selectors, and by what they say to machines where there are none."""

import json
from datetime import date

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading
from sse_digest.sources.html.selectors import FIELDS, selector_problem
from sse_digest.sources.kinds.html import read_html
from tests.pages import text_of
from tests.sources.dresses import page

SITE = "https://www.example.org/news/"
LIST = text_of("selectors/teasers.html")
SELECTORS = {
    "item": ".teaser",
    "list": ".stream",
    "title": ".big",
    "link": "a.go",
    "date": ".when",
    "kicker": ".rubric",
    "summary": ".lead",
    "credit": ".who",
}


def read(text: str, **selectors: str) -> Reading:
    return read_html(text, base_url=SITE, preset=None, selectors=selectors)


# ------------------------------------------------------------------ selectors


def test_every_field_is_read_by_its_selector() -> None:
    reading = read(LIST, **SELECTORS)

    assert [item.title for item in reading.items] == ["News number 0", "News number 1", "News number 2"]
    assert [item.published for item in reading.items] == [date(2021, 5, day) for day in (12, 13, 14)]
    for number, item in enumerate(reading.items):
        assert item.link == f"https://www.example.org/items/{number}"
        assert (item.kicker, item.credit) == ("Interview", "© J. Doe")
        assert item.summary == f"What news number {number} is about."


def test_what_no_selector_names_is_told_by_its_looks() -> None:
    text = page(
        '<li class="n"><p>Interview</p><h3><a href="/1">A title</a></h3><p>12 May 2021</p>'
        "<p>What it is.</p></li>"
    )
    (item,) = read(text, item="li.n").items

    assert (item.title, item.kicker, item.summary) == ("A title", "Interview", "What it is.")
    assert (item.published, item.link) == (date(2021, 5, 12), "https://www.example.org/1")


def test_selectors_stand_in_for_parts_of_a_preset() -> None:
    text = page('<div class="items-list"><li><h5 class="item-title">T</h5><b>one</b><i>two</i></li></div>')
    reading = read_html(text, base_url=SITE, preset="ilo-classic", selectors={"kicker": "i"})

    assert reading.items[0].kicker == "two"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (page("<p>Accept all cookies?</p>"), r"nothing in it matches '\.stream'"),
        (
            LIST.replace("teaser", "tease"),
            "the list of the layout of its selectors, but there is no item in it",
        ),
        (LIST.replace("stream", "river").replace("teaser", "tease"), r"nothing in it matches '\.stream'"),
    ],
)
def test_a_page_without_the_selected_elements_gives_nothing(text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read(text, **SELECTORS)


def test_a_list_that_is_there_and_empty_is_told_from_a_missing_one() -> None:
    reading = read(page('<div class="stream"><p>Nothing yet.</p></div>'), **SELECTORS)

    assert (reading.items, reading.is_empty) == ((), True)


@pytest.mark.parametrize(
    ("selectors", "told"),
    [
        ({"title": "h2"}, "needs at least item"),
        ({"item": "li["}, "not a CSS selector"),
        ({"x": "y"}, "an unknown field 'x'"),
    ],
)
def test_selectors_that_cannot_be_used_are_told(selectors: dict[str, str], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read(LIST, **selectors)


def test_every_field_takes_a_selector() -> None:
    assert [selector_problem(field, "div > p.x") for field in FIELDS] == [None] * len(FIELDS)


# ------------------------------------------------------------------ what a page says to machines


def articles(count: int = 3, **more: object) -> list[dict[str, object]]:
    return [
        {
            "@type": "NewsArticle",
            "headline": f"News &amp; number {n}",
            "url": f"/items/{n}",
            "datePublished": f"2021-05-1{n}T10:00:00Z",
            "description": "<p>What it is about.</p>",
            "articleSection": ["Interview"],
            "image": [{"@type": "ImageObject", "creditText": "J. Doe"}],
            **more,
        }
        for n in range(count)
    ]


def linked_data(document: object) -> str:
    return page("<p>Words</p>", head=f'<script type="application/ld+json">{json.dumps(document)}</script>')


@pytest.mark.parametrize(
    "document",
    [
        articles(),
        {"@graph": articles()},
        {"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "position": n, "item": one} for n, one in enumerate(articles())
        ]}},
    ],
)  # fmt: skip
def test_items_of_json_ld_are_read_however_they_are_nested(document: object) -> None:
    reading = read(linked_data(document))

    assert [item.title for item in reading.items] == [f"News & number {n}" for n in range(3)]
    assert [item.published for item in reading.items] == [date(2021, 5, 10 + n) for n in range(3)]
    first = reading.items[0]
    assert (first.link, first.kicker) == ("https://www.example.org/items/0", "Interview")
    assert (first.credit, first.summary) == ("© J. Doe", "What it is about.")


def test_items_of_microdata_are_read() -> None:
    body = "".join(
        f'<div itemscope itemtype="https://schema.org/BlogPosting"><h2 itemprop="headline">News {n}</h2>'
        f'<meta itemprop="datePublished" content="2021-05-1{n}"><a itemprop="url" href="/items/{n}">More</a>'
        f'<p itemprop="description">About {n}.</p></div>'
        for n in range(2)
    )
    items = read(page(body)).items

    assert [(item.title, item.summary, item.link) for item in items] == [
        (f"News {n}", f"About {n}.", f"https://www.example.org/items/{n}") for n in range(2)
    ]
    assert [item.published for item in items] == [date(2021, 5, 10), date(2021, 5, 11)]


def test_articles_with_linked_headings_and_dates_are_read() -> None:
    body = "".join(
        f"<article><h2><a href='/items/{n}'>News {n}</a></h2><time>1{n} May 2021</time>"
        f"<p>About {n}.</p></article>"
        for n in range(3)
    )
    items = read(page(body)).items

    assert [(item.title, item.summary) for item in items] == [(f"News {n}", f"About {n}.") for n in range(3)]
    assert [item.published for item in items] == [date(2021, 5, 10 + n) for n in range(3)]


@pytest.mark.parametrize(
    "text",
    [
        page("<p>Just words</p>"),
        linked_data(articles(1)),
        linked_data(articles(3, url=None)),
        linked_data(articles(3, headline=7)),
        linked_data([{"@type": "Organization", "name": "x", "url": "/"}] * 3),
        page("<p>x</p>", head='<script type="application/ld+json">{"@type": </script>'),
        page("<p>x</p>", head=f'<script type="application/ld+json">{"[" * 100_000}</script>'),
        page("<article><h2><a href='/1'>One</a></h2></article>" * 3),
        page("".join(f"<article><h2><a href='/{n}'>Number {n}</a></h2></article>" for n in range(3))),
        page("<article><h2>A heading</h2><time>12 May 2021</time></article>" * 3),
        page("<div itemscope itemtype='https://schema.org/Person'><p itemprop=name>x</p></div>" * 3),
        page("<div itemscope itemtype='https://schema.org/Article'><p itemprop=name>x</p></div>" * 3),
    ],
)
def test_where_nothing_is_said_nothing_is_guessed(text: str) -> None:
    with pytest.raises(SourceError, match="no items that can be recognised without help"):
        read(text)


def test_a_definition_has_its_term_s_date_and_a_term_its_definitions() -> None:
    dates = page(
        "<dl><dt>12 May 2021</dt><dd><a href='/1'>Number one</a><br>About it.</dd>"
        "<dd><a href='/2'>Number two</a></dd><dt>13 May 2021</dt><dd><a href='/3'>Number three</a></dd></dl>"
    )
    titles = page(
        "<dl><dt><a href='/1'>Number one</a></dt><dd>12 May 2021</dd><dd>About it.</dd>"
        "<dt><a href='/2'>Number two</a></dt><dd>13 May 2021</dd></dl>"
    )
    by_definition = read(dates, item="dd", title="a").items
    by_term = read(titles, item="dt", title="a").items

    assert [(item.title, item.published, item.summary) for item in by_definition] == [
        ("Number one", date(2021, 5, 12), "About it."),
        ("Number two", date(2021, 5, 12), None),
        ("Number three", date(2021, 5, 13), None),
    ]
    assert [(item.title, item.published, item.summary) for item in by_term] == [
        ("Number one", date(2021, 5, 12), "About it."),
        ("Number two", date(2021, 5, 13), None),
    ]


def test_a_definition_without_a_term_is_read_by_itself() -> None:
    found = read(
        page("<dl><dd><a href='/1'>Number one</a> 12 May 2021</dd></dl>"), item="dd", title="a"
    ).items
    assert [(item.title, str(item.published)) for item in found] == [("Number one", "2021-05-12")]


def test_topics_authors_and_labels_behind_a_title_are_no_part_of_its_text() -> None:
    text = page(
        "<li class=n><h3><a href='/1'>A title</a></h3><div>News</div><p>12 May 2021</p><b>By Ann</b>"
        "<div>What it is about, in a sentence.</div><ul><li>Topic one</li></ul></li>"
        "<li class=n><h3><a href='/2'>Another</a></h3><p>11 May 2021</p><p>Two words</p></li>"
    )
    first, second = read(text, item="li.n").items

    assert (first.title, first.summary) == ("A title", "What it is about, in a sentence.")
    assert second.summary == "Two words"  # all there is


@pytest.mark.parametrize(
    ("shown", "stamp", "day", "precision"),
    [
        ("May 2021", "2021-05-12", date(2021, 5, 12), "day"),
        ("May 2021", "2021-05-01", date(2021, 5, 1), "month"),  # how programs store a month
        ("May 2021", "2021-06-12", date(2021, 5, 1), "month"),
        ("12 May 2021", "2021-05-13", date(2021, 5, 12), "day"),
        ("3 days ago", "2021-05-12", date(2021, 5, 12), "day"),
        ("3 days ago", "", None, "none"),
        ("12 to 14 May 2021", "2021-05-12", None, "none"),
    ],
)
def test_an_attribute_says_the_day_that_the_words_leave_open(
    shown: str, stamp: str, day: date | None, precision: str
) -> None:
    text = page(f'<li class=n><h3><a href=/1>A title</a></h3><time datetime="{stamp}">{shown}</time></li>')
    (item,) = read(text, item="li.n", date="time").items

    assert (item.published, item.precision) == (day, precision)


def test_an_item_says_which_selectors_hit_and_what_gave_its_date_and_language() -> None:
    first, _, last = (item.how or "" for item in read(LIST, **SELECTORS).items)

    assert first.startswith("selectors: item .teaser, title .big, kicker .rubric, ")
    assert first.endswith("; date by its attribute; language by its words")
    assert last.endswith("; date by its words; language by its words")


# ------------------------------------------------------------------ lists without an element for an item


def test_what_follows_a_heading_up_to_the_next_is_its_items() -> None:
    text = page(
        "<div id=n>"
        + "".join(
            f"<h3><a href='/{n}'>Title {n}</a></h3><p>{n} May 2021</p><p>What number {n} is.</p>"
            for n in (3, 2)
        )
        + "<p>Page 1 of 3</p><hr><p>Of nobody.</p></div>"
    )
    items = read(text, item="#n > h3").items

    assert [(item.title, item.published, item.summary) for item in items] == [
        ("Title 3", date(2021, 5, 3), "What number 3 is."),
        ("Title 2", date(2021, 5, 2), "What number 2 is."),
    ]


def test_a_day_before_the_first_heading_stands_before_them_all() -> None:
    text = page(
        "<div id=n>"
        + "".join(f"<p>{n} May 2021</p>\n<h3><a href='/{n}'>Title {n}</a></h3>\n" for n in (3, 2, 1))
        + "</div>"
    )

    assert [item.published for item in read(text, item="#n > h3").items] == [
        date(2021, 5, day) for day in (3, 2, 1)
    ]
