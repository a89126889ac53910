"""Work off the deliveries of one issue: several sessions, one delivery at a time on each.

The order that keeps every promise: claim; look the person up and commit the intent in one transaction;
submit; commit the outcome. A worker that cannot commit never goes on (DESIGN: Promises, Deliveries).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.relay import Envelope, Relay, RelayUnavailableError, Session, is_safe_address
from sse_digest.delivery.replies import unwritten
from sse_digest.errors import DeliveryError, SseDigestError
from sse_digest.model.deliveries import (
    Blame,
    Outcome,
    Phase,
    Skip,
    State,
    Step,
    Verdict,
    pauses_for_ours,
    settle,
)
from sse_digest.store import Store
from sse_digest.store import deliveries as ledger
from sse_digest.store.deliveries import Claimed

log = structlog.get_logger()

LOOK_AHEAD = 4  # claimed deliveries per connection that wait in memory
TROUBLES_PER_CONNECTION = 3  # so many lost or refused sessions in a row mean that the relay is away
ABORT_GRACE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a delivery goes to, looked up at the moment of submission."""

    address: str
    name: str | None


class Mail(Protocol):
    """What the run needs to know about people and contents."""

    async def recipient(self, connection: AsyncConnection, row: Claimed) -> Recipient | Skip:
        """Look the person up; a Skip says why nothing may be sent to them."""
        ...

    async def content(self, row: Claimed, recipient: Recipient, date: datetime) -> bytes:
        """Write the message, CRLF line ends, no dot-stuffing."""
        ...

    def sender(self, row: Claimed) -> str:
        """Give the envelope sender."""
        ...

    async def dead(self, connection: AsyncConnection, row: Claimed, recipient: Recipient, why: str) -> None:
        """Note that the address does not exist."""
        ...


@dataclass(slots=True)
class Progress:
    """What this run has done so far; changes while it runs."""

    attempted: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    skipped: int = 0
    refused_ours: int = 0
    recovered: int = 0  # deliveries of a dead sender that were planned again
    doubtful: int = 0  # deliveries of a dead sender that were found in doubt
    alarm: str | None = None  # why sending was paused
    relay_away: str | None = None  # what the relay said or did not say last


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


