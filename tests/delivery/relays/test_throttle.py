"""The pace of one relay through hours and days of a clock that only the test moves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.delivery.options import Limits
from sse_digest.delivery.relays.throttle import (
    DAY,
    FASTER,
    HOUR,
    MINUTE,
    REST,
    SLOWEST,
    USUAL,
    BackoffRequest,
    RateLimiter,
    SlowDown,
    allowance,
    backoff_requested,
    recovered,
    slowed_down,
)
from tests.options import relay_limits

NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)
FREE = relay_limits()
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("code", "enhanced", "text", "expected"),
    [
        (421, "4.7.28", "Our system has detected an unusual rate of mail", BackoffRequest.REST),
        (450, "4.7.28", "too fast", BackoffRequest.REST),
        (421, None, "closing, too many messages", BackoffRequest.LESS),
        (451, "4.7.1", "rate limited", BackoffRequest.LESS),
        (451, "4.7.1", "Greylisted, come back in five minutes", None),
        (451, "4.7.0", "you are gray-listed", None),
        (452, "4.2.2", "mailbox full", None),
        (550, "5.7.1", "policy", None),
        (250, "2.0.0", "fine", None),
        (None, None, "the relay closed the connection", None),
    ],
)
def test_what_a_reply_asks_of_our_pace(
    code: int | None, enhanced: str | None, text: str, expected: BackoffRequest | None
) -> None:
    assert backoff_requested(code, enhanced, text) is expected


def slower(
    pace: SlowDown = USUAL, limits: Limits = FREE, *, seen: float = 40, now: datetime = NOW
) -> SlowDown:
    return slowed_down(pace, limits, BackoffRequest.LESS, "421 slower", seen=seen, now=now)


def test_a_refusal_halves_what_was_really_begun() -> None:
    assert slower(seen=40).rate == 20
    assert slower(limits=relay_limits(max_per_second=100), seen=40).rate == 20
    assert slower(limits=relay_limits(max_per_second=10), seen=40).rate == 5


def test_a_burst_of_refusals_halves_once_and_the_next_one_again() -> None:
    pace = slower()
    for more in range(1, 10):
        pace = slower(pace, now=NOW + more * SECOND)
    assert pace.rate == 20
    assert slower(pace, now=NOW + 11 * SECOND).rate == 10


def test_the_rate_never_falls_to_nothing() -> None:
    pace = USUAL
    for burst in range(100):
        pace = slower(pace, seen=0, now=NOW + burst * MINUTE)
    assert pace.rate == SLOWEST


def test_each_quiet_minute_makes_it_a_little_faster_until_the_limit_is_all_there_is() -> None:
    limits = relay_limits(max_per_second=30)
    pace = slower(limits=limits, seen=30)
    assert recovered(pace, limits, NOW + 59 * SECOND) == pace
    pace = recovered(pace, limits, NOW + MINUTE)
    assert pace.rate == 15 * FASTER
    pace = recovered(pace, limits, NOW + 3 * MINUTE)
    assert pace.rate == 15 * FASTER**3
    assert pace.why == "421 slower"
    assert recovered(pace, limits, NOW + 5 * MINUTE) == USUAL


def test_a_refusal_begins_the_quiet_minute_afresh() -> None:
    pace = slower()
    pace = slower(pace, now=NOW + 5 * SECOND)  # of the same burst
    assert recovered(pace, FREE, NOW + 62 * SECOND).rate == 20
    assert recovered(pace, FREE, NOW + 65 * SECOND).rate == 25


def test_without_a_limit_an_old_refusal_is_forgotten_at_last() -> None:
    assert recovered(slower(), FREE, NOW + DAY) == USUAL
    assert recovered(slower(), FREE, NOW + HOUR).rate is not None


def test_too_fast_rests_ten_minutes_and_adds_one_connection_at_a_time() -> None:
    limits = relay_limits(connections=4)
    pace = slowed_down(USUAL, limits, BackoffRequest.REST, "4.7.28", seen=40, now=NOW)

    assert pace.resting_until == NOW + REST
    assert recovered(pace, limits, NOW + REST - SECOND).resting_until == NOW + REST
    open_then = []
    for minute in range(4):
        pace = recovered(pace, limits, NOW + REST + minute * MINUTE)
        assert pace.resting_until is None
        open_then.append(pace.allowed(limits))
    assert open_then == [1, 2, 3, 4]
    assert pace.rate == 20 * FASTER**3


def test_what_is_still_under_way_when_a_rest_begins_changes_nothing() -> None:
    pace = slowed_down(USUAL, FREE, BackoffRequest.REST, "4.7.28", seen=40, now=NOW)
    assert slower(pace, now=NOW + SECOND) == pace
    again = slowed_down(pace, FREE, BackoffRequest.REST, "4.7.28", seen=0, now=NOW + SECOND)
    assert (again.rate, again.resting_until) == (20, NOW + SECOND + REST)


def test_a_clock_that_is_set_back_lengthens_no_rest_and_no_quiet_minute() -> None:
    resting = slowed_down(USUAL, FREE, BackoffRequest.REST, "4.7.28", seen=40, now=NOW)
    back = NOW - DAY
    assert recovered(resting, FREE, back).resting_until == back + REST
    slow = recovered(slower(), FREE, back)
    assert recovered(slow, FREE, back + MINUTE).rate == 25
    assert slower(slower(), now=back).rate == 10


def test_turns_are_even_and_never_more_than_the_rate() -> None:
    turns, now, begun = RateLimiter(), NOW, []
    while now < NOW + 10 * SECOND:
        if (wait := turns.wait(4, now)) > timedelta(0):
            now += wait
            continue
        turns.take(4, now)
        begun.append(now)
    assert 40 <= len(begun) <= 42
    for at in begun:
        assert sum(at <= other < at + SECOND for other in begun) <= 5
    assert turns.seen(now) == pytest.approx(4, abs=0.5)


def test_after_an_idle_hour_there_is_no_flood() -> None:
    turns = RateLimiter()
    turns.take(2, NOW)
    later = NOW + HOUR
    begun = 0
    while turns.wait(2, later) == timedelta(0):
        turns.take(2, later)
        begun += 1
    assert begun == 1
    assert turns.seen(later) == 1
    assert turns.seen(later + MINUTE) == 0


def test_no_rate_is_no_wait_and_a_clock_set_back_waits_one_turn_at_most() -> None:
    turns = RateLimiter()
    for _ in range(1000):
        assert turns.wait(None, NOW) == timedelta(0)
        turns.take(None, NOW)
    turns.take(0.5, NOW)
    assert turns.wait(0.5, NOW - DAY) == 2 * SECOND
    assert turns.wait(10, NOW) <= SECOND / 10


def test_hours_and_days_are_counted_over_the_last_hour_and_the_last_day() -> None:
    limits = relay_limits(max_per_hour=10, max_per_day=15)
    use = {NOW - 23 * HOUR: 6, NOW - 30 * MINUTE: 5}
    assert allowance(use, limits, NOW).left == 4
    assert allowance(use, relay_limits(max_per_hour=10), NOW).left == 5
    assert allowance(use, FREE, NOW).left is None
    assert allowance({NOW + HOUR: 99}, limits, NOW).left == 10  # the clock was set back


def test_room_comes_back_when_the_oldest_minute_is_an_hour_old() -> None:
    use = {NOW: 6, NOW + MINUTE: 4}
    found = allowance(use, relay_limits(max_per_hour=10), NOW + 5 * MINUTE)
    assert (found.left, found.free_at, found.limit) == (0, NOW + HOUR + MINUTE, "10 messages an hour")
    assert allowance(use, relay_limits(max_per_hour=10), found.free_at).left == 6
    both = allowance(use, relay_limits(max_per_hour=10, max_per_day=9), NOW + 5 * MINUTE)
    assert (both.free_at, both.limit) == (NOW + DAY + MINUTE, "9 messages a day")


@given(
    st.lists(st.integers(0, 5), max_size=200),
    st.integers(1, 20),
    st.integers(1, 60),
)
def test_whatever_was_begun_no_hour_holds_more_than_its_limit(
    wishes: list[int], limit: int, step: int
) -> None:
    limits, now = relay_limits(max_per_hour=limit), NOW
    begun: list[datetime] = []
    use: dict[datetime, int] = {}
    for wish in wishes:
        now += step * SECOND
        found = allowance(use, limits, now)
        assert found.free_at >= now
        assert (found.left == 0) is (found.free_at > now)
        for _ in range(min(wish, found.left or 0)):
            minute = now.replace(second=0, microsecond=0)
            use[minute] = use.get(minute, 0) + 1
            begun.append(now)
    for at in begun:
        assert sum(at - HOUR < other <= at for other in begun) <= limit
