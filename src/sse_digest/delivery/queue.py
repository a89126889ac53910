"""Claim the deliveries to submit next, look up their recipients and write their messages ahead of time.

The number of deliveries held in memory is bounded: without a bound they take 230 MB for a million people.
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

_NOBODY, _NOTHING = Envelope("", ""), content_of(b"")  # for a message that cannot be written
LOOK_AHEAD = 32  # the least number of claimed deliveries per connection that wait in memory
AHEAD = 32  # the most messages that can be written during a commit; if more are wanted, none is written ahead


class DeliveryQueue:
    """The jobs of one issue, for all workers of one sender.

    While sending is throttled, messages are written one at a time, because writing a message sets its date.
    """

    def __init__(self, job: SendJob, relays: RelayFailover, outcomes: OutcomeLog, state: SendState) -> None:
        self._store, self._mail, self._issue = job.store, job.mail, job.issue
        self._sender, self._clock = job.sender.id, job.clock
        self._relays, self._outcomes, self._state = relays, outcomes, state
        self._limit = max(LOOK_AHEAD, job.options.depth) * job.options.connections  # claimed at once
        self._ahead: deque[tuple[ClaimedDelivery, Recipient]] = deque()
        self._spare: deque[Job] = deque()  # written, but not yet taken by a worker
        self._claiming = asyncio.Lock()
        self._taken = 0  # jobs taken since `write_ahead` was last called
        self._writing: asyncio.Task[None] | None = None  # writes ahead; None once it succeeded
        self._is_closed = False

    async def close(self) -> None:
        """Stop writing ahead and abandon unfinished messages. All workers must have ended.

        Raises:
            SseDigestError: writing ahead failed and no worker has raised the error.
        """
        self._is_closed = True
        if (writing := self._writing) is not None:
            self._writing = None
            writing.cancel()
            await asyncio.wait((writing,))
            if not writing.cancelled():
                writing.result()

    async def next(self) -> Job | None:
        """Return the next job, or None if nothing may begin."""
        return next(iter(await self.take(1)), None)

    async def take(self, count: int, *, together: int = 1) -> list[Job]:
        """Return up to `count` jobs, or only one while sending is throttled.

        An empty list means that nothing may begin. Up to `together` messages are written at a time.
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
        """Start to write the next messages, as many as were taken since the last call.

        This uses the time in which all workers wait for a commit. Messages that other threads sign, and
        more messages than that time allows, are written only when a worker takes them.
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
        """Wait until the batch is written. If this worker is cancelled meanwhile, the others can use it."""
        await asyncio.wait((writing,))
        if self._writing is writing:  # it failed, and no other worker has raised its error
            self._writing = None
            writing.result()

    def _unwrite(self) -> None:
        """Discard all written messages but one. They are written again when a worker takes them."""
        while len(self._spare) > 1:
            one = self._spare.pop()
            self._ahead.appendleft((one.row, one.recipient))

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Take back jobs that could not begin. They are returned to a worker later."""
        self._spare.extend(jobs)

    async def prepare(self, found: Sequence[tuple[ClaimedDelivery, Recipient]]) -> list[Job]:
        """Write messages and return their jobs.

        A message that cannot be written fails alone: its refusal is recorded and no relay is offered it.
        """
        # The Date header has whole seconds.
        now = self._clock().replace(microsecond=0)
        wanted = [MessageRequest(row, recipient, row.mail_date or now) for row, recipient in found]
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
        if refusals:  # awaited together, so that they share one commit
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
        """Claim some deliveries; return how many, and those whose recipient may be mailed."""
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
        """Return the deliveries whose recipient may be mailed, and skip the others.

        Changes that happen later are noticed when the intent is committed.
        """
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
