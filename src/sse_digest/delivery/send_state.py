"""Keep the state that the parts of one sender share: progress, failure, and whether to continue."""

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
    """The state of one `send`. All its parts change it, on one event loop."""

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
        """Whether the run must end at once, so that not even an announced message may be finished."""
        return self.failure is not None or self.progress.alarm is not None

    def begin(self) -> None:
        """Begin another round of work, and forget why the last one ended."""
        self.progress.relay_away = self.progress.paced = None

    def fail(self, error: Exception) -> None:
        """Record the error that ends the run. Only the first one is kept."""
        self.failure = self.failure or error

    def count(self, outcome: Outcome, step: Step) -> None:
        """Count an outcome whose commit was requested, and report the progress."""
        self.progress.expired += step.state is State.EXPIRED
        self.progress.count(outcome, self.options)
        try:
            self.on_progress(self.progress)
        except Exception as error:  # noqa: BLE001 # a closed terminal must not prevent other outcomes
            self.fail(error)
