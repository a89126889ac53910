"""Messages a second compared with other programs, as ratios within one run.

`python3 run.py bench sending [--rounds N] [--quick] [--million] [--only PLACE] [--write]` prints JSON;
`--write` also writes the tables of docs/performance.md. Ours is the sender that `sse-digest send` runs, in
a process of its own, with its ledger in a file: every intent and every outcome is a durable commit. Clients
take turns within each round.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import structlog

from bench.ground import Ground, make_ground
from bench.page import put
from bench.places import PLACES, Place, lack_of, program
from bench.sending_tables import million_lines, sending_lines

ROOT = Path(__file__).parent.parent
SAFE = {"SMTP__PIPELINING": "safe"}
FULL_32 = {"SMTP__PIPELINING": "full", "SMTP__DEPTH": "32"}
FULL_16 = {"SMTP__PIPELINING": "full", "SMTP__DEPTH": "16"}
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that sends, and how many mails."""

    name: str
    count: int
    settings: Mapping[str, str] | None = None  # of ours
    signed: bool = False
    bare_depth: int | None = None  # of our way of speaking alone, see `bench.bare`

    def command(self, place: Place, connections: int, ground: Ground) -> Sequence[str]:
        """Return the command line."""
        to = (place.host, str(place.port), str(connections), str(self.count))
        python = (*place.prefix, sys.executable, "-m")
        if self.settings is not None:
            return *python, "bench.product", str(ground.config)
        if self.bare_depth is not None:
            return *python, "bench.bare", str(ground.config), *to, str(self.bare_depth)
        return *python, "bench.peers", self.name, *to, str(ground.folder)

    def environment(self, place: Place, connections: int, ground: Ground) -> dict[str, str]:
        """Return its environment."""
        if self.settings is None:
            return ground.environment(ground.folder / "ground.db", {})
        relay = {
            "SMTP__HOST": place.host,
            "SMTP__PORT": str(place.port),
            "SMTP__CONNECTIONS": str(connections),
            **self.settings,
            **(ground.signing() if self.signed else {}),
        }
        return ground.environment(ground.copy(), relay)


@dataclass(frozen=True, slots=True)
class Round:
    """The programs that send to one place in every round."""

    place: str  # one of PLACES
    connections: int
    clients: Sequence[Client]


def ours(name: str, count: int, settings: Mapping[str, str], *, signed: bool = False) -> Client:
    """Return our own sender with these settings."""
    return Client(name=f"sse-digest, {name}", count=count, settings=settings, signed=signed)


ROUNDS = (
    Round(
        "fast sink",
        10,
        (
            Client(name="smtp-source", count=30_000),
            Client(name="aiosmtplib", count=1500),
            Client(name="smtplib", count=3000),
            ours("safe", 20_000, SAFE),
            Client(name="no ledger, safe", count=40_000, bare_depth=0),
            ours("full 32", 30_000, FULL_32),
            Client(name="no ledger, full 32", count=60_000, bare_depth=32),
            ours("safe, signed", 6000, SAFE, signed=True),
            ours("full 32, signed", 10_000, FULL_32, signed=True),
            Client(name="bare signing", count=10_000),
        ),
    ),
    Round(
        "smtp-sink",
        10,
        (
            Client(name="smtp-source", count=10_000),
            Client(name="aiosmtplib", count=1500),
            ours("safe", 10_000, SAFE),
            Client(name="no ledger, safe", count=10_000, bare_depth=0),
        ),
    ),
    Round(
        "Postfix",
        10,
        (
            Client(name="smtp-source", count=1500),
            Client(name="aiosmtplib", count=1000),
            ours("safe", 1500, SAFE),
            ours("full 16", 1500, FULL_16),
        ),
    ),
    Round(
        "Postfix, one line",
        1,
        (
            Client(name="smtp-source", count=500),
            Client(name="aiosmtplib", count=300),
            ours("safe", 500, SAFE),
            Client(name="no ledger, safe", count=500, bare_depth=0),
            ours("full 16", 500, FULL_16),
        ),
    ),
    Round(
        "fast sink, 50 ms",
        1,
        (
            Client(name="aiosmtplib", count=30),
            ours("safe", 120, SAFE),
            ours("full 16", 2000, FULL_16),
            Client(name="no ledger, full 16", count=2000, bare_depth=16),
        ),
    ),
    Round(
        "Postfix, 50 ms",
        1,
        (
            Client(name="aiosmtplib", count=30),
            ours("safe", 120, SAFE),
            ours("full 16", 1000, FULL_16),
        ),
    ),
)
MILLION = (ours("100,000", 100_000, FULL_32), ours("1,000,000", 1_000_000, FULL_32))


