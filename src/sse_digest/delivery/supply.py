"""What is to be submitted next: claimed, looked up, its message written, a few ahead and never more.

An unbounded look-ahead looks flat with some ten thousand people and takes 230 MB with a million.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Self

import structlog

from sse_digest.delivery.envelope import Envelope, check_writable, content_of, is_sendable
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.replies import unwritten
from sse_digest.delivery.submission import Mail, Recipient, Submission, Wanted
from sse_digest.errors import SseDigestError
from sse_digest.model.deliveries import Outcome, Skip, State, Step
from sse_digest.store import Store, controls
from sse_digest.store import deliveries as ledger
from sse_digest.store.deliveries import Claimed
from sse_digest.store.whole import Whole

log = structlog.get_logger()

_NOBODY, _NOTHING = Envelope("", ""), content_of(b"")  # of a message that cannot be written
AHEAD = 32  # messages, at most, that are written while a commit is under way; more take longer than it
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
        self._at_once = 1  # how many may be written together, as whoever took last said
        self._taken = 0  # since something was last written ahead
        self._writing: asyncio.Task[None] | None = None  # ahead; one that ended well is forgotten

    async def __aenter__(self) -> Self:
        """Give the supply itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Wait for what is being written ahead; nobody will ask for it.

        Raises:
            StoreError: it could not be written.
        """
        if self._writing is not None:
            await self._written_ahead(self._writing)

    async def next(self) -> Submission | None:
        """Give what is to be submitted next, its message written; None: nothing may be begun."""
        return next(iter(await self.take(1)), None)

    async def take(self, count: int, *, together: int | None = None) -> list[Submission]:
        """Give up to `count` of them, at least one; none: nothing may be begun.

        `together`: so many may be written at once, for whoever asks next; None: as was said before.
        """
        self._at_once = together or self._at_once
        while not self._ends():
            if self._spare:
                ready = [self._spare.popleft() for _ in range(min(count, len(self._spare)))]
                self._taken += len(ready)
                return ready
            if self._writing is not None:
                await self._written_ahead(self._writing)
                continue
            if not (found := await self._take(max(count, self._at_once))):
                break
            self._spare.extend(await self.prepare(found))
        return []

    def write_ahead(self) -> None:
        """Begin to write what will be asked for next: as much as was taken since this was last called.

        For the time in which every line waits for a commit. What others write, or what would take longer than
        that, whoever asks for it has written.
        """
        wanted, self._taken = self._taken - len(self._spare), 0
        may = self._mail.is_immediate and self._at_once > 1 and self._writing is None and not self._ends()
        if may and self._ahead and 0 < wanted <= AHEAD:
            found = [self._ahead.popleft() for _ in range(min(wanted, len(self._ahead)))]
            self._writing = asyncio.create_task(self._write_ahead(found))

    async def _write_ahead(self, found: Sequence[tuple[Claimed, Recipient]]) -> None:
        self._spare.extend(await self.prepare(found))
        self._writing = None

    async def _written_ahead(self, writing: "asyncio.Task[None]") -> None:
        """Wait until it is written; whoever is cancelled meanwhile leaves it to the others."""
        await asyncio.wait((writing,))
        if self._writing is writing:  # it failed, and nobody else has said so
            self._writing = None
            writing.result()

    def give_back(self, submissions: Sequence[Submission]) -> None:
        """Take back what could not be begun; it is given out again."""
        self._spare.extend(submissions)

    async def prepare(self, found: Sequence[tuple[Claimed, Recipient]]) -> list[Submission]:
        """Write messages. One that cannot be written fails alone, and the relay never hears of it."""
        # Whole seconds, as the header has them.
        now = self._clock().replace(microsecond=0)
        wanted = [Wanted(row, recipient, row.first_attempt or now) for row, recipient in found]
        ready = []
        for want, written in zip(wanted, await self._mail.contents(wanted), strict=True):
            if isinstance(submission := self._submission(want, written), Submission):
                ready.append(submission)
                continue
            log.warning("delivery.unwritable", delivery=want.row.id, error=type(submission).__name__)
            row, recipient, date = want
            empty = Submission(row=row, recipient=recipient, date=date, envelope=_NOBODY, content=_NOTHING)
            await self._refuse(empty, unwritten(str(submission)))
        return ready

    def _submission(
        self, want: Wanted, written: Sequence[bytes] | SseDigestError
    ) -> Submission | SseDigestError:
        if isinstance(written, SseDigestError):
            return written
        row, recipient, date = want
        try:
            content = content_of(*written)
            envelope = Envelope(self._mail.sender(row), recipient.address, row.message_id.strip("<>"))
            check_writable(envelope)
        except SseDigestError as error:
            return error
        return Submission(row=row, recipient=recipient, date=date, envelope=envelope, content=content)

    async def _take(self, count: int) -> list[tuple[Claimed, Recipient]]:
        if not self._ahead:
            async with self._claiming:
                while not self._ahead and not self._ends():
                    claimed, found = await self._store.write_whole(self._claim)
                    self._progress.skipped += claimed - len(found)
                    self._ahead.extend(found)
                    if not claimed:
                        break
        return [self._ahead.popleft() for _ in range(min(count, len(self._ahead)))]

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
