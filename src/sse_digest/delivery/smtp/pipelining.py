"""How far a relay has shown that it handles what it offers. Counts only."""

from dataclasses import dataclass

_MESSAGES_PER_STEP = 32  # accepted after a loss until twice as many contents may be in flight again


@dataclass(slots=True)
class PipeliningTrust:
    """What one relay has shown; shared by its sessions."""

    offered: bool = True  # whether we may pipeline at all, as the options say
    streams: bool = False  # whether several contents may be in flight; ended by an unexpected reply
    refuses_dsn: bool = False  # it offers DSN, but refused its parameters
    limit: int = 1  # contents in flight at most, as the options say
    depth: int = 1  # and now
    missing: int = 1  # messages still to be submitted one command at a time
    surprises: int = 0
    _landed: int = 0  # accepted since the depth changed

    @property
    def may_pipeline(self) -> bool:
        """Whether the relay has taken a message one command at a time since its last unexpected reply."""
        return self.offered and self.missing == 0

    def prove(self) -> None:
        """Count a message that was taken one command at a time."""
        self.missing = max(0, self.missing - 1)

    def doubt(self) -> None:
        """After an unexpected reply, require more and more messages one command at a time."""
        self.missing = 10**self.surprises
        self.surprises += 1

    def stop_streaming(self) -> None:
        """After an unexpected reply while streaming, use DATA from now on."""
        self.streams = False
        self.doubt()

    def lose(self) -> None:
        """After a connection that ended without a reply, allow one content in flight."""
        self.depth, self._landed = 1, 0

    def land(self) -> None:
        """Count a streamed message that was accepted; after some, twice as many may be in flight."""
        if self.depth == self.limit:
            return
        self._landed += 1
        if self._landed >= _MESSAGES_PER_STEP:
            self.depth, self._landed = min(2 * self.depth, self.limit), 0
