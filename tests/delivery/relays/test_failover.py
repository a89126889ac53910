"""Several relays in order, and their pace, through restarts and with a clock that is moved."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.relays.relay_status import read_standings
from sse_digest.delivery.relays.throttle import DAY, HOUR, MINUTE, REST
from sse_digest.delivery.sender import SendReport
from sse_digest.model.deliveries import DoubtPolicy, State
from sse_digest.store import Store
from tests.delivery.ground import TIMEOUTS, Ground, everybody, plan
from tests.options import relay_limits
from tests.smtp_server import CLOSE, STALL, ScriptedServer, listening, recipients

SOON = timedelta(minutes=6)  # what was deferred is due again


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders")


async def free_port() -> int:
    async with ScriptedServer() as gone:
        return gone.port


async def test_where_the_first_relay_is_away_the_next_one_takes_everything(ground: Ground) -> None:
    async with listening() as second:
        ground.fallbacks = (second.port,)
        report = await ground.send(await free_port(), reconnect_delay=HOUR)

    assert report.is_clean
    assert sorted(recipients(second)) == everybody()


async def test_a_relay_that_refuses_us_is_passed_over_and_alarms_only_where_none_is_left(
    ground: Ground,
) -> None:
    async with listening(GREETING="554 5.7.1 go away") as first, listening() as second:
        ground.fallbacks = (await free_port(),)
        away = await ground.send(first)
        assert (away.progress.alarm, away.account.states) == (None, {State.PLANNED: 10})
        second.script["GREETING"] = "554 5.7.1 nor here"
        ground.fallbacks = (second.port,)
        refused = await ground.send(first)
        assert refused.progress.alarm is not None
        second.script.pop("GREETING")
        report = await ground.send(first)

    assert report.is_clean
    assert sorted(recipients(second)) == everybody()
    assert not first.taken


async def test_when_the_first_relay_is_well_again_the_lines_go_back(store: Store, tmp_path: Path) -> None:
    plan(store, 200)
    ground = Ground(store, tmp_path, limits=relay_limits(max_per_second=400, connections=3))
    is_away = True

    def greet(_: str) -> str:
        return CLOSE if is_away else "220 hello"

    def second_takes(_: str) -> str:
        nonlocal is_away
        if is_away and len(second.taken) >= 20:
            is_away = False
            ground.clock.ahead += HOUR  # its rest is over
        return "250 ok"

    async with listening(GREETING=greet) as first, listening(RCPT=second_takes) as second:
        ground.fallbacks = (second.port,)
        report = await ground.send(first, reconnect_delay=MINUTE)

    assert report.is_clean
    assert sorted(recipients(first) + recipients(second)) == everybody(200)
    assert len(second.taken) >= 20
    assert len(first.taken) > 100
    assert first.most_open == 3


async def test_a_first_relay_that_only_seems_well_costs_one_connection_at_a_time(
    store: Store, tmp_path: Path
) -> None:
    plan(store, 100)
    ground = Ground(store, tmp_path, limits=relay_limits(max_per_second=400, connections=3))

    def tick(_: str) -> str:
        ground.clock.ahead += timedelta(seconds=1)
        return "250 ok"

    async with listening(MAIL=CLOSE) as first, listening(RCPT=tick) as second:
        ground.fallbacks = (second.port,)
        report = await ground.send(
            first, 60, reconnect_delay=timedelta(seconds=10), retry_delays=(timedelta(seconds=1),)
        )

    assert report.is_clean
    assert sorted(recipients(second)) == everybody(100)
    assert first.connections < 20  # nine until it counts as away, then one after each rest


async def test_what_is_in_doubt_with_one_relay_is_never_given_to_another_under_hold(ground: Ground) -> None:
    async with listening(CONTENT=CLOSE) as first, listening() as second:
        ground.fallbacks = (second.port,)
        report = await ground.send(first, in_doubt=DoubtPolicy.HOLD, connections=1)
        while report.account.states.get(State.PLANNED):
            ground.clock.ahead += SOON
            report = await ground.send(first, in_doubt=DoubtPolicy.HOLD, connections=1)

    assert report.account.balances
    assert report.account.held == len(first.taken) > 0
    assert not set(recipients(first)) & set(recipients(second))
    assert sorted(recipients(first) + recipients(second)) == everybody()


async def test_with_resend_a_doubt_with_one_relay_is_resent_once_by_whichever(ground: Ground) -> None:
    async with listening(CONTENT=CLOSE) as first, listening() as second:
        ground.fallbacks = (second.port,)
        report = await ground.send(first, connections=1)
        while report.account.states.get(State.PLANNED):
            ground.clock.ahead += SOON
            report = await ground.send(first, connections=1)

    got = Counter(recipients(first) + recipients(second))
    assert sorted(got) == everybody()
    assert max(got.values()) == 2
    held = {n for n, (_, is_held, _) in (ground.rows()).items() if is_held}
    assert {f"p{n}@example.net" for n in held} <= {to for to, count in got.items() if count == 2}


async def hourly(ground: Ground, server: ScriptedServer, hours: int) -> list[int]:
    """Send at the beginning of each hour; return how many the server had after each."""
    had = []
    for _ in range(hours):
        await ground.send(server)
        had.append(len(server.taken))
        ground.clock.ahead += HOUR + MINUTE
    return had


async def test_an_hours_limit_holds_across_restarts(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_hour=4)
    async with listening() as server:
        assert (await ground.send(server)).account.states == {State.ACCEPTED: 4, State.PLANNED: 6}
        again = await ground.send(server)
        assert len(server.taken) == 4
        assert again.progress.paced == "its limit of 4 messages an hour is used up"
        assert again.resumes_at is not None
        assert HOUR - MINUTE < again.resumes_at - ground.clock() <= HOUR + MINUTE
        ground.clock.ahead += HOUR + MINUTE
        assert await hourly(ground, server, 2) == [8, 10]


async def test_a_days_limit_holds_beside_an_hours_limit(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_hour=4, max_per_day=6)
    async with listening() as server:
        assert await hourly(ground, server, 4) == [4, 6, 6, 6]
        ground.clock.ahead += DAY
        assert await hourly(ground, server, 1) == [10]


async def test_two_senders_share_one_limit(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_hour=7)
    async with listening() as server:
        await asyncio.gather(*(ground.send(server) for _ in range(3)))

    assert len(server.taken) == 7


async def test_what_was_counted_and_not_begun_is_given_back(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_hour=100)
    async with listening() as server:
        await ground.send(server)
        name = f"127.0.0.1:{server.port}"
    with ground.store.reading() as connection:
        standings = read_standings(connection, {name: ground.limits}, ground.clock())

    assert [(one.begun_in_hour, one.begun_in_day, one.waits_until) for one in standings] == [(10, 10, None)]


async def test_a_used_up_limit_that_ends_within_the_wait_is_waited_for(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_hour=4)
    async with listening() as server:
        sending = asyncio.create_task(ground.send(server, 2 * HOUR.total_seconds()))
        for count in (4, 8, 10):
            await server.has_taken(count)
            assert len(server.taken) == count
            ground.clock.ahead += HOUR + MINUTE
        assert (await sending).is_clean


@pytest.mark.parametrize("ehlo", ["250 test", "250-test\r\n250 PIPELINING"], ids=["one-by-one", "pipelined"])
async def test_a_slow_rate_begins_one_message_at_each_turn(ground: Ground, ehlo: str) -> None:
    ground.limits = relay_limits(max_per_second=0.001)
    async with listening(EHLO=ehlo) as server:
        sending = asyncio.create_task(ground.send(server))
        for turn in range(1, 11):
            await server.has_taken(turn)
            assert len(server.taken) == turn
            ground.clock.ahead += timedelta(seconds=1000)
        assert (await sending).is_clean

    assert sorted(recipients(server)) == everybody()


async def test_told_to_stop_nobody_waits_for_a_turn(ground: Ground) -> None:
    ground.limits, stop = relay_limits(max_per_second=0.001), asyncio.Event()
    async with listening() as server:
        sending = asyncio.create_task(ground.sending(server, stop=stop).send(HOUR))
        await server.has_taken(1)
        stop.set()
        report = await sending

    assert report.account.states == {State.ACCEPTED: 1, State.PLANNED: 9}


async def test_too_fast_rests_ten_minutes_also_for_a_later_send_then_one_connection(ground: Ground) -> None:
    ground.limits = relay_limits(connections=3)

    def first_sight(_: str) -> str:
        return "421 4.7.28 unusual rate" if len(server.taken) >= 2 else "250 ok"

    async with listening(MAIL=first_sight) as server:
        first = await ground.send(server)
        assert first.progress.paced is not None
        assert "4.7.28" in first.progress.paced
        assert first.resumes_at is not None
        assert first.resumes_at <= ground.clock() + REST
        taken = len(server.taken)
        server.script.pop("MAIL")
        later = await ground.send(server)
        assert (len(server.taken), later.progress.paced) == (taken, first.progress.paced)
        server.most_open = 0
        ground.clock.ahead += REST
        report = await ground.send(server)

    assert report.is_clean
    assert server.most_open == 1
    assert sorted(recipients(server)) == everybody()


@pytest.mark.slow
async def test_a_burst_of_refusals_halves_the_pace_and_status_tells_why(ground: Ground) -> None:
    ground.limits = relay_limits(max_per_second=1000)
    refuses = {"p3@example.net", "p4@example.net"}

    def rcpt(to: str) -> str:
        return "451 4.7.1 slow down" if to in refuses else "250 ok"

    async with listening(RCPT=rcpt) as server:
        await ground.send(server)
        with ground.store.reading() as connection:
            name = f"127.0.0.1:{server.port}"
            [standing] = read_standings(connection, {name: ground.limits}, ground.clock())
            ground.clock.ahead += DAY
            [after] = read_standings(connection, {name: ground.limits}, ground.clock())

    assert standing.per_second is not None
    assert 1 <= standing.per_second < 10
    assert standing.why == "rcpt: 451 4.7.1 slow down"
    assert (after.per_second, after.why) == (1000, None)


async def test_no_relay_gets_more_connections_than_its_limit(store: Store, tmp_path: Path) -> None:
    plan(store, 60)
    ground = Ground(store, tmp_path, limits=relay_limits(connections=2))
    async with listening() as server:
        report = await ground.send(server, connections=5)

    assert report.is_clean
    assert server.most_open <= 2


async def test_a_message_that_cannot_be_begun_now_is_nobodys_content(ground: Ground) -> None:
    """The relay waits for content only where there is some: no envelope is written before its turn."""
    ground.limits, ground.timeouts = relay_limits(max_per_hour=5), replace(TIMEOUTS, command_s=0.5)
    async with listening(EHLO="250-test\r\n250 PIPELINING", QUIT=STALL) as server:
        report: SendReport = await ground.send(server)
        mails = sum(command.startswith("MAIL") for command in server.commands)

    assert report.account.states == {State.ACCEPTED: 5, State.PLANNED: 5}
    assert mails == 5
