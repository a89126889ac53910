"""Several senders at once, and senders told to end, frozen or given another time: nobody gets two."""

import asyncio
import json
import os
import random
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sse_digest.cli import cli
from sse_digest.model.deliveries import State
from tests.counting_server import account_of, counting_server, joined
from tests.installation import Installation, make_installation

pytestmark = pytest.mark.slow

IN_EXAMPLE = 2  # connections in the example configuration
YESTERDAY = timedelta(days=-1)


async def test_sent_by_several_processes_at_once(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    senders, people = (20, 400) if effort == "full" else (4, 60)
    async with counting_server(1) as server:
        installation = await make_installation(tmp_path, port=server.port, people=people)
        processes = [installation.sender() for _ in range(senders)]
        for process in processes:
            assert await joined(process) in {0, 1}
        last = await joined(installation.sender())

    assert last == 0
    assert set(server.taken.values()) == {1}
    assert len(server.taken) == people
    assert (await account_of(installation)).states == {State.ACCEPTED: people}
    proof("one issue sent by several processes at once", f"{senders} processes, {people} people: each once")


async def test_a_terminated_sender_leaves_nothing_in_doubt(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    ends, people = (30, 900) if effort == "full" else (4, 120)
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 # to repeat a failure
    chance = random.Random(seed)
    terminated = 0
    async with counting_server(seed) as server:
        installation = await make_installation(tmp_path, port=server.port, people=people)
        for number in range(ends):
            process = installation.sender()
            await server.has_taken(server.taken.total() + 1 + chance.randrange(25), process)
            await asyncio.sleep(chance.random() * 0.02)
            process.terminate()
            if number % 2:  # somebody is impatient
                await asyncio.sleep(chance.random() * 0.01)
                process.terminate()
            terminated += await joined(process) == 1
            account = await account_of(installation)
            assert account.balances
            assert account.states.get(State.IN_DOUBT, 0) == 0
            assert account.states.get(State.CLAIMED, 0) == 0
        assert await joined(installation.sender()) == 0

    assert terminated > ends // 2
    assert set(server.taken.values()) == {1}
    assert len(server.taken) == people
    proof(
        "SIGTERM at random moments, every second one twice",
        f"{terminated} times, {people} people: 0 in doubt, each person once",
    )


async def test_a_frozen_sender_is_not_taken_for_dead(tmp_path: Path) -> None:
    async with counting_server(3) as server:
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


async def status_of(installation: Installation) -> tuple[str, dict[str, Any]]:
    """Return what `status` says to people, and its JSON."""
    runner, verb = CliRunner(), ["--config", str(installation.config), "status", "2023-04"]

    def invoke(*more: str) -> str:
        return runner.invoke(cli, [*verb, *more]).output

    said = await asyncio.to_thread(invoke)
    return said, json.loads(await asyncio.to_thread(invoke, "--json"))


async def test_status_tells_a_sender_that_runs_from_one_that_was_killed(tmp_path: Path) -> None:
    async with counting_server(5) as server:
        installation = await make_installation(tmp_path, port=server.port, people=20)
        server.holds_back_from = 5
        sender = installation.sender()
        while server.held_back < IN_EXAMPLE:
            await asyncio.sleep(0.01)
            assert sender.is_alive()
        said, data = await status_of(installation)
        assert f"process {sender.pid}" in said
        assert f"{IN_EXAMPLE} being submitted" in said
        assert "NOT RUNNING" not in said
        assert [(one["runs"], one["submitting"]) for one in data["senders"]] == [(True, IN_EXAMPLE)]

        sender.kill()
        await joined(sender)
        said, data = await status_of(installation)
        assert "IT IS NOT RUNNING: `sse-digest send 2023-04` continues where it stopped." in said
        assert [one["runs"] for one in data["senders"]] == [False]

        server.answers.set()
        assert await joined(installation.sender()) == 0
    assert (await status_of(installation))[1]["senders"] == []


async def test_a_clock_that_was_moved_back_a_day_doubles_nobody(tmp_path: Path) -> None:
    async with counting_server(4) as server:
        installation = await make_installation(tmp_path, port=server.port, people=60)
        for ahead in (timedelta(0), YESTERDAY, timedelta(0)):
            process = installation.sender(ahead=ahead)
            await server.has_taken(server.taken.total() + 12, process)
            process.terminate()
            await joined(process)
        both = [installation.sender(ahead=ahead) for ahead in (YESTERDAY, timedelta(0))]
        for process in both:
            assert await joined(process) in {0, 1}
        assert await joined(installation.sender(ahead=YESTERDAY)) == 0

    assert set(server.taken.values()) == {1}
    assert len(server.taken) == 60
