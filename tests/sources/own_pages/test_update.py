"""Items' own pages: what is taken from them, and what keeps anything from being taken."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Image, Item, Precision, Reading, ReadItem
from sse_digest.model.theme_rules import parse_rules
from sse_digest.sources.fetch import fetch_all
from sse_digest.sources.http.client import HttpStatusError
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.sources.own_pages.extract import own_page_of, read_own_page
from sse_digest.sources.own_pages.update import MOST, improved, read_own_pages
from sse_digest.sources.page import Page
from sse_digest.store import Store
from sse_digest.store.news.item_history import changes_of
from sse_digest.store.news.items import all_items, edit_item
from sse_digest.store.news.own_pages import OwnPageState, own_page_states
from tests.builders import NOON, make_item
from tests.options import fetch_options, source_options
from tests.pages import filled
from tests.sources.serving import response, serving

HOME = "https://news.example.org"
SOURCE = source_options(name="news", kind="html", url=HOME, article=True)
RULES = parse_rules(
    {"themes": {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}}, where="test"
)
LONG = "The boat that came in this morning carries tea, and every crate of it belongs to the growers."
TEXT = f"<p>{LONG}</p><p>On the quay <a href='/more'>their members</a> were waiting. {LONG}</p><p>{LONG}</p>"
AT = datetime(2024, 3, 7, 8, 30, tzinfo=UTC)


def page(
    text: str = TEXT, *, title: str = "A boat comes in", head: str = "", beside: str = "", url: str = "/7"
) -> Page:
    html = filled("own_pages/item.html", text=text, title=title, head=head, beside=beside)
    return Page(data=html.encode(), place=HOME + url, url=HOME + url)


HEAD = (
    f'<link rel="canonical" href="{HOME}/news/a-boat-comes-in">'
    '<meta property="og:image" content="/i/boat.jpg"><meta property="og:image:alt" content="A boat">'
    '<meta property="article:published_time" content="2024-03-07T09:30:00+01:00">'
)
FIGURE = (
    '<figure><img src="/i/boat.jpg?w=9"><figcaption>The quay. '
    "<span>© Ann / News 2024</span></figcaption></figure>"
)


# ------------------------------------------------------------------ one page


def test_a_page_gives_its_address_image_credit_text_and_time() -> None:
    own = own_page_of(page(head=HEAD, beside=FIGURE))
    assert own.link == f"{HOME}/news/a-boat-comes-in"
    assert (own.image_url, own.image_alt) == (f"{HOME}/i/boat.jpg", "A boat")
    assert own.credit == "© Ann / News 2024"
    assert own.day == "2024-03-07T09:30:00+01:00"
    assert (own.body or "").startswith(f'<div><p>{LONG}</p><p>On the quay <a href="{HOME}/more">')
    assert "© 2024" not in (own.body or "")


def test_what_is_said_to_machines_comes_first() -> None:
    said = {
        "@type": "NewsArticle",
        "headline": "A boat comes in",
        "datePublished": "2024-03-07T09:30:00+01:00",
        "image": {"url": "/i/ship.jpg", "caption": "A ship", "creditText": "Bea"},
    }
    script = f'<script type="application/ld+json">{json.dumps(said)}</script>'
    own = own_page_of(page(head=script, beside=FIGURE))
    assert (own.image_url, own.image_alt, own.credit) == (f"{HOME}/i/ship.jpg", "A ship", "© Bea")
    assert own.day == "2024-03-07T09:30:00+01:00"


def test_a_page_that_tells_machines_nothing_gives_its_first_figure_and_its_text() -> None:
    own = own_page_of(page(beside=FIGURE.replace("<img", "<img alt='The quay'")))
    assert (own.image_url, own.image_alt) == (f"{HOME}/i/boat.jpg?w=9", "The quay")
    assert (own.link, own.day) == (None, None)


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("The quay at noon © Ann / News 2024", "© Ann / News 2024"),
        ("The quay at noon. Photo: Ann Lee / News", "© Ann Lee / News"),
        ("Le quai à midi. Crédit photo : Ann Lee", "© Ann Lee"),
        ("The quay at noon, when the photo: of the day is taken. It was hot.", None),
        ("Image of the quay", None),
    ],
)
def test_a_credit_behind_the_words_of_a_caption_is_found(caption: str, credit: str | None) -> None:
    figure = f'<figure><img src="/i/boat.jpg"><figcaption>{caption}</figcaption></figure>'
    assert own_page_of(page(beside=figure)).credit == credit


def test_microdata_names_the_text_and_the_day() -> None:
    text = f'<meta itemprop="datePublished" content="2024-03-07"><div itemprop="articleBody">{TEXT}</div>'
    own = own_page_of(page(text, beside=f"<p>{LONG}</p>" * 9))
    assert own.day == "2024-03-07"
    assert (own.body or "").count("The boat") == 3


def test_of_several_article_elements_none_is_the_part() -> None:
    teasers = "".join(f"<article><p>{n} teaser</p></article>" for n in range(3))
    assert (own_page_of(page(beside=teasers)).body or "").startswith("<div><p>The boat")


@pytest.mark.parametrize(
    "address", ["/", "https://other.example.org/7", "javascript:alert(1)", "https://news.example.org"]
)
def test_an_address_of_the_entrance_or_of_another_host_is_not_taken(address: str) -> None:
    assert own_page_of(page(head=f'<link rel="canonical" href="{address}">')).link is None


@pytest.mark.parametrize(
    ("url", "address", "taken"),
    [
        ("/en/news/7", "/en/", False),
        ("/en/news/7", "/en/news", False),
        ("/en/news/7", "/en/ne", True),
        ("/news?id=7", "/news", False),
        ("/news?id=7", "/news?id=7", True),
        ("/news?utm_source=list", "/news", True),
        ("/en/news/7/index.html", "/en/news/7/", True),
        ("/en/news/7", "/en/news/7-a-boat", True),
    ],
)
def test_an_address_that_the_page_only_stands_below_is_not_taken(url: str, address: str, taken: bool) -> None:
    own = own_page_of(page(url=url, head=f'<link rel="canonical" href="{address}">'))
    assert own.link == (HOME + address if taken else None)


def test_a_page_in_a_file_calls_itself_nothing() -> None:
    assert own_page_of(replace(page(head=HEAD), url=None)).link is None


def test_a_page_without_a_text_has_no_body() -> None:
    assert own_page_of(page("<p>Read more</p>")).body is None
    assert own_page_of(page("<form><p>" + LONG * 4 + "</p></form>")).body is None


@pytest.mark.parametrize("told", ["Sign in", "Just a moment...", "404 Not Found", "We value your privacy"])
def test_a_page_in_front_of_the_news_is_refused(told: str) -> None:
    with pytest.raises(SourceError, match="calls itself"):
        own_page_of(page(title=told))


@pytest.mark.slow
@pytest.mark.parametrize(
    "data", [b"\x00\x01", b"<p>" * 200_000, b"<b>" + b"<p>x<i id=1>" * 20_000, b"x", b"<script>{</script>"]
)
async def test_a_hostile_page_is_contained(data: bytes) -> None:
    try:
        own = await read_own_page(Page(data=data, place="page", url=HOME), SOURCE)
    except SourceError:
        return
    assert (own.body, own.image_url) == (None, None)


async def test_a_page_comes_out_of_the_contained_process_as_it_is() -> None:
    whole = page(head=HEAD, beside=FIGURE)
    assert await read_own_page(whole, SOURCE) == own_page_of(whole)


# ------------------------------------------------------------------ what becomes of an item


def test_a_day_is_taken_only_where_the_list_gave_none() -> None:
    own = own_page_of(page(head=HEAD))
    undated, _ = improved(make_item(published=None, precision=Precision.NONE), own)
    assert (undated.published, undated.precision, undated.published_at) == (date(2024, 3, 7), "day", AT)
    month, _ = improved(make_item(published=date(2024, 3, 1), precision=Precision.MONTH), own)
    assert (month.published, month.precision, month.published_at) == (date(2024, 3, 7), "day", AT)
    other, _ = improved(make_item(published=date(2024, 2, 1)), own)
    assert (other.published, other.published_at) == (date(2024, 2, 1), None)


def test_what_is_the_same_is_left_as_it_stands() -> None:
    own = own_page_of(page(head=HEAD, beside=FIGURE))
    item = make_item(
        published=date(2024, 3, 7),
        link=own.link and f"{own.link}?utm_source=x",
        credit="© Ann / News 2023",
        body=own.body and own.body.replace("<div>", "<div> "),
        image_url=f"{own.image_url}?v=1",
        image_alt="A boat",
        published_at=AT,
    )
    assert improved(item, own) == (item, ("link", "credit", "body", "image_url", "image_alt"))


# ------------------------------------------------------------------ a source


def listed(number: int = 7, **changes: object) -> ReadItem:
    values: dict[str, object] = {
        "title": "A boat comes in",
        "link": f"{HOME}/{number}",
        "summary": "It carries tea.",
        "published": date(2024, 3, 7),
        "precision": Precision.DAY,
        "image_url": f"{HOME}/i/small.jpg",
    }
    return ReadItem(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


class Web:
    """Pages by address, and which of them were asked for."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self.pages, self.asked = dict(pages), list[str]()

    async def get(self, url: str) -> Page:
        self.asked.append(url)
        if url not in self.pages:
            raise SourceError(f"{url} answers 404.")
        return self.pages[url]


