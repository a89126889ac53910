"""`report`: who got an issue, who did not and why; counted, or one by one as CSV."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import tzinfo

import click

from sse_digest.app import App
from sse_digest.audience.csv_reader import protect
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, period_argument
from sse_digest.cli.output import emit, table
from sse_digest.cli.sending.status import account_data, account_lines
from sse_digest.errors import DeliveryError, UsageError
from sse_digest.model.deliveries import Account, State
from sse_digest.model.issues import Period
from sse_digest.store.sending import accounts
from sse_digest.store.sending.accounts import DeliveryRow, told_deliveries

COLUMNS = (
    "address",
    "state",
    "reason",
    "held",
    "attempts",
    "changed_at",
    "list",
    "language",
    "themes",
    "domain",
    "message_id",
)
WAYS = ("themes", "language", "domain", "hour")  # how a report counts
TOP = 10  # rows of one count that people see; JSON has all
Counts = Mapping[str, dict[str, Counter[str]]]


@click.command()
@period_argument
@digest_option
@click.option("--csv", "as_csv", is_flag=True, help="One line for each delivery, as CSV with addresses.")
@json_option
@pass_context
def report(
    context: Context, period: Period | None, digest_name: str | None, as_csv: bool, as_json: bool
) -> None:
    """Say who got the issue of PERIOD and who did not: by themes, language, domain and hour, and why.

    "Accepted" means by the relay. Addresses are in the CSV only.
    """
    if as_csv and as_json:
        raise UsageError("Choose --csv or --json, not both.")

    def work(app: App) -> tuple[str, Account, Counts, tzinfo]:
        digest = app.digest(digest_name)
        wanted = str(period or app.last_period(digest))
        counts: Counts = {way: {} for way in (*WAYS, "reason")}
        with app.store.reading() as connection:
            account = accounts.account(connection, digest.name, wanted)
            if account is None:
                raise DeliveryError(f"{digest.name}/{wanted} was not sent yet: its recipients are not fixed.")
            writer = csv.writer(sys.stdout, lineterminator="\r\n")  # RFC 4180
            if as_csv:
                writer.writerow(COLUMNS)
            for one in told_deliveries(connection, digest.name, wanted):
                if as_csv:
                    writer.writerow(_cells(one))
                else:
                    _count(counts, one, digest.zone)
        return f"{digest.name}/{wanted}", account, counts, digest.zone

    name, account, counts, zone = context.run(work)
    if not as_csv:
        data = {"issue": name, "account": account_data(account), "by": counts}
        emit(data, [name, *account_lines(account), *_lines(counts, zone)], as_json=as_json)
    end(attention=bool(account.open) or not account.balances)


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


def _count(counts: Counts, one: DeliveryRow, zone: tzinfo) -> None:
    """Count a delivery each way: what it is, by state."""
    named = {
        "themes": one.themes.replace(" ", ", ") or "(nothing)",
        "language": one.language,
        "domain": one.domain,
        "hour": f"{one.changed_at.astimezone(zone):%Y-%m-%d %H}:00",
    }
    for way, name in named.items():
        counts[way].setdefault(name, Counter())[one.state] += 1
    if one.reason and one.state is not State.ACCEPTED:
        counts["reason"].setdefault(one.reason, Counter())[one.state] += 1


def _lines(counts: Counts, zone: tzinfo) -> Iterator[str]:
    for way in WAYS:
        rows = [(name, str(found.total()), _words(found)) for name, found in _order(way, counts[way])]
        yield f"By {way} ({zone}):" if way == "hour" else f"By {way}:"
        yield from (f"  {line}" for line in table(rows[:TOP]))
        if len(rows) > TOP:
            yield f"  and {len(rows) - TOP} more (--json has them all)"
    if counts["reason"]:
        yield "Why not:"
        for reason, found in _order("reason", counts["reason"]):
            yield f"  {_words(found)}: {reason}"


def _order(way: str, found: Mapping[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    """Hours as they came, all else the most frequent first."""
    if way == "hour":
        return sorted(found.items())
    return sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))


def _words(found: Counter[str]) -> str:
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(found.items()))
