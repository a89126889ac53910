"""Items that their list lost: their own pages are asked, and 404 or 410 takes them out."""

import pytest

from sse_digest.model.theme_rules import ThemeRules
from sse_digest.store import Store
from sse_digest.store.news.item_history import ChangeKind, changes_of
from sse_digest.store.news.items import all_items
from tests.builders import NOON
from tests.sources.hosts import DAY, Host, Rounds, listing, plain_rules
from tests.sources.serving import response, serving

HERE = response(b"<html><body><p>What happened.</p></body></html>")
GONE = response(b"", "410 Gone")
MISSING = response(b"", "404 Not Found")
PATHS = [f"/April/{day}" for day in range(1, 13)]


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    return plain_rules()


def host_with(days: range, **pages: bytes) -> Host:
    host = Host(news=response(listing(days)), **pages)
    host.pages |= dict.fromkeys(PATHS, HERE)
    return host


def gone(store: Store) -> list[str]:
    with store.reading() as connection:
        return [item.link or "" for item in all_items(connection) if item.gone_at is not None]


def asked(host: Host) -> list[str]:
    return [path for path in host.asked if path.startswith("/April")]


@pytest.mark.parametrize("answer", [GONE, MISSING])
async def test_an_item_the_list_lost_is_gone_where_its_page_is_and_back_when_its_page_is(
    store: Store, rules: ThemeRules, answer: bytes
) -> None:
    host = host_with(range(9, 3, -1))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        assert asked(host) == []  # what is listed is not asked after
        host.pages |= {"/news": response(listing(range(9, 4, -1))), "/April/4": answer}
        await fetch(NOON + DAY)
        assert gone(store) == [f"{base}/April/4"]
        with store.reading() as connection:
            (item,) = [one for one in all_items(connection) if one.gone_at is not None]
            last = (changes_of(connection, item.id))[-1]
        assert (last.what, last.why[-3:]) == (ChangeKind.GONE, answer[9:12].decode())
        host.pages["/April/4"] = HERE
        await fetch(NOON + 3 * DAY)
        assert gone(store) == [f"{base}/April/4"]  # it is too soon to ask again
        await fetch(NOON + 4 * DAY)
        assert gone(store) == []
    assert asked(host) == ["/April/4"] * 2


@pytest.mark.slow
async def test_falling_off_a_list_is_no_proof_and_an_answer_is_asked_for_ever_more_seldom(
    store: Store, rules: ThemeRules
) -> None:
    host = host_with(range(9, 3, -1))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/news"] = response(listing(range(10, 4, -1)))
        days = []
        for day in (1, 3, 4, 12, 13, 39, 40, 60):
            before = len(asked(host))
            await fetch(NOON + day * DAY)
            days += [day] * (len(asked(host)) - before)
    assert days == [1, 4, 13, 40]
    assert gone(store) == []


@pytest.mark.slow
async def test_a_site_that_moved_its_pages_proves_nothing_but_says_so(
    store: Store, rules: ThemeRules
) -> None:
    host = host_with(range(12, 0, -1))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages |= dict.fromkeys(PATHS, MISSING) | {"/news": response(listing(range(12, 7, -1)))}
        report = await fetch(NOON + DAY)
        assert report.warnings[-1].startswith("5 of 5 pages of items that are missing from the list")
        assert gone(store) == []
        assert len(asked(host)) == 5
        assert (await fetch(NOON + 2 * DAY)).warnings == ()  # the two that were left
    assert len(asked(host)) == 7


async def test_a_page_that_is_ill_or_forbidden_proves_nothing(store: Store, rules: ThemeRules) -> None:
    ill = (response(b"", "500 Oh"), response(b"", "403 Forbidden"), response(b"", "503 Busy"))
    host = host_with(range(9, 3, -1))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/news"] = response(listing(range(9, 6, -1)))
        host.pages |= dict(zip(("/April/6", "/April/5", "/April/4"), ill, strict=True))
        await fetch(NOON + DAY)
        assert asked(host) == ["/April/6", "/April/5", "/April/4"]
        assert gone(store) == []


@pytest.mark.slow
async def test_a_host_that_wants_peace_is_asked_no_further(store: Store, rules: ThemeRules) -> None:
    host = host_with(range(9, 3, -1))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/news"] = response(listing(range(9, 6, -1)))
        host.pages["/April/6"] = response(b"", "429 Slow")
        await fetch(NOON + DAY)
    assert asked(host) == ["/April/6"]
