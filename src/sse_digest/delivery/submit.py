"""Work off the deliveries of one issue: several lines to the relay, one content at a time on each.

The order that keeps every promise: claim; look the person up and commit the intent in one transaction;
only then write the content; commit the outcome. An envelope may go ahead of its intent, because without
content nothing can be accepted. A line that cannot commit never goes on (DESIGN: Promises, Deliveries).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.delivery.commits import Commits, Standing
from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.relay import Relay, RelayUnavailableError
from sse_digest.delivery.replies import unwritten
from sse_digest.delivery.session import Content, Envelope, Session, check_writable, is_safe_address, stuff
from sse_digest.delivery.submission import Mail, Recipient, Submission
from sse_digest.errors import DeliveryError, SseDigestError
from sse_digest.model.deliveries import (
    Outcome,
    Phase,
    Skip,
    State,
    Step,
    settle,
)
from sse_digest.store import Store, controls
from sse_digest.store import deliveries as ledger
from sse_digest.store.deliveries import Claimed

log = structlog.get_logger()

LOOK_AHEAD = 8  # claimed deliveries per connection that wait in memory
ABORT_GRACE_S = 5.0
PAUSED = "an operator paused this issue. Go on with `sse-digest resume`, then `sse-digest send`."
_STUCK = (
    "Told to stop, but something under way did not end in time (a locked database, perhaps)."
    " Nothing is lost: run `sse-digest send` again, it finds what was in hand."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderName:
    """Who sends: a random id, and where people find the process."""

    id: str
    host: str
    pid: int


def _ignore(progress: Progress) -> None:
    del progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be sent, by whom and with what."""

    store: Store
    relay: Relay
    mail: Mail
    issue: tuple[str, str]  # digest and period, its recipients fixed
    sender: SenderName
    options: SendOptions
    clock: Callable[[], datetime]
    stop: asyncio.Event  # set when the program is told to end
    on_progress: Callable[[Progress], None] = _ignore


@dataclass(slots=True)
class _Line:
    """One worker's connection to the relay."""

    session: Session | None = None
    used: bool = False  # something was already submitted on this session
    announced: Submission | None = None  # its envelope was written, its replies are not read
    recorded: "asyncio.Future[Standing] | None" = None  # the last outcome, on its way to the disk


