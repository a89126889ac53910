"""State shared by the parts of one sender: progress, failure, and whether to continue."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.progress import Progress
from sse_digest.model.deliveries import Outcome, State, Step


def _ignore(progress: Progress) -> None:
    del progress


@dataclass(slots=True)
class SendState:
    """The state of one `send`, changed by all its parts on one event loop."""

    options: SendOptions
    stop: asyncio.Event  # set when the program is asked to stop
    on_progress: Callable[[Progress], None] = _ignore
    progress: Progress = field(default_factory=Progress)
    failure: Exception | None = None  # the first one; the run ends with it

    @property
    def ends(self) -> bool:
        """Whether nothing more may be begun."""
        rests = self.progress.relay_away is not None or self.progress.paced is not None
        return self.stop.is_set() or self.breaks or rests

    @property
    def breaks(self) -> bool:
        """Whether not even an announced message may be finished."""
        return self.failure is not None or self.progress.alarm is not None

    def begin(self) -> None:
        """Begin a further round of work: why the last one ended does not count any more."""
        self.progress.relay_away = self.progress.paced = None

    def fail(self, error: Exception) -> None:
        """Remember why the run ends; a later failure is not the reason."""
        self.failure = self.failure or error

    def count(self, outcome: Outcome, step: Step) -> None:
        """Count an outcome that is on its way to the disk, and report the progress."""
        self.progress.expired += step.state is State.EXPIRED
        self.progress.count(outcome, self.options)
        try:
            self.on_progress(self.progress)
        except Exception as error:  # noqa: BLE001 # a closed terminal must not cost others their outcomes
            self.fail(error)
