"""When a page may be asked again: pure rules, all times passed in.

Hourly where the server lets us ask whether anything changed, else daily; later where it says so
(Retry-After); at once where the configuration reads the page another way than before. Never asks.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sse_digest import __version__
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.options import SourceOptions
from sse_digest.store.news.http_state import HttpState

# A little less than an hour and a day: a timer that fires hourly is not always punctual to the second.
HOURLY = timedelta(minutes=55)
DAILY = timedelta(hours=23)
LONGEST_WAIT = timedelta(days=7)
"""What a Retry-After may ask for; a server that says more may have its clock wrong."""


def rests_until(visit: HttpState, *, manner: str, now: datetime, at_once: bool = False) -> datetime | None:
    """Return until when a page is left alone, or None if it may be asked.

    Args:
        visit: the last one.
        manner: how the page would be read now, from `manner_of`.
        now: aware.
        at_once: a person asked for it; a server's own Retry-After holds all the same.
    """
    if visit.not_before is not None and visit.not_before > now:
        return visit.not_before
    if at_once or visit.manner != manner or visit.asked_at > now:
        return None
    due = visit.asked_at + (HOURLY if visit.has_validators or not visit.is_good else DAILY)
    return due if due > now else None


def retry_moment(text: str | None, *, now: datetime) -> datetime | None:
    """Read a Retry-After, seconds or a date (RFC 9110 10.2.3); None: it says nothing that can be used."""
    if text is None:
        return None
    text = text.strip()
    try:
        if text.isascii() and text.isdigit():
            wait = timedelta(seconds=min(int(text[:12]), LONGEST_WAIT.total_seconds()))
        else:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return now + min(wait, LONGEST_WAIT) if wait > timedelta(0) else None


def manner_of(source: SourceOptions, rules: ThemeRules) -> str:
    """Return a hash of how a page is read: what it gave once says nothing where that has changed."""
    read = (source.kind, source.preset, sorted(source.selectors.items()), source.language, source.next_url)
    return hashlib.sha256(repr((__version__, read, rules)).encode("utf-8", "replace")).hexdigest()


class HostDelays:
    """The turns of all hosts.

    Args:
        delay_s: seconds between two requests to one host, on average; from half of it to half as much again.
        random: gives a number from 0 to 1, without 1.
        clock: seconds that only grow.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        delay_s: float,
        *,
        random: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._delay_s, self._random, self._clock, self._sleep = delay_s, random, clock, sleep
        self._free: dict[str, float] = {}  # host to when it may be asked next

    async def turn(self, host: str) -> None:
        """Wait until a host may be asked, and take that turn; others wait behind it."""
        now = self._clock()
        turn = max(now, self._free.get(host, now))
        self._free[host] = turn + self._delay_s * (0.5 + self._random())
        if turn > now:
            await self._sleep(turn - now)
