"""`subscribers`: who receives a digest, and who must not."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

import click

from sse_digest.app import App
from sse_digest.audience.export_csv import export_subscribers
from sse_digest.audience.import_csv import ImportReport, import_subscribers
from sse_digest.audience.subscribing import add as add_person
from sse_digest.audience.subscribing import remove as remove_person
from sse_digest.audience.subscribing import suppress_address
from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import emit, table
from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import Status, Subscriber
from sse_digest.store.subscribers import EndedSubscription, count_by_status, list_subscribers

list_option = click.option("--list", "list_name", metavar="NAME", help="The list, where there are several.")


@click.group()
def subscribers() -> None:
    """Import, list, add, remove, suppress and export subscribers."""


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@list_option
@json_option
@pass_context
def import_(context: Context, file: Path, list_name: str | None, as_json: bool) -> None:
    """Take people from a CSV file: address, and if wanted name, language, themes, status.

    Bad rows are listed, good ones taken. Somebody who left is never put back.
    """

    def work(app: App) -> ImportReport:
        options = app.audience_options(list_name)
        keys = app.settings.secret_keys()
        return import_subscribers(app.store, file, options, secret_keys=keys, now=app.clock())

    report = context.run(work)
    emit(_import_data(report), _import_lines(report), as_json=as_json)
    end(attention=report.refused > 0)


def _import_data(report: ImportReport) -> Mapping[str, object]:
    counts = ("rows", "added", "changed", "unchanged", "duplicates", "refused")
    return {
        **{name: getattr(report, name) for name in counts},
        "refusals": [{"line": found.line, "reason": found.text} for found in report.refusals],
        "remarks": [{"line": found.line, "text": found.text} for found in report.remarks],
        "unknown_columns": list(report.unknown_columns),
    }


def _import_lines(report: ImportReport) -> Iterator[str]:
    yield (
        f"{report.rows} rows: {report.added} added, {report.changed} changed, {report.unchanged} unchanged,"
        f" {report.duplicates} repeated, {report.refused} refused"
    )
    if report.unknown_columns:
        yield f"Columns that are not known and were not read: {', '.join(report.unknown_columns)}"
    for found in report.refusals:
        yield f"  line {found.line}: refused: {found.text}"
    if report.refused > len(report.refusals):
        yield f"  and {report.refused - len(report.refusals)} more refused rows"
    for found in report.remarks:
        yield f"  line {found.line}: {found.text}"


@subscribers.command("list")
@list_option
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only these.")
@json_option
@pass_context
def list_(context: Context, list_name: str | None, status: str | None, as_json: bool) -> None:
    """Show who is on a list."""

    def work(app: App) -> tuple[list[Subscriber], Mapping[Status, int]]:
        name = app.audience_options(list_name).list_name
        wanted = Status(status) if status else None
        with app.store.reading() as connection:
            batches = list(list_subscribers(connection, name, status=wanted))
            return [person for batch in batches for person in batch], count_by_status(connection, name)

    people, counts = context.run(work)
    data = {
        "counts": {state.value: count for state, count in counts.items()},
        "subscribers": [_person_data(person) for person in people],
    }
    rows = [(p.address, p.name or "-", p.language, ", ".join(p.themes) or "all", p.status) for p in people]
    total = ", ".join(f"{count} {state}" for state, count in counts.items())
    emit(data, [*(table(rows) if rows else ()), total], as_json=as_json)


def _person_data(person: Subscriber) -> Mapping[str, object]:
    return {
        "address": person.address,
        "name": person.name,
        "language": person.language,
        "themes": list(person.themes),
        "status": person.status.value,
    }


@subscribers.command()
@click.argument("address")
@list_option
@click.option("--name", default="")
@click.option("--language", metavar="TAG", help="Else the list's default.")
@click.option("--themes", default="", metavar="KEYS", help="Theme keys, comma-separated; else every theme.")
@pass_context
def add(
    context: Context, address: str, list_name: str | None, name: str, language: str | None, themes: str
) -> None:
    """Put somebody on a list. You have their consent."""

    def work(app: App) -> None:
        options = app.audience_options(list_name)
        add_person(
            app.store,
            address,
            options,
            name=name,
            language=language,
            themes=themes,
            secret_keys=app.settings.secret_keys(),
            now=app.clock(),
        )

    context.run(work)
    click.echo("Added.")


@subscribers.command()
@click.argument("address")
@list_option
@pass_context
def remove(context: Context, address: str, list_name: str | None) -> None:
    """End somebody's subscription; an import will not bring it back."""

    def work(app: App) -> EndedSubscription:
        name = app.audience_options(list_name).list_name
        return remove_person(app.store, address, list_name=name, now=app.clock())

    ending = context.run(work)
    click.echo("Removed." if ending is EndedSubscription.ENDED else "This subscription had ended before.")


@subscribers.command()
@click.argument("address")
@click.option("--reason", required=True, help="Why; kept with the suppression.")
@pass_context
def suppress(context: Context, address: str, reason: str) -> None:
    """Let no list mail an address any more."""

    def work(app: App) -> bool:
        keys = app.settings.secret_keys()
        return suppress_address(app.store, address, reason=reason, secret_keys=keys, now=app.clock())

    click.echo("Suppressed." if context.run(work) else "This address was suppressed before.")


@subscribers.command()
@list_option
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output."
)
@pass_context
def export(context: Context, list_name: str | None, output: Path | None) -> None:
    """Write a list as CSV, with everybody's status."""

    def writing(out: TextIO) -> Callable[[App], int]:
        def work(app: App) -> int:
            name = app.audience_options(list_name).list_name
            keys = app.settings.secret_keys()
            return export_subscribers(app.store, out, list_name=name, secret_keys=keys)

        return work

    if output is None:
        context.run(writing(sys.stdout))
        return
    try:
        with output.open("x", encoding="utf-8", newline="") as out:
            count = context.run(writing(out))
    except OSError as error:
        raise AudienceError(
            f"{output}: {error.strerror}. Name a new file in a folder you may write to."
        ) from error
    output.chmod(0o600)
    click.echo(f"Wrote {count} subscribers to {output}")
