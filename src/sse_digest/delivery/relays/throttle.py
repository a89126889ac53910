"""Limit the rate of a relay: when the next message may begin, and over how many connections.

Pure: every time is passed in, and nothing sleeps. If the clock is set back, no wait gets longer.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sse_digest.delivery.options import Limits
from sse_digest.delivery.smtp.reply_words import ReplySubject, subjects_of

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
REST = timedelta(minutes=10)  # after 4.7.28, as Google asks
BURST = timedelta(seconds=10)  # a refusal within this time belongs to messages begun before the slow-down
QUIET = MINUTE  # time without a refusal after which the rate increases
FASTER = 1.25  # factor by which the rate increases
MOST_STEPS = 60  # quiet minutes after which a slow-down is forgotten if there is no limit
SLOWEST = 1.0  # messages a second; for a relay that wants less, an operator sets a limit
_SLACK_S = 0.1  # a delay up to this long does not lower the rate
_SEEN_S = 10  # seconds over which our own rate is measured
_GREYLISTED = re.compile(r"gr[ae]y[ -]?list", re.IGNORECASE)
_TOO_FAST = "4.7.28"  # Google: unusual rate of mail from this sender
_NOT_AVAILABLE = 421


class BackoffRequest(StrEnum):
    """How a refusal asks us to slow down."""

    LESS = "less"  # half as fast
    REST = "rest"  # no messages for ten minutes, then one connection


def backoff_requested(code: int | None, enhanced: str | None, text: str) -> BackoffRequest | None:
    """Return how a refusal asks us to slow down, or None if it does not.

    4.7.x means a temporary policy (RFC 3463 section 3.8) and 421 the relay's own trouble (RFC 5321 section
    3.8). Greylisting asks for a later attempt at one recipient, not for fewer messages. With any other code,
    the words decide whether the refusal is about our pace: Amazon's 454, Microsoft's 432, 450 "send limit".
    """
    if enhanced == _TOO_FAST:
        return BackoffRequest.REST
    if code == _NOT_AVAILABLE or (enhanced is not None and enhanced.startswith("4.7.")):
        return None if _GREYLISTED.search(text) else BackoffRequest.LESS
    return BackoffRequest.LESS if ReplySubject.RATE in subjects_of(text) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowDown:
    """The pace of a relay that asked for less than its limits allow. It survives a restart."""

    rate: float | None = None  # messages a second; None: as the limits allow
    connections: int | None = None  # None: as the limits allow
    resting_until: datetime | None = None
    slowed_at: datetime | None = None  # when the rate was last lowered
    quiet_since: datetime | None = None  # when the last refusal came, or the rate was last increased
    why: str | None = None  # the relay's reply

    @property
    def is_usual(self) -> bool:
        """Whether only the limits apply."""
        return self.rate is None and self.connections is None and self.resting_until is None

    def allowed(self, limits: Limits) -> int:
        """Return how many connections may be open."""
        return min(limits.connections, self.connections or limits.connections)

    def per_second(self, limits: Limits) -> float | None:
        """Return how many messages may begin each second, or None if there is no limit."""
        rates = [rate for rate in (self.rate, limits.max_per_second) if rate is not None]
        return min(rates, default=None)


USUAL = SlowDown()


def slowed_down(
    pace: SlowDown, limits: Limits, ask: BackoffRequest, why: str, *, seen: float, now: datetime
) -> SlowDown:
    """Return the pace after a refusal that asks us to slow down.

    Args:
        pace: the pace before the refusal.
        limits: the limits of the relay.
        ask: what the relay asks for.
        why: the relay's reply, without addresses.
        seen: the actual rate of the last seconds, in messages a second.
        now: when the reply came.
    """
    if pace.slowed_at is None or not timedelta(0) <= now - pace.slowed_at < BURST:
        before = min(seen, pace.per_second(limits) or seen)
        pace = replace(pace, rate=max(before / 2, SLOWEST), slowed_at=now, why=why)
    if ask is BackoffRequest.REST:
        until = now + REST
        return replace(pace, connections=1, resting_until=until, quiet_since=until, why=why)
    return pace if pace.resting_until is not None else replace(pace, quiet_since=now)


def recovered(pace: SlowDown, limits: Limits, now: datetime) -> SlowDown:
    """Return the pace by now: for each quiet minute, 1.25 times the rate and one more connection."""
    if pace.resting_until is not None and now < pace.resting_until:
        until = min(pace.resting_until, now + REST)  # earlier if the clock was set back
        return replace(pace, resting_until=until, quiet_since=until)
    if pace.is_usual or pace.quiet_since is None:
        return pace
    since = min(pace.quiet_since, now)  # later than now if the clock was set back
    minutes = (now - since) // QUIET
    rate = None if pace.rate is None else pace.rate * FASTER ** min(minutes, MOST_STEPS)
    connections = None if pace.connections is None else pace.connections + minutes
    if rate is not None and (minutes > MOST_STEPS or rate >= (limits.max_per_second or rate + 1)):
        rate = None
    if connections is not None and connections >= limits.connections:
        connections = None
    if rate is None and connections is None:
        return USUAL
    return replace(
        pace,
        rate=rate,
        connections=connections,
        resting_until=None,
        quiet_since=since + minutes * QUIET,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many messages may begin under the limits for an hour and a day."""

    left: int | None  # None: no limit
    free_at: datetime  # when another message may begin
    limit: str | None = None  # the limit that is used up, in words


