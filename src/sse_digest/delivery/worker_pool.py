"""Submit the due deliveries of one issue with several workers.

The workers keep the promises to people. The pool decides how long they run: until nothing is due, no relay
is reachable, sending is paused, or the program is asked to stop.
"""

import asyncio

from sse_digest.delivery.group_commit import GroupCommitter
from sse_digest.delivery.outcomes import OutcomeLog
from sse_digest.delivery.queue import DeliveryQueue
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.relays.relay_state import Pause
from sse_digest.delivery.send_job import SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.sessions import OpenSessions
from sse_digest.delivery.worker import Worker
from sse_digest.errors import DeliveryError
from sse_digest.store.sending import deliveries as ledger

ABORT_GRACE_S = 5.0
# A relay counts as unreachable after this many troubles in a row for each content in flight.
TROUBLES_PER_SLOT = 3
_STUCK = (
    "The send was asked to stop, but a submission did not end in time (perhaps the database is locked)."
    " Nothing is lost. Run `sse-digest send` again to continue."
)


class WorkerPool:
    """One run over the due deliveries of one issue. Use it once."""

    def __init__(self, job: SendJob, state: SendState) -> None:
        self._job, self._state = job, state
        self._relays = RelayFailover(
            job.routes,
            job.store,
            job.clock,
            state,
            patience=TROUBLES_PER_SLOT * job.options.in_doubt_limit,
        )
        self._sessions = OpenSessions(self._relays, state)

    async def work(self) -> None:
        """Submit until nothing is due, no relay is reachable, sending is paused or the program must stop.

        Raises:
            StoreError: the database cannot be written; the next sender finds submissions under way in doubt.
        """
        job, state = self._job, self._state
        state.begin()
        commits = GroupCommitter(job, state)
        outcomes = OutcomeLog(job, commits, self._relays, state)
        queue = DeliveryQueue(job, self._relays, outcomes, state)
        commits.meanwhile = queue.write_ahead
        async with self._relays.kept(), commits:
            await self._run_workers(queue, outcomes)
        if state.failure is not None:
            raise state.failure
        await job.store.write(ledger.release, sender=job.sender.id, now=job.clock())

    async def _run_workers(self, queue: DeliveryQueue, outcomes: OutcomeLog) -> None:
        workers = [
            asyncio.create_task(self._run(Worker(queue, outcomes, self._relays, self._sessions, self._state)))
            for _ in range(self._job.options.connections)
        ]
        drain = asyncio.create_task(self._drain(workers))
        try:
            await asyncio.gather(*workers, return_exceptions=True)
        finally:
            drain.cancel()
            *_, closed = await asyncio.gather(drain, *workers, queue.close(), return_exceptions=True)
            if isinstance(closed, Exception):
                self._state.fail(closed)

    async def _run(self, worker: Worker) -> None:
        try:
            await worker.work()
        except asyncio.CancelledError:
            self._state.fail(DeliveryError(_STUCK))
            raise
        except Exception as error:  # one failed worker must not interrupt the others' submissions
            self._state.fail(error)
            raise

    async def _drain(self, workers: list[asyncio.Task[None]]) -> None:
        """After `stop`, wait for the submissions under way. Then abort the rest and leave them in doubt."""
        await self._state.stop.wait()
        await asyncio.sleep(self._job.options.drain_timeout.total_seconds())
        self._sessions.abort()
        await asyncio.sleep(ABORT_GRACE_S)
        for worker in workers:
            worker.cancel()

    def rest(self) -> Pause | None:
        """Return until when all relays rest, and why, or None if at least one does not."""
        return self._relays.rest()