async def fetch(store: Store, web: Web, *items: ReadItem, days: int = 0) -> tuple[str, ...]:
    now = NOON + timedelta(days=days)
    ingest(store, "news", Reading(items=items), now=now, rules=RULES)
    return await read_own_pages(store, SOURCE, web.get, now=now)


def the_item(store: Store) -> tuple[Item, OwnPageState]:
    with store.reading() as connection:
        (item,) = all_items(connection)
        return item, (own_page_states(connection, [item.id]))[item.id]


async def test_a_new_item_gets_what_its_page_says_and_is_asked_for_once(store: Store) -> None:
    web = Web({f"{HOME}/7": page(head=HEAD, beside=FIGURE)})
    for days in range(3):
        assert await fetch(store, web, listed(), days=days) == ()
    item, state = the_item(store)
    assert web.asked == [f"{HOME}/7"]
    assert item.image == Image(url=f"{HOME}/i/boat.jpg", alt="A boat", credit="© Ann / News 2024")
    assert item.link == f"{HOME}/news/a-boat-comes-in"
    assert (item.published_at, item.updated) == (AT, NOON)
    assert item.body
    assert (state.good_at, state.tries, state.problem) == (NOON, 0, None)
    with store.reading() as connection:
        assert [change.why for change in changes_of(connection, item.id)][-1] == "its own page"


