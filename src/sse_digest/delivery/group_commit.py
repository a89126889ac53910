"""Group commit: write the outcomes and the next intents of several connections in one transaction.

Requests are committed in the order in which they were made. A worker requests its next intents only after
it recorded the outcomes that made room for them, so on disk it never has more than `depth` deliveries in the
state submitting (docs/promises.md, Deliveries 1).
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

PAUSED = "An operator paused this issue. Continue with `sse-digest resume`, then `sse-digest send`."
# Shorter than the reply of any relay that writes to disk. A commit takes at least half of it.
MOMENT_S = 0.001

RecipientNow = Recipient | Skip | None
"""Who gets a delivery at this moment, or why nobody does. None if the issue is paused: nothing may begin."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Request:
    job: Job
    done: "asyncio.Future[RecipientNow] | None"  # None: nobody waits, and `failure` keeps any error
    outcome: Outcome | None = None  # None: the request is an intent
    step: Step | None = None  # the state the outcome leads to
    with_intent: bool = False  # whether to commit the intent as well, because no content was ever written


class LostDeliveryError(DeliveryError):
    """Another sender has taken over the delivery."""


def _nothing() -> None:
    pass


class GroupCommitter:
    """Commits intents and outcomes, one transaction at a time. Use it as an async context manager."""

    def __init__(self, job: SendJob, state: SendState) -> None:
        self._store, self._mail, self._issue, self._state = job.store, job.mail, job.issue, state
        self._sender, self._clock = job.sender.id, job.clock
        self._workers = job.options.connections
        self.meanwhile: Callable[[], None] = _nothing  # called while a commit waits for the disk
        self._waiting: list[_Request] = []
        self._asked = asyncio.Event()
        self._many = asyncio.Event()  # as many requests as workers are waiting, or the committer is closing
        self._closing = False
        self.failure: Exception | None = None  # why an outcome could not be written
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the task that commits."""
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
        """Request the commit of an intent. The content may be written only after it succeeded.

        The future returns who gets the delivery at the moment of the commit. Anything other than the job's
        recipient means that the intent was not committed: the person left or changed the address, or the
        issue is paused. The future raises StoreError or LostDeliveryError.
        """
        done = _future()
        self._ask(_Request(job=job, done=done))
        return done

    def record(self, job: Job, outcome: Outcome, step: Step) -> None:
        """Request the commit of an attempt's outcome and of the state it leads to, before any later intent.

        If it fails, `failure` contains the error and no later intent is committed.
        """
        self._ask(_Request(job=job, done=None, outcome=outcome, step=step))

    def refuse(self, job: Job, outcome: Outcome, step: Step) -> "asyncio.Future[RecipientNow]":
        """Request one commit of both intent and outcome, for an attempt whose content was never written.

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
        """Wait as long as each turn of the event loop adds requests, so that one commit serves them all.

        If there are fewer requests than workers, wait up to MOMENT_S for more. A worker usually makes two
        requests, an outcome and an intent, so half the workers suffice; a single worker never waits.
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
        except Exception as error:  # noqa: BLE001 # set on the futures; ends the run
            if len(group) == 1 or isinstance(error, StoreBusyError):  # a retry would wait as long again
                self._fail(group, error)
                return
            for request in group:  # a request that fails must not prevent the others' outcomes
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
            if done is not None and not done.done():  # the worker may have been cancelled meanwhile
                done.set_exception(error)
                done.exception()  # a failed worker never retrieves it; this prevents asyncio's warning

    def _write(
        self, connection: Connection, group: Sequence[_Request], loop: asyncio.AbstractEventLoop
    ) -> dict[int, RecipientNow]:
        """Write a group of requests. Return who gets each intent's delivery, by the id of the delivery."""
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
        # Only the commit is left. It mostly waits for the disk, so the event loop can do other work.
        with contextlib.suppress(RuntimeError):  # if the loop is closed, commit anyway
            loop.call_soon_threadsafe(self.meanwhile)
        return people

    def _put_aside(self, connection: Connection, one: Job, person: RecipientNow, now: datetime) -> bool:
        if not isinstance(person, Skip):
            return True
        step = Step(state=State.SKIPPED)
        return ledger.put_aside(connection, one.row, step, person, sender=self._sender, now=now)


_LOST = (
    "Another process took over a delivery because this sender seemed dead. This sender stops."
    " Run `sse-digest status`, then `sse-digest send`."
)


def _future() -> "asyncio.Future[RecipientNow]":
    return asyncio.get_running_loop().create_future()
