"""What comes next is written ahead while a commit is under way, as much as was taken; nobody is lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sse_digest.delivery.progress import Progress
from sse_digest.delivery.submission import Submission, Wanted
from sse_digest.delivery.supply import Supply
from sse_digest.errors import SseDigestError, StoreError
from sse_digest.model.deliveries import Outcome
from sse_digest.store import Store
from tests.delivery.ground import ISSUE, Ground, People, plan

PEOPLE = 40
LINES = 4


@dataclass(kw_only=True)
class Writers(People):
    """Counts how many were asked for at once."""

    asked: list[int] = field(default_factory=list)
    failing: bool = False
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def contents(self, wanted: Sequence[Wanted]) -> Sequence[Sequence[bytes] | SseDigestError]:
        self.asked.append(len(wanted))
        await self.may.wait()
        if self.failing:
            raise StoreError("the disk is gone")
        return await super().contents(wanted)


@dataclass
class Desk:
    """A supply, and what its lines did with it."""

    supply: Supply
    people: Writers
    refused: list[int]
    ended: bool = False

    async def take(self, *, together: int = 2, lines: int = LINES) -> list[int]:
        """Let each line take one; gives whose."""
        taken = [await self.supply.take(1, together=together) for _ in range(lines)]
        return [one.row.subscriber_id for several in taken for one in several]

    async def ahead(self) -> None:
        """Write ahead, to the end."""
        self.supply.write_ahead()
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Desk:
    await plan(store, PEOPLE)
    people, refused = Writers(), list[int]()
    people.may.set()
    ground = Ground(store, tmp_path / "senders")

    async def refuse(submission: Submission, outcome: Outcome) -> None:
        del outcome
        refused.append(submission.row.subscriber_id)

    supply = Supply(
        store,
        people,
        ISSUE,
        sender="me",
        clock=ground.clock,
        ahead=PEOPLE,
        progress=Progress(),
        ends=lambda: made.ended,
        refuse=refuse,
    )
    made = Desk(supply, people, refused)
    return made


async def test_as_much_is_written_ahead_as_was_taken(desk: Desk) -> None:
    assert await desk.take() == [1, 2, 3, 4]
    assert desk.people.asked == [2, 2]

    await desk.ahead()
    assert desk.people.asked == [2, 2, 4]
    assert await desk.take() == [5, 6, 7, 8]
    assert desk.people.asked == [2, 2, 4]


async def test_what_nobody_took_is_not_written_ahead_again(desk: Desk) -> None:
    await desk.take()
    await desk.ahead()
    await desk.take(lines=1)
    await desk.ahead()

    assert desk.people.asked == [2, 2, 4]


async def test_a_paced_line_has_nothing_written_ahead(desk: Desk) -> None:
    await desk.take(together=1)
    await desk.ahead()

    assert desk.people.asked == [1, 1, 1, 1]


async def test_what_other_threads_sign_is_not_written_ahead(desk: Desk) -> None:
    desk.people.is_immediate = False
    await desk.take()
    await desk.ahead()

    assert desk.people.asked == [2, 2]


async def test_more_than_fits_into_a_commit_is_not_written_ahead(desk: Desk) -> None:
    assert len(await desk.supply.take(PEOPLE - 1, together=PEOPLE - 1)) == PEOPLE - 1
    await desk.ahead()

    assert desk.people.asked == [PEOPLE - 1]


async def test_nothing_is_written_ahead_once_the_run_ends(desk: Desk) -> None:
    await desk.take()
    desk.ended = True
    await desk.ahead()

    assert desk.people.asked == [2, 2]


async def test_one_that_cannot_be_written_ahead_is_refused_and_the_others_are_given(desk: Desk) -> None:
    desk.people.unwritable = {6}
    await desk.take()
    await desk.ahead()

    assert desk.refused == [6]
    assert await desk.take() == [5, 7, 8, 9]


async def test_everybody_is_given_once_however_lines_come_and_go_while_it_is_written(desk: Desk) -> None:
    given = await desk.take()
    desk.people.may.clear()
    desk.supply.write_ahead()
    waiting = [asyncio.create_task(desk.supply.take(1, together=2)) for _ in range(LINES)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    desk.people.may.set()
    await asyncio.wait(waiting)
    given += [one.row.subscriber_id for task in waiting[1:] for one in task.result()]
    while more := await desk.take():
        given += more

    assert sorted(given) == list(range(1, PEOPLE + 1))


async def test_an_error_of_what_was_written_ahead_is_told_once_to_whoever_asks(desk: Desk) -> None:
    await desk.take()
    desk.people.failing = True
    await desk.ahead()

    with pytest.raises(StoreError, match="the disk is gone"):
        await desk.take(lines=1)
    desk.people.failing = False
    assert await desk.take(lines=1) == [9]


async def test_an_error_of_what_was_written_ahead_and_never_asked_for_is_told_at_the_end(desk: Desk) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(StoreError, match="the disk is gone"):
            async with desk.supply:
                await desk.take()
                desk.people.failing = True
                await desk.ahead()


async def test_the_end_waits_for_what_is_being_written(desk: Desk) -> None:
    async with desk.supply:
        await desk.take()
        desk.people.may.clear()
        desk.supply.write_ahead()
        asyncio.get_running_loop().call_later(0.01, desk.people.may.set)

    assert desk.people.asked == [2, 2, 4]
    assert await desk.take() == [5, 6, 7, 8]
