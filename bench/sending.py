"""Messages a second beside other programs, as ratios within one run.

`python3 run.py bench sending [--rounds N] [--write]`.

Everything runs on this machine, against a sink that takes everything. Prints JSON; `--write` also writes the
table of docs/performance.md. The ledger is on, in a file, with a durable commit for every intent and outcome.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import shutil
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import aiosmtplib
import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.page import put, spread
from sse_digest.delivery.liveness import FileLocks
from sse_digest.delivery.options import Pipelining, RelayOptions, Security, SendOptions
from sse_digest.delivery.pace import Limits
from sse_digest.delivery.relay import SmtpRelay
from sse_digest.delivery.route import Route
from sse_digest.delivery.sending import Sending
from sse_digest.delivery.submission import Recipient
from sse_digest.delivery.submit import Order, SenderName
from sse_digest.store import deliveries as ledger
from sse_digest.store import open_store
from sse_digest.store.deliveries import Claimed, NewDelivery
from sse_digest.store.tables import issues

HERE = Path(__file__).parent
SENDER = "bounces@example.org"
SIZE_BYTES = 40_000
ISSUE = ("monthly", "2023-04")
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def message(number: int) -> bytes:
    """Give a message of about 40 kB with what is one recipient's own in four places."""
    return b"".join(pieces(number))


def pieces(number: int) -> tuple[bytes, ...]:
    """Give the same in pieces."""
    own = b"%d" % number
    to, date, text, html = _PARTS
    return to, own, date, own, text, own, html


_LINE = b"The quick brown fox jumps over the lazy dog and reads the news of the month.\r\n"
_HALF = _LINE * (SIZE_BYTES // len(_LINE) // 2)
_PARTS = (b"To: p", b"@example.net\r\nMessage-ID: <", b"@example.org>\r\n\r\n" + _HALF, b"\r\n" + _HALF)


class Mail:
    """Synthetic people and messages."""

    async def recipients(
        self, connection: AsyncConnection, rows: Sequence[Claimed]
    ) -> Mapping[int, Recipient]:
        """Everybody may be mailed."""
        del connection
        return {row.id: Recipient(address=f"p{row.subscriber_id}@example.net", name=None) for row in rows}

    async def content(self, row: Claimed, recipient: Recipient, date: datetime) -> Sequence[bytes]:
        """Splice."""
        del recipient, date
        return pieces(row.subscriber_id)

    def sender(self, row: Claimed) -> str:
        """One for all."""
        del row
        return SENDER

    async def dead(self, connection: AsyncConnection, row: Claimed, recipient: Recipient, why: str) -> None:
        """Never asked for."""


async def ours(port: int, connections: int, count: int, pipelining: Pipelining) -> float:
    """Send over our own lines, ledger in a file; gives seconds."""
    with tempfile.TemporaryDirectory() as folder:
        async with await open_store(f"sqlite:///{folder}/bench.db") as store:
            now = datetime.now(UTC)
            async with store.write() as connection:
                await connection.execute(
                    insert(issues).values(digest=ISSUE[0], period=ISSUE[1], composed_at=now, frozen_at=now)
                )
            for start in range(0, count, 500):
                rows = [
                    NewDelivery(
                        subscriber_id=n, list="news", language="en", themes="youth", message_id=f"<{n}@e>"
                    )
                    for n in range(start + 1, min(start + 500, count) + 1)
                ]
                async with store.write() as connection:
                    await ledger.add_deliveries(connection, *ISSUE, rows, now)
            async with store.write() as connection:
                await ledger.fix_total(connection, *ISSUE)
            options = RelayOptions(
                host="127.0.0.1", port=port, security=Security.NONE, helo_name="bench", pipelining=pipelining
            )
            order = Order(
                store=store,
                routes=[
                    Route(
                        SmtpRelay(options),
                        name=options.name,
                        limits=Limits(connections=connections),
                        delay=timedelta(seconds=5),
                    )
                ],
                mail=Mail(),
                issue=ISSUE,
                sender=SenderName(id="bench", host="here", pid=os.getpid()),
                options=SendOptions(envelope_from=SENDER, connections=connections),
                clock=lambda: datetime.now(UTC),
                stop=asyncio.Event(),
            )
            began = time.perf_counter()
            report = await Sending(order, FileLocks(Path(folder) / "senders")).send(timedelta(0))
            took = time.perf_counter() - began
            assert report.is_clean, report
            return took


async def plain(port: int, connections: int, count: int) -> float:
    """Send with aiosmtplib's own `sendmail`, without a ledger; gives seconds."""
    numbers = iter(range(count))

    async def line() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="bench") as client:
            for number in numbers:
                await client.sendmail(SENDER, [f"p{number}@example.net"], message(number))

    began = time.perf_counter()
    await asyncio.gather(*(line() for _ in range(connections)))
    return time.perf_counter() - began


