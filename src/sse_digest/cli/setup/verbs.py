"""`init` and `doctor`: a place to begin in, and what is still wrong with it."""

import asyncio
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from sse_digest.cli.context import Context, emit, end, json_option, pass_frame, warn
from sse_digest.cli.findings import Health, HealthFinding
from sse_digest.cli.setup.doctor import examine
from sse_digest.cli.setup.init import CONFIG, Answers, SetupReport, ask_questions, set_up

_MARKS = {Health.OK: "ok     ", Health.WARNING: "warning", Health.ERROR: "ERROR  "}


@click.command()
@click.argument(
    "directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path()
)
@json_option
def init(directory: Path, as_json: bool) -> None:
    """Write a commented configuration, secret keys and folders into DIR; never overwrite anything.

    Asks three questions on a terminal, none elsewhere.
    """
    answers = ask_questions(_ask, warn) if sys.stdin.isatty() and not as_json else Answers()
    report = set_up(directory, answers, secret=secrets.token_urlsafe(48))
    data = {"written": [str(path) for path in report.written], "kept": [str(path) for path in report.kept]}
    emit(data, _lines(report), as_json=as_json)


def _ask(question: str, default: str) -> str:
    answer = click.prompt(f"{question} (may stay empty)", default=default, show_default=False)
    return str(answer)


def _lines(report: SetupReport) -> Iterator[str]:
    for path in report.written:
        yield f"wrote  {path}"
    for path in report.kept:
        yield f"kept   {path} (it was there)"
    config = report.folder / CONFIG
    yield f"Next: read {config} and fill it in, then see what is still missing:"
    yield f"  sse-digest --config {config} doctor"


@click.command()
@json_option
@pass_frame
def doctor(frame: Context, as_json: bool) -> None:
    """Say whether configuration, templates, database, sources and relay are usable, each with its cure.

    Sends, publishes and stores nothing.
    """
    findings = asyncio.run(examine(frame.config))
    emit({"findings": [_data(finding) for finding in findings]}, _findings(findings), as_json=as_json)
    end(attention=any(finding.level is not Health.OK for finding in findings))


def _data(finding: HealthFinding) -> dict[str, str | None]:
    return {"part": finding.part, "level": finding.level, "text": finding.text, "cure": finding.cure}


def _findings(findings: Sequence[HealthFinding]) -> Iterator[str]:
    for finding in findings:
        yield f"{_MARKS[finding.level]} {finding.part}: {finding.text}"
        if finding.cure:
            yield f"        {finding.cure}"
    wrong = sum(finding.level is not Health.OK for finding in findings)
    yield "All is well." if not wrong else f"{wrong} of {len(findings)} findings need attention."
