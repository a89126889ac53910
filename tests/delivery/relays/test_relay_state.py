"""When one relay may be used, by a clock that only the test moves."""

from datetime import UTC, datetime, timedelta

import pytest

from sse_digest.delivery.relays.relay_state import RelayState
from sse_digest.delivery.relays.throttle import DAY, MINUTE, REST, Quota
from sse_digest.delivery.smtp.connect import Relay
from sse_digest.delivery.smtp.session import Session
from sse_digest.model.deliveries import Blame, Outcome, Phase, Verdict
from tests.options import relay_limits

NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TAKEN = Outcome(verdict=Verdict.ACCEPTED, blame=Blame.NONE, phase=Phase.CONTENT, code=250, text="ok")
LOST = Outcome(verdict=Verdict.DEFERRED, blame=Blame.RELAY, phase=Phase.MAIL, text="closed")


class Nobody(Relay):
    async def open(self) -> Session:
        raise AssertionError("rules open nothing")


def make(**limits: float) -> RelayState:
    return RelayState(
        Nobody(),
        name="relay:25",
        limits=relay_limits(**limits),
        delay=5 * SECOND,
    )


def refused(enhanced: str) -> Outcome:
    return Outcome(
        verdict=Verdict.DEFERRED,
        blame=Blame.RELAY,
        phase=Phase.MAIL,
        code=421,
        enhanced=enhanced,
        text=f"{enhanced} no",
    )


def test_a_relay_in_trouble_rests_five_seconds_then_twice_as_long_up_to_five_minutes() -> None:
    route, now, rests = make(), NOW, []
    for _ in range(9):
        route.trouble("gone", now)
        rest = route.rest(now)
        assert rest is not None
        rests.append((rest.until - now).total_seconds())
        assert route.rest(rest.until - SECOND) is not None
        assert route.rest(rest.until) is None
        now = rest.until
    assert rests == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_what_went_well_makes_the_next_rest_short_again() -> None:
    route = make()
    route.trouble("gone", NOW)
    route.trouble("gone", NOW + MINUTE)
    route.heard(TAKEN, NOW + 2 * MINUTE, patience=3)
    route.trouble("gone", NOW + 3 * MINUTE)

    rest = route.rest(NOW + 3 * MINUTE)
    assert rest is not None
    assert rest.until == NOW + 3 * MINUTE + 5 * SECOND


def test_several_lines_that_tell_of_one_trouble_make_one_rest() -> None:
    route = make()
    for _ in range(4):
        route.trouble("gone", NOW)
    assert route.rest(NOW + 5 * SECOND) is None


def test_after_a_rest_one_connection_must_prove_it_before_there_are_more() -> None:
    route, later = make(connections=4), NOW + MINUTE
    route.trouble("gone", NOW)
    assert route.may_open(later)
    route.sessions = 1
    assert not route.may_open(later)
    route.heard(TAKEN, later, patience=9)
    assert route.may_open(later)


def test_who_does_not_prove_itself_rests_at_once_others_after_some_patience() -> None:
    route = make()
    for _ in range(8):
        route.heard(LOST, NOW, patience=9)
    assert route.rest(NOW) is None
    route.heard(LOST, NOW, patience=9)
    rest = route.rest(NOW)
    assert rest is not None
    assert rest.is_trouble
    assert "closed" in rest.why
    later = rest.until
    assert route.rest(later) is None
    route.heard(LOST, later, patience=9)
    assert route.rest(later) is not None


def test_too_fast_rests_the_relay_and_brings_its_connections_back_one_by_one() -> None:
    route = make(connections=3)
    route.begin(NOW)
    route.heard(refused("4.7.28"), NOW, patience=9)

    rest = route.rest(NOW + SECOND)
    assert rest is not None
    assert (rest.until, rest.is_trouble) == (NOW + REST, False)
    assert "asked us to slow down" in rest.why
    open_at = []
    for minute in range(3):
        now = NOW + REST + minute * MINUTE
        assert route.rest(now) is None
        route.sessions = 0
        while route.may_open(now):
            route.sessions += 1
        open_at.append(route.sessions)
    assert open_at == [1, 2, 3]


def test_a_used_up_limit_is_a_rest_but_no_trouble() -> None:
    route = make(max_per_hour=10)
    route.use_up(Quota(left=0, free_at=NOW + MINUTE, limit="10 messages an hour"))
    rest = route.rest(NOW)
    assert rest is not None
    assert (rest.is_trouble, rest.why) == (False, "its limit of 10 messages an hour is used up")
    assert route.rest(NOW + MINUTE) is None


@pytest.mark.parametrize("enhanced", ["4.7.28", None])
def test_a_clock_that_is_set_back_lengthens_no_rest(enhanced: str | None) -> None:
    route, back = make(), NOW - DAY
    if enhanced is None:
        route.trouble("gone", NOW)
        route.use_up(Quota(left=0, free_at=NOW + DAY, limit="1 messages a day"))
    else:
        route.heard(refused(enhanced), NOW, patience=9)
    assert route.rest(NOW) is not None
    rest = route.rest(back)
    assert rest is not None
    assert rest.until - back <= REST
    assert route.rest(back + REST) is None


def test_what_holds_it_back_is_kept_and_forgotten_when_nothing_does() -> None:
    route = make(connections=1, max_per_second=2)
    for _ in range(8):
        route.begin(NOW)
    assert route.pace_to_keep() is None
    route.heard(refused("4.7.0"), NOW, patience=9)
    assert route.is_pace_changed
    values = route.pace_to_keep()
    assert values is not None
    assert values["rate"] == 1
    assert not route.is_pace_changed
    assert route.rest(NOW + DAY) is None
    assert route.is_pace_changed
    assert route.pace_to_keep() is None
