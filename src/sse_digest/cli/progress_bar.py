"""Bars for a terminal, on standard error: imported only where there is one."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text


class _Rate(ProgressColumn):
    """Mails a second."""

    def render(self, task: Task) -> Text:
        """Write the rate; nothing before it is known."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


def rate_bar() -> Bar:
    """Return a bar with rate and time left."""
    return _bar(_Rate(), TimeRemainingColumn())


def step_bar() -> Bar:
    """Return a bar of few steps."""
    return _bar()


def _bar(*more: ProgressColumn) -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more)
    return Bar(*columns, console=Console(stderr=True), transient=True)