def measure(place: Place, client: Client, connections: int, ground: Ground) -> Figures:
    """Run one client; return its figures, its rate, and the sink's share of a core meanwhile."""
    before = place.cpu_s()
    done = subprocess.run(
        client.command(place, connections, ground),
        env=client.environment(place, connections, ground),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{client.name}: {done.stdout}{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found["sink_share"] = (place.cpu_s() - before) / found["seconds"]
    found["rate"] = found["count"] / found["seconds"]
    found["cpu_us"] = found["cpu_s"] / found["count"] * 1e6
    return found


def turn(where: str, client: Client, connections: int, ground: Ground) -> Figures:
    """Run one client against a sink of its own, which must have received everything."""
    with PLACES[where]() as place:
        figures = measure(place, client, connections, ground)
    if place.taken and client.name != "bare signing":
        assert place.taken["messages"] == client.count, (client.name, place.taken)
    return figures


class Grounds:
    """Installations by their number of subscribers, each made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[int, Ground] = {}

    def of(self, client: Client) -> Ground:
        """Return the installation for a client; other programs use only its mails."""
        people = client.count if client.settings is not None else 1
        if people not in self._made:
            self._made[people] = make_ground(self._folder / str(people), people)
        return self._made[people]


def run(rounds: int, wanted: Iterable[Round], grounds: Grounds) -> Mapping[str, object]:
    """Measure every program at every place, in turn."""
    found: dict[str, dict[str, list[Figures]]] = {}
    lacking = {one.place: why for one in wanted if (why := lack_of(one.place)) is not None}
    for number in range(rounds):
        for one in wanted:
            if one.place in lacking:
                continue
            for client in one.clients:
                if client.name == "smtp-source" and program(client.name) is None:
                    lacking[client.name] = "not installed (Debian's package postfix has it)"
                    continue
                figures = turn(one.place, client, one.connections, grounds.of(client))
                found.setdefault(one.place, {}).setdefault(client.name, []).append(figures)
                print(f"{number + 1} {one.place}, {client.name}: {figures['rate']:.0f}/s", file=sys.stderr)
    return {
        "facts": facts(grounds, rounds),
        "connections": {one.place: one.connections for one in wanted},
        "lacking": lacking,
        "figures": found,
    }


def facts(grounds: Grounds, rounds: int) -> Mapping[str, object]:
    """Return the facts about machine and versions."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "aiosmtplib": version("aiosmtplib"),
        "uvloop": _version("uvloop"),
        "postfix": _postfix_version(),
        "mail_bytes": grounds.of(Client(name="", count=1)).mail_bytes,
        "rounds": rounds,
        "pinned": "our sinks and smtp-sink to the last core, where taskset is installed; nothing else",
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _postfix_version() -> str | None:
    postconf = program("postconf")
    if postconf is None:
        return None
    said = subprocess.run([postconf, "-d", "-h", "mail_version"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or None


def quick(one: Round) -> Round:
    """Return a round for trying out, with a tenth of the mails."""
    clients = [
        Client(
            name=client.name,
            count=max(20, client.count // 10),
            settings=client.settings,
            signed=client.signed,
            bare_depth=client.bare_depth,
        )
        for client in one.clients
    ]
    return Round(one.place, one.connections, clients)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the mails: to try the benchmark itself"
    )
    parser.add_argument("--million", action="store_true", help="only 100,000 and 1,000,000 people")
    parser.add_argument("--only", choices=PLACES, help="this place only")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that sinks and Postfix end with it
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    (ROOT / ".run").mkdir(exist_ok=True)
    wanted = [one for one in ROUNDS if arguments.only in {None, one.place}]
    if arguments.million:
        wanted = [Round("fast sink", 10, MILLION)]
    if arguments.quick:
        wanted = [quick(one) for one in wanted]
    with tempfile.TemporaryDirectory(dir=ROOT / ".run") as folder:  # on a real disk: /tmp may lie in memory
        report = run(arguments.rounds, wanted, Grounds(Path(folder)))
    print(json.dumps(report, indent=2))
    if arguments.write and arguments.million:
        put("million", million_lines(report))
    elif arguments.write:
        put("sending", sending_lines(report))


if __name__ == "__main__":
    main()