async def test_the_page_of_a_changed_item_is_read_again(store: Store) -> None:
    web = Web({f"{HOME}/7": page(head=HEAD, beside=FIGURE)})
    await fetch(store, web, listed())
    web.pages[f"{HOME}/7"] = page(TEXT.replace("tea", "coffee"), head=HEAD, beside=FIGURE)
    await fetch(store, web, listed(summary="It carries coffee."), days=1)
    item, _ = the_item(store)
    assert len(web.asked) == 2
    assert "coffee" in (item.body or "")
    assert item.image_url == f"{HOME}/i/boat.jpg"
    assert item.updated == NOON + timedelta(days=1)


async def test_other_words_on_the_page_alone_move_updated_when_it_is_read_again(store: Store) -> None:
    web = Web({f"{HOME}/7": page(head=HEAD)})
    await fetch(store, web, listed())
    web.pages[f"{HOME}/7"] = page(TEXT.replace("tea", "coffee"), head=HEAD)
    await fetch(store, web, listed(published=date(2024, 3, 6)), days=1)
    item, _ = the_item(store)
    assert (item.updated, item.published) == (NOON + timedelta(days=1), date(2024, 3, 6))


async def test_a_page_that_fails_loses_nothing_and_is_tried_three_times(store: Store) -> None:
    web = Web({})
    for days in range(5):
        told = await fetch(store, web, listed(), days=days)
        assert bool(told) == (days < 3)
    item, state = the_item(store)
    assert (item.title, item.image_url, item.link) == ("A boat comes in", f"{HOME}/i/small.jpg", f"{HOME}/7")
    assert len(web.asked) == 3
    assert (state.tries, state.good_at) == (3, None)
    assert "404" in (state.problem or "")
    await fetch(store, web, listed(summary="It carries coffee."), days=6)
    assert len(web.asked) == 4


