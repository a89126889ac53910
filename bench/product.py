"""The sender of `sse-digest send --yes --json`, with time measured around it.

`python -m bench.product CONFIG` prints one JSON line. The time is measured from the first outcome until
everything is recorded and every connection is closed; other programs also start with open connections.
"""

import asyncio
import json
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sse_digest.cli.context import Context, configure_logs
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.sender import SendReport
from sse_digest.model.deliveries import Verdict
from sse_digest.model.issues import Period

# Imported as the command line does: what makes the ground, too, would take memory that no sender needs.
if TYPE_CHECKING:
    from sse_digest.app import App


def cpu_s() -> float:
    """Return the processor time that this process has used, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """Return the peak memory of this process; getrusage would include the parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


class Watch:
    """Records when the first outcome came."""

    began: float | None = None
    used_s = 0.0
    ahead = 0  # outcomes that had come by then

    def note(self, progress: Progress, total: int) -> None:
        """Record the time of the first call."""
        del total
        if self.began is None:
            self.began, self.used_s, self.ahead = time.perf_counter(), cpu_s(), progress.attempted


def send() -> None:
    """Send, and print the figures."""
    configure_logs(verbose=False)
    watch = Watch()

    async def work(app: "App") -> SendReport:
        return await app.send(
            app.digest(None), Period(2023, 4), wait=timedelta(0), stop=asyncio.Event(), on_progress=watch.note
        )

    report = Context(Path(sys.argv[1])).run_async(work, is_busy=True)
    ended, used_s = time.perf_counter(), cpu_s()
    assert report.is_clean, report
    assert watch.began is not None
    print(
        json.dumps(
            {
                "count": report.progress.verdicts[Verdict.ACCEPTED] - watch.ahead,
                "seconds": ended - watch.began,
                "cpu_s": used_s - watch.used_s,
                "peak_mb": peak_mb(),
            }
        )
    )


if __name__ == "__main__":
    send()
