from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources.http.schedule import LONGEST_WAIT, HostDelays, manner_of, rests_until, retry_moment
from sse_digest.store.news.http_state import HttpState
from tests.builders import NOON
from tests.options import source_options

HOUR = timedelta(hours=1)


def visit(**changes: object) -> HttpState:
    values = {"source": "news", "url": "https://e.org/", "asked_at": NOON, "is_good": True, "manner": "m"}
    return HttpState(**{**values, **changes})  # type: ignore[arg-type] # of mixed types


@pytest.mark.parametrize(
    ("last", "rests", "due"),
    [
        (visit(etag='"1"'), NOON + HOUR / 2, NOON + HOUR),
        (visit(last_modified="Thu, 20 Apr 2023 11:00:00 GMT"), NOON + HOUR / 2, NOON + HOUR),
        (visit(), NOON + 12 * HOUR, NOON + 24 * HOUR),
        (visit(is_good=False), NOON + HOUR / 2, NOON + HOUR),
        (visit(not_before=NOON + 3 * HOUR), NOON + 2 * HOUR, NOON + 25 * HOUR),
    ],
)
def test_a_page_is_asked_hourly_or_daily(last: HttpState, rests: datetime, due: datetime) -> None:
    until = rests_until(last, manner="m", now=rests)
    assert until is not None
    assert rests < until <= due
    assert rests_until(last, manner="m", now=due) is None


def test_a_page_is_asked_at_once_where_a_person_says_so_or_reads_it_another_way() -> None:
    assert rests_until(visit(), manner="m", now=NOON, at_once=True) is None
    assert rests_until(visit(), manner="other", now=NOON) is None
    assert rests_until(visit(asked_at=NOON + HOUR), manner="m", now=NOON) is None  # a clock was set back


def test_what_a_server_asks_for_holds_whatever_a_person_says() -> None:
    until = NOON + 3 * HOUR
    assert rests_until(visit(not_before=until), manner="other", now=NOON, at_once=True) == until


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 60 ", timedelta(minutes=1)),
        ("Thu, 20 Apr 2023 13:00:00 GMT", HOUR),
        ("Thursday, 20-Apr-23 13:00:00 GMT", HOUR),
        ("Thu, 20 Apr 2023 13:00:00", HOUR),
        ("99999999999999999999", LONGEST_WAIT),
        ("Thu, 20 Apr 2093 13:00:00 GMT", LONGEST_WAIT),
        ("0", None),
        ("-5", None),
        ("Thu, 20 Apr 2023 11:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        (None, None),
        ("Thu, 99 Apr 2023 11:00:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_in_both_forms(text: str | None, wait: timedelta | None) -> None:
    assert retry_moment(text, now=NOON) == (None if wait is None else NOON + wait)


@given(st.text(max_size=60))
def test_no_retry_after_breaks_anything(text: str) -> None:
    moment = retry_moment(text, now=NOON)
    assert moment is None or NOON < moment.astimezone(UTC) <= NOON + LONGEST_WAIT


def rules(label: str = "Other") -> ThemeRules:
    themes = {"other": {"rank": 1, "labels": {"en": label}, "fallback": True}}
    return parse_rules({"themes": themes}, where="test")


def test_another_selector_preset_or_rule_is_another_manner() -> None:
    source = source_options(name="news", kind="html", url="https://e.org/", selectors={"item": "li"})
    others = [
        source_options(name="news", kind="html", url="https://e.org/", selectors={"item": "p"}),
        source_options(name="news", kind="html", url="https://e.org/", preset="ilo"),
        source_options(name="news", kind="feed", url="https://e.org/"),
    ]
    manners = {manner_of(one, rules()) for one in [source, *others]} | {manner_of(source, rules("Rest"))}
    assert len(manners) == 5
    assert manner_of(source, rules()) in manners


async def test_one_host_is_asked_again_only_after_its_pause_and_others_at_once() -> None:
    slept: list[float] = []
    dice = iter([0.0, 0.5, 0.99, 0.0])

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = HostDelays(2, random=lambda: next(dice), clock=lambda: 100.0, sleep=sleep)
    for host in ("one", "one", "one", "two"):
        await pace.turn(host)

    assert slept == [1.0, 3.0]  # half of it, then that and the whole of it
