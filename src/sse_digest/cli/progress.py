"""Progress of a send: a bar with rate and time left on a terminal, plain lines elsewhere."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sse_digest.cli.output import say
from sse_digest.delivery.progress import Progress
from sse_digest.model.deliveries import Verdict

LINE_EVERY_S = 10.0
BAR_EVERY_S = 0.1
Report = Callable[[Progress, int], None]


@contextlib.contextmanager
def show_progress(*, quiet: bool) -> Iterator[Report]:
    """Show how a send goes, on standard error; return what to call after each attempt.

    It is called with the progress and the number of deliveries that were open when the send began.
    """
    if quiet:
        yield _ignore
    elif sys.stderr.isatty():
        from sse_digest.cli.progress_bar import rate_bar  # noqa: PLC0415 # it takes 6 MB

        with rate_bar() as bar:
            task = bar.add_task("Sending", total=None)
            yield seldom(
                lambda progress, total: bar.update(
                    task, completed=_done(progress, total), total=total, description=words(progress)
                ),
                time.monotonic,
            )
    else:
        yield ProgressLines(time.monotonic).report


@contextlib.contextmanager
def show_steps(count: int, *, quiet: bool) -> Iterator[Callable[[int, str], None]]:
    """Show how far something is; yield what to call with the steps done and some words."""
    if quiet:
        yield lambda *_: None
    elif sys.stderr.isatty():
        from sse_digest.cli.progress_bar import step_bar  # noqa: PLC0415 # as above

        with step_bar() as bar:
            task = bar.add_task("Beginning", total=count)
            yield lambda done, said: bar.update(task, completed=done, description=said)
    else:
        yield lambda done, said: say(f"{done} of {count}: {said}", err=True)


def seldom(report: Report, clock: Callable[[], float]) -> Report:
    """Pass a report on every tenth of a second at most: a bar costs more than a mail.

    Args:
        report: what is called.
        clock: seconds that only grow.
    """
    last = -math.inf

    def pass_on(progress: Progress, total: int) -> None:
        nonlocal last
        now = clock()
        if now - last >= BAR_EVERY_S:
            last = now
            report(progress, total)

    return pass_on


def _ignore(progress: Progress, total: int) -> None:
    del progress, total


@dataclass(slots=True)
class ProgressLines:
    """A plain line every ten seconds: what was done, how fast since the line before, and the time left."""

    clock: Callable[[], float]  # seconds that only grow
    _last: float = field(init=False)
    _done: int = 0

    def __post_init__(self) -> None:
        """Begin now."""
        self._last = self.clock()

    def report(self, progress: Progress, total: int) -> None:
        """Write a line if it is time for one."""
        now = self.clock()
        if now - self._last < LINE_EVERY_S:
            return
        done = _done(progress, total)
        rate = (done - self._done) / (now - self._last)
        self._last, self._done = now, done
        left = f", {timedelta(seconds=round((total - done) / rate))} left" if rate > 0 else ""
        say(f"{done} of {total}: {words(progress)}; {rate:.1f}/s{left}", err=True)


def _done(progress: Progress, total: int) -> int:
    """How many need nothing more; a deferred one does, and one in doubt may be submitted again."""
    said = progress.verdicts
    done = said[Verdict.ACCEPTED] + said[Verdict.REJECTED] + said[Verdict.UNKNOWN]
    return min(done + progress.expired + progress.skipped, total)


def words(progress: Progress) -> str:
    """Return what the attempts said; what none said is left out."""
    said = progress.verdicts
    parts = [f"{said[Verdict.ACCEPTED]} accepted"]
    parts += [
        f"{count} {word}"
        for count, word in (
            (said[Verdict.DEFERRED] - progress.expired, "deferred"),
            (said[Verdict.REJECTED], "rejected"),
            (said[Verdict.UNKNOWN], "in doubt"),
            (progress.expired, "expired"),
        )
        if count
    ]
    return ", ".join(parts)
