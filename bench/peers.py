"""Other programs that send the same mails to the same sink; none keeps an account.

`python -m bench.peers NAME HOST PORT CONNECTIONS COUNT FOLDER` prints one JSON line. The folder has the
mails, one for each language, as our own sender writes them; the recipient's address is filled in for each
mail.
"""

import asyncio
import json
import resource
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bench.ground import address_of
from bench.places import SENDER, program
from sse_digest.digest.mail.dkim import read_key

HELO = "bench.organisation.example"


@dataclass(frozen=True, slots=True)
class Job:
    """The mails to send and where to send them."""

    host: str
    port: int
    connections: int
    count: int
    folder: Path

    def mails(self) -> Sequence[Sequence[bytes]]:
        """Read the mails, each split where the address goes."""
        cut = [file.read_bytes().split(address_of(0).encode()) for file in sorted(self.folder.glob("*.eml"))]
        assert all(len(pieces) > 1 for pieces in cut)
        return cut


class Clock:
    """Measures from open connections until the last reply."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._used_s = _cpu_s()

    def figures(self, count: int) -> Mapping[str, float]:
        """Return the figures since the start."""
        return {
            "count": count,
            "seconds": time.perf_counter() - self._began,
            "cpu_s": _cpu_s() - self._used_s,
        }


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def plain_aiosmtplib(job: Job) -> Mapping[str, float]:
    """Send with aiosmtplib's own `sendmail`, its fastest method."""

    async def work() -> Mapping[str, float]:
        mails, numbers = job.mails(), iter(range(1, job.count + 1))
        clients = [
            aiosmtplib.SMTP(hostname=job.host, port=job.port, local_hostname=HELO)
            for _ in range(job.connections)
        ]
        for client in clients:
            await client.connect()

        async def line(client: aiosmtplib.SMTP) -> None:
            for number in numbers:
                address = address_of(number)
                mail = address.encode().join(mails[number % len(mails)])
                await client.sendmail(SENDER, [address], mail)

        clock = Clock()
        await asyncio.gather(*map(line, clients))
        figures = clock.figures(job.count)
        for client in clients:
            await client.quit()
        return figures

    return asyncio.run(work())


def standard_library(job: Job) -> Mapping[str, float]:
    """Send with smtplib, one thread for each connection."""
    mails, numbers = job.mails(), iter(range(1, job.count + 1))
    clients = [smtplib.SMTP(job.host, job.port, local_hostname=HELO) for _ in range(job.connections)]

    def line(client: smtplib.SMTP) -> None:
        for number in numbers:  # the interpreter's lock lets one thread at a time step on
            address = address_of(number)
            client.sendmail(SENDER, [address], address.encode().join(mails[number % len(mails)]))

    clock = Clock()
    with ThreadPoolExecutor(job.connections) as threads:
        list(threads.map(line, clients))
    figures = clock.figures(job.count)
    for client in clients:
        client.quit()
    return figures


def smtp_source(job: Job) -> Mapping[str, float]:
    """Send one content of the same size to all with Postfix's load generator; measures the whole process."""
    mails = job.mails()
    size = sum(sum(map(len, pieces)) + len(address_of(0)) * (len(pieces) - 1) for pieces in mails) // len(
        mails
    )
    source = program("smtp-source")
    assert source is not None
    command = [source, "-d", "-s", str(job.connections), "-m", str(job.count), "-l", str(size)]
    clock = Clock()
    subprocess.run([*command, "-f", SENDER, "-t", address_of(1), f"{job.host}:{job.port}"], check=True)
    return clock.figures(job.count)


def bare_signing(job: Job) -> Mapping[str, float]:
    """Make RSA-2048 signatures of a digest and nothing else, on all cores."""
    key = read_key((job.folder / "dkim.pem").read_bytes())
    each = job.count // job.connections

    def line(_: int) -> None:
        for _ in range(each):
            key.sign(b"x" * 600, padding.PKCS1v15(), hashes.SHA256())

    clock = Clock()
    with ThreadPoolExecutor(job.connections) as threads:
        list(threads.map(line, range(job.connections)))
    return clock.figures(each * job.connections)


PEERS: Mapping[str, Callable[[Job], Mapping[str, float]]] = {
    "aiosmtplib": plain_aiosmtplib,
    "smtplib": standard_library,
    "smtp-source": smtp_source,
    "bare signing": bare_signing,
}


if __name__ == "__main__":
    name, host, port, connections, count, folder = sys.argv[1:]
    print(json.dumps(PEERS[name](Job(host, int(port), int(connections), int(count), Path(folder)))))
