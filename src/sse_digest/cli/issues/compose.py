"""`compose` and `preview`: compose the issue of a month, and write its mail to files."""

import webbrowser
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import click

from sse_digest.app import App, composing, news
from sse_digest.app.composing import CompositionReport
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, period_argument
from sse_digest.cli.output import counted, emit, table, warn
from sse_digest.digest.fixtures import SAMPLES, sample_issue
from sse_digest.digest.gate.check import first_of_each, told
from sse_digest.errors import UsageError
from sse_digest.model.issues import Period
from sse_digest.store.issues.issue_edits import read_overrides


@click.command()
@period_argument
@digest_option
@click.option(
    "--skip-earlier", is_flag=True, help="Permanently leave out the items of earlier months without an issue."
)
@json_option
@pass_context
def compose(
    context: Context, period: Period | None, digest_name: str | None, skip_earlier: bool, as_json: bool
) -> None:
    """Compose the issue of PERIOD (such as 2023-04; default: the last complete month).

    An issue that is not frozen yet is composed again each time; a frozen one never changes.
    """
    report = context.run(lambda app: composing.compose(app, digest_name, period, skip_earlier=skip_earlier))
    emit(report, _text(report), as_json=as_json)


def _text(report: CompositionReport) -> Iterator[str]:
    issue = report.issue
    if issue is None:
        yield report.explanation or f"There is nothing to print in {report.period}."
    else:
        frozen = ", frozen" if issue.frozen else ""
        yield f"{issue.digest}/{issue.period}: {counted(issue.item_count, 'item')}{frozen}"
        for section in issue.sections:
            yield f"{section.theme} ({len(section.items)})"
            rows = [
                (("*" if one.id == issue.lead else " ") + one.id[:8], one.published or "no date", one.title)
                for one in section.items
            ]
            yield from (f"  {line}" for line in table(rows))
        if report.lead_reason:
            yield f"Lead item: {report.lead_reason}"
    for period in report.recomposed:
        yield f"Also composed again: {period}"
    yield report.account.summary


@click.command()
@period_argument
@digest_option
@click.option("--language", metavar="TAG", help="Only this language. Default: every language of the digest.")
@click.option(
    "--themes", default="", metavar="KEYS", help="Theme keys, comma-separated. Default: every theme."
)
@click.option(
    "--fixture",
    type=click.Choice(list(SAMPLES)),
    help="A sample issue, to try templates; without PERIOD.",
)
@click.option("--open", "opens", is_flag=True, help="Open the HTML in a browser.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("preview"),
    show_default=True,
    help="The folder to write to.",
)
@json_option
@pass_context
def preview(
    context: Context,
    period: Period | None,
    digest_name: str | None,
    language: str | None,
    themes: str,
    fixture: str | None,
    opens: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Write the mail of PERIOD as HTML, text and .eml files; its unsubscribe link is not a real one.

    PERIOD is a month such as 2023-04; by default the last complete one. As long as no news is stored, a
    made-up issue is shown.
    """
    if fixture and period:
        raise UsageError("Choose PERIOD or --fixture, not both.")
    chosen = tuple(key.strip() for key in themes.split(",") if key.strip())

    def work(app: App) -> tuple[Mapping[str, bytes], Collection[str]]:
        digest = app.digest(digest_name)
        sample = fixture
        if sample is None and period is None and not news.has_any(app):
            sample = "small"
            warn("No news is stored yet, so this is a made-up issue. Read your sources: sse-digest fetch")
        wanted = sample_issue(sample, digest) if sample else period
        files = app.preview(digest, wanted, language=language, themes=chosen)
        if sample:  # its own name, so that it never overwrites a real preview
            return {f"{sample}.{name.partition('.')[2]}": body for name, body in files.items()}, ()
        with app.store.reading() as connection:
            return files, read_overrides(connection, digest.name, period or app.last_period(digest))

    files, overridden = context.run(work)
    paths = write_files(output, files)
    emit({"files": [str(path) for path in paths]}, map(str, paths), as_json=as_json)
    if opens:
        for path in paths:
            if path.suffix == ".html":
                webbrowser.open(path.resolve().as_uri())
    found = first_of_each((name, body) for name, body in files.items() if name.endswith(".eml"))
    faults = {
        fault: name for fault, name in found.items() if not fault.warns and fault.rule not in overridden
    }
    if faults:
        warn("\n".join(["Not ready to be sent:", *(f"  {line}" for line in told(faults))]))
    end(attention=bool(faults))


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files to a folder; return their paths.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            (folder / name).write_bytes(body)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}. Choose another folder with --output.") from error
    return tuple(folder / name for name in files)
