"""Lists of several pages, against a real server."""

import re
from datetime import timedelta

import pytest

from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.options import FetchRequest
from sse_digest.store import Store
from sse_digest.store.news.items import all_items
from sse_digest.store.news.sightings import listed_last, places_of
from sse_digest.store.news.sources import source_states
from tests.builders import NOON
from tests.sources.hosts import DAY, HOUR, Host, Rounds, listing, plain_rules
from tests.sources.serving import response, serving

NEXT = b"<a rel=next href='%s'>Older</a>"


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    return plain_rules()


def paged(count: int, newest: int = 28) -> dict[str, bytes]:
    """A list of so many pages of three items, each linked to the next: /news, /news2, /news3 and so on."""
    pages = {}
    for number in range(1, count + 1):
        more = NEXT % b"/news%d" % (number + 1) if number < count else b""
        top = newest - 3 * (number - 1)
        pages[f"news{number if number > 1 else ''}"] = response(listing(range(top, top - 3, -1), more))
    return pages


def items_of(store: Store) -> int:
    with store.reading() as connection:
        return len(all_items(connection))


async def test_pages_are_read_until_one_holds_only_known_items(store: Store, rules: ThemeRules) -> None:
    host = Host(**paged(4))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        first = await fetch()
        assert (first.read, first.added, first.warnings) == (12, 12, ())
        assert host.asked[1:] == ["/news", "/news2", "/news3", "/news4"]

        host.asked.clear()
        assert (await fetch(NOON + HOUR * 23)).unchanged == 3  # nothing new on the first page
        host.pages |= Host(**paged(4, newest=29)).pages
        moved = await fetch(NOON + HOUR * 46)
    assert (moved.added, moved.read) == (1, 6)
    assert [path for path in host.asked if path != "/robots.txt"] == ["/news", "/news", "/news2"]
    assert items_of(store) == 13


async def test_a_bound_is_kept_and_told_and_the_whole_history_is_read_when_asked(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(**paged(8))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base, max_pages=3)
        first = await fetch()
        assert first.added == 9
        assert "page 3 of the list still had new items, but max_pages allows no more" in first.warnings[0]
        history = await fetch(NOON + HOUR / 2, FetchRequest(history=True))
    assert (history.added, history.unchanged, history.warnings) == (15, 9, ())
    assert items_of(store) == 24


@pytest.mark.parametrize("template", ["/nextRow--{offset}", "/page-{page}"])
async def test_pages_that_nothing_links_to_are_found_by_a_template(
    store: Store, rules: ThemeRules, template: str
) -> None:
    host = Host(news=response(listing([28, 27, 26])))
    for number, offset in ((2, 3), (3, 6)):
        path = template.format(page=number, offset=offset)
        host.pages[path] = response(listing(range(28 - offset, 25 - offset, -1)))
    host.pages[template.format(page=4, offset=9)] = response(b"", "404 Not Found")
    async with serving(host) as base:
        report = await Rounds(store, rules, base, next_url=base + template)()
    assert (report.added, report.warnings) == (9, ())


async def test_a_selector_names_the_link_to_the_next_page(store: Store, rules: ThemeRules) -> None:
    pager = b"<p class=pager><b>1</b><a href='/news2'>2</a></p>"
    host = Host(news=response(listing([9, 8, 7], pager)), news2=response(listing([6, 5, 4])))
    async with serving(host) as base:
        selectors = {"item": "article", "next": ".pager b + a"}
        linked = await Rounds(store, rules, base, selectors=selectors)()
        around = await Rounds(store, rules, base, selectors=selectors | {"next": ".pager"})()
    assert linked.added == 6
    assert around.added == 0


@pytest.mark.parametrize(
    "target", [b"http://elsewhere.invalid/news2", b"/news", b"mailto:news@example.org", b"#top", b""]
)
async def test_a_next_page_on_another_host_or_the_page_itself_is_none(
    store: Store, rules: ThemeRules, target: bytes
) -> None:
    host = Host(news=response(listing([9, 8, 7], NEXT % target)))
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
    assert (report.added, report.warnings) == (3, ())
    assert host.asked == ["/robots.txt", "/news"]


