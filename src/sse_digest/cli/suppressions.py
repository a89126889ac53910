"""`suppressions`: suppressed addresses, and addresses that a relay reports as nonexistent."""

from collections.abc import Iterator

import click

from sse_digest.app import suppressions as use
from sse_digest.app.suppressions import SuppressionsReport
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, period_argument
from sse_digest.cli.output import counted, emit, say, table
from sse_digest.model.issues import Period

_why = click.option("--why", required=True, metavar="TEXT", help="The reason, which is stored.")


@click.group()
def suppressions() -> None:
    """List and lift suppressions; decide about addresses that a relay reports as nonexistent."""


@suppressions.command("list")
@json_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """Show all suppressed addresses with their reasons, and the addresses that wait for a decision."""
    report = context.run(use.list_suppressions)
    emit(report, _lines(report), as_json=as_json)
    end(attention=bool(report.proposed))


def _lines(report: SuppressionsReport) -> Iterator[str]:
    if not report.suppressed and not report.proposed:
        yield "No address is suppressed."
    yield from table(
        [(one.address or "(no subscriber)", f"{one.since:%Y-%m-%d}", one.reason) for one in report.suppressed]
    )
    for issue in dict.fromkeys(one.issue for one in report.proposed):
        found = [one for one in report.proposed if one.issue == issue]
        period = issue.partition("/")[2]
        yield (
            f"{issue}: the relay reports {counted(len(found), 'address', 'addresses')} as nonexistent;"
            f" nothing is suppressed yet. Confirm with: sse-digest suppressions confirm {period}"
        )
        yield from (f"  {one.address or '(erased)'}: {one.reason or ''}" for one in found)


@suppressions.command()
@period_argument
@digest_option
@json_option
@pass_context
def confirm(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Suppress the addresses in the issue of PERIOD that the relay reports as nonexistent."""
    report = context.run(lambda app: use.confirm(app, digest_name, period))
    emit(report, [f"{counted(report.changed, 'address', 'addresses')} suppressed."], as_json=as_json)
    end(attention=not report.changed)


@suppressions.command("take-back")
@period_argument
@digest_option
@_why
@json_option
@pass_context
def take_back(
    context: Context, period: Period | None, digest_name: str | None, why: str, as_json: bool
) -> None:
    """Send the issue of PERIOD again to addresses that the relay wrongly reported as nonexistent."""
    report = context.run(lambda app: use.take_back(app, digest_name, period, why))
    again = f"sse-digest send {report.issue.partition('/')[2]}"
    text = f"{counted(report.changed, 'delivery', 'deliveries')} planned again. Continue with: {again}"
    emit(report, [text], as_json=as_json)
    end(attention=not report.changed)


@suppressions.command()
@click.argument("address")
@_why
@pass_context
def lift(context: Context, address: str, why: str) -> None:
    """Lift the suppression of an address, so that lists can mail it again."""
    is_lifted = context.run(lambda app: use.lift(app, address, why))
    say("Lifted." if is_lifted else "This address is not suppressed.")
    end(attention=not is_lifted)
