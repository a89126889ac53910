"""Progress of a send: a bar with rate and time left on a terminal, plain lines elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from sse_digest.delivery.progress import Progress
from sse_digest.model.deliveries import Verdict

LINE_EVERY_S = 10.0
Report = Callable[[Progress, int], None]


class _Rate(ProgressColumn):
    """Mails a second."""

    def render(self, task: Task) -> Text:
        """Write the rate; nothing before it is known."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


@contextlib.contextmanager
def show_progress(*, quiet: bool) -> Iterator[Report]:
    """Show how a send goes, on standard error; gives what to call after each attempt."""
    if quiet:
        yield _ignore
    elif sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task("Sending", total=None)
            yield lambda progress, total: bar.update(
                task, completed=_done(progress), total=total, description=_words(progress)
            )
    else:
        yield _Lines().report


def _ignore(progress: Progress, total: int) -> None:
    del progress, total


def _bar() -> Bar:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    return Bar(*columns, console=Console(stderr=True), transient=True)


class _Lines:
    """A plain line now and then."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def report(self, progress: Progress, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= LINE_EVERY_S:
            self._last = now
            click.echo(f"{_done(progress)} of {total}: {_words(progress)}", err=True)


def _done(progress: Progress) -> int:
    return progress.attempted + progress.skipped


def _words(progress: Progress) -> str:
    said = progress.verdicts
    parts = [f"{said[Verdict.ACCEPTED]} accepted"]
    parts += [
        f"{said[verdict]} {word}"
        for verdict, word in (
            (Verdict.DEFERRED, "deferred"),
            (Verdict.REJECTED, "rejected"),
            (Verdict.UNKNOWN, "unanswered"),
        )
        if said[verdict]
    ]
    return ", ".join(parts)