async def test_a_page_that_fails_is_told_and_the_next_round_goes_on_behind_what_is_known(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(**paged(3))
    whole = host.pages["/news2"]
    host.pages["/news2"] = response(b"", "500 Oops")
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        first = await fetch()
        assert (first.added, first.problem) == (3, None)
        assert "page 2 of the list was not read" in first.warnings[0]
        host.pages["/news2"] = whole
        again = await fetch(NOON + HOUR)
        assert (again.added, again.unchanged, again.warnings) == (6, 3, ())
        host.asked.clear()
        await fetch(NOON + HOUR + DAY)
    assert [path for path in host.asked if path != "/robots.txt"] == ["/news"]


@pytest.mark.parametrize(
    "page",
    [
        b"<html><head><title>Please sign in</title></head><body>" + listing([5, 4, 3])[12:],
        listing([5, 4, 3]).replace(b"</body></html>", b""),
        re.sub(rb"<time>\d", b"<time>5", listing([6, 5, 4, 3])),
    ],
)
async def test_a_further_page_that_is_not_like_the_first_is_left_out(
    store: Store, rules: ThemeRules, page: bytes
) -> None:
    host = Host(news=response(listing([9, 8, 7], NEXT % b"/news2")), news2=response(page))
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
    assert (report.added, report.problem) == (3, None)
    assert "page 2 of the list is not like the first and was left out" in report.warnings[0]


async def test_the_first_page_alone_is_judged_and_an_alarm_stops_the_others(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(**paged(3))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        with store.reading() as connection:
            (state,) = source_states(connection)
            assert len(listed_last(connection, "news")) == 9
        assert (state.items, [shape.items for shape in state.shapes]) == (3, [3])
        for n in range(1, 4):
            assert (await fetch(NOON + n * DAY)).problem is None  # the other pages are not missed
        host.asked.clear()
        alike = re.sub(rb"<time>..", b"<time>28", listing([28, 27, 26, 25], NEXT % b"/news2"))
        host.pages["/news"] = response(alike)
        assert (await fetch(NOON + 5 * DAY)).alarms
    assert "/news2" not in host.asked


async def test_an_item_that_stands_on_every_page_is_one_item_as_the_first_page_has_it(
    store: Store, rules: ThemeRules
) -> None:
    pinned = b"<article><h2><a href='/pin'>Our great report</a></h2><time>1 April 2023</time>%s</article>"
    teaser = b"<p>A teaser that only stands here.</p>"
    host = Host(
        news=response(listing([9, 8, 7], pinned % b"" + NEXT % b"/news2")),
        news2=response(listing([6, 5], pinned % teaser + NEXT % b"/news3")),
        news3=response(listing([4, 3], pinned % b"")),
    )
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
    assert (report.added, report.changed, report.read) == (8, 0, 10)
    with store.reading() as connection:
        (item,) = [item for item in all_items(connection) if "great" in (item.title or "")]
        (place,) = places_of(connection, item.id)
    assert (item.summary, place.position) == (None, 3)


async def test_one_item_on_three_lists_is_one_item_with_three_places(store: Store, rules: ThemeRules) -> None:
    host = Host(one=response(listing([9, 8])), two=response(listing([8, 7])), three=response(listing([8, 6])))
    async with serving(host) as base:
        for name in ("one", "two", "three"):
            await Rounds(store, rules, base, name=name, url=f"{base}/{name}")()
    with store.reading() as connection:
        (item,) = [item for item in all_items(connection) if "day 8" in (item.title or "")]
        places = places_of(connection, item.id)
    assert [place.source for place in places] == ["one", "three", "two"]
    assert items_of(store) == 4
    assert timedelta(0) == places[0].first_seen - NOON
