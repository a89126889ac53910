"""`serve`, `demo --serve` and `send` on a terminal: the program as a person starts it."""

import asyncio
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installation import make_installation
from tests.smtp_server import listening

PATIENCE_S = 60


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the block ends, then stop it as Ctrl-C does."""
    command = [sys.executable, "-u", "-m", "sse_digest", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def address_in(process: subprocess.Popen[str], pattern: str) -> str:
    """Read what a command says until it names an address."""
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match[1]
    raise AssertionError("it ended without naming an address")


def get(address: str) -> str:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 # our own server
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < until


@pytest.mark.slow
def test_the_demo_serves_feeds_and_mails_whose_links_work_here(tmp_path: Path) -> None:
    with started("demo", str(tmp_path / "demo"), "--serve", "--port", "0") as process:
        here = address_in(process, r"(http://127\.0\.0\.1:\d+)/")
        overview = get(here + "/")
        assert 'href="feeds/all.atom"' in overview
        assert "<feed" in get(here + "/feeds/all.atom")
        body = get(here + "/mail-1-body.html")
        link = re.search(rf'"({re.escape(here)}/unsubscribe/[a-z2-7]{{39}})"', body)
        assert link is not None
        assert '<form method="post">' in get(link[1])
        assert "public_url" not in overview

    assert process.returncode == 0


@pytest.mark.slow
def test_a_port_in_use_is_explained(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "sse_digest",
            "demo",
            str(tmp_path / "demo"),
            "--serve",
            "--port",
            port,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
async def test_a_person_at_a_terminal_is_asked_and_shown_progress(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=8)
        command = [
            sys.executable,
            "-m",
            "sse_digest",
            "--config",
            str(installation.config),
            "send",
            "2023-04",
        ]
        said = await asyncio.to_thread(_talk, command, "y\n")

    assert "Send it? [y/N]" in said
    assert "K = 2" in said
    assert "Account: 8 = 8 accepted" in said
    assert len(server.taken) == 8


async def test_a_person_who_says_no_sends_nothing(tmp_path: Path) -> None:
    async with listening() as server:
        installation = await make_installation(tmp_path, port=server.port, people=2)
        command = [
            sys.executable,
            "-m",
            "sse_digest",
            "--config",
            str(installation.config),
            "send",
            "2023-04",
        ]
        said = await asyncio.to_thread(_talk, command, "n\n")

    assert "Stopped." in said
    assert server.taken == []


def _talk(command: list[str], answer: str) -> str:
    """Run a command on a terminal of its own and answer its question."""
    try:
        child, terminal = pty.fork()
    except OSError:  # a root without /dev/pts
        pytest.skip("needs a pseudo-terminal")
    if child == 0:
        os.execv(command[0], command)  # noqa: S606 # our own program
    said = b""
    answered = False
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other side closed
                break
            said += part
        if b"Send it?" in said and not answered:
            os.write(terminal, answer.encode())
            answered = True
    os.waitpid(child, 0)
    os.close(terminal)
    return said.decode("utf-8", "replace")