class Run:
    """One run over the due deliveries of one issue. Use it once."""

    def __init__(self, order: Order) -> None:
        self._store, self._relay, self._mail = order.store, order.relay, order.mail
        self._digest, self._period = order.issue
        self._sender, self._options, self._clock = order.sender.id, order.options, order.clock
        self._stop = order.stop
        self._on_progress = order.on_progress
        self._ahead: deque[tuple[Claimed, Recipient]] = deque()
        self._spare: deque[Submission] = deque()  # ready, but its line could not take it
        self._commits = Commits(order.store, order.mail, sender=order.sender.id, clock=order.clock)
        self._claiming = asyncio.Lock()
        self._sessions: set[Session] = set()
        self._opening = 0
        self._failure: Exception | None = None
        self.progress = Progress()

    async def work(self) -> None:
        """Submit until nothing is due, the relay is away, sending is paused or `stop` is set.

        Raises:
            StoreError: the ledger cannot be written; what was under way is found in doubt later.
        """
        self.progress.relay_away = None
        self.progress.troubles = 0
        self._commits = Commits(self._store, self._mail, sender=self._sender, clock=self._clock)
        async with self._commits:
            workers = [asyncio.create_task(self._work()) for _ in range(self._options.connections)]
            drain = asyncio.create_task(self._drain(workers))
            try:
                await asyncio.gather(*workers, return_exceptions=True)
            finally:
                drain.cancel()
                await asyncio.gather(drain, *workers, return_exceptions=True)
        self._ahead.clear()
        self._spare.clear()
        if self._failure is not None:
            raise self._failure
        async with self._store.write() as connection:
            await ledger.release(connection, sender=self._sender, now=self._clock())

    @property
    def _ends(self) -> bool:
        """Whether nothing more may be begun."""
        return self._stop.is_set() or self._breaks or self.progress.relay_away is not None

    @property
    def _breaks(self) -> bool:
        """Whether even what was announced may not be finished."""
        return self._failure is not None or self.progress.alarm is not None

    async def _drain(self, workers: list[asyncio.Task[None]]) -> None:
        """After `stop`, give what is under way its time; then end it, which leaves it in doubt."""
        await self._stop.wait()
        await asyncio.sleep(self._options.drain_timeout.total_seconds())
        for session in tuple(self._sessions):
            session.abort()
        await asyncio.sleep(ABORT_GRACE_S)
        for worker in workers:
            worker.cancel()

    async def _work(self) -> None:
        line = _Line()
        try:
            submission = await self._next()
            while submission is not None:
                session = line.session if line.announced is submission else await self._connect(line)
                if session is None:
                    break
                submission = await self._deliver(line, session, submission) or await self._next()
            await _written_down(line)
        except asyncio.CancelledError:
            self._failure = self._failure or DeliveryError(_STUCK)
            raise
        except Exception as error:  # one failing worker must not cut the others off in mid-sentence
            self._failure = self._failure or error
            raise
        finally:
            await self._hang_up(line)

    async def _connect(self, line: _Line) -> Session | None:
        """Give the line's open session; None: none can be had."""
        if line.session is None or not line.session.is_open:
            await self._hang_up(line)
            line.session, line.used, line.announced = await self._open(), False, None
        return line.session

    async def _hang_up(self, line: _Line) -> None:
        if line.session is not None:
            self._sessions.discard(line.session)
            await line.session.close()

    async def _next(self) -> Submission | None:
        """Give what is to be submitted next, its message written; None: nothing may be begun."""
        while not self._ends:
            if self._spare:
                return self._spare.popleft()
            taken = await self._take()
            if taken is None:
                return None
            if (submission := await self._prepare(*taken)) is not None:
                return submission
        return None

    async def _take(self) -> tuple[Claimed, Recipient] | None:
        async with self._claiming:
            while not self._ahead and not self._ends:
                claimed, found = await self._store.write_whole(self._claim)
                self.progress.skipped += claimed - len(found)
                self._ahead.extend(found)
                if not claimed:
                    break
            return self._ahead.popleft() if self._ahead else None

    async def _claim(self, connection: AsyncConnection) -> tuple[int, list[tuple[Claimed, Recipient]]]:
        """Claim some deliveries: how many, and those whose recipient may be mailed."""
        if await controls.is_paused(connection, self._digest, self._period):
            self.progress.alarm = PAUSED
            return 0, []
        rows = await ledger.claim(
            connection,
            self._digest,
            self._period,
            sender=self._sender,
            limit=LOOK_AHEAD * self._options.connections,
            now=self._clock(),
        )
        return len(rows), await self._look_up(connection, rows)

    async def _look_up(
        self, connection: AsyncConnection, rows: Sequence[Claimed]
    ) -> list[tuple[Claimed, Recipient]]:
        """Give who may be mailed; the others are skipped. They are looked up once more with the intent."""
        standings = await self._mail.recipients(connection, rows) if rows else {}
        found = []
        for row in rows:
            standing = standings[row.id]
            if isinstance(standing, Recipient) and not is_safe_address(standing.address):
                standing = Skip.UNSENDABLE_ADDRESS
            if isinstance(standing, Recipient):
                found.append((row, standing))
                continue
            step = Step(state=State.SKIPPED)
            now = self._clock()
            await ledger.put_aside(connection, row, step, standing, sender=self._sender, now=now)
        return found

    async def _prepare(self, row: Claimed, recipient: Recipient) -> Submission | None:
        """Write the message. One that cannot be written fails alone, and the relay never hears of it."""
        date = row.first_attempt or self._clock()
        envelope, content, problem = Envelope("", recipient.address), Content(b"", 0), None
        try:
            content = stuff(await self._mail.content(row, recipient, date))
            envelope = Envelope(self._mail.sender(row), recipient.address)
            check_writable(envelope)
        except SseDigestError as error:
            log.warning("delivery.unwritable", delivery=row.id, error=type(error).__name__)
            problem = str(error)
        submission = Submission(row=row, recipient=recipient, date=date, envelope=envelope, content=content)
        if problem is None:
            return submission
        await self._record(submission, unwritten(problem), with_intent=True)
        return None

    async def _open(self) -> Session | None:
        """Open a session; None: this worker ends, and with the last one the relay counts as away."""
        self._opening += 1
        opening = asyncio.create_task(self._relay.open())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                return None
            session = opening.result()
            self._sessions.add(session)
        except RelayUnavailableError as error:
            self._note_unavailable(error)
            return None
        finally:
            self._opening -= 1
            opening.cancel()
            stopping.cancel()
            await asyncio.gather(opening, stopping, return_exceptions=True)
        return session

    def _note_unavailable(self, error: RelayUnavailableError) -> None:
        log.warning("relay.unavailable", phase=error.phase, refused=error.refused)
        if self._sessions or self._opening > 1:  # perhaps it takes fewer connections than we offer
            return
        if error.refused:
            self.progress.alarm = str(error)
        else:
            self.progress.relay_away = str(error)

    async def _deliver(self, line: _Line, session: Session, submission: Submission) -> Submission | None:
        """Submit; gives what the line has in hand next, None: nothing."""
        if line.announced is submission or session.pipelines:
            return await self._submit_announced(line, session, submission)
        if not await self._intend(line, submission):
            return None
        outcome = await session.submit(submission.envelope, submission.content)
        # Some relays close without a word after some messages: that says nothing about this one.
        silent = outcome.phase is Phase.MAIL and outcome.code is None
        if line.used and silent and (fresh := await self._connect(line)) is not None:
            outcome = await fresh.submit(submission.envelope, submission.content)
        line.used = True
        line.recorded = self._record(submission, outcome)
        return None

    async def _submit_announced(
        self, line: _Line, session: Session, submission: Submission
    ) -> Submission | None:
        """Submit with the envelope written ahead; gives the next one, whose envelope is written, too."""
        if line.announced is not submission:
            session.announce(*submission.announced)
        refusal = await session.answer()
        line.announced = None
        if refusal is not None:
            silent = refusal.phase is Phase.MAIL and refusal.code is None
            if silent and line.used and not submission.is_again:
                submission.is_again = True  # the relay had enough of this session, not of this message
                return submission
            line.used = True
            await _written_down(line)
            await self._record(submission, refusal, with_intent=True)
            return None
        following = await self._next()
        if self._breaks or not await self._intend(line, submission):
            session.abort()  # the relay waits for content that may not come
            if following is not None:
                self._spare.append(following)
            return None
        outcome = await session.hand_over(submission.content, following.announced if following else None)
        line.used, line.announced = True, following
        line.recorded = self._record(submission, outcome)
        return following

    async def _intend(self, line: _Line, submission: Submission) -> bool:
        """Commit the intent; False: the person left or changed meanwhile, and nothing may be sent."""
        standing = await self._commits.intend(submission)
        await _written_down(line)  # asked for before the intent, so it is on the disk
        if isinstance(standing, Skip):
            self.progress.skipped += 1
            return False
        if standing != submission.recipient:
            again = await self._prepare(submission.row, standing)
            if again is not None:
                self._spare.append(again)
            return False
        return True

    def _record(
        self, submission: Submission, outcome: Outcome, *, with_intent: bool = False
    ) -> "asyncio.Future[Standing]":
        """Have an outcome committed."""
        row = submission.row
        step = settle(
            outcome,
            attempts=row.attempts + 1,
            doubts=row.doubts,
            policy=self._options.in_doubt,
            delays=self._options.retry_delays,
            give_up_at=submission.date + self._options.give_up_after,
            now=self._clock(),
        )
        recorded = self._commits.record(submission, outcome, step, with_intent=with_intent)
        log.info(
            "delivery.answered",
            delivery=row.id,
            verdict=outcome.verdict,
            phase=outcome.phase,
            code=outcome.code,
        )
        self.progress.expired += step.state is State.EXPIRED
        self.progress.count(outcome, self._options)
        self._on_progress(self.progress)
        return recorded


async def _written_down(line: _Line) -> None:
    """Wait until the line's last outcome is on the disk."""
    if line.recorded is not None:
        recorded, line.recorded = line.recorded, None
        await recorded
