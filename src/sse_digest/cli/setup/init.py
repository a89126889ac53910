"""`init`: write the folder of a new installation, with a commented configuration, a secret and folders.

Nothing is ever overwritten: existing files are kept and reported. Questions are asked only on a terminal.
"""

import re
import secrets
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from sse_digest.atomic_write import create_file
from sse_digest.cli.context import json_option
from sse_digest.cli.output import emit, warn
from sse_digest.errors import SettingsError
from sse_digest.settings import example
from sse_digest.settings.checks import weakness
from sse_digest.settings.loading import validate

CONFIG, SECRETS = "config.toml", "secret_keys"
FOLDERS = ("feeds", "var")
_SECRETS_HEAD = """\
# The secrets that sign links, the newest first. To change the secret, add a new line at the top. Never delete
# an old one: the links it signed would stop working. Back this file up, but not in version control.
"""
_NOTES: Mapping[str, str] = {
    "sources": (
        "To get such a block for your own page at the end of this file, run:"
        " sse-digest sources suggest ADDRESS --write"
    ),
    "dkim": "To make a key and get such a block, run: sse-digest dkim generate FILE --domain NAME",
    "lists.from_address": "Your relay must allow this address as a sender.",
}

Ask = Callable[[str, str], str]
"""Asks a person a question; the arguments are the question and the default answer."""
Tell = Callable[[str], None]
"""Shows that person why an answer cannot be used."""
_QUESTIONS = (  # in the order of `Answers`
    ("organisation", "Name of the organisation that publishes"),
    ("public_url", "https address at which this installation can be reached"),
    ("relay_host", "SMTP server for your mails"),
)
_RELAY = re.compile(r"([^:]+|\[[^\]]+\]):([0-9]{1,5})")  # people know it as host:port


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A person's answers for a new installation; None if it is to be filled in later."""

    organisation: str | None = None
    public_url: str | None = None
    relay_host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupReport:
    """What was written to the folder."""

    folder: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]  # existed already


def ask_questions(ask: Ask, tell: Tell) -> Answers:
    """Ask for the most important settings; any answer may be empty.

    If an answer cannot be used, only that question is asked again.
    """
    given = Answers()
    for name, question in _QUESTIONS:
        while True:
            answered = replace(given, **{name: ask(question, "").strip() or None})
            try:
                write_config(answered)
            except SettingsError as error:
                tell("\n".join(error.problems))
                continue
            given = answered
            break
    return given


def set_up(folder: Path, answers: Answers, *, secret: str) -> SetupReport:
    """Write an installation to a folder, which is created if it is missing.

    Args:
        secret: 32 random characters or more.

    Raises:
        SettingsError: an answer cannot be used, or the folder cannot be written; files already written stay.
    """
    if weakness(secret) is not None:
        raise ValueError("the secret is too weak")  # a bug, since secrets are generated
    config = write_config(answers)
    written: list[Path] = []
    kept: list[Path] = []
    try:
        for name in FOLDERS:
            path = folder / name
            (kept if path.is_dir() else written).append(path)
            # The database in var/ contains addresses; feeds/ must be readable for a web server.
            path.mkdir(parents=True, exist_ok=True, mode=0o700 if name == "var" else 0o755)
        for name, text, mode in ((SECRETS, f"{_SECRETS_HEAD}{secret}\n", 0o600), (CONFIG, config, 0o640)):
            path = folder / name
            (written if create_file(path, text.encode(), mode=mode) else kept).append(path)
    except OSError as error:
        raise SettingsError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return SetupReport(folder=folder, written=tuple(written), kept=tuple(kept))


def write_config(answers: Answers) -> str:
    """Return the text of a configuration that loads, with the answers filled in.

    Raises:
        SettingsError: an answer is not valid for its setting; `problems` names it.
    """
    host = _host(answers.public_url)
    organisation = answers.organisation or "Example Organisation"
    values: dict[str, object] = {
        "organisation": organisation,
        "secret_keys_file": SECRETS,
        "digests.title": organisation,
        "lists.title": organisation,
        "lists.list_id": f"subscribers.{host}",
        "lists.from_address": f"news@{host}",
        "smtp.envelope_from": f"bounces@{host}",
    }
    if answers.public_url:
        values["public_url"] = answers.public_url
    if answers.relay_host:
        with_port = _RELAY.fullmatch(answers.relay_host)
        values["smtp.host"] = with_port[1].strip("[]") if with_port else answers.relay_host
        if with_port:
            values["smtp.port"] = int(with_port[2])
    left_out = ("sources", "dkim", *(() if answers.relay_host else ("smtp",)))
    text = example(values, left_out=left_out, notes=_NOTES)
    config, problems = validate(tomllib.loads(text))
    if config is None:  # titles and addresses are made from the answers, so only those are reported
        answered = [problem for problem in problems if problem.path[0] not in {"digests", "lists"}]
        raise SettingsError(
            "Not every answer can be used. Nothing was written.",
            tuple(f"{problem.place} {problem.text}" for problem in answered or problems),
        )
    return text


def _host(public_url: str | None) -> str:
    try:
        return urlsplit(public_url or "").hostname or "example.org"
    except ValueError:  # reported by the validation
        return "example.org"


@click.command()
@click.argument(
    "directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path()
)
@json_option
def init(directory: Path, as_json: bool) -> None:
    """Write a commented configuration, secret keys and folders into DIR; never overwrite anything.

    Asks three questions if standard input is a terminal.
    """
    answers = ask_questions(_ask, warn) if sys.stdin.isatty() and not as_json else Answers()
    report = set_up(directory, answers, secret=secrets.token_urlsafe(48))
    data = {"written": [str(path) for path in report.written], "kept": [str(path) for path in report.kept]}
    emit(data, _lines(report), as_json=as_json)


def _ask(question: str, default: str) -> str:
    answer = click.prompt(f"{question} (may be left empty)", default=default, show_default=False)
    return str(answer)


def _lines(report: SetupReport) -> Iterator[str]:
    for path in report.written:
        yield f"wrote  {path}"
    for path in report.kept:
        yield f"kept   {path} (it existed)"
    yield "Next:"
    if report.folder != Path():
        yield f"  cd {shlex.quote(str(report.folder))}"
    yield "  sse-digest preview                               a made-up issue, as a mail"
    yield "  sse-digest sources suggest ADDRESS --write       add your news page to config.toml"
    yield "  sse-digest fetch                                 read it"
    yield "  sse-digest doctor                                what is still to be set in config.toml"
