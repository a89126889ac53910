"""`status` and `resolve`: show the account of an issue, and resolve deliveries in doubt."""

from collections.abc import Iterator, Sequence

import click

from sse_digest.app import sending
from sse_digest.app.sending import AccountReport, InDoubtReport, SenderReport, StatusReport
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, period_argument
from sse_digest.cli.output import counted, emit, table, warn
from sse_digest.delivery.relays.relay_status import RelayStatus
from sse_digest.errors import UsageError
from sse_digest.model.issues import Period
from sse_digest.store.sending.accounts import DeliveryRow


@click.command()
@period_argument
@digest_option
@click.option("--deliveries", "each", is_flag=True, help="List every delivery, with its address.")
@json_option
@pass_context
def status(
    context: Context, period: Period | None, digest_name: str | None, each: bool, as_json: bool
) -> None:
    """Show the account of an issue: its deliveries by state and reason, and the state of the relays."""
    report = context.run(lambda app: sending.status(app, digest_name, period, each=each))
    emit(report, _text(report), as_json=as_json)
    end(attention=report.account is not None and report.account.needs_attention)


def _text(report: StatusReport) -> Iterator[str]:
    name = f"{report.digest}/{report.period}"
    if report.account is None:
        yield f"{name} was not sent yet, so its recipients are not fixed."
    else:
        yield name
        yield from account_lines(report.account)
        yield from (f"  {one.count} {one.state}: {one.reason}" for one in report.reasons)
        yield from _sender_lines(report.period, report.senders)
    if report.paused_at is not None:
        yield (
            f"Paused since {report.paused_at:%Y-%m-%d %H:%M:%S} UTC."
            f" Resume with: sse-digest resume {report.period}"
        )
    yield from relay_lines(report.relays)
    yield from _delivery_lines(report.deliveries or ())


def account_lines(account: AccountReport) -> Iterator[str]:
    """Yield lines with an account, for people."""
    parts = [f"{count} {state.replace('_', ' ')}" for state, count in sorted(account.states.items()) if count]
    yield f"Account: {account.total} = {' + '.join(parts) or 'nobody'}"
    if account.held:
        yield (
            f"{counted(account.held, 'delivery is', 'deliveries are')} held in doubt: the relay may have"
            " accepted the mail. Resolve with `sse-digest resolve`."
        )
    if not account.balances:
        yield f"THE ACCOUNT DOES NOT BALANCE: {account.open} open + {account.closed} closed."
        yield "Keep a copy of the database and report this."


def _sender_lines(period: Period, senders: Sequence[SenderReport]) -> Iterator[str]:
    for one in senders:
        where = f"process {one.pid} on {one.host}, begun {one.started_at:%Y-%m-%d %H:%M:%S} UTC"
        line = f"Held by {where}: {one.claimed} not begun, {one.submitting} being submitted."
        dead = f" IT IS NOT RUNNING: `sse-digest send {period}` continues where it stopped."
        yield line if one.runs else line + dead


def relay_lines(relays: Sequence[RelayStatus]) -> Iterator[str]:
    """Yield a line for each relay: its rate, and why it waits."""
    for one in relays:
        rate = "any rate" if one.per_second is None else f"at most {one.per_second:.3g} messages a second"
        parts = [rate, counted(one.connections, "connection")]
        if one.per_hour is not None:
            parts.append(f"{one.begun_in_hour} of {one.per_hour} in the last hour")
        if one.per_day is not None:
            parts.append(f"{one.begun_in_day} of {one.per_day} in the last 24 hours")
        line = f"Relay {one.relay}: {', '.join(parts)}"
        if one.waits_until is not None:
            line += f"; waits until {one.waits_until:%Y-%m-%d %H:%M:%S} UTC"
        yield f"{line} ({one.why})" if one.why else line


def _delivery_lines(deliveries: Sequence[DeliveryRow]) -> list[str]:
    if not deliveries:
        return []
    rows = [("delivery", "address", "state", "attempts", "since", "why")]
    rows += [
        (
            str(one.id),
            one.address or "(erased)",
            one.state.replace("_", " ") + (", held" if one.held else ""),
            str(one.attempts),
            f"{one.changed_at:%Y-%m-%d %H:%M:%S}",
            one.reason or "",
        )
        for one in deliveries
    ]
    return table(rows)


@click.command()
@period_argument
@digest_option
@click.option("--resend", is_flag=True, help="Send them again; people may get a second copy.")
@click.option("--give-up", is_flag=True, help="Close them; people may not have received the issue.")
@click.option(
    "--delivery", "ids", type=int, multiple=True, metavar="N", help="Only this delivery; may be repeated."
)
@json_option
@pass_context
def resolve(
    context: Context,
    period: Period | None,
    digest_name: str | None,
    resend: bool,
    give_up: bool,
    ids: tuple[int, ...],
    as_json: bool,
) -> None:
    """List the deliveries that are held in doubt, or resolve them."""
    if resend and give_up:
        raise UsageError("Choose --resend or --give-up, not both.")
    if not (resend or give_up):
        if ids:
            raise UsageError("Choose what to do with them: --resend or --give-up.")
        report = context.run(lambda app: sending.in_doubt(app, digest_name, period))
        emit(report, _doubt_lines(report), as_json=as_json)
        end(attention=bool(report.in_doubt))
        return
    report = context.run(
        lambda app: sending.resolve(app, digest_name, period, ids=ids or None, resend=resend)
    )
    done = "planned again" if resend else "given up"
    deliveries = counted(report.changed, "delivery was", "deliveries were")
    emit(report, [f"{deliveries} {done}."], as_json=as_json)
    if not report.changed:
        warn("No such delivery is in doubt; `sse-digest resolve` lists those that are.")
    end(attention=not report.changed)


def _doubt_lines(report: InDoubtReport) -> list[str]:
    if not report.in_doubt:
        return ["Nothing is in doubt."]
    rows: list[tuple[str, ...]] = [("delivery", "address", "attempts", "message-id", "why")]
    names = ("id", "address", "attempts", "message_id", "reason")
    rows += [tuple(str(row[name]) for name in names) for row in report.in_doubt]
    return table(rows)
