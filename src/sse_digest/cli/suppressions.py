"""`suppressions`: addresses that no list may mail, and those that a relay says do not exist."""

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
    """List and lift suppressed addresses; decide about those that a relay says do not exist."""


@suppressions.command("list")
@json_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """Show every suppressed address with its reason, and those that wait for a decision."""
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
            f"{issue}: the relay says that {counted(len(found), 'address', 'addresses')} do not exist;"
            f" nothing is suppressed yet. Confirm with: sse-digest suppressions confirm {period}"
        )
        yield from (f"  {one.address or '(erased)'}: {one.reason or ''}" for one in found)


@suppressions.command()
@period_argument
@digest_option
@json_option
@pass_context
def confirm(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Suppress the addresses of PERIOD's issue that the relay says do not exist."""
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
    """Send PERIOD's issue again to the addresses that the relay wrongly said do not exist."""
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
    """Let lists mail an address again."""
    is_lifted = context.run(lambda app: use.lift(app, address, why))
    say("Lifted." if is_lifted else "This address is not suppressed.")
    end(attention=not is_lifted)
