"""The table of verbs says the same as the verbs, and `--help` needs none of them."""

import subprocess
import sys

import click
import pytest

from sse_digest.cli import VERBS, cli


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


def test_a_send_loads_nothing_that_only_reading_publishing_signing_or_a_terminal_needs() -> None:
    code = "import sys; from sse_digest.cli import cli; import click\n"
    code += "cli.get_command(click.Context(cli), 'send'); import sse_digest.app; print(*sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    others = {"cryptography", "feedgen", "feedparser", "httpx2", "markdown_it", "rich", "yaml"}
    assert others.isdisjoint(said.split())
    assert {"structlog", "jinja2", "sqlalchemy"} <= set(said.split())


def test_an_unknown_verb_is_wrong_use() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sse_digest", "sned"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert "sned" in result.stderr
