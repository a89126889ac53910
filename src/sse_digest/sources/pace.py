"""How soon one host is asked again within a run: after a pause that is never quite the same."""

import asyncio
import time
from collections.abc import Awaitable, Callable


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
