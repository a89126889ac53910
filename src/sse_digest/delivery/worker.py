"""One worker's connection to the relay, and how messages go over it: singly, announced or streamed.

The order that keeps every promise: look the person up and commit the intent; only then write the content;
commit the outcome. An envelope may go ahead of its intent, because without content nothing can be accepted.
Nothing is handed over on a line before the outcomes before it are on the disk (docs/promises.md, Deliveries).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sse_digest.delivery.group_commit import Standing
from sse_digest.delivery.job import Job
from sse_digest.delivery.queue import DeliveryQueue
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.smtp.session import Handover, Session
from sse_digest.model.deliveries import Outcome, Phase, Skip

TOGETHER = 8  # mails that are written at once where nothing keeps them waiting


class OutcomeLog(Protocol):
    """Where intents and outcomes are written down, in the order they are given."""

    def intend(self, submission: Job) -> "asyncio.Future[Standing]":
        """Commit that the content is about to be written."""
        ...

    def record(self, submission: Job, outcome: Outcome, *, at_once: bool = False) -> None:
        """Commit what an attempt said, before any intent that is asked for later; perhaps due at once."""
        ...

    def refuse(self, submission: Job, outcome: Outcome) -> "asyncio.Future[Standing]":
        """Commit what an attempt said for which no content was written, its intent with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDeps:
    """What every line of a run works with."""

    supply: DeliveryQueue
    book: OutcomeLog
    relays: RelayFailover  # whose turn it is, and whether a line should change to another one
    open: Callable[[], Awaitable[Session | None]]  # None: no session can be had
    hang_up: Callable[[Session], Awaitable[None]]
    breaks: Callable[[], bool]  # whether even what was announced may not be finished
    skipped: Callable[[], None]  # counts one


class Worker:
    """A connection, opened when it is needed. One worker's; use it once."""

    def __init__(self, desk: WorkerDeps) -> None:
        self._desk = desk
        self._session: Session | None = None
        self._used = False  # something was already submitted on this session
        self._announced: Job | None = None  # its envelope was written, its replies are not read

    async def work(self) -> None:
        """Submit until the supply ends or no session can be had."""
        try:
            submission = await self._desk.supply.next()
            while submission is not None:
                is_ahead = self._announced is submission
                session = self._session if is_ahead else await self._connect()
                if session is None:
                    break
                submission = await self._deliver(session, submission) or await self._desk.supply.next()
        finally:
            await self._hang_up()

    async def _connect(self) -> Session | None:
        """Return the open session, or None if none can be had."""
        session = self._session
        if session is None or not session.is_open or not self._desk.relays.stays(session):
            await self._hang_up()
            self._session, self._used, self._announced = await self._desk.open(), False, None
        return self._session

    async def _hang_up(self) -> None:
        if self._session is not None:
            await self._desk.hang_up(self._session)
            self._session = None

    async def _deliver(self, session: Session, submission: Job) -> Job | None:
        """Submit; return what the line has in hand next, None: nothing."""
        if self._announced is submission:
            return await self._submit_announced(session, submission)
        if (refusal := self._desk.relays.refusal(session, submission.envelope)) is not None:
            await self._desk.book.refuse(submission, refusal)
            return None
        turn = await self._desk.relays.turn(session)
        if turn is None:
            self._desk.supply.give_back([submission])
            return None
        submission.relay = turn
        if session.way is Handover.STREAMED:
            await self._stream(session, submission)
            return None
        if session.way is Handover.ANNOUNCED:
            session.announce(*submission.mail)
            return await self._submit_announced(session, submission)
        await self._submit_singly(session, submission)
        return None

    async def _submit_singly(self, session: Session, submission: Job) -> None:
        if not await self._intend(submission):
            return
        outcome = await session.submit(*submission.mail)
        # Some relays close without a word after some messages: that says nothing about this one.
        is_again, self._used = self._used and _is_silent(outcome), True
        self._desk.book.record(submission, outcome, at_once=is_again)

    async def _submit_announced(self, session: Session, submission: Job) -> Job | None:
        """Submit with the envelope written ahead; return the next one, whose envelope is written, too."""
        refusal = await session.answer()
        self._announced = None
        if refusal is not None:
            if _is_silent(refusal) and self._used and not submission.is_again:
                submission.is_again = True  # the relay had enough of this session, not of this message
                return submission
            self._used = True
            await self._desk.book.refuse(submission, refusal)
            return None
        following = next(iter(await self._following(session)), None)
        if self._desk.breaks() or not await self._intend(submission):
            session.abort()  # the relay waits for content that may not come
            if following is not None:
                self._desk.supply.give_back([following])
            return None
        outcome = await session.hand_over(submission.content, following.mail if following else None)
        self._used, self._announced = True, following
        self._desk.book.record(submission, outcome)
        return following

    async def _following(self, session: Session, count: int = 1) -> list[Job]:
        """Return up to so many that may be begun on this session now; those that never may are recorded.

        None of them: another time, or nothing is left.
        """
        begun: list[Job] = []
        while not begun:
            several = await self._desk.supply.take(count, together=TOGETHER)
            if not several:
                break
            for at, following in enumerate(several):
                if (refusal := self._desk.relays.refusal(session, following.envelope)) is not None:
                    await self._desk.book.refuse(following, refusal)
                    continue
                turn = self._desk.relays.turn_now(session)
                if turn is None:
                    self._desk.supply.give_back(several[at:])
                    return begun
                following.relay = turn
                begun.append(following)
        return begun

    async def _stream(self, session: Session, first: Job) -> None:
        """Keep up to `depth` contents in flight, refilled by half, until the supply or the session ends.

        What is refilled is intended behind the outcomes that made room for it, so that both are committed
        together and never more than `depth` of this line are submitting on disk.
        """
        flight: deque[Job] = deque()
        batch = [first]
        while batch or flight:
            batch = await self._intend_all(batch)
            if batch:
                session.stream([one.mail for one in batch])
                flight.extend(batch)
            if flight:
                for outcome in await session.landed():
                    self._desk.book.record(flight.popleft(), outcome)
            batch = await self._refill(session, len(flight))

    async def _refill(self, session: Session, in_flight: int) -> list[Job]:
        """Return what may be streamed next: nothing while more than half of the window is in flight."""
        batch: list[Job] = []
        room = session.depth - in_flight
        if in_flight and room < (session.depth + 1) // 2:
            return batch
        if session.is_open and session.way is Handover.STREAMED:
            batch = await self._following(session, room)
        return batch

    async def _intend_all(self, batch: list[Job]) -> list[Job]:
        """Commit intents; return those that may be submitted."""
        asked = [self._desk.book.intend(one) for one in batch]
        return [one for one, standing in zip(batch, asked, strict=True) if await self._may_go(one, standing)]

    async def _intend(self, submission: Job) -> bool:
        """Commit the intent; False: the person left or changed meanwhile, and nothing may be sent."""
        return await self._may_go(submission, self._desk.book.intend(submission))

    async def _may_go(self, submission: Job, asked: "asyncio.Future[Standing]") -> bool:
        standing = await asked
        if isinstance(standing, Skip):
            self._desk.skipped()
            return False
        if standing != submission.recipient:
            self._desk.supply.give_back(await self._desk.supply.prepare([(submission.row, standing)]))
            return False
        return True


def _is_silent(outcome: Outcome) -> bool:
    return outcome.phase is Phase.MAIL and outcome.code is None
