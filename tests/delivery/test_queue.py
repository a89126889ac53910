"""What comes next is written ahead while a commit is under way, as much as was taken; nobody is lost."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.group_commit import RecipientNow
from sse_digest.delivery.job import Job, MessageRequest
from sse_digest.delivery.outcomes import OutcomeLog
from sse_digest.delivery.queue import DeliveryQueue
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.worker import TOGETHER
from sse_digest.errors import DeliveryError, SseDigestError, StoreError
from sse_digest.model.deliveries import Outcome, State
from sse_digest.store import Store
from tests.delivery.ground import Ground, People, everybody, plan, send_state
from tests.options import relay_limits
from tests.smtp_server import listening, recipients

PEOPLE = 40
LINES = 4


@dataclass(kw_only=True)
class Writers(People):
    """Counts how many were asked for at once."""

    asked: list[int] = field(default_factory=list)
    failing: bool = False
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        self.asked.append(len(wanted))
        await self.may.wait()
        if self.failing:
            raise StoreError("the disk is gone")
        return await super().contents(wanted)


class Relays(RelayFailover):
    """Relays that keep mails waiting, or do not."""

    is_unhindered = True


class Refusals(OutcomeLog):
    """Notes who was refused."""

    def __init__(self) -> None:
        self.refused: list[int] = []

    def refuse(self, job: Job, outcome: Outcome) -> "asyncio.Future[RecipientNow]":
        del outcome
        self.refused.append(job.row.subscriber_id)
        done = asyncio.get_running_loop().create_future()
        done.set_result(job.recipient)
        return done


@dataclass
class Desk:
    """A queue, and what its workers did with it."""

    supply: DeliveryQueue
    people: Writers
    state: SendState
    relays: Relays
    outcomes: Refusals

    @property
    def refused(self) -> list[int]:
        return self.outcomes.refused

    async def take(self, *, lines: int = LINES) -> list[int]:
        """Let each worker take one; gives whose."""
        taken = [await self.supply.take(1, together=TOGETHER) for _ in range(lines)]
        return [one.row.subscriber_id for several in taken for one in several]

    async def ahead(self) -> None:
        """Write ahead, to the end."""
        self.supply.write_ahead()
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    plan(store, PEOPLE)
    people, state, outcomes = Writers(), send_state(), Refusals()
    people.may.set()
    ground = Ground(store, tmp_path / "senders")
    relays = Relays([], store, ground.clock, state, patience=1)
    job = replace(ground.job(sender="me"), mail=people)
    supply = DeliveryQueue(job, relays, outcomes, state)
    return Desk(supply, people, state, relays, outcomes)


async def test_as_much_is_written_ahead_as_was_taken(desk: Desk) -> None:
    assert await desk.take() == [1, 2, 3, 4]
    assert desk.people.asked == [TOGETHER]
    assert await desk.take() == [5, 6, 7, 8]

    await desk.ahead()
    assert desk.people.asked == [TOGETHER, 8]
    assert await desk.take() == [9, 10, 11, 12]
    assert desk.people.asked == [TOGETHER, 8]


async def test_what_nobody_took_is_not_written_ahead_again(desk: Desk) -> None:
    await desk.take()
    await desk.ahead()

    assert desk.people.asked == [TOGETHER]


async def test_where_mails_are_kept_waiting_each_is_written_when_it_is_asked_for(desk: Desk) -> None:
    desk.relays.is_unhindered = False
    assert await desk.take() == [1, 2, 3, 4]
    await desk.ahead()

    assert desk.people.asked == [1, 1, 1, 1]
    assert len(await desk.supply.take(16)) == 1


async def test_whoever_asks_for_several_has_those_written_that_lack(desk: Desk) -> None:
    await desk.take()  # four are left of what was written together

    assert len(await desk.supply.take(6, together=TOGETHER)) == 6
    assert desk.people.asked == [TOGETHER, TOGETHER]
    assert len(await desk.supply.take(PEOPLE)) == PEOPLE - LINES - 6
    assert await desk.supply.take(PEOPLE) == []


async def test_who_asks_for_one_has_one_written(desk: Desk) -> None:
    assert await desk.supply.next() is not None

    assert desk.people.asked == [1]


async def test_what_was_written_before_mails_were_kept_waiting_is_written_again(desk: Desk) -> None:
    assert await desk.take() == [1, 2, 3, 4]
    desk.relays.is_unhindered = False

    assert await desk.take() == [5, 6, 7, 8]  # the first as it stood there
    assert desk.people.asked == [TOGETHER, 1, 1, 1]


async def test_what_other_threads_sign_is_not_written_ahead(desk: Desk) -> None:
    desk.people.is_immediate = False
    await desk.take(lines=TOGETHER)
    await desk.ahead()

    assert desk.people.asked == [TOGETHER]


async def test_more_than_fits_into_a_commit_is_not_written_ahead(desk: Desk) -> None:
    assert len(await desk.supply.take(PEOPLE - 1)) == PEOPLE - 1
    await desk.ahead()

    assert desk.people.asked == [PEOPLE - 1]


@pytest.mark.parametrize("closed", [False, True])
async def test_nothing_is_written_ahead_once_the_run_ends(desk: Desk, *, closed: bool) -> None:
    await desk.take(lines=TOGETHER)
    if closed:
        await desk.supply.close()
    else:
        desk.state.stop.set()
    await desk.ahead()

    assert desk.people.asked == [TOGETHER]


async def test_one_that_cannot_be_written_ahead_is_refused_and_the_others_are_given(desk: Desk) -> None:
    desk.people.unwritable = {TOGETHER + 2}
    await desk.take(lines=TOGETHER)
    await desk.ahead()

    assert desk.refused == [TOGETHER + 2]
    assert await desk.take() == [9, 11, 12, 13]


async def test_everybody_is_given_once_however_lines_come_and_go_while_it_is_written(desk: Desk) -> None:
    given = await desk.take(lines=TOGETHER)
    desk.people.may.clear()
    desk.supply.write_ahead()
    waiting = [asyncio.create_task(desk.supply.take(1)) for _ in range(LINES)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    desk.people.may.set()
    await asyncio.wait(waiting)
    given += [one.row.subscriber_id for task in waiting[1:] for one in task.result()]
    while more := await desk.take():
        given += more

    assert sorted(given) == list(range(1, PEOPLE + 1))


async def test_an_error_of_what_was_written_ahead_is_told_once_to_whoever_asks(desk: Desk) -> None:
    await desk.take(lines=TOGETHER)
    desk.people.failing = True
    await desk.ahead()

    with pytest.raises(StoreError, match="the disk is gone"):
        await desk.take(lines=1)
    desk.people.failing = False
    assert await desk.take(lines=1) == [2 * TOGETHER + 1]
    await desk.supply.close()


async def test_an_error_of_what_was_written_ahead_and_never_asked_for_is_told_at_the_end(desk: Desk) -> None:
    await desk.take(lines=TOGETHER)
    desk.people.failing = True
    await desk.ahead()

    with pytest.raises(StoreError, match="the disk is gone"):
        await desk.supply.close()


async def test_the_end_waits_for_nothing_that_hangs(desk: Desk) -> None:
    await desk.take(lines=TOGETHER)
    desk.people.may.clear()
    await desk.ahead()
    assert desk.people.asked == [TOGETHER, TOGETHER]

    async with asyncio.timeout(60):
        await desk.supply.close()


@dataclass(kw_only=True)
class Watched(Writers):
    """Notes by whom it was asked."""

    failing_ahead: bool = False
    hanging_ahead: asyncio.Event | None = None  # set once it hangs
    by: set[str] = field(default_factory=set)

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        task = asyncio.current_task()
        by = str(getattr(task and task.get_coro(), "__qualname__", "nobody"))
        self.by.add(by)
        if self.failing_ahead and by == AHEAD_OF_ALL:
            raise StoreError("the disk is gone")
        if self.hanging_ahead is not None and by == AHEAD_OF_ALL:
            self.hanging_ahead.set()
            await asyncio.get_running_loop().create_future()
        return await super().contents(wanted)


AHEAD_OF_ALL = "DeliveryQueue._write_ahead"


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> tuple[Ground, Watched]:
    plan(store, PEOPLE)
    people = Watched(is_immediate=True)
    people.may.set()
    return Ground(store, tmp_path / "senders", people=people), people


@pytest.mark.parametrize("is_immediate", [True, False])
async def test_a_send_writes_ahead_while_it_commits(
    watched: tuple[Ground, Watched], *, is_immediate: bool
) -> None:
    ground, people = watched
    people.is_immediate = is_immediate
    people.unwritable = {11, 12, 29}
    async with listening() as server:
        report = await ground.send(server)

    assert (AHEAD_OF_ALL in people.by) == is_immediate
    assert report.account.states == {State.ACCEPTED: PEOPLE - 3, State.DEFERRED: 3}
    assert len(set(recipients(server))) == len(recipients(server)) == PEOPLE - 3


async def test_a_send_that_cannot_write_ahead_ends_with_that_and_the_next_one_goes_on(
    watched: tuple[Ground, Watched],
) -> None:
    ground, people = watched
    people.failing_ahead = True
    async with listening() as server:
        with pytest.raises(StoreError, match="the disk is gone"):
            await ground.send(server)
        people.failing_ahead = False
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody(PEOPLE)


async def test_a_limited_relay_has_nothing_written_ahead(watched: tuple[Ground, Watched]) -> None:
    ground, people = watched
    ground.limits = relay_limits(connections=3, max_per_second=200)
    async with listening() as server:
        report = await ground.send(server)

    assert report.is_clean
    assert AHEAD_OF_ALL not in people.by
    assert set(people.asked) == {1}


async def test_told_to_stop_while_it_writes_ahead_a_send_drains_and_gives_back(
    watched: tuple[Ground, Watched],
) -> None:
    ground, people = watched
    stop = asyncio.Event()

    def take(to: str) -> str:
        if to == "p12@example.net":
            stop.set()
        return "250 ok"

    async with listening(RCPT=take) as server:
        await ground.sending(server, stop=stop, drain_timeout=timedelta(seconds=10)).send(timedelta(0))
        states = Counter(state for state, _, _ in (ground.rows()).values())
        report = await ground.send(server)

    assert AHEAD_OF_ALL in people.by
    assert set(states) == {State.ACCEPTED, State.PLANNED}
    assert report.is_clean
    assert sorted(recipients(server)) == everybody(PEOPLE)


async def test_told_to_stop_a_send_ends_although_what_it_writes_ahead_hangs(
    watched: tuple[Ground, Watched],
) -> None:
    ground, people = watched
    people.hanging_ahead = asyncio.Event()
    async with asyncio.timeout(60), listening() as server:
        stopped = ground.sending(server, stop=people.hanging_ahead, drain_timeout=timedelta(seconds=0.3))
        with contextlib.suppress(DeliveryError):  # where a line waited for it
            await stopped.send(timedelta(0))
        assert people.hanging_ahead.is_set()
        people.hanging_ahead = None
        ground.clock.ahead = timedelta(hours=1)
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody(PEOPLE)
