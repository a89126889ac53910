"""Record intents and outcomes in order, and decide which state each outcome leads to."""

import asyncio
from dataclasses import replace

import structlog

from sse_digest.delivery.group_commit import GroupCommitter, RecipientNow
from sse_digest.delivery.job import Job
from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.send_job import SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.model.deliveries import Outcome, Step, Verdict, settle

log = structlog.get_logger()


class OutcomeLog:
    """Commits intents and outcomes, counts them, and adjusts the relays' pace."""

    def __init__(
        self, job: SendJob, commits: GroupCommitter, relays: RelayFailover, state: SendState
    ) -> None:
        self._options, self._clock = job.options, job.clock
        self._commits, self._relays, self._state = commits, relays, state

    def intend(self, job: Job) -> "asyncio.Future[RecipientNow]":
        """Request the commit of an intent; see `GroupCommitter.intend`."""
        return self._commits.intend(job)

    def record(self, job: Job, outcome: Outcome, *, at_once: bool = False) -> None:
        """Request the commit of an outcome and of the state it leads to, before any later intent.

        Args:
            job: the delivery that was attempted.
            outcome: the result of the attempt.
            at_once: only the session ended: a deferred delivery is due at once and the relay keeps its pace.
        """
        step = self._step(job, outcome)
        if at_once:
            step = replace(step, due=None)
        self._commits.record(job, outcome, step)
        self._note(job, outcome, step, slows=not at_once)

    def refuse(self, job: Job, outcome: Outcome) -> "asyncio.Future[RecipientNow]":
        """Request one commit of intent and outcome for an attempt whose content was never written."""
        step = self._step(job, outcome)
        asked = self._commits.refuse(job, outcome, step)
        self._note(job, outcome, step)
        return asked

    def _step(self, job: Job, outcome: Outcome) -> Step:
        options = self._options
        return settle(
            outcome,
            attempts=job.row.attempts + 1,
            doubts=job.row.doubts,
            policy=options.in_doubt,
            delays=options.retry_delays,
            give_up_at=(job.row.first_attempt or job.date) + options.give_up_after,
            now=self._clock(),
        )

    def _note(self, job: Job, outcome: Outcome, step: Step, *, slows: bool = True) -> None:
        if outcome.verdict is not Verdict.ACCEPTED:  # accepted ones are in the database
            log.info(
                "delivery.not_accepted",
                delivery=job.row.id,
                verdict=outcome.verdict,
                phase=outcome.phase,
                code=outcome.code,
            )
        if slows:
            self._relays.heard(job.relay, outcome)
        self._state.count(outcome, step)