async def test_a_page_that_fails_later_keeps_what_it_gave(store: Store) -> None:
    web = Web({f"{HOME}/7": page(head=HEAD, beside=FIGURE)})
    await fetch(store, web, listed())
    web.pages.clear()
    (told,) = await fetch(store, web, listed(summary="It carries coffee."), days=1)
    item, state = the_item(store)
    assert "own pages that could not be used: 1 of 1" in told
    assert (item.image_url, item.summary) == (f"{HOME}/i/boat.jpg", "It carries coffee.")
    assert "image_url" in state.fields


@pytest.mark.parametrize("title", ["Welcome to our new website", "404", ""])
async def test_a_page_of_something_else_gives_nothing(store: Store, title: str) -> None:
    web = Web({f"{HOME}/7": page(head=HEAD, title=title)})
    (told,) = await fetch(store, web, listed())
    item, _ = the_item(store)
    assert ("has another title than its item" in told) is (title != "404")
    assert ("calls itself an error page" in told) is (title == "404")
    assert (item.image_url, item.body) == (f"{HOME}/i/small.jpg", None)


async def test_an_edited_title_need_not_stand_on_the_page(store: Store) -> None:
    web = Web({})
    await fetch(store, web, listed())
    item, _ = the_item(store)
    with store.writing() as connection:
        edit_item(connection, item.id, now=NOON, title="Tea!")
    web.pages[f"{HOME}/7"] = page(head=HEAD)
    await fetch(store, web, listed(), days=1)
    item, _ = the_item(store)
    assert (item.title, bool(item.body)) == ("Tea!", True)


async def test_a_defect_met_on_one_page_stops_nothing(store: Store) -> None:
    async def broken(url: str) -> Page:
        raise RuntimeError(url)

    ingest(store, "news", Reading(items=(listed(),)), now=NOON, rules=RULES)
    (told,) = await read_own_pages(store, SOURCE, broken, now=NOON)
    assert "Please report this" in told


async def test_of_many_pages_some_wait_for_the_next_run(store: Store) -> None:
    web = Web({})
    items = [listed(number, title=f"Number {number}") for number in range(MOST + 5)]
    await fetch(store, web, *items)
    assert len(set(web.asked)) == MOST
    await fetch(store, web, *items, days=1)
    assert len(set(web.asked)) == MOST + 5


@pytest.mark.slow
async def test_pages_that_were_left_over_are_read_though_their_items_are_listed_no_more(store: Store) -> None:
    items = [listed(number, title=f"Number {number}", link=f"{HOME}/{number}") for number in range(MOST + 5)]
    web = Web({one.link or "": page(head=HEAD, title=one.title or "") for one in items})
    (told,) = await fetch(store, web, *items)
    assert "own pages that wait for a later round: 5" in told
    assert len(web.asked) == MOST
    assert await fetch(store, web, listed(99, title="Newer news"), days=1) != ()
    assert set(web.asked) >= {one.link for one in items}
    before = len(web.asked)
    await fetch(store, web, listed(99, title="Newer news"), days=2)
    assert web.asked[before:] == [f"{HOME}/99"]


