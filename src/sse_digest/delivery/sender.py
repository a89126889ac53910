"""Run one `send` from start to end: hold the sender lock, recover dead senders, submit, wait, report.

It ends when nothing is due within the waiting time, when sending is paused with an alarm, or when it is
asked to stop. Deliveries that are left stay open in the database, and a later `send` finishes them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.progress import Progress, dead_alarm
from sse_digest.delivery.send_job import SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.sender_lock import SenderLocks
from sse_digest.delivery.worker_pool import WorkerPool
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Account, Blame, State, pauses_for_dead
from sse_digest.store import Connection, Store
from sse_digest.store.sending import accounts, dead_addresses
from sse_digest.store.sending import deliveries as ledger

log = structlog.get_logger()

MANY_REJECTED = 0.1  # share of an issue's deliveries
STEP_S = 1.0  # the longest single sleep, so that `stop` and a changed clock are noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What one `send` did and what remains."""

    account: Account
    progress: Progress
    next_due: datetime | None  # the next retry, or None if there is none
    resumes_at: datetime | None  # when a relay may be used again, or None if one may be used now
    in_other_hands: int  # deliveries that other running senders have claimed
    stopped: bool  # whether it was asked to stop

    @property
    def is_clean(self) -> bool:
        """Whether nothing needs attention."""
        finished = self.account.open == 0 and self.progress.expired == 0
        return finished and self.account.balances and self.progress.alarm is None

    @property
    def rejects_many(self) -> bool:
        """Whether more than a tenth of the issue was rejected, so that somebody should find out why."""
        return self.account.states.get(State.REJECTED, 0) > MANY_REJECTED * self.account.total


class Sender:
    """Sends one issue whose recipients are fixed. Use it once."""

    def __init__(self, job: SendJob, locks: SenderLocks) -> None:
        self._store, self._issue, self._options = job.store, job.issue, job.options
        self._name, self._clock, self._stop = job.sender, job.clock, job.stop
        self._locks, self._secret_keys = locks, job.secret_keys
        self._state = SendState(job.options, job.stop, job.on_progress)
        self._pool = WorkerPool(job, self._state)

    async def send(self, wait: timedelta) -> SendReport:
        """Submit what is due now or becomes due within `wait`.

        Raises:
            StoreError: the ledger cannot be read or written.
            DeliveryError: another sender took over a delivery of this one.
        """
        progress = self._state.progress
        progress.total = (await self._store.read(dead_addresses.count_dead, *self._issue)).total
        async with self._alive():
            away_since: datetime | None = None
            while True:
                await self._recover()
                before = progress.attempted
                await self._pool.work()
                if progress.attempted > before:
                    away_since = None
                if self._stop.is_set() or progress.alarm is not None or await self._only_ours_left():
                    break
                if not await self._wait_for_due(wait):
                    break
                if (rest := self._pool.rest()) is not None:
                    now = self._clock()
                    away_since = (away_since or now) if rest.is_trouble else now
                    if rest.until - away_since > wait:
                        break
                    await self._nap(rest.until - now)
        await self._store.write(self._suppress_dead)
        return await self._store.read(self._report)

    @contextlib.asynccontextmanager
    async def _alive(self) -> AsyncIterator[None]:
        """Hold the lock that shows that this sender is running, and register the sender while it runs."""
        with self._locks.hold(self._name.id) as held:
            if not held:
                raise DeliveryError(
                    f"Another process is already sending with the id {self._name.id}."
                    " Run `sse-digest send` again to get another id."
                )
            await self._store.write(
                ledger.register_sender,
                sender=self._name.id,
                host=self._name.host,
                pid=self._name.pid,
                now=self._clock(),
            )
            yield
            # Not in a `finally`: a sender that fails stays unfinished, so that the next one recovers it.
            await self._store.write(ledger.end_sender, sender=self._name.id, now=self._clock())
        self._locks.forget(self._name.id)

    async def _recover(self) -> None:
        planned, doubtful = await recover_dead(
            self._store, self._locks, sender=self._name.id, options=self._options, now=self._clock()
        )
        self._state.progress.recovered += planned
        self._state.progress.doubtful += doubtful

    def _suppress_dead(self, connection: Connection) -> None:
        """Suppress the dead addresses, or set the alarm if there are too many of them."""
        count = dead_addresses.count_dead(connection, *self._issue)
        if pauses_for_dead(dead=count.dead, attempted=count.attempted, total=count.total):
            self._state.progress.alarm = dead_alarm(count.dead)
        elif count.dead:
            connection.note_change()
            self._state.progress.suppressed = dead_addresses.suppress_dead(
                connection, *self._issue, secret_keys=self._secret_keys, now=self._clock()
            )

    async def _only_ours_left(self) -> bool:
        """Set the alarm and return True if the only deliveries left were refused for a fault on our side."""
        now = self._clock()
        due = await self._store.read(accounts.count_due, *self._issue, now)
        waiting = await self._store.read(accounts.count_waiting, *self._issue)
        ours = waiting.get(Blame.OURS, 0)
        if due or not ours or ours < sum(waiting.values()) or not self._state.progress.refused_ours:
            return False
        self._state.progress.alarm = (
            f"All deliveries that are left ({ours}) were refused for a fault on our side; see"
            " `sse-digest status`."
            " Fix the fault, then run `sse-digest send` again. No subscriber was changed."
        )
        return True

    async def _wait_for_due(self, wait: timedelta) -> bool:
        """Sleep until a delivery is due. Return False if none becomes due within `wait`, or on `stop`."""
        now = self._clock()
        if await self._store.read(accounts.count_due, *self._issue, now):
            return True
        due = await self._store.read(accounts.next_due, *self._issue)
        if due is None or due - now > wait:
            return False
        await self._nap(due - now)
        return not self._stop.is_set()

    async def _nap(self, length: timedelta) -> None:
        """Sleep until the clock has advanced by `length`, or until asked to stop."""
        until = self._clock() + length
        while (left := until - self._clock()) > timedelta(0) and not self._stop.is_set():
            if left > length:  # the clock was set back; do not wait longer for it
                until = self._clock() + length
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(left.total_seconds(), STEP_S))

    def _report(self, connection: Connection) -> SendReport:
        rest = self._pool.rest()
        account = accounts.account(connection, *self._issue)
        if account is None:
            raise DeliveryError(
                "The recipients of this issue are not fixed, so nothing was sent."
                " Run `sse-digest send` again."
            )
        return SendReport(
            account=account,
            progress=self._state.progress,
            next_due=accounts.next_due(connection, *self._issue),
            resumes_at=None if rest is None else rest.until,
            in_other_hands=accounts.in_hands(connection, *self._issue, but=self._name.id),
            stopped=self._stop.is_set(),
        )


async def recover_dead(
    store: Store, locks: SenderLocks, *, sender: str, options: SendOptions, now: datetime
) -> tuple[int, int]:
    """Recover dead senders' deliveries; return how many are planned again and how many are in doubt.

    A sender is dead if nobody holds its lock.
    """
    others = await store.read(ledger.unfinished_senders, but=sender)
    planned = doubtful = 0
    for other in others:
        with locks.hold(other) as dead:
            if not dead:
                continue
            back, doubts = await store.write(ledger.recover, dead=other, policy=options.in_doubt, now=now)
            planned, doubtful = planned + back, doubtful + doubts
            log.warning("sender.recovered", sender=other, planned=back, in_doubt=doubts)
        locks.forget(other)
    return planned, doubtful
