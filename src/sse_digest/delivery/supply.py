"""What is to be submitted next: claimed, looked up, its message written, a few ahead and never more.

An unbounded look-ahead looks flat with some ten thousand people and takes 230 MB with a million.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from sse_digest.delivery.envelope import Envelope, check_writable, content_of, is_sendable
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.replies import unwritten
from sse_digest.delivery.submission import Mail, Recipient, Submission
from sse_digest.errors import SseDigestError
from sse_digest.model.deliveries import Outcome, Skip, State, Step
from sse_digest.store import Store, controls
from sse_digest.store import deliveries as ledger
from sse_digest.store.deliveries import Claimed
from sse_digest.store.whole import Whole

log = structlog.get_logger()

_NOTHING = content_of(b"")  # of a message that cannot be written
PAUSED = "an operator paused this issue. Go on with `sse-digest resume`, then `sse-digest send`."


class Supply:
    """Submissions of one issue, for all connections of one sender."""

    def __init__(  # noqa: PLR0913 # what it stands between
        self,
        store: Store,
        mail: Mail,
        issue: tuple[str, str],
        *,
        sender: str,
        clock: Callable[[], datetime],
        ahead: int,
        progress: Progress,
        ends: Callable[[], bool],
        refuse: Callable[[Submission, Outcome], Awaitable[object]],
    ) -> None:
        """Claim `ahead` at a time; give nothing more once `ends` says so; `refuse` what cannot be written."""
        self._store, self._mail, self._issue, self._sender = store, mail, issue, sender
        self._clock, self._limit, self._progress = clock, ahead, progress
        self._ends, self._refuse = ends, refuse
        self._ahead: deque[tuple[Claimed, Recipient]] = deque()
        self._spare: deque[Submission] = deque()  # ready, but its line could not take it
        self._claiming = asyncio.Lock()

    async def next(self) -> Submission | None:
        """Give what is to be submitted next, its message written; None: nothing may be begun."""
        while not self._ends():
            if self._spare:
                return self._spare.popleft()
            taken = await self._take()
            if taken is None:
                return None
            if (submission := await self.prepare(*taken)) is not None:
                return submission
        return None

    def give_back(self, submission: Submission) -> None:
        """Take back what could not be begun; it is given out again."""
        self._spare.append(submission)

    async def prepare(self, row: Claimed, recipient: Recipient) -> Submission | None:
        """Write the message. One that cannot be written fails alone, and the relay never hears of it."""
        # Whole seconds, as the header has them.
        date = row.first_attempt or self._clock().replace(microsecond=0)
        envelope, content, problem = Envelope("", recipient.address), _NOTHING, None
        try:
            content = content_of(*await self._mail.content(row, recipient, date))
            envelope = Envelope(self._mail.sender(row), recipient.address, row.message_id.strip("<>"))
            check_writable(envelope)
        except SseDigestError as error:
            log.warning("delivery.unwritable", delivery=row.id, error=type(error).__name__)
            problem = str(error)
        submission = Submission(row=row, recipient=recipient, date=date, envelope=envelope, content=content)
        if problem is None:
            return submission
        await self._refuse(submission, unwritten(problem))
        return None

    async def _take(self) -> tuple[Claimed, Recipient] | None:
        if self._ahead:
            return self._ahead.popleft()
        async with self._claiming:
            while not self._ahead and not self._ends():
                claimed, found = await self._store.write_whole(self._claim)
                self._progress.skipped += claimed - len(found)
                self._ahead.extend(found)
                if not claimed:
                    break
            return self._ahead.popleft() if self._ahead else None

    async def _claim(self, whole: Whole) -> tuple[int, list[tuple[Claimed, Recipient]]]:
        """Claim some deliveries: how many, and those whose recipient may be mailed."""
        if controls.is_paused(whole, *self._issue):
            self._progress.alarm = PAUSED
            return 0, []
        rows = ledger.claim(whole, *self._issue, sender=self._sender, limit=self._limit, now=self._clock())
        return len(rows), await self._look_up(whole, rows)

    async def _look_up(self, whole: Whole, rows: Sequence[Claimed]) -> list[tuple[Claimed, Recipient]]:
        """Give who may be mailed; the others are skipped. Who changes later is found out with the intent."""
        standings = await self._mail.recipients(whole, rows) if rows else {}
        found = []
        for row in rows:
            standing = standings[row.id]
            if isinstance(standing, Recipient) and not is_sendable(standing.address):
                standing = Skip.UNSENDABLE_ADDRESS
            if isinstance(standing, Recipient):
                found.append((row, standing))
                continue
            step = Step(state=State.SKIPPED)
            now = self._clock()
            await ledger.put_aside(whole, row, step, standing, sender=self._sender, now=now)
        return found
