"""`report`: who received an issue, who did not and why; as counts, or one by one as CSV."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

import click

from sse_digest.app import App, sending
from sse_digest.app.sending import WAYS, AccountReport, DeliveriesReport
from sse_digest.audience.csv_reader import protect
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, period_argument
from sse_digest.cli.output import emit, table
from sse_digest.cli.sending.status import account_lines
from sse_digest.errors import UsageError
from sse_digest.model.issues import Period
from sse_digest.store.sending.accounts import DeliveryRow

COLUMNS = (
    *("address", "state", "reason", "held", "attempts", "changed_at"),
    *("list", "language", "themes", "domain", "message_id"),
)
TOP = 10  # rows of one count printed for people; JSON has all


@click.command()
@period_argument
@digest_option
@click.option("--csv", "as_csv", is_flag=True, help="One CSV line for each delivery, with addresses.")
@json_option
@pass_context
def report(
    context: Context, period: Period | None, digest_name: str | None, as_csv: bool, as_json: bool
) -> None:
    """Show who received the issue of PERIOD, who did not, and why.

    Deliveries are counted by themes, language, domain, hour and reason. "Accepted" means by the relay. Only
    the CSV contains addresses.
    """
    if as_csv and as_json:
        raise UsageError("Choose --csv or --json, not both.")
    if as_csv:
        account = context.run(lambda app: _write_csv(app, digest_name, period))
    else:
        found = context.run(lambda app: sending.deliveries_report(app, digest_name, period))
        account = found.account
        emit(found, _text(found), as_json=as_json)
    end(attention=account.needs_attention)


def _write_csv(app: App, digest_name: str | None, period: Period | None) -> AccountReport:
    """Write each delivery to standard output as it is read; return the account."""
    account: AccountReport | None = None
    writer = csv.writer(sys.stdout, lineterminator="\r\n")  # RFC 4180
    for one in sending.each_delivery(app, digest_name, period):
        if isinstance(one, AccountReport):
            account = one
            writer.writerow(COLUMNS)
        else:
            writer.writerow(_cells(one))
    assert account is not None  # noqa: S101 # it comes first
    return account


def _cells(one: DeliveryRow) -> list[str]:
    cells = (
        one.address or "",
        one.state,
        one.reason or "",
        "held" if one.held else "",
        str(one.attempts),
        one.changed_at.isoformat(timespec="seconds"),
        one.list,
        one.language,
        one.themes,
        one.domain,
        one.message_id,
    )
    return [protect(cell) for cell in cells]


def _text(report: DeliveriesReport) -> Iterator[str]:
    yield report.issue
    yield from account_lines(report.account)
    for way in WAYS:
        rows = [(name, str(found.total()), _words(found)) for name, found in _order(way, report.by[way])]
        yield f"By {way} ({report.zone}):" if way == "hour" else f"By {way}:"
        yield from (f"  {line}" for line in table(rows[:TOP]))
        if len(rows) > TOP:
            yield f"  and {len(rows) - TOP} more (--json has them all)"
    if report.by["reason"]:
        yield "Why not:"
        for reason, found in _order("reason", report.by["reason"]):
            yield f"  {_words(found)}: {reason}"


def _order(way: str, found: Mapping[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    """Return counts by hour in order of time, all others by frequency."""
    if way == "hour":
        return sorted(found.items())
    return sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))


def _words(found: Counter[str]) -> str:
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(found.items()))
