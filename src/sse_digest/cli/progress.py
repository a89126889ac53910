"""Show the progress of a send: a bar with rate and time left on a terminal, otherwise plain lines."""

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
    """Show the progress of a send on standard error; yield a function to call after each attempt.

    Its arguments are the progress and the number of deliveries that were open when the send began.
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
    """Show the progress of `count` steps; yield a function to call with the steps done and a message."""
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
    """Return a function that calls `report` at most every tenth of a second: a bar costs more than a mail.

    Args:
        report: the function to call.
        clock: returns monotonic seconds.
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
    """Prints a line every ten seconds: the progress, the rate since the previous line, and the time left."""

    clock: Callable[[], float]  # returns monotonic seconds
    _last: float = field(init=False)
    _done: int = 0

    def __post_init__(self) -> None:
        """Start the first interval."""
        self._last = self.clock()

    def report(self, progress: Progress, total: int) -> None:
        """Print a line if the interval has passed."""
        now = self.clock()
        if now - self._last < LINE_EVERY_S:
            return
        done = _done(progress, total)
        rate = (done - self._done) / (now - self._last)
        self._last, self._done = now, done
        left = f", {timedelta(seconds=round((total - done) / rate))} left" if rate > 0 else ""
        say(f"{done} of {total}: {words(progress)}; {rate:.1f}/s{left}", err=True)


def _done(progress: Progress, total: int) -> int:
    """Return the number of deliveries that are done, without deferred ones; those in doubt count as done."""
    verdicts = progress.verdicts
    done = verdicts[Verdict.ACCEPTED] + verdicts[Verdict.REJECTED] + verdicts[Verdict.UNKNOWN]
    return min(done + progress.expired + progress.skipped, total)


def words(progress: Progress) -> str:
    """Return the counts of verdicts in words, without those that are 0."""
    verdicts = progress.verdicts
    parts = [f"{verdicts[Verdict.ACCEPTED]} accepted"]
    parts += [
        f"{count} {word}"
        for count, word in (
            (verdicts[Verdict.DEFERRED] - progress.expired, "deferred"),
            (verdicts[Verdict.REJECTED], "rejected"),
            (verdicts[Verdict.UNKNOWN], "in doubt"),
            (progress.expired, "expired"),
        )
        if count
    ]
    return ", ".join(parts)
