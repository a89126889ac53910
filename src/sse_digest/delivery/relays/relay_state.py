"""Decide whether another connection or message may go to one relay now and, if not, when and why.

State and rules only: every time is passed in. Nothing here connects, sleeps or writes.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from sse_digest.delivery.options import Limits
from sse_digest.delivery.relays.throttle import (
    USUAL,
    Quota,
    RateLimiter,
    backoff_requested,
    recovered,
    slowed_down,
)
from sse_digest.delivery.smtp.connect import Relay
from sse_digest.model.deliveries import Blame, Outcome, Verdict
from sse_digest.store.sending.deliveries import explain

LONGEST_REST = timedelta(minutes=5)  # of a relay in trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time during which a relay gets nothing."""

    until: datetime
    why: str
    is_trouble: bool = False  # it is unreachable or refuses everything; False: a limit, or a slow-down
    refused: bool = False  # the relay refuses us for a reason that does not pass by waiting


class RelayState:
    """The state of one relay in this run, and its pace, which is stored for later runs."""

    def __init__(self, relay: Relay, *, name: str, limits: Limits, delay: timedelta) -> None:
        """Create the state of a relay that was not used yet.

        Args:
            relay: opens sessions.
            name: host and port.
            limits: the limits set by its operator.
            delay: how long it rests after the first trouble; doubles up to five minutes.
        """
        self.relay, self.name, self.limits = relay, name, limits
        self.sessions = 0  # open, or being opened
        self.pace = USUAL
        self.is_pace_changed = False  # since it was stored
        self.reserved = 0  # messages counted in advance that have not begun yet
        self.reserved_in: datetime | None = None  # the minute in which they were counted
        self._turns = RateLimiter()
        self._first_delay = self._delay = delay
        self._trouble: Pause | None = None
        self._used_up: Pause | None = None
        self._noted_at = datetime.min.replace(tzinfo=UTC)  # when `rest` was last called
        self._troubles = 0  # attempts in a row that failed for the relay's own trouble
        self.is_proven = True  # False after a trouble: it gets one connection until it answers a message

    @property
    def is_unhindered(self) -> bool:
        """Whether any number of messages may begin now: there is no limit, no rest and no slow-down."""
        resting = self._trouble is not None or self._used_up is not None
        return (
            not resting
            and self.pace.is_usual
            and self.limits.max_per_second is None
            and not self.limits.counts
        )

    def rest(self, now: datetime) -> Pause | None:
        """Return until when the relay rests, and why, or None if it does not."""
        self._recover(now)
        if now < self._noted_at:  # the clock was set back; do not wait longer for it
            self._used_up = None
            if self._trouble is not None:
                self._trouble = replace(self._trouble, until=self._trouble.until - (self._noted_at - now))
        self._noted_at = now
        if self._trouble is not None and self._trouble.until <= now:
            self._trouble = None
        if self._used_up is not None and self._used_up.until <= now:
            self._used_up = None
        paced = None
        if self.pace.resting_until is not None:
            paced = Pause(
                until=self.pace.resting_until, why=f"the relay asked us to slow down: {self.pace.why}"
            )
        return self._trouble or paced or self._used_up

    def may_open(self, now: datetime) -> bool:
        """Return whether the relay may get one more connection."""
        allowed = self.pace.allowed(self.limits) if self.is_proven else 1
        return self.rest(now) is None and self.sessions < allowed

    def trouble(self, why: str, now: datetime, *, refused: bool = False) -> None:
        """Rest the relay: twice as long as the last time, unless something succeeded in between."""
        if self._trouble is not None and now < self._trouble.until:
            return  # several connections report the same trouble
        self._trouble = Pause(until=now + self._delay, why=why, is_trouble=True, refused=refused)
        self._delay = min(self._delay * 2, LONGEST_REST)
        self.is_proven, self._troubles = False, 0

    def heard(self, outcome: Outcome, now: datetime, *, patience: int) -> None:
        """Adjust to an outcome. After `patience` troubles of the relay in a row, it rests."""
        if outcome.verdict is Verdict.ACCEPTED:
            self.is_proven, self._troubles, self._delay = True, 0, self._first_delay
            return
        why = explain(outcome)
        self.heed(outcome.code, outcome.enhanced, outcome.text, why, now)
        if outcome.blame is not Blame.RELAY:
            self.is_proven, self._troubles, self._delay = True, 0, self._first_delay
            return
        self._troubles += 1
        if self._troubles >= patience or not self.is_proven:
            self.trouble(why, now)

    def heed(self, code: int | None, enhanced: str | None, text: str, why: str, now: datetime) -> None:
        """Slow down if a refusal asks for it."""
        if (ask := backoff_requested(code, enhanced, text)) is not None:
            seen = self._turns.seen(now)
            self.pace = slowed_down(self.pace, self.limits, ask, why, seen=seen, now=now)
            self.is_pace_changed = True

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait until the rate allows the next message."""
        return self._turns.wait(self.pace.per_second(self.limits), now)

    def begin(self, now: datetime) -> None:
        """Count a message that begins now."""
        self._turns.take(self.pace.per_second(self.limits), now)
        if self.limits.counts:
            self.reserved -= 1

    def use_up(self, allowance: Quota) -> None:
        """Let the relay rest until its limit allows another message."""
        self._used_up = Pause(until=allowance.free_at, why=f"its limit of {allowance.limit} is used up")

    def pace_to_keep(self) -> dict[str, object] | None:
        """Return the pace to store, or None if it is the usual one. It then no longer counts as changed."""
        self.is_pace_changed = False
        return None if self.pace.is_usual else asdict(self.pace)

    def _recover(self, now: datetime) -> None:
        pace = recovered(self.pace, self.limits, now)
        if pace is not self.pace and pace != self.pace:
            self.pace, self.is_pace_changed = pace, True
