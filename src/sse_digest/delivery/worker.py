"""Submit messages over one worker's session with a relay: singly, announced or streamed.

The order keeps the promises: look the person up and commit the intent, then write the content, then commit
the outcome. An envelope may be written before its intent, because a relay can accept nothing without content.
A new intent is committed only together with or after the outcomes that made room for it (docs/promises.md,
Deliveries).
"""

import asyncio
import re
from collections import deque

from sse_digest.delivery.group_commit import RecipientNow
from sse_digest.delivery.job import Job
from sse_digest.delivery.outcomes import OutcomeLog
from sse_digest.delivery.queue import DeliveryQueue
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.sessions import OpenSessions
from sse_digest.delivery.smtp.replies import SERVICE_NOT_AVAILABLE
from sse_digest.delivery.smtp.reply_words import ReplySubject, subjects_of
from sse_digest.delivery.smtp.session import Handover, Session
from sse_digest.model.deliveries import Outcome, Phase, Skip

TOGETHER = 8  # messages that are written at a time if sending is not throttled


class Worker:
    """Submits messages over a session of its own, which it opens when needed. Use it once."""

    def __init__(
        self,
        queue: DeliveryQueue,
        outcomes: OutcomeLog,
        relays: RelayFailover,
        sessions: OpenSessions,
        state: SendState,
    ) -> None:
        self._queue, self._outcomes, self._relays = queue, outcomes, relays
        self._sessions, self._state = sessions, state
        self._session: Session | None = None
        self._used = False  # whether a message was already submitted on this session
        self._announced: Job | None = None  # its envelope is written, but the replies are not read yet

    async def work(self) -> None:
        """Submit until nothing is left or no session can be opened."""
        try:
            job = await self._queue.next()
            while job is not None:
                is_ahead = self._announced is job
                session = self._session if is_ahead else await self._connect()
                if session is None:
                    break
                job = await self._deliver(session, job) or await self._queue.next()
        finally:
            await self._hang_up()

    async def _connect(self) -> Session | None:
        """Return an open session, or None if none can be opened."""
        session = self._session
        if session is None or not session.is_open or not self._relays.stays(session):
            await self._hang_up()
            self._session, self._used, self._announced = await self._sessions.open(), False, None
        return self._session

    async def _hang_up(self) -> None:
        if self._session is not None:
            await self._sessions.close(self._session)
            self._session = None

    async def _deliver(self, session: Session, job: Job) -> Job | None:
        """Submit a job. Return the job that this worker must submit next, or None if it may take any."""
        if self._announced is job:
            return await self._submit_announced(session, job)
        if (refusal := self._relays.refusal(session, job.envelope)) is not None:
            await self._outcomes.refuse(job, refusal)
            return None
        turn = await self._relays.turn(session)
        if turn is None:
            self._queue.give_back([job])
            return None
        job.relay = turn
        if session.way is Handover.STREAMED:
            await self._stream(session, job)
            return None
        if session.way is Handover.ANNOUNCED:
            session.announce(*job.mail)
            return await self._submit_announced(session, job)
        await self._submit_singly(session, job)
        return None

    async def _submit_singly(self, session: Session, job: Job) -> None:
        if not await self._intend(job):
            return
        outcome = await session.submit(*job.mail)
        # Some relays end a session after a number of messages; that is no verdict on this message.
        is_again, self._used = self._used and _ends_session(outcome), True
        self._outcomes.record(job, outcome, at_once=is_again)

    async def _submit_announced(self, session: Session, job: Job) -> Job | None:
        """Submit a job whose envelope is already written. Return the next job, announced in the same way."""
        refusal = await session.answer()
        self._announced = None
        if refusal is not None:
            if _ends_session(refusal) and self._used and not job.is_again:
                job.is_again = True  # the relay ended the session but did not refuse the message
                return job
            self._used = True
            await self._outcomes.refuse(job, refusal)
            return None
        following = next(iter(await self._following(session)), None)
        if self._state.breaks or not await self._intend(job):
            session.abort()  # the relay waits for content, which must not be written
            if following is not None:
                self._queue.give_back([following])
            return None
        outcome = await session.hand_over(job.content, following.mail if following else None)
        self._used, self._announced = True, following
        self._outcomes.record(job, outcome)
        return following

    async def _following(self, session: Session, count: int = 1) -> list[Job]:
        """Return up to `count` jobs that may begin on this session now, and record final refusals.

        The list is empty if no message may begin yet, or if none is left.
        """
        begun: list[Job] = []
        while not begun:
            several = await self._queue.take(count, together=TOGETHER)
            if not several:
                break
            for at, following in enumerate(several):
                if (refusal := self._relays.refusal(session, following.envelope)) is not None:
                    await self._outcomes.refuse(following, refusal)
                    continue
                turn = self._relays.turn_now(session)
                if turn is None:
                    self._queue.give_back(several[at:])
                    return begun
                following.relay = turn
                begun.append(following)
        return begun

    async def _stream(self, session: Session, first: Job) -> None:
        """Keep up to `depth` contents in flight until nothing is left or the session ends.

        More jobs are added when half of the window is free. Their intents are committed after the outcomes
        that made room, so on disk this worker never has more than `depth` deliveries submitting.
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
                    self._outcomes.record(flight.popleft(), outcome)
            batch = await self._refill(session, len(flight))

    async def _refill(self, session: Session, in_flight: int) -> list[Job]:
        """Return the jobs to stream next: none while more than half of the window is in flight."""
        batch: list[Job] = []
        room = session.depth - in_flight
        if in_flight and room < (session.depth + 1) // 2:
            return batch
        if session.is_open and session.way is Handover.STREAMED:
            batch = await self._following(session, room)
        return batch

    async def _intend_all(self, batch: list[Job]) -> list[Job]:
        """Commit intents; return the jobs that may be submitted."""
        asked = [self._outcomes.intend(one) for one in batch]
        return [one for one, intent in zip(batch, asked, strict=True) if await self._may_go(one, intent)]

    async def _intend(self, job: Job) -> bool:
        """Commit the intent; return False if the message must not be sent, such as when the person left."""
        return await self._may_go(job, self._outcomes.intend(job))

    async def _may_go(self, job: Job, asked: "asyncio.Future[RecipientNow]") -> bool:
        now = await asked
        if now is None:  # the issue is paused; the claim is released when the run ends
            return False
        if isinstance(now, Skip):
            self._state.progress.skipped += 1
            return False
        if now != job.recipient:
            self._queue.give_back(await self._queue.prepare([(job.row, now)]))
            return False
        return True


def _ends_session(outcome: Outcome) -> bool:
    """Return whether the relay ended the session before the next message, by closing it or with 421.

    A reply about our sending rate concerns more than this session, unless it mentions the session.
    """
    if outcome.phase is not Phase.MAIL or outcome.code not in {None, SERVICE_NOT_AVAILABLE}:
        return False
    is_rate = ReplySubject.RATE in subjects_of(outcome.text)
    return not is_rate or re.search(r"\b(session|connection)\b", outcome.text, re.IGNORECASE) is not None
