"""What `status` and `send` say of relays: their pace, their limits and why they wait."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sse_digest.cli.sending.status import relay_lines
from sse_digest.delivery.relays.relay_status import RelayStatus
from tests.counting_server import joined
from tests.installation import make_installation
from tests.smtp_server import listening

USUAL = RelayStatus(
    relay="smtp.example.org:587",
    per_second=None,
    connections=4,
    begun_in_hour=None,
    begun_in_day=None,
    per_hour=None,
    per_day=None,
    waits_until=None,
    why=None,
)


def test_a_relay_without_limits_takes_any_rate() -> None:
    assert list(relay_lines([USUAL])) == ["Relay smtp.example.org:587: any rate, 4 connections"]


def test_a_relay_that_waits_says_until_when_and_why() -> None:
    slow = RelayStatus(
        relay="b:25",
        per_second=2.5,
        connections=1,
        begun_in_hour=7,
        begun_in_day=70,
        per_hour=10,
        per_day=100,
        waits_until=datetime(2023, 5, 1, 8, 10, tzinfo=UTC),
        why="mail: 421 4.7.28 too fast",
    )
    [line] = relay_lines([slow])
    assert line == (
        "Relay b:25: at most 2.5 messages a second, 1 connection, 7 of 10 in the last hour,"
        " 70 of 100 in the last 24 hours; waits until 2023-05-01 08:10:00 UTC (mail: 421 4.7.28 too fast)"
    )


@pytest.mark.slow
async def test_a_send_that_used_up_an_hours_limit_says_so_and_status_does_too(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(
            tmp_path, port=server.port, people=5, changes={"port": f"{server.port}\nmax_per_hour = 3"}
        )
        assert await joined(installation.sender("--wait", "0s")) == 1
        assert len(server.taken) == 3

    said = (tmp_path / "output.log").read_text(encoding="utf-8")
    assert "Nothing may be submitted now: its limit of 3 messages an hour is used up." in said
    assert "It continues after " in said
    command = [sys.executable, "-m", "sse_digest", "--config", str(installation.config), "status", "2023-04"]
    status = await asyncio.to_thread(
        subprocess.run, [*command, "--json"], capture_output=True, text=True, check=False
    )
    [standing] = json.loads(status.stdout)["relays"]
    assert (standing["begun_in_hour"], standing["per_hour"]) == (3, 3)
    assert standing["waits_until"] is not None
