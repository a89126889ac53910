"""Decide when a page may be requested again. Only `HostDelays` waits; the other functions are pure.

A page is requested hourly if its server supports conditional requests, otherwise daily; later if the server
asks for it (Retry-After); and at once if the configuration of the source changed.
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
"""The longest wait for a Retry-After; a server that asks for more may have a wrong clock."""


def rests_until(visit: HttpState, *, manner: str, now: datetime, at_once: bool = False) -> datetime | None:
    """Return when a page may be requested again, or None if it may be requested now.

    Args:
        visit: the last visit.
        manner: how the page would be read now, from `manner_of`.
        now: the current time, with a time zone.
        at_once: ignore the usual interval; the server's Retry-After still applies.
    """
    if visit.not_before is not None and visit.not_before > now:
        return visit.not_before
    if at_once or visit.manner != manner or visit.asked_at > now:
        return None
    due = visit.asked_at + (HOURLY if visit.has_validators or not visit.is_good else DAILY)
    return due if due > now else None


def retry_moment(text: str | None, *, now: datetime) -> datetime | None:
    """Return the time in a Retry-After, seconds or a date (RFC 9110 10.2.3), or None if it is not usable."""
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
    """Return a hash of everything that decides how a page is read; if it changes, the page is read again."""
    read = (source.kind, source.preset, sorted(source.selectors.items()), source.language, source.next_url)
    return hashlib.sha256(repr((__version__, read, rules)).encode("utf-8", "replace")).hexdigest()


class HostDelays:
    """The pauses between requests to one host.

    Args:
        delay_s: the average pause in seconds; each pause is 0.5 to 1.5 times as long.
        random: returns a random number from 0 up to, but not including, 1.
        clock: returns monotonic seconds.
        sleep: waits for a number of seconds.
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
        self._free: dict[str, float] = {}  # by host: when it may be asked next

    async def turn(self, host: str) -> None:
        """Wait until the next request to a host is allowed; calls for one host are served in their order."""
        now = self._clock()
        turn = max(now, self._free.get(host, now))
        self._free[host] = turn + self._delay_s * (0.5 + self._random())
        if turn > now:
            await self._sleep(turn - now)
