"""Choose among several relays: each worker uses the first available one, and returns to it when possible.

A relay in trouble rests but is never removed, and each relay has its own pace. This module neither submits
messages nor decides their outcomes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from sse_digest.delivery.relays.relay_state import Pause, RelayState
from sse_digest.delivery.relays.throttle import DAY, HOUR, Quota, SlowDown, allowance
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.smtp.envelope import Envelope
from sse_digest.delivery.smtp.session import Session
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Outcome, Verdict
from sse_digest.store import Connection, Store
from sse_digest.store.sending import relays as kept

log = structlog.get_logger()

STEP_S = 0.05  # the longest single sleep, so that the end of a run and a changed clock are noticed
RESERVED = 50  # messages counted in advance if there is a limit for an hour or a day


class RelayFailover:
    """The relays of one sender.

    Args:
        routes: the relays in order of preference, at least one.
        store: where paces and counts are kept between runs.
        clock: returns the current time.
        state: the state of the run; checked while waiting.
        patience: the number of troubles in a row after which a relay counts as unreachable.
    """

    def __init__(
        self,
        routes: Sequence[RelayState],
        store: Store,
        clock: Callable[[], datetime],
        state: SendState,
        *,
        patience: int,
    ) -> None:
        self._routes, self._store, self._clock = tuple(routes), store, clock
        self._state, self._patience = state, patience
        self._sessions: dict[Session, RelayState] = {}
        self._first = {route.name: asyncio.Lock() for route in self._routes}
        self._counting = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Restore the stored paces, and store them when the block ends."""
        for route in self._routes:
            values = await self._store.read(kept.read_pace, route.name)
            route.pace = SlowDown(**values) if values is not None else route.pace
        yield
        for route in self._routes:
            await self._keep(route)
            await self._give_back(route)

    async def open(self) -> Session | None:
        """Return a new session with the first relay that takes one.

        Return None if all relays rest, if the relay takes no further connection, or if the run ends.
        """
        while not self._state.ends:
            route = self._choose()
            if route is None:
                if self.rest() is not None:
                    return None
                await asyncio.sleep(STEP_S)  # until a session ends, or a relay has recovered
                continue
            route.sessions += 1
            try:
                session = await self._open(route)
            except BaseException:
                route.sessions -= 1
                raise
            if session is not None:
                self._sessions[session] = route
                return session
            route.sessions -= 1
            if route.rest(self._clock()) is None:
                return None
        return None

    def closed(self, session: Session) -> None:
        """Record that a session has ended."""
        route = self._sessions.pop(session, None)
        if route is not None:
            route.sessions -= 1

    def stays(self, session: Session) -> bool:
        """Return whether a session may be kept: its relay does not rest and no preferred one is available."""
        now, used = self._clock(), self._sessions[session]
        if used.rest(now) is not None:
            return False
        earlier = self._routes[: self._routes.index(used)]
        return not any(route.may_open(now) for route in earlier)

    async def turn(self, session: Session) -> str | None:
        """Wait until the next message may begin on a session, count it and return the relay's name.

        Return None if no message may begin on this session any more, or if the run ends.
        """
        route = self._sessions[session]
        while not self._state.ends and self.stays(session):
            if route.is_pace_changed:
                await self._keep(route)
            if not self._is_counted(route) and not await self._count(route):
                continue
            wait = route.wait(self._clock())
            if wait > timedelta(0):
                await asyncio.sleep(min(wait.total_seconds(), STEP_S))
                continue
            route.begin(self._clock())
            return route.name
        return None

    @property
    def is_unhindered(self) -> bool:
        """Whether all relays in use take messages without limit; if none is in use, whether all relays do."""
        used = [route for route in self._routes if route.sessions] or self._routes
        return all(route.is_unhindered for route in used)

    def turn_now(self, session: Session) -> str | None:
        """Count the next message and return the relay's name, or None if it must wait. See `turn`."""
        route = self._sessions[session]
        if route is self._routes[0] and route.is_unhindered:
            route.begin(self._clock())
            return route.name
        free = self.stays(session) and self._is_counted(route) and route.wait(self._clock()) == timedelta(0)
        if not free:
            return None
        route.begin(self._clock())
        return route.name

    def refusal(self, session: Session, envelope: Envelope) -> Outcome | None:
        """Return the outcome of a message that must not begin on a session, or None if it may.

        Only the first relay's refusal is final; with another relay, the message is deferred.
        """
        refusal = session.refusal(envelope)
        if refusal is None or self._sessions[session] is self._routes[0]:
            return refusal
        return replace(refusal, verdict=Verdict.DEFERRED)

    def heard(self, name: str, outcome: Outcome) -> None:
        """Adjust a relay's pace to the outcome of an attempt."""
        for route in self._routes:
            if route.name == name:
                route.heard(outcome, self._clock(), patience=self._patience)

    def rest(self) -> Pause | None:
        """Return until when all relays rest, and why, or None if at least one does not."""
        now = self._clock()
        rests = [route.rest(now) for route in self._routes]
        found = [rest for rest in rests if rest is not None]
        if len(found) < len(rests):
            return None
        next_one = min(found, key=lambda rest: rest.until)
        return Pause(
            until=next_one.until,
            why=next_one.why,
            is_trouble=any(rest.is_trouble for rest in found),
            refused=all(rest.refused for rest in found),
        )

    def _choose(self) -> RelayState | None:
        """Return the first relay that takes a connection, or None if it is better to wait for one.

        A relay that just had trouble is not waited for: the next one is used.
        """
        now = self._clock()
        for route in self._routes:
            if route.may_open(now):
                return route
            if route.rest(now) is None and route.is_proven:
                return None
        return None

    async def _open(self, route: RelayState) -> Session | None:
        # One first connection at a time, so that an unreachable relay is tried by one worker only.
        async with self._first[route.name]:
            if route not in self._sessions.values():
                return await self._try(route)
        return await self._try(route)

    async def _try(self, route: RelayState) -> Session | None:
        if route.rest(self._clock()) is not None:
            return None
        try:
            return await route.relay.open()
        except RelayUnavailableError as error:
            log.warning("relay.unavailable", relay=route.name, phase=error.phase, refused=error.refused)
            now = self._clock()
            if route not in self._sessions.values():  # with open sessions, it may just take no further one
                if (reply := error.reply) is not None:
                    route.heed(reply.code, reply.enhanced, reply.text, str(error), now)
                route.trouble(str(error), now, refused=error.refused)
        return None

    def _is_counted(self, route: RelayState) -> bool:
        return not route.limits.counts or (route.reserved > 0 and route.reserved_in == _minute(self._clock()))

    async def _count(self, route: RelayState) -> bool:
        """Count some messages of this minute in advance. Return False if a limit is used up."""
        async with self._counting:
            if self._is_counted(route):
                return True
            await self._give_back(route)
            now = self._clock()
            found, taken = await self._store.write(_reserve, route, now)
            if taken == 0:
                route.use_up(found)
                return False
            route.reserved, route.reserved_in = taken, _minute(now)
            return True

    async def _give_back(self, route: RelayState) -> None:
        """Subtract the messages that were counted in advance but never began."""
        if route.reserved > 0 and route.reserved_in is not None:
            unused, route.reserved = route.reserved, 0
            await self._store.write(kept.add_use, route.name, route.reserved_in, -unused)

    async def _keep(self, route: RelayState) -> None:
        if route.is_pace_changed:
            values = route.pace_to_keep()
            await self._store.write(kept.write_pace, route.name, values)


def _reserve(connection: Connection, route: RelayState, now: datetime) -> tuple[Quota, int]:
    """Count some messages of this minute in advance. Return the quota and how many were counted."""
    quota = allowance(kept.read_use(connection, route.name), route.limits, now)
    taken = min(quota.left or 0, RESERVED)
    if taken:
        kept.add_use(connection, route.name, _minute(now), taken)
    kept.forget_use(connection, now - DAY - HOUR)
    return quota, taken


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
