"""`subscribers`: manage who receives a digest."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sse_digest.app import people
from sse_digest.app.people import ListReport
from sse_digest.audience.import_csv import ImportReport
from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import counted, emit, say, table
from sse_digest.errors import AudienceError
from sse_digest.store.subscribers import EndedSubscription

list_option = click.option("--list", "list_name", metavar="NAME", help="The list, if there are several.")


@click.group()
def subscribers() -> None:
    """Import, list, add, remove, restore, suppress and export subscribers."""


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@list_option
@json_option
@pass_context
def import_(context: Context, file: Path, list_name: str | None, as_json: bool) -> None:
    """Import people from a CSV file with the column address and, if wanted, name, language, themes, status.

    Valid rows are imported, others are listed. People who left are never added again.
    """
    report = context.run(lambda app: people.import_file(app, file, list_name))
    emit(report, _import_lines(report), as_json=as_json)
    end(attention=report.refused > 0)


def _import_lines(report: ImportReport) -> Iterator[str]:
    yield (
        f"{counted(report.rows, 'row')}: {report.added} added, {report.changed} changed,"
        f" {report.unchanged} unchanged, {report.duplicates} repeated, {report.refused} refused"
    )
    if report.consent_columns:
        yield f"Columns read as consent: {', '.join(report.consent_columns)}"
    if report.unknown_columns:
        yield f"Unknown columns, which were ignored: {', '.join(report.unknown_columns)}"
    for found in report.refusals:
        yield f"  line {found.line}: refused: {found.text}"
    if report.refused > len(report.refusals):
        yield f"  and {counted(report.refused - len(report.refusals), 'more refused row')}"
    for found in report.remarks:
        yield f"  line {found.line}: {found.text}"


@subscribers.command("list")
@list_option
@click.option("--status", type=click.Choice(people.STATUSES), help="Only people with this status.")
@json_option
@pass_context
def list_(context: Context, list_name: str | None, status: str | None, as_json: bool) -> None:
    """Show who is on a list."""
    report = context.run(lambda app: people.list_people(app, list_name, status))
    emit(report, _list_lines(report), as_json=as_json)


def _list_lines(report: ListReport) -> Iterator[str]:
    rows = [
        (one.address, one.name or "-", one.language, ", ".join(one.themes) or "all", one.status)
        for one in report.subscribers
    ]
    yield from table(rows) if rows else ()
    yield ", ".join(f"{count} {state}" for state, count in report.counts.items())


@subscribers.command()
@click.argument("address")
@list_option
@click.option("--name", default="")
@click.option("--language", metavar="TAG", help="Default: the list's.")
@click.option(
    "--themes", default="", metavar="KEYS", help="Theme keys, comma-separated. Default: every theme."
)
@pass_context
def add(
    context: Context, address: str, list_name: str | None, name: str, language: str | None, themes: str
) -> None:
    """Add a person to a list. You must have their consent."""
    context.run(lambda app: people.add(app, address, list_name, name=name, language=language, themes=themes))
    say("Added.")


@subscribers.command()
@click.argument("address")
@list_option
@pass_context
def remove(context: Context, address: str, list_name: str | None) -> None:
    """End a person's subscription; an import does not restore it."""
    ending = context.run(lambda app: people.remove(app, address, list_name))
    say("Removed." if ending is EndedSubscription.ENDED else "This subscription had already ended.")


@subscribers.command()
@click.argument("address")
@list_option
@click.option("--why", required=True, metavar="TEXT", help="The reason, which is stored.")
@pass_context
def restore(context: Context, address: str, list_name: str | None, why: str) -> None:
    """Make an ended subscription active again, unless the person ended it."""
    context.run(lambda app: people.restore(app, address, list_name, why))
    say("Restored.")


@subscribers.command()
@click.argument("address")
@click.option("--reason", required=True, help="The reason, stored with the suppression.")
@pass_context
def suppress(context: Context, address: str, reason: str) -> None:
    """Suppress an address, so that no list mails it any more."""
    is_new = context.run(lambda app: people.suppress(app, address, reason))
    say("Suppressed." if is_new else "This address was already suppressed.")


@subscribers.command()
@list_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to. Default: standard output.",
)
@pass_context
def export(context: Context, list_name: str | None, output: Path | None) -> None:
    """Write a list as CSV, with the status of each person."""
    if output is None:
        context.run(lambda app: people.export(app, sys.stdout, list_name))
        return
    try:
        with output.open(
            "x", encoding="utf-8-sig", newline=""
        ) as out:  # spreadsheets need the byte order mark
            count = context.run(lambda app: people.export(app, out, list_name))
    except OSError as error:
        raise AudienceError(
            f"{output}: {error.strerror}. Choose a new file in a folder you can write to."
        ) from error
    output.chmod(0o600)
    say(f"Wrote {counted(count, 'subscriber')} to {output}")
