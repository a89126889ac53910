"""Group commits: one transaction carries the outcomes and the next intents of several connections.

Requests are taken in the order they were made. A connection asks for its next intent only after it gave
its last outcome, so on disk it never has more than one delivery submitting (DESIGN: Promises, Deliveries 1).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.delivery.submission import Mail, Recipient, Submission
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome, Skip, State, Step
from sse_digest.store import Store, groups
from sse_digest.store import deliveries as ledger
from sse_digest.store.groups import Settled

Standing = Recipient | Skip


@dataclass(slots=True, kw_only=True, eq=False)
class _Request:
    submission: Submission
    done: "asyncio.Future[Standing]"
    outcome: Outcome | None = None  # None: an intent
    step: Step | None = None  # where the outcome leads to
    with_intent: bool = False  # the intent was not committed before: no content was ever written


class LostDeliveryError(DeliveryError):
    """A delivery is no longer in this sender's hands."""


class Commits:
    """Writes intents and outcomes down, one transaction at a time. Use it as `async with`."""

    def __init__(self, store: Store, mail: Mail, *, sender: str, clock: Callable[[], datetime]) -> None:
        self._store, self._mail, self._sender, self._clock = store, mail, sender, clock
        self._waiting: list[_Request] = []
        self._asked = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to commit."""
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Commit what was asked for, then end."""
        self._closing = True
        self._asked.set()
        if self._task is not None:
            await self._task

    def intend(self, submission: Submission) -> "asyncio.Future[Standing]":
        """Commit that the content is about to be written; only then may it be.

        Gives how the person stands at this moment. Anything else than the submission's own recipient
        means that the intent was not committed: the person left, or changed the address.

        The future raises StoreError or LostDeliveryError.
        """
        return self._ask(_Request(submission=submission, done=_future()))

    def record(
        self, submission: Submission, outcome: Outcome, step: Step, *, with_intent: bool = False
    ) -> "asyncio.Future[Standing]":
        """Commit what an attempt said, and the state it leads to.

        Args:
            submission: what was submitted.
            outcome: what the attempt said.
            step: where it leads to.
            with_intent: no intent was committed before, because no content was written.

        The future raises StoreError or LostDeliveryError.
        """
        return self._ask(
            _Request(
                submission=submission, done=_future(), outcome=outcome, step=step, with_intent=with_intent
            )
        )

    def _ask(self, request: _Request) -> "asyncio.Future[Standing]":
        self._waiting.append(request)
        self._asked.set()
        return request.done

    async def _work(self) -> None:
        while self._waiting or not self._closing:
            await self._asked.wait()
            await asyncio.sleep(0)  # whoever was woken by the same replies may join
            group, self._waiting = self._waiting, []
            if not self._closing:
                self._asked.clear()
            if group:
                await self._commit(group)

    async def _commit(self, group: Sequence[_Request]) -> None:
        try:
            standings = await self._store.write_whole(lambda connection: self._write(connection, group))
        except Exception as error:  # noqa: BLE001 # told to whoever waits; the run ends with it
            if len(group) == 1:
                _fail(group[0], error)
                return
            for request in group:  # one that cannot be written must not cost the others their outcomes
                await self._commit([request])
        else:
            for request in group:
                if not request.done.done():
                    row = request.submission.row
                    request.done.set_result(standings.get(row.id, request.submission.recipient))

    async def _write(self, connection: AsyncConnection, group: Sequence[_Request]) -> dict[int, Standing]:
        """Write a group down; gives how those stand whose intent was asked for."""
        now = self._clock()
        intents = [request.submission for request in group if request.outcome is None]
        standings: dict[int, Standing] = {}
        if intents:
            standings.update(await self._mail.recipients(connection, [one.row for one in intents]))
        begun = [one for one in intents if standings[one.row.id] == one.recipient]
        begun += [request.submission for request in group if request.with_intent]
        dates = [(one.row, one.date) for one in begun]
        fits = await groups.intend_all(connection, dates, sender=self._sender, now=now)
        settled = [
            Settled(row=request.submission.row, step=request.step, outcome=request.outcome)
            for request in group
            if request.outcome is not None and request.step is not None
        ]
        fits = fits and await groups.record_all(connection, settled, sender=self._sender, now=now)
        for one in intents:
            fits = fits and await self._put_aside(connection, one, standings[one.row.id], now)
        if not fits:
            raise LostDeliveryError(_LOST)
        for request in group:
            await self._note_dead(connection, request)
        return standings

    async def _put_aside(
        self, connection: AsyncConnection, one: Submission, standing: Standing, now: datetime
    ) -> bool:
        if not isinstance(standing, Skip):
            return True
        step = Step(state=State.SKIPPED)
        return await ledger.put_aside(connection, one.row, step, standing, sender=self._sender, now=now)

    async def _note_dead(self, connection: AsyncConnection, request: _Request) -> None:
        outcome, one = request.outcome, request.submission
        if outcome is not None and request.step is not None and request.step.suppress:
            # Without the reply's words: they often repeat the address, which a suppression must not hold.
            why = f"{outcome.phase} {outcome.code} {outcome.enhanced or ''}".strip()
            await self._mail.dead(connection, one.row, one.recipient, why)


_LOST = (
    "A delivery was taken from this sender, which was believed dead."
    " Nothing more is sent from here; run `sse-digest status` and `sse-digest send`."
)


def _future() -> "asyncio.Future[Standing]":
    return asyncio.get_running_loop().create_future()


def _fail(request: _Request, error: Exception) -> None:
    if not request.done.done():  # whoever asked may have been cancelled since
        request.done.set_exception(error)
        request.done.exception()  # a line that failed before asks no more: that is nothing to complain of