class Run:
    """One run over the due deliveries of one issue. Use it once."""

    def __init__(self, order: Order) -> None:
        self._store, self._relay, self._mail = order.store, order.relay, order.mail
        self._digest, self._period = order.issue
        self._sender, self._options, self._clock = order.sender.id, order.options, order.clock
        self._stop = order.stop
        self._on_progress = order.on_progress
        self._ahead: deque[Claimed] = deque()
        self._claiming = asyncio.Lock()
        self._sessions: set[Session] = set()
        self._opening = 0
        self._troubles = 0
        self._failure: BaseException | None = None
        self.progress = Progress()

    async def work(self) -> None:
        """Submit until nothing is due, the relay is away, sending is paused or `stop` is set.

        Raises:
            StoreError: the ledger cannot be written; what was under way is found in doubt later.
        """
        self.progress.relay_away = None
        self._troubles = 0
        workers = [asyncio.create_task(self._work()) for _ in range(self._options.connections)]
        drain = asyncio.create_task(self._drain(workers))
        try:
            await asyncio.gather(*workers, return_exceptions=True)
        finally:
            drain.cancel()
            await asyncio.gather(drain, *workers, return_exceptions=True)
        self._ahead.clear()
        if self._failure is not None:
            raise self._failure
        async with self._store.write() as connection:
            await ledger.release(connection, sender=self._sender, now=self._clock())

    @property
    def _ends(self) -> bool:
        done = self._stop.is_set() or self._failure is not None
        return done or self.progress.alarm is not None or self.progress.relay_away is not None

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
            while not self._ends and (row := await self._take()) is not None:
                if not await self._connect(line):
                    return
                await self._deliver(line, row)
        except BaseException as error:  # one failing worker must not cut the others off in mid-sentence
            self._failure = self._failure or error
            raise
        finally:
            await self._hang_up(line)

    async def _connect(self, line: _Line) -> bool:
        """See that the line has an open session; False: none can be had."""
        if line.session is None or not line.session.is_open:
            await self._hang_up(line)
            line.session, line.used = await self._open(), False
        return line.session is not None

    async def _hang_up(self, line: _Line) -> None:
        if line.session is not None:
            self._sessions.discard(line.session)
            await line.session.close()

    async def _take(self) -> Claimed | None:
        async with self._claiming:
            if not self._ahead and not self._ends:
                limit = LOOK_AHEAD * self._options.connections
                async with self._store.write() as connection:
                    self._ahead.extend(
                        await ledger.claim(
                            connection,
                            self._digest,
                            self._period,
                            sender=self._sender,
                            limit=limit,
                            now=self._clock(),
                        )
                    )
            return self._ahead.popleft() if self._ahead else None

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

    async def _deliver(self, line: _Line, row: Claimed) -> None:
        now = self._clock()
        async with self._store.write() as connection:
            recipient = await self._mail.recipient(connection, row)
            if isinstance(recipient, Recipient) and not is_safe_address(recipient.address):
                recipient = Skip.UNSENDABLE_ADDRESS
            if isinstance(recipient, Skip):
                step = Step(state=State.SKIPPED)
                await ledger.put_aside(connection, row, step, recipient, sender=self._sender, now=now)
                self.progress.skipped += 1
                return
            if not await ledger.intend(connection, row, sender=self._sender, now=now):
                raise _lost_delivery(row)
        outcome = await self._submit(line, row, recipient, row.first_attempt or now)
        await self._record(row, recipient, outcome)

    async def _submit(self, line: _Line, row: Claimed, recipient: Recipient, date: datetime) -> Outcome:
        """Submit; a message that cannot be written fails alone, before a byte of it reaches the relay."""
        try:
            content = await self._mail.content(row, recipient, date)
            envelope = Envelope(self._mail.sender(row), recipient.address)
            outcome = await _submit_on(line, envelope, content)
            # Some relays close without a word after some messages: that says nothing about this one.
            if (
                line.used
                and outcome.phase is Phase.MAIL
                and outcome.code is None
                and await self._connect(line)
            ):
                outcome = await _submit_on(line, envelope, content)
        except SseDigestError as error:
            log.warning("delivery.unwritable", delivery=row.id, error=type(error).__name__)
            return unwritten(str(error))
        line.used = True
        return outcome

    async def _record(self, row: Claimed, recipient: Recipient, outcome: Outcome) -> None:
        now = self._clock()
        step = settle(
            outcome,
            attempts=row.attempts + 1,
            doubts=row.doubts,
            policy=self._options.in_doubt,
            delays=self._options.retry_delays,
            now=now,
        )
        async with self._store.write() as connection:
            if not await ledger.record(connection, row, step, outcome, sender=self._sender, now=now):
                raise _lost_delivery(row)
            if step.suppress:
                # Without the reply's words: they often repeat the address, which a suppression must not hold.
                why = f"{outcome.phase} {outcome.code} {outcome.enhanced or ''}".strip()
                await self._mail.dead(connection, row, recipient, why)
        log.info(
            "delivery.recorded",
            delivery=row.id,
            verdict=outcome.verdict,
            phase=outcome.phase,
            code=outcome.code,
        )
        self._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        progress, options = self.progress, self._options
        progress.attempted += 1
        progress.verdicts[outcome.verdict] += 1
        progress.refused_ours += outcome.blame is Blame.OURS
        self._troubles = self._troubles + 1 if outcome.blame is Blame.RELAY else 0
        in_doubt, limit = progress.verdicts[Verdict.UNKNOWN], 2 * options.connections
        if in_doubt > limit:
            progress.alarm = (
                f"{in_doubt} messages were handed over without an answer: the relay may accept in silence."
                " Check it before you go on with `sse-digest send`."
            )
        elif self._refused_for_ours():
            progress.alarm = _ours_alarm(progress.refused_ours, outcome)
        elif self._troubles >= TROUBLES_PER_CONNECTION * options.connections:
            progress.relay_away = ledger.explain(outcome)
        self._on_progress(progress)

    def _refused_for_ours(self) -> bool:
        return pauses_for_ours(
            refused=self.progress.refused_ours,
            attempted=self.progress.attempted,
            limit_count=self._options.ours_limit_count,
            limit_share=self._options.ours_limit_share,
        )


async def _submit_on(line: _Line, envelope: Envelope, content: bytes) -> Outcome:
    if line.session is None:
        raise DeliveryError("There is no session to submit on.")
    return await line.session.submit(envelope, content)


def _ours_alarm(refused: int, outcome: Outcome) -> str:
    return (
        f"{refused} messages were refused for a reason that is ours, last: {ledger.explain(outcome)}."
        " Cure that, then run `sse-digest send` again; no subscriber was touched."
    )


def _lost_delivery(row: Claimed) -> DeliveryError:
    return DeliveryError(
        f"Delivery {row.id} was taken from this sender, which was believed dead."
        " Nothing more is sent from here; run `sse-digest status` and `sse-digest send`."
    )
