"""Decide how far a relay is trusted with pipelining, from what it has handled so far. Counts only."""

from dataclasses import dataclass

_MESSAGES_PER_STEP = 32  # messages to be accepted after a loss before the depth doubles


@dataclass(slots=True)
class PipeliningTrust:
    """How far one relay is trusted. All its sessions share it."""

    offered: bool = True  # whether the options allow pipelining
    streams: bool = False  # whether several contents may be in flight; an unexpected reply ends this
    refuses_dsn: bool = False  # the relay offers DSN, but refused its parameters
    limit: int = 1  # the most contents in flight that the options allow
    depth: int = 1  # the most contents in flight at the moment
    missing: int = 1  # messages still to be submitted one command at a time
    surprises: int = 0  # unexpected replies so far
    _landed: int = 0  # messages accepted since the depth changed

    @property
    def may_pipeline(self) -> bool:
        """Whether enough messages were taken one command at a time since the last unexpected reply."""
        return self.offered and self.missing == 0

    def prove(self) -> None:
        """Count a message that was taken one command at a time."""
        self.missing = max(0, self.missing - 1)

    def doubt(self) -> None:
        """After an unexpected reply, require messages one command at a time: ten times as many each time."""
        self.missing = 10**self.surprises
        self.surprises += 1

    def stop_streaming(self) -> None:
        """Use DATA from now on, after an unexpected reply while streaming."""
        self.streams = False
        self.doubt()

    def lose(self) -> None:
        """Allow only one content in flight, after a connection ended without a reply."""
        self.depth, self._landed = 1, 0

    def land(self) -> None:
        """Count a streamed message that was accepted; double the depth after every 32."""
        if self.depth == self.limit:
            return
        self._landed += 1
        if self._landed >= _MESSAGES_PER_STEP:
            self.depth, self._landed = min(2 * self.depth, self.limit), 0
