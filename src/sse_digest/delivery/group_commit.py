"""Group commits: one transaction carries the outcomes and the next intents of several connections.

Requests are taken in the order they were made. A connection asks for its next intent only after recording
its last outcome, so on disk it never has more than one delivery submitting (docs/promises.md, Deliveries 1).
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sse_digest.delivery.job import Job, Recipient
from sse_digest.delivery.send_job import SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.errors import DeliveryError, StoreBusyError
from sse_digest.model.deliveries import Outcome, Skip, State, Step
from sse_digest.store import Connection
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending import delivery_batches, operator
from sse_digest.store.sending.delivery_batches import SettledDelivery

PAUSED = "an operator paused this issue. Continue with `sse-digest resume`, then `sse-digest send`."
MOMENT_S = 0.001  # less than any relay takes that writes to a disk; a commit takes half of it and more

RecipientNow = Recipient | Skip | None
"""Who gets a delivery at this moment, or why nobody does; None: the issue is paused, nothing may begin."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Request:
    job: Job
    done: "asyncio.Future[RecipientNow] | None"  # None: nobody waits; an error is kept in `failure`
    outcome: Outcome | None = None  # None: an intent
    step: Step | None = None  # where the outcome leads to
    with_intent: bool = False  # the intent was not committed before: no content was ever written


class LostDeliveryError(DeliveryError):
    """Another sender has taken over the delivery."""


def _nothing() -> None:
    pass


class GroupCommitter:
    """Writes intents and outcomes down, one transaction at a time. Use it as `async with`."""

    def __init__(self, job: SendJob, state: SendState) -> None:
        self._store, self._mail, self._issue, self._state = job.store, job.mail, job.issue, state
        self._sender, self._clock = job.sender.id, job.clock
        self._workers = job.options.connections  # they ask at different times
        self.meanwhile: Callable[[], None] = _nothing  # called while the disk is busy
        self._waiting: list[_Request] = []
        self._asked = asyncio.Event()
        self._many = asyncio.Event()  # every worker has asked, or the committer is closing
        self._closing = False
        self.failure: Exception | None = None  # why an outcome could not be written
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start committing."""
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Commit all pending requests, then stop."""
        self._closing = True
        self._asked.set()
        self._many.set()
        if self._task is not None:
            await self._task

    def intend(self, job: Job) -> "asyncio.Future[RecipientNow]":
        """Commit that the content is about to be written; only then may it be.

        Return the person's status at this moment. Anything other than the job's recipient
        means that the intent was not committed: the person left, or changed the address.

        The future raises StoreError or LostDeliveryError.
        """
        done = _future()
        self._ask(_Request(job=job, done=done))
        return done

    def record(self, job: Job, outcome: Outcome, step: Step) -> None:
        """Commit the outcome of an attempt and the state it leads to, before any later intent.

        Where that fails `failure` says why, and no later intent is committed.
        """
        self._ask(_Request(job=job, done=None, outcome=outcome, step=step))

    def refuse(self, job: Job, outcome: Outcome, step: Step) -> "asyncio.Future[RecipientNow]":
        """Commit intent and outcome at once, of an attempt for which no content was ever written.

        The future raises StoreError or LostDeliveryError.
        """
        done = _future()
        self._ask(_Request(job=job, done=done, outcome=outcome, step=step, with_intent=True))
        return done

    def _ask(self, request: _Request) -> None:
        self._waiting.append(request)
        self._asked.set()
        if len(self._waiting) >= self._workers:
            self._many.set()

    async def _work(self) -> None:
        while self._waiting or not self._closing:
            await self._asked.wait()
            await self._gather()
            group, self._waiting = self._waiting, []
            if not self._closing:
                self._asked.clear()
            if group:
                await self._commit(group)

    async def _gather(self) -> None:
        """Wait while each turn of the event loop brings more requests: one commit serves them all.

        Where few have asked, until as many have as there are workers (that is half of them: an outcome and
        the next intent), a moment at most; one worker alone never waits.
        """
        before = -1
        while before < len(self._waiting):
            before = len(self._waiting)
            await asyncio.sleep(0)
        if len(self._waiting) < self._workers and not self._closing:
            self._many.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._many.wait(), MOMENT_S)

    async def _commit(self, group: Sequence[_Request]) -> None:
        if self.failure is not None:
            self._fail([request for request in group if request.outcome is None], self.failure)
            group = [request for request in group if request.outcome is not None]
        if not group:
            return
        try:
            loop = asyncio.get_running_loop()
            people = await self._store.write_deliveries(
                lambda connection: self._write(connection, group, loop)
            )
        except Exception as error:  # noqa: BLE001 # told to whoever waits; the run ends with it
            if len(group) == 1 or isinstance(error, StoreBusyError):  # each would wait as long again
                self._fail(group, error)
                return
            for request in group:  # one that cannot be written must not cost the others their outcomes
                await self._commit([request])
        else:
            for request in group:
                if request.done is not None and not request.done.done():
                    row = request.job.row
                    request.done.set_result(people.get(row.id, request.job.recipient))

    def _fail(self, group: Sequence[_Request], error: Exception) -> None:
        for request in group:
            if request.outcome is not None:
                self.failure = self.failure or error
                self._state.fail(error)
            done = request.done
            if done is not None and not done.done():  # the worker that asked may have been cancelled since
                done.set_exception(error)
                done.exception()  # a worker that failed never retrieves it: no warning is wanted

    def _write(
        self, connection: Connection, group: Sequence[_Request], loop: asyncio.AbstractEventLoop
    ) -> dict[int, RecipientNow]:
        """Write a group of requests; return the recipients' status for each intent."""
        now = self._clock()
        intents = [request.job for request in group if request.outcome is None]
        people: dict[int, RecipientNow] = {}
        if intents and operator.is_paused(connection, *self._issue):
            self._state.progress.alarm = PAUSED
            people.update((one.row.id, None) for one in intents)
        elif intents:
            people.update(self._mail.recipients(connection, [one.row for one in intents]))
        begun = [one for one in intents if people[one.row.id] == one.recipient]
        begun += [request.job for request in group if request.with_intent]
        dates = [(one.row, one.date) for one in begun]
        fits = delivery_batches.intend_all(connection, dates, sender=self._sender, now=now)
        settled = [
            SettledDelivery(row=request.job.row, step=request.step, outcome=request.outcome)
            for request in group
            if request.outcome is not None and request.step is not None
        ]
        fits = fits and delivery_batches.record_all(connection, settled, sender=self._sender, now=now)
        for one in intents:
            fits = fits and self._put_aside(connection, one, people[one.row.id], now)
        if not fits:
            raise LostDeliveryError(_LOST)
        # Only the commit is left. It mostly waits for the disk, so the interpreter is free.
        with contextlib.suppress(RuntimeError):  # the loop is closed: commit anyway
            loop.call_soon_threadsafe(self.meanwhile)
        return people

    def _put_aside(self, connection: Connection, one: Job, person: RecipientNow, now: datetime) -> bool:
        if not isinstance(person, Skip):
            return True
        step = Step(state=State.SKIPPED)
        return ledger.put_aside(connection, one.row, step, person, sender=self._sender, now=now)


_LOST = (
    "Another process took a delivery over because this sender seemed dead. This sender stops;"
    " run `sse-digest status` and `sse-digest send`."
)


def _future() -> "asyncio.Future[RecipientNow]":
    return asyncio.get_running_loop().create_future()
