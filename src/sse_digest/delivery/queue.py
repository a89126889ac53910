"""The deliveries to submit next: claimed, looked up and their messages written, a bounded number ahead.

Unbounded look-ahead goes unnoticed with ten thousand people but takes 230 MB with a million.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence

import structlog

from sse_digest.delivery.group_commit import PAUSED
from sse_digest.delivery.job import Job, MessageRequest, Recipient
from sse_digest.delivery.outcomes import OutcomeLog
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.send_job import SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.smtp.envelope import Envelope, check_writable, content_of, is_sendable
from sse_digest.delivery.smtp.replies import unwritten
from sse_digest.errors import SseDigestError
from sse_digest.model.deliveries import Skip, State, Step
from sse_digest.store import Connection
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending import operator
from sse_digest.store.sending.deliveries import ClaimedDelivery

log = structlog.get_logger()

_NOBODY, _NOTHING = Envelope("", ""), content_of(b"")  # the error of a message that cannot be written
LOOK_AHEAD = 32  # claimed deliveries per connection, at least, that wait in memory
AHEAD = 32  # messages, at most, that a commit leaves time to write; if more are wanted, none is written ahead


class DeliveryQueue:
    """Deliveries of one issue with their mails, for all workers of one sender.

    While sending is throttled, one mail is written at a time, because its date is set when it is written.
    """

    def __init__(self, job: SendJob, relays: RelayFailover, outcomes: OutcomeLog, state: SendState) -> None:
        self._store, self._mail, self._issue = job.store, job.mail, job.issue
        self._sender, self._clock = job.sender.id, job.clock
        self._relays, self._outcomes, self._state = relays, outcomes, state
        self._limit = max(LOOK_AHEAD, job.options.depth) * job.options.connections  # claimed at once
        self._ahead: deque[tuple[ClaimedDelivery, Recipient]] = deque()
        self._spare: deque[Job] = deque()  # written, but not yet given to a worker
        self._claiming = asyncio.Lock()
        self._taken = 0  # since `write_ahead` was last called
        self._writing: asyncio.Task[None] | None = None  # ahead; one that ended well is forgotten
        self._is_closed = False

    async def close(self) -> None:
        """Stop writing ahead and abandon unfinished messages. All workers must have ended.

        Raises:
            SseDigestError: a message could not be written and no worker has asked for it.
        """
        self._is_closed = True
        if (writing := self._writing) is not None:
            self._writing = None
            writing.cancel()
            await asyncio.wait((writing,))
            if not writing.cancelled():
                writing.result()

    async def next(self) -> Job | None:
        """Return the next job with its message, or None if nothing may be started."""
        return next(iter(await self.take(1)), None)

    async def take(self, count: int, *, together: int = 1) -> list[Job]:
        """Return up to `count` jobs, only one while sending is throttled.

        An empty list means that nothing may be started. Up to `together` messages are written at once.
        """
        while not self._state.ends:
            if not self._relays.is_unhindered:
                count = together = 1
                self._unwrite()
            lacking = count - len(self._spare)
            if lacking <= 0 or (self._spare and not self._ahead):
                return self._given(count)
            if self._writing is not None:
                await self._written_ahead(self._writing)
                continue
            found = await self._take(max(lacking, together))
            if not found and not self._spare and self._writing is None:
                break
            self._spare.extend(await self.prepare(found))
        return []

    def _given(self, count: int) -> list[Job]:
        given = [self._spare.popleft() for _ in range(min(count, len(self._spare)))]
        self._taken += len(given)
        return given

    def write_ahead(self) -> None:
        """Start writing the next messages: as many as were taken since the last call.

        For the time in which every worker waits for a commit. What other threads sign, and what would take
        longer than that, is written when it is asked for.
        """
        wanted, self._taken = self._taken - len(self._spare), 0
        if not self._ahead or not 0 < wanted <= AHEAD or self._writing is not None:
            return
        if (
            self._mail.is_immediate
            and self._relays.is_unhindered
            and not self._state.ends
            and not self._is_closed
        ):
            found = [self._ahead.popleft() for _ in range(min(wanted, len(self._ahead)))]
            self._writing = asyncio.create_task(self._write_ahead(found))

    async def _write_ahead(self, found: Sequence[tuple[ClaimedDelivery, Recipient]]) -> None:
        self._spare.extend(await self.prepare(found))
        self._writing = None

    async def _written_ahead(self, writing: "asyncio.Task[None]") -> None:
        """Wait until the batch is written; a worker cancelled meanwhile leaves it to the others."""
        await asyncio.wait((writing,))
        if self._writing is writing:  # it failed, and no other worker has raised it
            self._writing = None
            writing.result()

    def _unwrite(self) -> None:
        """Keep one written message and drop the others; they are written again when they are due."""
        while len(self._spare) > 1:
            one = self._spare.pop()
            self._ahead.appendleft((one.row, one.recipient))

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Take back a job that could not be started; it is handed out again."""
        self._spare.extend(jobs)

    async def prepare(self, found: Sequence[tuple[ClaimedDelivery, Recipient]]) -> list[Job]:
        """Write messages. One that cannot be written fails alone and is never offered to the relay."""
        # Whole seconds, as the header has them.
        now = self._clock().replace(microsecond=0)
        wanted = [MessageRequest(row, recipient, row.first_attempt or now) for row, recipient in found]
        ready: list[Job] = []
        refusals: list[Awaitable[object]] = []
        for want, written in zip(wanted, await self._mail.contents(wanted), strict=True):
            if isinstance(job := self._job_of(want, written), Job):
                ready.append(job)
                continue
            log.warning("delivery.unwritable", delivery=want.row.id, error=type(job).__name__)
            row, recipient, date = want
            empty = Job(row=row, recipient=recipient, date=date, envelope=_NOBODY, content=_NOTHING)
            refusals.append(self._outcomes.refuse(empty, unwritten(str(job))))
        if refusals:  # in one commit
            await asyncio.gather(*refusals)
        return ready

    def _job_of(
        self, want: MessageRequest, written: Sequence[bytes] | SseDigestError
    ) -> Job | SseDigestError:
        if isinstance(written, SseDigestError):
            return written
        row, recipient, date = want
        try:
            content = content_of(*written)
            envelope = Envelope(
                self._mail.sender(row, recipient), recipient.address, row.message_id.strip("<>")
            )
            check_writable(envelope)
        except SseDigestError as error:
            return error
        return Job(row=row, recipient=recipient, date=date, envelope=envelope, content=content)

    async def _take(self, count: int) -> list[tuple[ClaimedDelivery, Recipient]]:
        if not self._ahead:
            async with self._claiming:
                while not self._ahead and not self._state.ends:
                    claimed, found = await self._store.write_deliveries(self._claim)
                    self._state.progress.skipped += claimed - len(found)
                    self._ahead.extend(found)
                    if not claimed:
                        break
        return [self._ahead.popleft() for _ in range(min(count, len(self._ahead)))]

    def _claim(self, connection: Connection) -> tuple[int, list[tuple[ClaimedDelivery, Recipient]]]:
        """Claim some deliveries; return how many, and the jobs whose recipient may be mailed."""
        if operator.is_paused(connection, *self._issue):
            self._state.progress.alarm = PAUSED
            return 0, []
        rows = ledger.claim(
            connection, *self._issue, sender=self._sender, limit=self._limit, now=self._clock()
        )
        return len(rows), self._look_up(connection, rows)

    def _look_up(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> list[tuple[ClaimedDelivery, Recipient]]:
        """Return the recipients who may be mailed and skip the others. The intent catches later changes."""
        people = self._mail.recipients(connection, rows) if rows else {}
        found = []
        for row in rows:
            person = people[row.id]
            if isinstance(person, Recipient) and not is_sendable(person.address):
                person = Skip.UNSENDABLE_ADDRESS
            if isinstance(person, Recipient):
                found.append((row, person))
                continue
            step = Step(state=State.SKIPPED)
            now = self._clock()
            ledger.put_aside(connection, row, step, person, sender=self._sender, now=now)
        return found