class Tired(Web):
    """A host that wants peace from its second page on."""

    def __init__(self, pages: Mapping[str, Page], status: int, retry_after: str | None) -> None:
        super().__init__(pages)
        self.status, self.retry_after, self.rested = status, retry_after, False

    async def get(self, url: str) -> Page:
        if len(self.asked) == 1 and not self.rested:
            self.asked.append(url)
            raise HttpStatusError(
                f"{url} answered {self.status}.", status=self.status, retry_after=self.retry_after
            )
        return await super().get(url)


@pytest.mark.parametrize(
    ("status", "retry_after", "left_alone"), [(429, "172800", True), (503, None, False), (503, "soon", False)]
)
async def test_a_host_that_wants_peace_is_left_alone_and_asked_later(
    store: Store, status: int, retry_after: str | None, left_alone: bool
) -> None:
    items = [listed(number, title=f"Number {number}") for number in range(5)]
    pages = {one.link or "": page(head=HEAD, title=one.title or "") for one in items}
    web = Tired(pages, status, retry_after)
    told = await fetch(store, web, *items)
    assert len(web.asked) == 2
    assert "own pages that could not be used: 1 of 2" in told[0]
    assert "own pages that wait for a later round: 3" in told[1]
    web.rested = True
    told = await fetch(store, web, *items, days=1)
    assert (len(web.asked) == 2) is left_alone
    assert bool(told) is left_alone
    assert await fetch(store, web, *items, days=3) == ()
    assert set(web.asked) == set(pages)
    with store.reading() as connection:
        states = own_page_states(connection, [one.id for one in all_items(connection)])
    assert {(one.waits, one.problem, one.tries) for one in states.values()} == {(False, None, 0)}


async def test_an_address_that_several_pages_call_themselves_by_is_nobodys(store: Store) -> None:
    head = f'<link rel=canonical href="{HOME}/latest">'
    items = [listed(number, title=f"Number {number}") for number in range(3)]
    web = Web({one.link or "": page(head=head, title=one.title or "") for one in items})
    await fetch(store, web, items[0])
    await fetch(store, web, *items[:2], days=1)  # the first one has taken it meanwhile
    await fetch(store, web, *items, days=2)
    with store.reading() as connection:
        links = {one.link for one in all_items(connection)}
    assert links == {one.link for one in items}


async def test_items_without_a_link_and_other_sources_items_are_not_asked_for(store: Store) -> None:
    web = Web({})
    ingest(store, "first", Reading(items=(listed(),)), now=NOON, rules=RULES)
    assert await fetch(store, web, listed(), listed(8, title="No link", link=None)) == ()
    assert web.asked == []


async def test_a_fetch_reads_the_list_and_the_own_pages_of_its_items(store: Store) -> None:
    teaser = "<li class=n><h3><a href='/7'>A boat comes in</a></h3><time>7 March 2024</time><p>Tea.</p></li>"
    asked = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split()[1].decode()
        asked.append(path)
        data = {"/list": f"<ul>{teaser}</ul>".encode(), "/7": page(head=HEAD, beside=FIGURE).data}
        writer.write(response(data[path]) if path in data else response(b"no", "404 Not Found"))

    async with serving(answer) as url:
        source = replace(
            SOURCE, url=f"{url}/list", selectors={"item": "li.n", "list": "ul"}, allow_private_hosts=True
        )
        options = fetch_options(user_agent="sse-digest test")
        (report,) = await fetch_all(store, [source], options, now=NOON, rules=RULES)
    item, state = the_item(store)
    assert (report.problem, report.added, report.warnings) == (None, 1, ())
    assert [path for path in asked if path != "/robots.txt"] == ["/list", "/7"]
    assert (item.credit, item.published_at) == ("© Ann / News 2024", AT)
    assert "body" in state.fields


