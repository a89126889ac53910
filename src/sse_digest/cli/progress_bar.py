"""Progress bars on standard error; imported only if it is a terminal."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text


class _Rate(ProgressColumn):
    """A column with mails a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing while it is unknown."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


def rate_bar() -> Bar:
    """Return a bar with rate and time left."""
    return _bar(_Rate(), TimeRemainingColumn())


def step_bar() -> Bar:
    """Return a bar for a few steps."""
    return _bar()


def _bar(*more: ProgressColumn) -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more)
    return Bar(*columns, console=Console(stderr=True), transient=True)