def standard_library(port: int, connections: int, count: int) -> float:
    """Send with smtplib over one connection, without a ledger; gives seconds."""
    del connections
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as client:
        for number in range(count):
            client.sendmail(SENDER, [f"p{number}@example.net"], message(number))
    return time.perf_counter() - began


def smtp_source(port: int, connections: int, count: int) -> float:
    """Send with Postfix's load generator, one message for all, without a ledger; gives seconds."""
    program = shutil.which("smtp-source", path=SEARCH)
    assert program is not None
    command = [program, "-d", "-s", str(connections), "-m", str(count), "-l", str(SIZE_BYTES)]
    began = time.perf_counter()
    subprocess.run([*command, "-f", SENDER, "-t", "p@example.net", f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - began


@dataclass
class Sunk:
    """What the sink said at its end."""

    port: int
    taken: int = 0
    cpu_s: float = 0.0


@contextlib.contextmanager
def sink(delay_s: float) -> Iterator[Sunk]:
    """Run the sink in a process of its own."""
    command = [sys.executable, str(HERE / "sink.py"), str(delay_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sunk = Sunk(int(process.stdout.readline()))
        yield sunk
        process.stdin.close()
        said = json.loads(process.stdout.readline())
        sunk.taken, sunk.cpu_s = said["taken"], said["cpu_s"]


Client = Callable[[int, int, int], float]
CLIENTS: Mapping[str, Client] = {
    "sse-digest, safe": lambda port, lines, count: asyncio.run(ours(port, lines, count, Pipelining.SAFE)),
    "sse-digest, off": lambda port, lines, count: asyncio.run(ours(port, lines, count, Pipelining.OFF)),
    "aiosmtplib": lambda port, lines, count: asyncio.run(plain(port, lines, count)),
    "smtplib": standard_library,
    "smtp-source": smtp_source,
}
PATHS = {"loopback": (0.0, 10, 1000), "50 ms": (0.025, 1, 40)}  # delay each way, connections, messages


def measure(path: str, client: str) -> dict[str, float]:
    """Give messages a second, our CPU microseconds a message and the sink's share of one core."""
    delay_s, connections, count = PATHS[path]
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with sink(delay_s) as sunk:
        took = CLIENTS[client](sunk.port, connections, count)
        after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    used = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
    assert sunk.taken == count, (client, sunk.taken)
    return {"rate": count / took, "cpu_us": used / count * 1e6, "sink_share": sunk.cpu_s / took}


def run(rounds: int) -> dict[str, object]:
    """Measure every client on every path, interleaved in rounds."""
    clients = [name for name in CLIENTS if name != "smtp-source" or shutil.which(name, path=SEARCH)]
    found: dict[str, dict[str, list[dict[str, float]]]] = {
        path: {client: [] for client in clients} for path in PATHS
    }
    for _ in range(rounds):
        for path, by_client in found.items():
            for client, results in by_client.items():
                results.append(measure(path, client))
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "aiosmtplib": version("aiosmtplib"),
        "message_bytes": len(message(1)),
        "rounds": rounds,
        "paths": {path: {"connections": PATHS[path][1], "clients": found[path]} for path in PATHS},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def table(report: Mapping[str, object]) -> Iterator[str]:
    """Write the table, ratios taken within each round."""
    paths = report["paths"]
    assert isinstance(paths, dict)
    yield "| path | program | messages a second | of aiosmtplib | CPU µs a message | sink's share of a core |"
    yield "|---|---|---|---|---|---|"
    for path, measured in paths.items():
        peers = measured["clients"]
        for client, results in peers.items():
            ratios = [a["rate"] / b["rate"] for a, b in zip(results, peers["aiosmtplib"], strict=True)]
            yield (
                f"| {path}, {measured['connections']} connections | {client}"
                f" | {spread([one['rate'] for one in results], 0)} | {spread(ratios, 2)}"
                f" | {statistics.median(one['cpu_us'] for one in results):.0f}"
                f" | {statistics.median(one['sink_share'] for one in results):.2f} |"
            )


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    report = run(arguments.rounds)
    print(json.dumps(report, indent=2))
    if arguments.write:
        facts = (
            f"{report['date']}, {report['machine']}, Python {report['python']},"
            f" aiosmtplib {report['aiosmtplib']}, {report['rounds']} rounds: median (least to most)."
            " smtplib has one connection on every path."
        )
        put("sending", [facts, "", *table(report)])


if __name__ == "__main__":
    main()
