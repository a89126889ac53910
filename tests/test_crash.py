"""Killed at random moments and at each write of the ledger: nobody missing, nobody a third time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.model.deliveries import Account, State
from tests.counting_server import (
    CountingServer,
    account_if_any,
    account_of,
    counting_server,
    held_addresses,
    joined,
)
from tests.installation import Death, Installation, Sender, make_installation

pytestmark = pytest.mark.slow

CONNECTIONS = 4  # so K = 4
KILLS = {"ci": 5, "full": 50}  # at random, for each policy and kind of server
PEOPLE_PER_KILL = 40  # more than a sender manages before it is killed
WRITES = {"ci": 13, "full": 50}  # of the ledger; a sender is killed before each, and another after each
TOMORROW = timedelta(days=1)


@dataclass
class Refusals:
    """One address in ten does not exist, one is refused at first."""

    seen: set[str] = field(default_factory=set)

    def __call__(self, address: str) -> str | None:
        if is_dead(address):
            return "552 5.2.2 mailbox full"
        if address[1:5].endswith("7") and address not in self.seen:
            self.seen.add(address)
            return "450 4.2.0 greylisted, come back later"
        return None


@dataclass
class Counted(Refusals):
    """The same, and how many were offered."""

    offered: int = 0

    def __call__(self, address: str) -> str | None:
        self.offered += 1
        return super().__call__(address)


def is_dead(address: str) -> bool:
    return address[1:5].endswith("3")


@dataclass
class Drill:
    """An installation whose senders are killed, one after the other."""

    installation: Installation
    server: CountingServer
    policy: str
    people: int
    bound: int  # K: so many deliveries does one kill leave in doubt, at most
    worst: int = 0  # so many did one kill leave
    killed: int = 0

    async def run(self, sender: Sender, moment: Callable[[Sender], Awaitable[None]]) -> None:
        """Have a sender killed at some moment and look at what it cost."""
        await moment(sender)
        self.killed += await joined(sender) < 0  # by a signal
        account = await account_if_any(self.installation)
        assert account is None or account.balances
        # The next sender finds these in doubt, before it begins anything.
        submitting = 0 if account is None else account.states.get(State.SUBMITTING, 0)
        self.worst = max(self.worst, submitting)
        assert self.worst <= self.bound
        # When they are resent is chance: a later kill may come before all of them are.
        assert self.server.doubled <= self.bound * self.killed
        assert max(self.server.taken.values(), default=0) <= (2 if self.policy == "resend" else 1)

    async def finish(self) -> str:
        """Send what is left; return the account of the whole drill."""
        await joined(self.installation.sender())
        assert self.server.doubled <= self.bound * self.killed
        code = await joined(self.installation.sender(ahead=TOMORROW))
        account, held = await account_of(self.installation), await held_addresses(self.installation)
        self._balance(account, held, code)
        everybody = {f"p{number:04d}@readers.example" for number in range(self.people)}
        missing = {address for address in everybody - set(self.server.taken) if not is_dead(address)}
        assert missing <= held
        return (
            f"{self.killed} kills, {self.people} people, K = {self.bound}: {len(missing)} missing, all among"
            f" the {len(held)} held and listed; {self.server.doubled} second copies, no third; one kill left"
            f" at most {self.worst} in doubt; the account balances"
        )

    def spoke_as_offered(self) -> None:
        """See that mails went the way that the server offers, where they were enough to go so."""
        assert bool(self.server.ahead) is bool(self.server.offers)
        assert bool(self.server.chunks) is ("CHUNKING" in self.server.offers)

    def _balance(self, account: Account, held: set[str], code: int) -> None:
        assert account.balances
        assert account.total == self.people
        closed = account.states.get(State.ACCEPTED, 0) + account.states.get(State.REJECTED, 0)
        assert closed + account.held == self.people
        assert len(held) == account.held
        assert code == (1 if held else 0)


async def make_drill(
    root: Path, server: CountingServer, policy: str, people: int, *, pace: str = "", more: str = ""
) -> Drill:
    streams = "CHUNKING" in server.offers
    way = 'pipelining = "full"\ndepth = 3' if streams else 'pipelining = "safe"'
    installation = await make_installation(
        root,
        port=server.port,
        people=people,
        changes={"connections": f"{CONNECTIONS}\n{way}{pace}"},
        more=f'\n{more}[send]\nin_doubt = "{policy}"\nreconnect_delay_s = 0.1\n',
    )
    return Drill(installation, server, policy, people, bound=CONNECTIONS * (3 if streams else 1))


SERVERS = {
    "one by one": (),
    "pipelined": ("PIPELINING",),
    "several in flight": ("PIPELINING", "CHUNKING"),
}


@pytest.mark.parametrize("way", SERVERS)
@pytest.mark.parametrize("policy", ["resend", "hold"])
async def test_killed_at_random_moments(
    tmp_path: Path, policy: str, way: str, effort: str, proof: Callable[[str, str], None]
) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 # to repeat a failure
    chance = random.Random(seed)

    async def some_time(sender: Sender) -> None:
        await server.has_taken(server.taken.total() + chance.randrange(PEOPLE_PER_KILL // 3), sender)
        await asyncio.sleep(chance.random() * 0.005)
        sender.kill()

    async with counting_server(seed, offers=SERVERS[way], refuses=Refusals()) as server:
        drill = await make_drill(tmp_path, server, policy, KILLS[effort] * PEOPLE_PER_KILL)
        for _ in range(KILLS[effort]):
            await drill.run(drill.installation.sender(), some_time)
        told = await drill.finish()

    assert drill.killed > KILLS[effort] // 2
    drill.spoke_as_offered()
    proof(f"kill -9 at random moments, {policy}, {way}", told)


PACE = "\nmax_per_second = 300\nmax_per_hour = 50000\n"


@pytest.mark.parametrize("policy", ["resend", "hold"])
async def test_killed_between_two_relays_with_a_pace_of_which_the_first_comes_and_goes(
    tmp_path: Path, policy: str, effort: str, proof: Callable[[str, str], None]
) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 # to repeat a failure
    chance = random.Random(seed)
    kills = 40 if effort == "full" else 2

    async def some_time(sender: Sender) -> None:
        await first.has_taken(first.taken.total() + chance.randrange(PEOPLE_PER_KILL // 3), sender)
        await asyncio.sleep(chance.random() * 0.005)
        sender.kill()

    async with (
        counting_server(seed, refuses=(at_first := Refusals())) as first,
        counting_server(seed + 1, refuses=(at_second := Counted(at_first.seen))) as second,
    ):
        second.counts_with(first)
        first.away = 0.5
        relay = (
            f'host = "localhost"\nport = {second.port}\nsecurity = "none"\nconnections = {CONNECTIONS}{PACE}'
        )
        fallback = f"[[smtp.fallbacks]]\n{relay}\n"
        people = kills * PEOPLE_PER_KILL
        drill = await make_drill(tmp_path, first, policy, people, pace=PACE, more=fallback)
        for _ in range(kills):
            await drill.run(drill.installation.sender(), some_time)
        told = await drill.finish()

    assert drill.killed > kills // 2
    assert first.sessions_ended
    assert at_second.offered
    proof(f"kill -9 at random moments, {policy}, two relays with a pace, the first comes and goes", told)


@pytest.mark.parametrize("way", ["pipelined", "several in flight"])
@pytest.mark.parametrize("policy", ["resend", "hold"])
async def test_killed_before_and_after_each_write_of_the_ledger(
    tmp_path: Path, policy: str, way: str, effort: str, proof: Callable[[str, str], None]
) -> None:
    async def when_it_dies(sender: Sender) -> None:
        await joined(sender)

    sides = (False, True) if effort == "full" else (policy == "hold",)
    deaths = [Death(write, after=after) for write in range(1, WRITES[effort] + 1) for after in sides]
    people = sum(death.write for death in deaths) * 2
    async with counting_server(1, offers=SERVERS[way], refuses=Refusals()) as server:
        drill = await make_drill(tmp_path, server, policy, people)
        for death in deaths:
            await drill.run(drill.installation.sender(dies=death), when_it_dies)
        told = await drill.finish()

    assert drill.killed == len(deaths)
    drill.spoke_as_offered()
    proof(f"kill -9 before and after each of the first {WRITES[effort]} writes, {policy}, {way}", told)
