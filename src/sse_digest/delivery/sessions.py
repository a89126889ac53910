"""Open sessions for the workers of one sender, close them, and abort them when the time to stop is up."""

import asyncio

from sse_digest.delivery.relays.failover import RelayFailover
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.smtp.session import Session


class OpenSessions:
    """The open sessions of one sender."""

    def __init__(self, relays: RelayFailover, state: SendState) -> None:
        self._relays, self._state = relays, state
        self._open: set[Session] = set()

    async def open(self) -> Session | None:
        """Return a new session with the first relay that takes one, or None if this worker must end."""
        opening = asyncio.create_task(self._relays.open())
        stopping = asyncio.create_task(self._state.stop.wait())
        try:
            await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                return None
            session = opening.result()
        finally:
            opening.cancel()
            stopping.cancel()
            await asyncio.gather(opening, stopping, return_exceptions=True)
        if session is None:
            self._note_pause()
        else:
            self._open.add(session)
        return session

    async def close(self, session: Session) -> None:
        """Close a session, whatever the relay replies."""
        self._open.discard(session)
        try:
            await session.close()
        finally:
            self._relays.closed(session)

    def abort(self) -> None:
        """Abort all sessions. Submissions under way are then in doubt."""
        for session in tuple(self._open):
            session.abort()

    def _note_pause(self) -> None:
        """If no relay may be used, record why, which ends the run."""
        pause = self._relays.rest()
        if pause is None:
            return
        progress = self._state.progress
        if pause.refused:
            progress.alarm = pause.why
        elif pause.is_trouble:
            progress.relay_away = pause.why
        else:
            progress.paced = pause.why
