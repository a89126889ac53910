"""What an operator does while an issue is sent: pause, go on, cancel, once more for those that failed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.options import Pipelining
from sse_digest.delivery.start import plan_failed
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import State
from sse_digest.model.issues import Period
from sse_digest.store import Store
from sse_digest.store.sending import operator
from tests.delivery.ground import ISSUE, NOW, Ground, claim, everybody, intend, plan
from tests.options import relay_limits
from tests.smtp_server import listening, recipients

APRIL = Period(2023, 4)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 40)
    return Ground(store, tmp_path / "senders")


def mark(ground: Ground, *, paused: bool) -> bool:
    with ground.store.writing() as connection:
        return operator.mark_paused(connection, *ISSUE, NOW if paused else None)


async def test_a_paused_issue_is_not_sent_until_it_is_resumed(ground: Ground) -> None:
    async with listening() as server:
        assert mark(ground, paused=True)
        paused = await ground.send(server)
        assert server.taken == []
        assert mark(ground, paused=False)
        after = await ground.send(server)

    assert paused.progress.alarm is not None
    assert "sse-digest resume" in paused.progress.alarm
    assert paused.account.states == {State.PLANNED: 40}
    assert after.is_clean
    assert sorted(recipients(server)) == everybody(40)


async def test_a_send_that_runs_notices_the_pause_and_leaves_nothing_in_doubt(ground: Ground) -> None:
    async def pausing() -> None:
        await server.has_taken(1)
        mark(ground, paused=True)

    async with listening() as server:
        sending = ground.sending(server, connections=1)
        report, _ = await asyncio.gather(sending.send(timedelta(0)), pausing())
        assert 0 < len(server.taken) < 40
        assert report.account.states == {
            State.ACCEPTED: len(server.taken),
            State.PLANNED: 40 - len(server.taken),
        }
        mark(ground, paused=False)
        await ground.send(server)

    assert sorted(recipients(server)) == everybody(40)


@pytest.mark.parametrize("pipelining", [Pipelining.SAFE, Pipelining.OFF])
async def test_nothing_begins_after_a_pause_however_slowly_a_relay_is_fed(
    ground: Ground, pipelining: Pipelining
) -> None:
    """Hundreds may be claimed and written already."""
    ground.pipelining, ground.limits = pipelining, relay_limits(max_per_second=50, connections=3)
    taken_at_pause = 0

    async def pausing() -> None:
        nonlocal taken_at_pause
        await server.has_taken(5)
        mark(ground, paused=True)
        taken_at_pause = len(server.taken)

    async with listening() as server:
        report, _ = await asyncio.gather(ground.sending(server).send(timedelta(0)), pausing())

    assert len(server.taken) <= taken_at_pause + 3  # one for each connection was under way
    assert report.progress.alarm is not None
    assert "sse-digest resume" in report.progress.alarm
    assert report.account.states == {
        State.ACCEPTED: len(server.taken),
        State.PLANNED: 40 - len(server.taken),
    }


def test_an_issue_that_is_not_there_cannot_be_paused(store: Store) -> None:
    with store.writing() as connection:
        assert not operator.mark_paused(connection, *ISSUE, NOW)


async def test_cancelling_closes_what_nobody_has_in_hand(ground: Ground) -> None:
    rows = await claim(ground.store, sender="busy", limit=3)
    assert await intend(ground.store, rows[0], sender="busy")
    with ground.store.writing() as connection:
        changed = operator.cancel(connection, *ISSUE, now=NOW)

    assert changed == 37
    states = [state for state, _, _ in (ground.rows()).values()]
    assert states.count(State.CANCELLED) == 37
    assert states.count(State.CLAIMED) == 2
    assert states.count(State.SUBMITTING) == 1


async def test_a_cancelled_delivery_is_never_sent(ground: Ground) -> None:
    with ground.store.writing() as connection:
        operator.cancel(connection, *ISSUE, now=NOW)
    async with listening() as server:
        report = await ground.send(server)

    assert server.taken == []
    assert report.is_clean
    assert report.account.states == {State.CANCELLED: 40}


async def test_past_the_deadline_a_refusal_for_now_is_the_last(ground: Ground) -> None:
    async with listening(RCPT=lambda to: "450 4.2.0 later" if to.startswith("p4@") else "250 ok") as server:
        first = await ground.send(server)
        ground.clock.ahead = timedelta(days=3)
        second = await ground.send(server)
        ground.clock.ahead = timedelta(days=5)
        last = await ground.send(server)
        after = await ground.send(server)

    assert first.account.states == second.account.states == {State.ACCEPTED: 39, State.DEFERRED: 1}
    assert last.account.states == {State.ACCEPTED: 39, State.EXPIRED: 1}
    assert (last.is_clean, last.progress.expired) == (False, 1)
    assert after.is_clean


async def test_who_was_never_tried_is_tried_however_late(ground: Ground) -> None:
    ground.clock.ahead = timedelta(days=30)
    async with listening() as server:
        report = await ground.send(server)

    assert report.account.states == {State.ACCEPTED: 40}


async def test_the_failed_ones_are_tried_again_but_not_the_dead(ground: Ground) -> None:
    answers = {"p2": "550 5.1.1 no such user", "p3": "552 5.2.2 full"}
    async with listening(RCPT=lambda to: answers.get(to.split("@")[0], "250 ok")) as server:
        with pytest.raises(DeliveryError, match="Deliveries still open: 40"):
            plan_failed(ground.store, "monthly", APRIL, now=NOW)
        await ground.send(server)
        answers.clear()
        assert plan_failed(ground.store, "monthly", APRIL, now=NOW) == 1
        report = await ground.send(server)
        with pytest.raises(DeliveryError, match="No delivery failed"):
            plan_failed(ground.store, "monthly", APRIL, now=NOW)

    assert report.account.states == {State.ACCEPTED: 39, State.REJECTED: 1}
    assert sorted(recipients(server)) == [one for one in everybody(40) if one != "p2@example.net"]
