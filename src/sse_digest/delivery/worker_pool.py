"""Work off the deliveries of one issue: several lines to the relay, and what ends them.

The lines keep the promises to people; here is decided when there are lines at all: until nothing is due,
the relay is away, sending is paused, or the program is told to stop.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from sse_digest.delivery.group_commit import GroupCommitter, Standing
from sse_digest.delivery.job import Job, MailSource
from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.queue import DeliveryQueue
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.relays.relay_state import Pause, RelayState
from sse_digest.delivery.smtp.session import Session
from sse_digest.delivery.worker import Worker, WorkerDeps
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome, State, Step, Verdict, settle
from sse_digest.store import Store
from sse_digest.store.sending import deliveries as ledger

log = structlog.get_logger()

LOOK_AHEAD = 32  # claimed deliveries per connection, at least, that wait in memory
ABORT_GRACE_S = 5.0
TROUBLES_PER_SLOT = 3  # for each content that may be in flight; so many in a row mean that a relay is away
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
class SendJob:
    """What is to be sent, by whom and with what."""

    store: Store
    routes: Sequence[RelayState]  # the relays, in the order in which they are preferred
    mail: MailSource
    issue: tuple[str, str]  # digest and period, its recipients fixed
    sender: SenderName
    options: SendOptions
    clock: Callable[[], datetime]
    stop: asyncio.Event  # set when the program is told to end
    on_progress: Callable[[Progress], None] = _ignore


class WorkerPool:
    """One run over the due deliveries of one issue. Use it once."""

    def __init__(self, order: SendJob) -> None:
        self._order, self._store, self._options = order, order.store, order.options
        self._sender, self._clock, self._stop = order.sender.id, order.clock, order.stop
        self._sessions: set[Session] = set()
        self._relays = RelayFailover(
            order.routes,
            order.store,
            order.clock,
            patience=TROUBLES_PER_SLOT * order.options.in_doubt_limit,
            ends=lambda: self._ends,
        )
        self._failure: Exception | None = None
        self.progress = Progress()
        self._commits = self._new_commits(self._supply())

    async def work(self) -> None:
        """Submit until nothing is due, the relay is away, sending is paused or `stop` is set.

        Raises:
            StoreError: the ledger cannot be written; what was under way is found in doubt later.
        """
        self.progress.relay_away = self.progress.paced = None
        supply = self._supply()
        self._commits = self._new_commits(supply)
        desk = self._desk(supply)
        async with self._relays.kept(), self._commits:
            workers = [asyncio.create_task(self._work(desk)) for _ in range(self._options.connections)]
            drain = asyncio.create_task(self._drain(workers))
            try:
                await asyncio.gather(*workers, return_exceptions=True)
            finally:
                drain.cancel()
                *_, closed = await asyncio.gather(drain, *workers, supply.close(), return_exceptions=True)
                if isinstance(closed, Exception):
                    self._failure = self._failure or closed
        if (failure := self._failure or self._commits.failure) is not None:
            raise failure
        await self._store.write(ledger.release, sender=self._sender, now=self._clock())

    def _new_commits(self, supply: DeliveryQueue) -> GroupCommitter:
        return GroupCommitter(
            self._store,
            self._order.mail,
            sender=self._sender,
            clock=self._clock,
            lines=self._options.connections,
            meanwhile=supply.write_ahead,
        )

    def _supply(self) -> DeliveryQueue:
        return DeliveryQueue(
            self._store,
            self._order.mail,
            self._order.issue,
            sender=self._sender,
            clock=self._clock,
            ahead=max(LOOK_AHEAD, self._options.depth) * self._options.connections,
            progress=self.progress,
            ends=lambda: self._ends,
            is_unhindered=lambda: self._relays.is_unhindered,
            refuse=self.refuse,
        )

    def _desk(self, supply: DeliveryQueue) -> WorkerDeps:
        return WorkerDeps(
            supply=supply,
            book=self,
            relays=self._relays,
            open=self._open,
            hang_up=self._hang_up,
            breaks=lambda: self._breaks,
            skipped=self._count_skipped,
        )

    @property
    def _ends(self) -> bool:
        """Whether nothing more may be begun."""
        at_rest = self.progress.relay_away is not None or self.progress.paced is not None
        return self._stop.is_set() or self._breaks or at_rest

    def rest(self) -> Pause | None:
        """Return until when all relays rest, and why, or None if at least one does not."""
        return self._relays.rest()

    @property
    def _breaks(self) -> bool:
        """Whether even what was announced may not be finished."""
        failed = self._failure is not None or self._commits.failure is not None
        return failed or self.progress.alarm is not None

    def _count_skipped(self) -> None:
        self.progress.skipped += 1

    async def _drain(self, workers: list[asyncio.Task[None]]) -> None:
        """After `stop`, give what is under way its time; then end it, which leaves it in doubt."""
        await self._stop.wait()
        await asyncio.sleep(self._options.drain_timeout.total_seconds())
        for session in tuple(self._sessions):
            session.abort()
        await asyncio.sleep(ABORT_GRACE_S)
        for worker in workers:
            worker.cancel()

    async def _work(self, desk: WorkerDeps) -> None:
        try:
            await Worker(desk).work()
        except asyncio.CancelledError:
            self._failure = self._failure or DeliveryError(_STUCK)
            raise
        except Exception as error:  # one failing worker must not cut the others off in mid-sentence
            self._failure = self._failure or error
            raise

    async def _hang_up(self, session: Session) -> None:
        self._sessions.discard(session)
        try:
            await session.close()
        finally:
            self._relays.closed(session)

    async def _open(self) -> Session | None:
        """Open a session; None: this worker ends."""
        opening = asyncio.create_task(self._relays.open())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                return None
            session = opening.result()
        finally:
            opening.cancel()
            stopping.cancel()
            await asyncio.gather(opening, stopping, return_exceptions=True)
        if session is None:
            self._note_rest()
        else:
            self._sessions.add(session)
        return session

    def _note_rest(self) -> None:
        """Where all relays rest, end the run, and say why."""
        rest = self._relays.rest()
        if rest is None:
            return
        if rest.refused:
            self.progress.alarm = rest.why
        elif rest.is_trouble:
            self.progress.relay_away = rest.why
        else:
            self.progress.paced = rest.why

    def intend(self, submission: Job) -> "asyncio.Future[Standing]":
        """Have an intent committed; see `Commits.intend`."""
        return self._commits.intend(submission)

    def record(self, submission: Job, outcome: Outcome, *, at_once: bool = False) -> None:
        """Have an outcome counted and committed, with the state that it leads to."""
        step = self._step(submission, outcome)
        if at_once:
            step = replace(step, due=None)
        self._commits.record(submission, outcome, step)
        self._heed(submission, outcome, step)

    def refuse(self, submission: Job, outcome: Outcome) -> "asyncio.Future[Standing]":
        """The same of an attempt for which no content was written; its intent is committed with it."""
        step = self._step(submission, outcome)
        asked = self._commits.refuse(submission, outcome, step)
        self._heed(submission, outcome, step)
        return asked

    def _step(self, submission: Job, outcome: Outcome) -> Step:
        """Decide where an outcome leads to."""
        row = submission.row
        return settle(
            outcome,
            attempts=row.attempts + 1,
            doubts=row.doubts,
            policy=self._options.in_doubt,
            delays=self._options.retry_delays,
            give_up_at=submission.date + self._options.give_up_after,
            now=self._clock(),
        )

    def _heed(self, submission: Job, outcome: Outcome, step: Step) -> None:
        """Count an outcome that is on its way to the disk, and tell of it."""
        if outcome.verdict is not Verdict.ACCEPTED:  # of the others the ledger tells
            log.info(
                "delivery.not_accepted",
                delivery=submission.row.id,
                verdict=outcome.verdict,
                phase=outcome.phase,
                code=outcome.code,
            )
        self.progress.expired += step.state is State.EXPIRED
        self._relays.heard(submission.relay, outcome)
        self.progress.count(outcome, self._options)
        try:
            self._order.on_progress(self.progress)
        except Exception as error:  # noqa: BLE001 # a closed terminal must not cost others their outcomes
            self._failure = self._failure or error
