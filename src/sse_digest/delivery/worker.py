"""One worker's session with the relay, and how messages go over it: singly, announced or streamed.

The order that keeps every promise: look the person up and commit the intent; only then write the content;
commit the outcome. An envelope may go ahead of its intent, because without content nothing can be accepted.
Nothing is handed over before the outcomes before it are on the disk (docs/promises.md, Deliveries).
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

TOGETHER = 8  # mails that are written at once where nothing keeps them waiting


class Worker:
    """Submits messages over its own session, which is opened when needed. Use it once."""

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
        self._used = False  # something was already submitted on this session
        self._announced: Job | None = None  # its envelope was written, its replies are not read

    async def work(self) -> None:
        """Submit until nothing is left or no session can be had."""
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
        """Return the open session, or None if none can be had."""
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
        """Submit a job; return the worker's next job, or None."""
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
        # Some relays end a session after a number of messages, which says nothing about this one.
        is_again, self._used = self._used and _ends_session(outcome), True
        self._outcomes.record(job, outcome, at_once=is_again)

    async def _submit_announced(self, session: Session, job: Job) -> Job | None:
        """Submit a job whose envelope was written ahead; return the next one, announced in the same way."""
        refusal = await session.answer()
        self._announced = None
        if refusal is not None:
            if _ends_session(refusal) and self._used and not job.is_again:
                job.is_again = True  # the relay ended the session, it did not refuse the message
                return job
            self._used = True
            await self._outcomes.refuse(job, refusal)
            return None
        following = next(iter(await self._following(session)), None)
        if self._state.breaks or not await self._intend(job):
            session.abort()  # the relay waits for content that may not come
            if following is not None:
                self._queue.give_back([following])
            return None
        outcome = await session.hand_over(job.content, following.mail if following else None)
        self._used, self._announced = True, following
        self._outcomes.record(job, outcome)
        return following

    async def _following(self, session: Session, count: int = 1) -> list[Job]:
        """Return up to `count` jobs that may start on this session now; final refusals are recorded.

        None of them: another time, or nothing is left.
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
        """Keep up to `depth` contents in flight, refilled by half, until nothing is left or the session ends.

        Intents of refilled jobs are queued behind the outcomes that made room, so both are committed
        together and never more than `depth` of this worker are submitting on disk.
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
        asked = [self._outcomes.intend(one) for one in batch]
        return [one for one, intent in zip(batch, asked, strict=True) if await self._may_go(one, intent)]

    async def _intend(self, job: Job) -> bool:
        """Commit the intent; return False if the person left or changed, so that nothing may be sent."""
        return await self._may_go(job, self._outcomes.intend(job))

    async def _may_go(self, job: Job, asked: "asyncio.Future[RecipientNow]") -> bool:
        now = await asked
        if now is None:  # the issue is paused; the claim is given back when the run ends
            return False
        if isinstance(now, Skip):
            self._state.progress.skipped += 1
            return False
        if now != job.recipient:
            self._queue.give_back(await self._queue.prepare([(job.row, now)]))
            return False
        return True


def _ends_session(outcome: Outcome) -> bool:
    """Return whether a relay had enough of a session, by hanging up or by 421 before the next message.

    A relay that says that we are too fast means more than this session, unless it speaks of that.
    """
    if outcome.phase is not Phase.MAIL or outcome.code not in {None, SERVICE_NOT_AVAILABLE}:
        return False
    is_rate = ReplySubject.RATE in subjects_of(outcome.text)
    return not is_rate or re.search(r"\b(session|connection)\b", outcome.text, re.IGNORECASE) is not None
