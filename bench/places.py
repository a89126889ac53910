"""The servers of the benchmark of sending: near and distant sinks, each in processes of its own.

A place knows the processor time of its processes, which shows whether the sink itself was the limit.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.distance import NEAR_CLIENT, why_no_link
from tests.postfix import private_postfix, why_not

HERE = Path(__file__).parent
SENDER = "bounces@organisation.example"
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
DISCARD = {
    "default_transport": "discard:",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_connection_rate_limit": "0",
}
TICKS = os.sysconf("SC_CLK_TCK")
SINK_CORE = max(os.sched_getaffinity(0))


def program(name: str) -> str | None:
    """Return the path of a program, or None if it is not installed."""
    return shutil.which(name, path=SEARCH)


@dataclass(slots=True)
class Place:
    """A running sink."""

    host: str
    port: int
    processes: Callable[[], Iterator[int]]  # their ids
    prefix: Sequence[str] = ()  # how a client gets there
    taken: Mapping[str, float] = field(default_factory=dict)  # what the sink counted, once it has ended

    def cpu_s(self) -> float:
        """The processor time that its processes used, in seconds."""
        return sum(_used(process) for process in self.processes())


def _used(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS  # its own, and of children it has waited for


@contextlib.contextmanager
def _piped(*command: str, pinned: bool = True) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run a program of ours that prints its address and ends when its input ends."""
    pin = ["taskset", "-c", str(SINK_CORE)] if pinned and shutil.which("taskset") else []
    with subprocess.Popen(
        [*pin, sys.executable, *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.stdin.close()


@contextlib.contextmanager
def fast_sink() -> Iterator[Place]:
    """Our own sink, on the last core."""
    with _piped("-m", "bench.sink") as (process, port):
        place = Place("127.0.0.1", int(port), lambda: iter((process.pid,)))
        yield place
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        place.taken = json.loads(process.stdout.readline())


@contextlib.contextmanager
def distant_sink() -> Iterator[Place]:
    """Our own sink behind a proxy that delays every chunk."""
    with (
        fast_sink() as near,
        _piped("-m", "bench.distance", "proxy", str(near.port), pinned=False) as (proxy, port),
    ):
        place = Place("127.0.0.1", int(port), lambda: iter((*near.processes(), proxy.pid)))
        yield place
    place.taken = near.taken


@contextlib.contextmanager
def stock_sink() -> Iterator[Place]:
    """Postfix's smtp-sink, on the last core."""
    sink = program("smtp-sink")
    assert sink is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = ["taskset", "-c", str(SINK_CORE), sink, *user, f"127.0.0.1:{port}", "128"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield Place("127.0.0.1", port, lambda: iter((process.pid,)))
        finally:
            process.terminate()


def _below(root: Path) -> Iterator[int]:
    """Yield the processes that work in a folder."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(root):
                yield int(entry.name)


@contextlib.contextmanager
def real_postfix() -> Iterator[Place]:
    """A private Postfix that queues every mail and then discards it."""
    with private_postfix(DISCARD, {}) as running:
        yield Place("127.0.0.1", running.port, lambda: _below(running.root))


@contextlib.contextmanager
def distant_postfix() -> Iterator[Place]:
    """The private Postfix in a network namespace of its own, behind a link that delays every packet."""
    with _piped("-m", "bench.distance", "postfix", pinned=False) as (link, said):
        found = json.loads(said)
        root = Path(found["root"])
        yield Place(
            found["host"],
            found["port"],
            lambda: iter((link.pid, *_below(root))),
            prefix=(*NEAR_CLIENT, f"--net=/proc/{found['near']}/ns/net"),
        )


PLACES: Mapping[str, Callable[[], contextlib.AbstractContextManager[Place]]] = {
    "fast sink": fast_sink,
    "smtp-sink": stock_sink,
    "Postfix": real_postfix,
    "Postfix, one line": real_postfix,
    "fast sink, 50 ms": distant_sink,
    "Postfix, 50 ms": distant_postfix,
}


def lack_of(place: str) -> str | None:
    """Return why this machine cannot have such a place, or None if it can."""
    if place == "smtp-sink" and program("smtp-sink") is None:
        return "smtp-sink is not installed (Debian's package postfix has it)"
    if place.startswith("Postfix"):
        return why_not() or (why_no_link() if place.endswith("50 ms") else None)
    return None
