"""A relay that goes away in the middle and stays away for hours, and a disk that is really full."""

import asyncio
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.errors import StoreError
from sse_digest.model.deliveries import State
from sse_digest.store import Store, open_store
from tests.conftest import NEEDS
from tests.delivery.ground import Ground, everybody, plan
from tests.smtp_server import ScriptedServer, listening, recipients

PEOPLE = 40
SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, PEOPLE)
    return Ground(store, tmp_path / "senders")


async def test_away_for_six_hours_while_a_send_waits(ground: Ground) -> None:
    async with listening() as before:
        port = before.port
        sending = asyncio.create_task(ground.send(port, wait_s=7 * 3600, connections=1))
        await before.has_taken(10)
    for _ in range(12):
        await asyncio.sleep(0.05)
        assert not sending.done()
        ground.clock.ahead += SIX_HOURS / 12
    async with ScriptedServer(port=port) as after:
        while not sending.done():
            ground.clock.ahead += timedelta(minutes=1)  # it is tried every five minutes by now
            await asyncio.sleep(0.05)
    report = await sending

    got = Counter(recipients(before) + recipients(after))
    doubts = {f"p{n}@example.net": doubts for n, (_, _, doubts) in (ground.rows()).items()}
    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: PEOPLE}
    assert sorted(got) == everybody(PEOPLE)
    assert recipients(after)
    assert all(count <= 1 + doubts[address] for address, count in got.items())


async def test_away_for_longer_than_anybody_waits_then_another_send(ground: Ground) -> None:
    async with listening() as before:
        port = before.port
        sending = asyncio.create_task(ground.send(port, wait_s=3600, connections=1))
        await before.has_taken(10)
    while not sending.done():
        await asyncio.sleep(0.05)
        ground.clock.ahead += timedelta(minutes=10)
    first = await sending
    assert first.progress.relay_away is not None
    assert first.account.balances
    assert not first.is_clean
    ground.clock.ahead += SIX_HOURS
    async with ScriptedServer(port=port) as after:
        second = await ground.send(port)

    assert second.is_clean
    assert sorted({*recipients(before), *recipients(after)}) == everybody(PEOPLE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip(f"{NEEDS}the right to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_disk_that_is_really_full_is_told_and_nobody_is_lost(small_disk: Path) -> None:
    with open_store(f"sqlite:///{small_disk}/db") as store:
        async with listening() as server:
            plan(store, PEOPLE)
            ground = Ground(store, small_disk / "senders")
            ballast = small_disk / "ballast"
            room = os.statvfs(small_disk)
            ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize - 60_000))
            told = ""
            for _ in range(50):
                try:
                    report = await ground.send(server)
                except StoreError as error:
                    told = str(error)
                    break
                assert not report.is_clean
            ballast.unlink()
            report = await ground.send(server)

    got = Counter(recipients(server))
    assert "disk" in told
    assert report.is_clean
    assert sorted(got) == everybody(PEOPLE)
    assert sum(got.values()) - PEOPLE <= 3  # one for each connection
