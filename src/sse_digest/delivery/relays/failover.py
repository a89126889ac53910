"""Several relays in order of preference: each worker uses the first available one and returns when possible.

A relay in trouble is rested, never dropped; each keeps its own pace. This module neither submits messages nor
decides their outcome.
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
from sse_digest.delivery.smtp.connect import RelayUnavailableError
from sse_digest.delivery.smtp.envelope import Envelope
from sse_digest.delivery.smtp.session import Session
from sse_digest.model.deliveries import Outcome, Verdict
from sse_digest.store import Connection, Store
from sse_digest.store.sending import relays as kept

log = structlog.get_logger()

STEP_S = 0.05  # how long one nap is at most, so that the end of a run and a changed clock are noticed
RESERVED = 50  # messages counted at once, where an hour or a day is limited


class RelayFailover:
    """The relays of one sender.

    Args:
        routes: in the order in which they are preferred; at least one.
        store: keeps what outlives a run.
        clock: the current time.
        state: says whether the run is stopping; checked while waiting.
        patience: the number of consecutive troubles after which a relay counts as unreachable.
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
        """Restore the stored paces; store them again at the end."""
        for route in self._routes:
            values = await self._store.read(kept.read_pace, route.name)
            route.pace = SlowDown(**values) if values is not None else route.pace
        yield
        for route in self._routes:
            await self._keep(route)
            await self._give_back(route)

    async def open(self) -> Session | None:
        """Open a session with the first relay that takes one.

        Return None if all relays rest, the current one has all its connections, or the run ends.
        """
        while not self._state.ends:
            route = self._choose()
            if route is None:
                if self.rest() is not None:
                    return None
                await asyncio.sleep(STEP_S)  # until a line ends, or a relay has shown that it is well again
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
        """Note that a session has ended."""
        route = self._sessions.pop(session, None)
        if route is not None:
            route.sessions -= 1

    def stays(self, session: Session) -> bool:
        """Return whether a session may be kept: its relay is not resting and none before it is available."""
        now, used = self._clock(), self._sessions[session]
        if used.rest(now) is not None:
            return False
        earlier = self._routes[: self._routes.index(used)]
        return not any(route.may_open(now) for route in earlier)

    async def turn(self, session: Session) -> str | None:
        """Wait until the next message may begin on a session, and count it; return the relay's name.

        None: not on this session, or not in this run.
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
        """Whether messages may start without limit: at every relay in use, or at all if none is in use."""
        used = [route for route in self._routes if route.sessions] or self._routes
        return all(route.is_unhindered for route in used)

    def turn_now(self, session: Session) -> str | None:
        """The same without waiting. None: another time."""
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
        """Return why a message must not start on a session, or None. Only the first relay's is final."""
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
        """Return the first relay that takes a connection. One that must prove itself is not waited for."""
        now = self._clock()
        for route in self._routes:
            if route.may_open(now):
                return route
            if route.rest(now) is None and route.is_proven:
                return None
        return None

    async def _open(self, route: RelayState) -> Session | None:
        async with self._first[
            route.name
        ]:  # the first connection alone: a relay that is away hears one of us
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
            if route not in self._sessions.values():  # else perhaps it takes fewer connections than we offer
                if error.reply is not None:
                    said = error.reply
                    route.heed(said.code, said.enhanced, said.text, str(error), now)
                route.trouble(str(error), now, refused=error.refused)
        return None

    def _is_counted(self, route: RelayState) -> bool:
        return not route.limits.counts or (route.reserved > 0 and route.reserved_in == _minute(self._clock()))

    async def _count(self, route: RelayState) -> bool:
        """Count some messages ahead in this minute; False if a limit is reached and the relay rests."""
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
        """Subtract messages that were counted but never started."""
        if route.reserved > 0 and route.reserved_in is not None:
            unused, route.reserved = route.reserved, 0
            await self._store.write(kept.add_use, route.name, route.reserved_in, -unused)

    async def _keep(self, route: RelayState) -> None:
        if route.is_pace_changed:
            values = route.pace_to_keep()
            await self._store.write(kept.write_pace, route.name, values)


def _reserve(connection: Connection, route: RelayState, now: datetime) -> tuple[Quota, int]:
    """Reserve some messages in the current minute; return the quota and how many were reserved."""
    quota = allowance(kept.read_use(connection, route.name), route.limits, now)
    taken = min(quota.left or 0, RESERVED)
    if taken:
        kept.add_use(connection, route.name, _minute(now), taken)
    kept.forget_use(connection, now - DAY - HOUR)
    return quota, taken


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
