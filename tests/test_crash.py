"""Killed at random moments, sent twice, sent by several at once: nobody missing, nobody a third time."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sse_digest.model.deliveries import Account, State
from sse_digest.store import accounts
from tests.installation import Installation, make_installation

CONNECTIONS = 4  # so K = 4
IN_EXAMPLE = 2  # connections in the example configuration
KILLS = {"ci": 8, "full": 50}
PEOPLE_PER_KILL = 12


@dataclass
class RealServer:
    """aiosmtpd, noting whom it took a message for before it says so."""

    chance: random.Random
    pipelining: bool = False  # whether it says so; it can
    taken: Counter[str] = field(default_factory=Counter)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    holds_back_from: int | None = None  # answers no further message until `answers` is set
    held_back: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        del server, session
        await asyncio.sleep(self.chance.random() * 0.004)
        self.taken[envelope.rcpt_tos[0]] += 1
        self.more.set()
        if self.holds_back_from is not None and self.taken.total() >= self.holds_back_from:
            self.held_back += 1
            await self.answers.wait()
        await asyncio.sleep(self.chance.random() * 0.004)
        return "250 2.0.0 taken"

    async def handle_EHLO(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        return ["250-PIPELINING", *responses] if self.pipelining else responses

    async def has_taken(self, count: int, process: "object") -> None:
        """Wait until it took so many messages, or the sender ended."""
        while self.taken.total() < count and process.is_alive():  # type: ignore[attr-defined] # a process
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), 0.2)
            except TimeoutError:
                continue


@asynccontextmanager
async def real_server(seed: int, *, pipelining: bool = True) -> AsyncIterator[RealServer]:
    server = RealServer(random.Random(seed), pipelining)
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


async def joined(process: "object") -> int:
    while process.is_alive():  # type: ignore[attr-defined] # a process
        await asyncio.sleep(0.005)
    process.join()  # type: ignore[attr-defined] # as above
    return int(process.exitcode)  # type: ignore[attr-defined] # as above


async def account_of(installation: Installation) -> Account:
    async with installation.app() as app, app.store.read() as connection:
        account = await accounts.account(connection, "monthly", "2023-04")
    assert account is not None
    return account


async def held_addresses(installation: Installation) -> set[str]:
    async with installation.app() as app, app.store.read() as connection:
        return {str(row["address"]) for row in await accounts.in_doubt(connection, "monthly", "2023-04")}


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one-by-one"])
@pytest.mark.parametrize("policy", ["resend", "hold"])
async def test_killed_at_random_moments(
    tmp_path: Path, policy: str, pipelining: bool, effort: str, proof: Callable[[str, str], None]
) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 # to repeat a failure
    chance = random.Random(seed)
    kills = KILLS[effort]
    people = kills * PEOPLE_PER_KILL
    everybody = {f"p{number:04d}@readers.example" for number in range(people)}
    async with real_server(seed, pipelining=pipelining) as server:
        more = f'\n[send]\nin_doubt = "{policy}"\n'
        installation = await make_installation(
            tmp_path, port=server.port, people=people, changes={"connections": str(CONNECTIONS)}, more=more
        )
        worst = killed = 0
        for _ in range(kills):
            doubled_before = sum(count > 1 for count in server.taken.values())
            process = installation.sender()
            await server.has_taken(server.taken.total() + chance.randrange(PEOPLE_PER_KILL), process)
            await asyncio.sleep(chance.random() * 0.02)
            killed += process.is_alive()
            process.kill()
            await joined(process)
            doubled = sum(count > 1 for count in server.taken.values()) - doubled_before
            worst = max(worst, doubled)
            assert doubled <= CONNECTIONS
            assert max(server.taken.values(), default=0) <= 2
        code = await joined(installation.sender())

        account, held = await account_of(installation), await held_addresses(installation)
        assert account.balances
        assert account.total == people
        assert account.states.get(State.ACCEPTED, 0) + account.held == people
        assert code == (1 if held else 0)
        assert len(held) == account.held
        missing = everybody - set(server.taken)
        assert missing <= held
        if policy == "hold":
            assert max(server.taken.values()) == 1
        else:
            assert max(server.taken.values()) <= 2
        assert killed > kills // 2
        twice = sum(count > 1 for count in server.taken.values())
        proof(
            f"kill -9 at random moments, {policy}, {'pipelined' if pipelining else 'one by one'}",
            f"{killed} kills, {people} people, K = {CONNECTIONS}: {len(missing)} missing, all among the"
            f" {len(held)} held and listed; {twice} second copies, at most {worst} after one kill, no third;"
            " the account balances",
        )


async def test_sent_by_several_processes_at_once(tmp_path: Path, effort: str) -> None:
    senders, people = (20, 200) if effort == "full" else (4, 60)
    async with real_server(1) as server:
        installation = await make_installation(tmp_path, port=server.port, people=people)
        processes = [installation.sender() for _ in range(senders)]
        for process in processes:
            assert await joined(process) in {0, 1}
        last = await joined(installation.sender())

    assert last == 0
    assert set(server.taken.values()) == {1}
    assert len(server.taken) == people
    assert (await account_of(installation)).states == {State.ACCEPTED: people}


async def test_a_terminated_sender_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    async with real_server(2) as server:
        installation = await make_installation(tmp_path, port=server.port, people=120)
        for count in (5, 40, 80):
            process = installation.sender()
            await server.has_taken(count, process)
            process.terminate()
            assert await joined(process) == 1
            account = await account_of(installation)
            assert account.states.get(State.IN_DOUBT, 0) == 0
            assert account.states.get(State.CLAIMED, 0) == 0
        assert await joined(installation.sender()) == 0

    assert set(server.taken.values()) == {1}
    assert len(server.taken) == 120


async def test_a_frozen_sender_is_not_taken_for_dead(tmp_path: Path) -> None:
    async with real_server(3) as server:
        installation = await make_installation(tmp_path, port=server.port, people=60)
        server.holds_back_from = 10
        frozen = installation.sender()
        assert frozen.pid is not None
        while server.held_back < IN_EXAMPLE:  # so it waits for answers and holds no lock of the database
            await asyncio.sleep(0.01)
            assert frozen.is_alive()
        os.kill(frozen.pid, signal.SIGSTOP)
        server.answers.set()
        try:
            assert await joined(installation.sender()) == 1
            assert (await account_of(installation)).open > 0
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
            await joined(frozen)
        assert await joined(installation.sender()) == 0

    assert set(server.taken.values()) == {1}
    assert len(server.taken) == 60