def allowance(use: Mapping[datetime, int], limits: Limits, now: datetime) -> Quota:
    """Return what is left of the limits for the last hour and the last day.

    Args:
        use: number of messages begun in each minute, by the start of the minute; the future is ignored.
        limits: the limits of the relay.
        now: the end of the last hour and of the last day.
    """
    spans = ((limits.max_per_hour, HOUR, "an hour"), (limits.max_per_day, DAY, "a day"))
    found = [_left_of(use, limit, span, word, now) for limit, span, word in spans if limit is not None]
    if not found:
        return Quota(left=None, free_at=now)
    last = max(found, key=lambda one: one.free_at)
    return replace(last, left=min(one.left or 0 for one in found))


def begun_within(use: Mapping[datetime, int], now: datetime) -> tuple[int, int]:
    """Return how many messages began in the last hour and in the last day."""
    hour, day = (sum(_counted(use, span, now).values()) for span in (HOUR, DAY))
    return hour, day


def _counted(use: Mapping[datetime, int], span: timedelta, now: datetime) -> dict[datetime, int]:
    # A minute counts until even the last message that may have begun in it is older than the span.
    return {at: count for at, count in use.items() if now - span < at + MINUTE and at <= now}


def _left_of(use: Mapping[datetime, int], limit: int, span: timedelta, word: str, now: datetime) -> Quota:
    counted = _counted(use, span, now)
    left = limit - sum(counted.values())
    if left > 0:
        return Quota(left=left, free_at=now)
    for at in sorted(counted):
        left += counted[at]
        if left > 0:
            break
    return Quota(left=0, free_at=at + MINUTE + span, limit=f"{limit} messages {word}")


class RateLimiter:
    """Spaces messages evenly at a rate, and measures the actual rate."""

    def __init__(self) -> None:
        self._free: datetime | None = None  # when the next message may begin, at the rate of the last one
        self._seen: deque[tuple[int, int]] = deque(maxlen=_SEEN_S)  # (second, messages begun in it)

    def wait(self, rate: float | None, now: datetime) -> timedelta:
        """Return how long to wait until the next message may begin."""
        if rate is None or self._free is None:
            return timedelta(0)
        self._free = min(self._free, now + timedelta(seconds=1 / rate))  # if the clock or the rate changed
        return max(self._free - now, timedelta(0))

    def take(self, rate: float | None, now: datetime) -> None:
        """Record a message that begins now."""
        second = int(now.timestamp())
        if self._seen and self._seen[-1][0] == second:
            self._seen[-1] = (second, self._seen[-1][1] + 1)
        else:
            self._seen.append((second, 1))
        if rate is None:
            self._free = None
            return
        earliest = now - timedelta(seconds=_SLACK_S)
        self._free = max(self._free or earliest, earliest) + timedelta(seconds=1 / rate)

    def seen(self, now: datetime) -> float:
        """Return the actual rate of the last seconds, in messages a second."""
        second = int(now.timestamp())
        recent = [(at, count) for at, count in self._seen if second - _SEEN_S < at <= second]
        if not recent:
            return 0.0
        return sum(count for _, count in recent) / (second - recent[0][0] + 1)
