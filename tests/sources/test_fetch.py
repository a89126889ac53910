"""Rounds against a real server: what is asked, how often, and what is remembered."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.fetch import fetch_all
from sse_digest.sources.options import FetchRequest
from sse_digest.store import Store
from sse_digest.store.news.items import all_items
from sse_digest.store.news.sightings import places_in
from sse_digest.store.news.sources import source_states
from tests.builders import NOON
from tests.sources.hosts import DAY, FETCH, HOUR, NOW, PAGE, Host, Rounds, listing, plain_rules
from tests.sources.serving import response, serving


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    return plain_rules()


async def test_a_page_is_asked_by_its_own_validators_and_not_read_where_it_is_as_it_was(
    store: Store, rules: ThemeRules
) -> None:
    tag, day = 'W/"a\u00e9,b"', "Thu,  20 Apr 2023 11:00:00 GMT"
    host = Host(
        news=response(PAGE).replace(
            b"\r\n", f"\r\nETag: {tag}\r\nLast-Modified: {day}\r\n".encode("latin-1"), 1
        )
    )
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        first = await fetch()
        assert (first.added, first.problem) == (6, None)
        host.pages["/same"] = response(b"", "304 Not Modified", content_length="0")
        again = await fetch(NOON + HOUR)

    assert host.headers[b"if-none-match"] == tag.encode("latin-1")
    assert host.headers[b"if-modified-since"] == day.encode()
    assert (again.note, again.read, again.problem) == ("the page has not changed (304)", 0, None)
    with store.reading() as connection:
        (state,) = source_states(connection)
        places = places_in(connection, "news")
    assert (state.good_at, state.items, state.problem) == (NOON + HOUR, 6, None)
    assert {place.last_seen for place in places.values()} == {NOON + HOUR}


async def test_a_page_is_left_alone_between_its_hours_unless_somebody_wants_it(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE, etag='"1"'))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        left = await fetch(NOON + HOUR / 2)
        assert left.note == (
            "not requested again before 2023-04-20 12:55 UTC (`sse-digest fetch --now` reads it now)"
        )
        assert host.asked == ["/robots.txt", "/news"]
        assert (await fetch(NOON + HOUR / 2, NOW)).unchanged == 6
        assert (await fetch(NOON + 2 * HOUR)).unchanged == 6
    assert host.asked == ["/robots.txt", "/news", "/news", "/news"]


async def test_a_page_without_validators_is_asked_daily(store: Store, rules: ThemeRules) -> None:
    host = Host(news=response(PAGE))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        assert (await fetch(NOON + 22 * HOUR)).note is not None
        assert (await fetch(NOON + DAY)).note is None
    assert b"if-none-match" not in host.headers
    assert host.asked == ["/robots.txt", "/news", "/robots.txt", "/news"]  # the rules are a day old


async def test_another_configuration_is_tried_at_once_and_for_the_whole_page(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE, etag='"1"'))
    async with serving(host) as base:
        await Rounds(store, rules, base)()
        other = await Rounds(store, rules, base, selectors={"item": "article"})()
    assert (other.read, other.note) == (6, None)
    assert b"if-none-match" not in host.headers


async def test_a_page_that_was_refused_is_asked_for_as_a_whole_and_told_again_until_then(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(b"<html><body><p>Please sign in</p></body></html>", etag='"wall"'))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        refused = await fetch()
        left = await fetch(NOON + HOUR / 2)
        assert refused.problem is not None
        assert (left.problem or "").startswith(refused.problem)
        assert "It is not requested again before 2023-04-20 12:55 UTC" in (left.problem or "")
        host.pages["/news"] = response(PAGE)
        assert (await fetch(NOON + HOUR)).added == 6
    assert b"if-none-match" not in host.headers
    assert host.asked.count("/news") == 2


async def test_a_reading_that_raised_an_alarm_is_accepted_without_waiting(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE, etag='"1"'))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/news"] = response(re.sub(rb"\d April", b"1 April", PAGE), etag='"2"')
        assert (await fetch(NOON + HOUR)).alarms
        assert (await fetch(NOON + HOUR, FetchRequest(accept=["news"]))).problem is None
    assert b"if-none-match" not in host.headers


async def test_a_host_that_lets_nobody_read_is_not_asked(store: Store, rules: ThemeRules) -> None:
    host = Host(news=response(PAGE))
    host.pages["/robots.txt"] = response(b"User-agent: sse-digest\nDisallow: /news\n")
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
        again = await Rounds(store, rules, base)(NOON + HOUR)
    assert "/robots.txt forbids it with the line “Disallow: /news”" in (report.problem or "")
    assert again.problem == report.problem
    assert host.asked == ["/robots.txt"]


@pytest.mark.parametrize(
    ("robots", "added"),
    [
        (response(b""), 6),
        (response(b"<html>no such page</html>"), 6),
        (response(b"", "403 Forbidden"), 6),
        (response(b"", "429 Too Many Requests"), 0),
        (response(b"", "500 Oops"), 0),
        (b"nonsense", 0),
    ],
)
async def test_no_rules_mean_yes_and_rules_that_cannot_be_had_mean_no(
    store: Store, rules: ThemeRules, robots: bytes, added: int
) -> None:
    host = Host(news=response(PAGE))
    host.pages["/robots.txt"] = robots
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
    assert report.added == added
    assert ("is not requested (RFC 9309)" in (report.problem or "")) is (not added)


async def test_rules_that_were_had_hold_for_a_month_where_a_host_gives_none(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/robots.txt"] = response(b"", "503 Later")
        assert (await fetch(NOON + 2 * DAY)).problem is None
        assert "RFC 9309" in ((await fetch(NOON + 31 * DAY)).problem or "")


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Later"])
async def test_a_server_that_wants_peace_has_it_even_from_those_in_a_hurry(
    store: Store, rules: ThemeRules, status: str
) -> None:
    host = Host(news=response(b"", status, retry_after="7200"))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        left = await fetch(NOON + HOUR, NOW)
        assert "again before 2023-04-20 14:00 UTC (its server asks for this)" in (left.problem or "")
        host.pages["/news"] = response(PAGE)
        assert (await fetch(NOON + 2 * HOUR)).added == 6
    assert host.asked.count("/news") == 2


@pytest.mark.slow
async def test_a_page_that_moved_for_good_is_asked_where_it_is_and_the_admin_is_told(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(b"", "301 Moved", location="/new"), new=response(PAGE, etag='"1"'))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        first = await fetch()
        assert first.warnings[0] == f"the page has moved permanently: set url = '{base}/new'"
        again = await fetch(NOON + HOUR)
        assert again.warnings[0] == first.warnings[0]
        assert host.asked == ["/robots.txt", "/news", "/new", "/new"]
        host.pages["/new"] = response(b"", "404 Not Found")
        assert "/new answered 404" in ((await fetch(NOON + 2 * HOUR)).problem or "")
        await fetch(NOON + 3 * HOUR)
    assert host.asked[4:] == ["/new", "/news", "/new"]


async def test_a_page_that_is_elsewhere_for_now_is_asked_where_it_belongs(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(
        news=response(b"", "302 Found", location="/new"), new=response(b"", "308 Moved", location="/x")
    )
    host.pages["/x"] = response(PAGE)
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
        await Rounds(store, rules, base)(NOON, NOW)
    assert report.warnings == ()
    assert host.asked == ["/robots.txt", "/news", "/new", "/x", "/news", "/new", "/x"]


@pytest.mark.slow
async def test_a_page_that_is_gone_for_good_ends_its_source(store: Store, rules: ThemeRules) -> None:
    host = Host(news=response(PAGE))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        host.pages["/news"] = response(b"", "410 Gone")
        gone = await fetch(NOON + DAY)
        much_later = await fetch(NOON + 90 * DAY)
        assert "410 Gone on 2023-04-21" in (gone.problem or "")
        assert much_later.problem == gone.problem
        assert host.asked.count("/news") == 2
        host.pages["/news"] = response(PAGE)
        assert (await fetch(NOON + 90 * DAY, NOW)).problem is None
    with store.reading() as connection:
        assert len(all_items(connection)) == 6


async def test_what_is_missing_from_a_page_that_stays_as_it_is_is_gone_in_the_end(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE, etag='"1"'))
    async with serving(host) as base:
        fetch = Rounds(store, rules, base)
        await fetch()
        without = listing([9, 7, 6, 5, 4])
        host.pages["/news"] = response(without, etag='"2"')
        assert (await fetch(NOON + DAY)).read == 5
        host.pages["/same"] = response(b"", "304 Not Modified", content_length="0")
        notes: Sequence[str | None] = [(await fetch(NOON + n * DAY)).note for n in (2, 3)]
    assert notes == ["the page has not changed (304)"] * 2
    with store.reading() as connection:
        gone = [item.title for item in all_items(connection) if item.gone_at]
    assert gone == ["What happened on day 8 of April"]


async def test_a_redirect_is_followed_only_where_its_host_lets_us(store: Store, rules: ThemeRules) -> None:
    host = Host(news=response(b"", "302 Found", location="/inner/%2e%2e/private/news"))
    host.pages["/robots.txt"] = response(b"User-agent: *\nDisallow: /private\n")
    host.pages["/private/news"] = response(PAGE)
    async with serving(host) as base:
        report = await Rounds(store, rules, base)()
    assert "forbids it with the line “Disallow: /private”" in (report.problem or "")
    assert host.asked == ["/robots.txt", "/news"]


async def test_a_redirect_to_another_host_is_judged_by_that_hosts_rules(
    store: Store, rules: ThemeRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def every_host_is_here(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setattr("sse_digest.sources.crawler.public_addresses", every_host_is_here)
    other = Host(new=response(PAGE))
    other.pages["/robots.txt"] = response(b"User-agent: *\nDisallow: /\n")
    async with serving(other) as there:
        moved = there.replace("127.0.0.1", "other.example.org")
        host = Host(news=response(b"", "302 Found", location=f"{moved}/new"))
        async with serving(host) as base:
            fetch = Rounds(store, rules, base, allow_private_hosts=False)
            report = await fetch()
            other.pages["/robots.txt"] = response(b"")
            again = await fetch(NOON + 2 * DAY)
    assert f"{moved}/robots.txt forbids it" in (report.problem or "")
    assert (again.added, again.problem) == (6, None)
    assert other.asked == ["/robots.txt", "/robots.txt", "/new"]


async def test_a_host_whose_rules_cannot_be_had_is_asked_for_them_once_a_round(
    store: Store, rules: ThemeRules
) -> None:
    host = Host(news=response(PAGE), **{"robots.txt": response(b"", "503 Later")})
    async with serving(host) as base:
        one = Rounds(store, rules, base).source
        two = replace(one, name="again", url=f"{base}/other")
        reports = await fetch_all(store, [one, two], FETCH, now=NOON, rules=rules)
    assert all("Until its robots.txt can be fetched" in (report.problem or "") for report in reports)
    assert f"{base}/other is not requested" in (reports[1].problem or "")
    assert host.asked == ["/robots.txt"]


async def test_a_private_host_that_was_not_configured_is_not_reached_by_a_redirect(
    store: Store, rules: ThemeRules
) -> None:
    inside = Host(secret=response(PAGE))
    async with serving(inside) as there:
        for location in (f"{there}/secret", there.replace("127.0.0.1", "localhost") + "/secret"):
            host = Host(news=response(b"", "302 Found", location=location))
            async with serving(host) as base:
                report = await Rounds(store, rules, base)(wanted=NOW)
            assert "which is not a public address" in (report.problem or "")
            assert "set url to its address there" in (report.problem or "")
    assert inside.asked == []
