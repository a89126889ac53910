"""The table of verbs says the same as the verbs, and `--help` needs none of them."""

import asyncio
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sse_digest.cli import VERBS, cli
from tests.counting_server import counting_server, joined
from tests.installation import make_installation


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_what_its_sentence_says(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)

    assert command is not None
    assert command.name == verb
    first = (command.help or "").split("\n")[0]
    assert first.startswith(VERBS[verb][1].removesuffix(".").split(" PERIOD")[0])


def test_help_lists_every_verb_without_importing_one() -> None:
    code = "import sys; sys.argv = ['sse-digest', '--help']; from sse_digest.cli import main\n"
    code += (
        "try: main()\nexcept SystemExit: pass\nprint('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert all(f"  {verb} " in said for verb in VERBS)
    assert said.endswith("False False\n")


@pytest.mark.slow
async def test_a_send_loads_nothing_that_only_reading_publishing_signing_or_a_terminal_needs(
    tmp_path: Path,
) -> None:
    answers = iter(["451 4.7.1 come back", None])  # the first send publishes the pages
    async with counting_server(1, refuses=lambda _to: next(answers)) as server:
        installation = await make_installation(tmp_path / "home", port=server.port, people=1)
        assert await joined(installation.sender("--wait", "0s")) == 1
        code = f"""
import sys
from datetime import UTC, datetime, timedelta
from sse_digest.cli import context, main
context.utc_now = lambda: datetime.now(UTC) + timedelta(days=1)
sys.argv = ["sse-digest", "--config", {str(installation.config)!r}, "send", "2023-04", "--yes"]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
        command = [sys.executable, "-c", code]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)

    loaded = set(done.stderr.split("\n")[-2].split())
    assert server.taken.total() == 1, done.stdout + done.stderr
    others = {
        "alembic",
        "cryptography",
        "feedgen",
        "feedparser",
        "httpx2",
        "markdown_it",
        "rich",
        "selectolax",
        "sqlalchemy",
        "yaml",
    }
    assert others.isdisjoint(loaded)
    assert {"structlog", "jinja2"} <= loaded


@pytest.mark.parametrize("before", ["import rich, structlog", "pass"])
def test_a_traceback_that_is_logged_shows_no_values(before: str) -> None:
    code = f"""
{before}
from sse_digest.cli.context import configure_logs
import structlog
def fail(address):
    raise ValueError("a defect")
configure_logs(verbose=False)
try:
    fail("somebody@" + "readers.example")
except ValueError:
    structlog.get_logger().exception("source.defect")
"""

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr

    assert "source.defect" in said
    assert "ValueError: a defect" in said
    assert "somebody@readers.example" not in said


def test_an_unknown_verb_is_wrong_use() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sse_digest", "sned"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert "sned" in result.stderr