@pytest.mark.parametrize("title", ["a", None])
async def test_a_page_is_not_taken_for_an_item_whose_title_tells_nothing(
    store: Store, title: str | None
) -> None:
    item = listed(title=title)
    (told,) = await fetch(store, Web({f"{HOME}/7": page()}), item)
    assert "own pages that could not be used: 1 of 1" in told
    stored, _ = the_item(store)
    assert stored.body is None


async def test_a_list_does_not_lead_to_another_host_inside(store: Store) -> None:
    asked = []

    async def inside(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        writer.write(response(page().data))

    async with serving(inside) as other:
        teaser = f"<li class=n><h3><a href='{other}/7'>A boat comes in</a></h3><time>7 March 2024</time></li>"

        async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
            is_list = request.split()[1] == b"/list"
            writer.write(response(teaser.encode()) if is_list else response(b"no", "404 Not Found"))

        async with serving(answer) as url:
            source = replace(SOURCE, url=f"{url}/list", selectors={"item": "li.n"}, allow_private_hosts=True)
            options = fetch_options(user_agent="sse-digest test")
            (report,) = await fetch_all(store, [source], options, now=NOON, rules=RULES)
    assert (report.problem, report.added, len(report.warnings), asked) == (None, 1, 1, [])


def add_again_elsewhere(store: Store, *items: ReadItem, days: int) -> int:
    """Read a list whose links all moved; return how many items it added."""
    moved = [replace(item, link=f"{HOME}/moved/{number}") for number, item in enumerate(items)]
    reading = Reading(items=tuple(moved))
    return (ingest(store, "news", reading, now=NOON + timedelta(days=days), rules=RULES)).added


@pytest.mark.parametrize(
    "undated",
    [
        {"published": None, "precision": Precision.NONE},
        {"published": None, "precision": Precision.NONE, "date_text": "soon"},
        {"published": date(2024, 3, 1), "precision": Precision.MONTH, "date_text": "March 2024"},
    ],
)
async def test_the_day_of_its_own_page_is_shown_and_never_tells_one_item_from_another(
    store: Store, undated: dict[str, object]
) -> None:
    item = listed(7, **undated)
    await fetch(store, Web({f"{HOME}/7": page(head=HEAD)}), item)
    assert add_again_elsewhere(store, item, days=1) == 0
    assert add_again_elsewhere(store, item, days=2) == 0
    stored, _ = the_item(store)
    assert (stored.published, stored.precision, stored.published_at) == (date(2024, 3, 7), "day", AT)


async def test_a_list_that_says_less_of_a_day_than_it_once_did_is_still_of_that_day(store: Store) -> None:
    await fetch(store, Web({}), listed())
    month = listed(published=date(2024, 3, 1), precision=Precision.MONTH)
    for days, less in enumerate([month, listed(published=None, precision=Precision.NONE)], start=1):
        ingest(store, "news", Reading(items=(less,)), now=NOON + timedelta(days=days), rules=RULES)
    assert add_again_elsewhere(store, listed(), days=4) == 0


async def test_an_edited_day_stays_whatever_the_items_own_page_says(store: Store) -> None:
    item = listed(published=date(2024, 3, 1), precision=Precision.MONTH)
    ingest(store, "news", Reading(items=(item,)), now=NOON, rules=RULES)
    with store.writing() as connection:
        (stored,) = all_items(connection)
        edit_item(connection, stored.id, now=NOON, published=date(2024, 2, 20))
        edit_item(connection, stored.id, now=NOON, published=date(2024, 3, 1))
    await fetch(store, Web({f"{HOME}/7": page(head=HEAD)}), item)
    stored, _ = the_item(store)
    assert (stored.published, stored.published_at, bool(stored.body)) == (date(2024, 3, 1), None, True)
    assert add_again_elsewhere(store, item, days=1) == 0


def test_a_month_an_editor_made_a_day_is_not_made_another_by_its_own_page() -> None:
    own = own_page_of(page(head=HEAD))
    edited = make_item(published=date(2024, 3, 1), precision=Precision.MONTH, edited=("published",))
    assert improved(edited, own)[0].published == date(2024, 3, 1)
