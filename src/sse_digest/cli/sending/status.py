"""`status` and `resolve`: account for every delivery, and decide what is in doubt."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

import click

from sse_digest.app import App
from sse_digest.cli.context import (
    ATTENTION,
    Context,
    digest_option,
    end,
    json_option,
    pass_context,
    period_argument,
)
from sse_digest.cli.output import emit, table, warn
from sse_digest.delivery.relays.relay_status import RelayStatus, read_standings
from sse_digest.errors import UsageError
from sse_digest.model.deliveries import Account, State
from sse_digest.model.issues import Digest, Period
from sse_digest.store.sending import accounts, operator
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.accounts import DeliveryRow, SenderLoad, told_deliveries


def account_data(account: Account) -> Mapping[str, object]:
    """Return an account as JSON has it: every state, also those nobody is in."""
    states = {state.value: account.states.get(state, 0) for state in State}
    return {
        "total": account.total,
        "open": account.open,
        "closed": account.closed,
        "balances": account.balances,
        "held": account.held,
        "states": states,
    }


def account_lines(account: Account) -> Iterator[str]:
    """Write an account for people."""
    parts = [f"{count} {state.replace('_', ' ')}" for state, count in sorted(account.states.items()) if count]
    yield f"Account: {account.total} = {' + '.join(parts) or 'nobody'}"
    if account.held:
        yield f"{account.held} in doubt are held: the relay may have them. Decide with `sse-digest resolve`."
    if not account.balances:
        yield f"THE ACCOUNT DOES NOT BALANCE: {account.open} open + {account.closed} closed."
        yield "Keep a copy of the database and report this."


class _Status(NamedTuple):
    digest: Digest
    period: Period
    account: Account | None
    reasons: Mapping[tuple[str, str], int]
    in_doubt_limit: int
    told: Sequence[DeliveryRow]
    relays: Sequence[RelayStatus]
    paused_at: datetime | None  # None: it is not
    hands: Sequence[tuple[SenderLoad, bool]]  # who has deliveries in hand, and whether that process runs


@click.command()
@period_argument
@digest_option
@click.option("--deliveries", "each", is_flag=True, help="List every delivery, with its address.")
@json_option
@pass_context
def status(
    context: Context, period: Period | None, digest_name: str | None, each: bool, as_json: bool
) -> None:
    """Show the account of an issue, how many deliveries are in which state and why, and the relays' pace."""

    def work(app: App) -> _Status:
        digest = app.digest(digest_name)
        wanted = period or app.last_period(digest)
        key = (digest.name, str(wanted))
        with app.store.reading() as connection:
            account = accounts.account(connection, *key)
            reasons = accounts.count_reasons(connection, *key)
            told = list(told_deliveries(connection, *key)) if each else []
            relays = read_standings(connection, app.settings.relay_limits(), app.clock())
            paused_at = operator.paused_since(connection, *key)
            hands = [(hand, app.lives(hand.sender)) for hand in accounts.hands(connection, *key)]
        k = app.settings.send_options().in_doubt_limit
        return _Status(digest, wanted, account, reasons, k, told, relays, paused_at, hands)

    digest, wanted, account, reasons, k, told, relays, paused_at, hands = context.run(work)
    head = {
        "digest": digest.name,
        "period": str(wanted),
        "k": k,
        "paused_at": paused_at,
        "relays": [asdict(one) for one in relays],
    }
    standing = [*_paused_lines(wanted, paused_at), *standing_lines(relays)]
    if account is None:
        line = f"{digest.name}/{wanted} was not sent yet: its recipients are not fixed."
        emit({**head, "account": None, "held": 0}, [line, *standing], as_json=as_json)
        return
    counted = [
        {"state": state, "reason": reason, "count": count} for (state, reason), count in reasons.items()
    ]
    data = {
        **head,
        "account": account_data(account),
        "held": account.held,
        "reasons": counted,
        "senders": [{**asdict(hand), "runs": runs} for hand, runs in hands],
        **({"deliveries": [asdict(one) for one in told]} if each else {}),
    }
    lines = [
        *account_lines(account),
        *(f"  {row['count']} {row['state']}: {row['reason']}" for row in counted),
        *_hand_lines(wanted, hands),
        *standing,
        *_each(told),
    ]
    emit(data, [f"{digest.name}/{wanted}", *lines], as_json=as_json)
    end(attention=bool(account.open) or not account.balances)


def _paused_lines(period: Period, paused_at: datetime | None) -> Iterator[str]:
    if paused_at is not None:
        yield f"Paused since {paused_at:%Y-%m-%d %H:%M:%S} UTC. Go on with: sse-digest resume {period}"


def _hand_lines(period: Period, hands: Sequence[tuple[SenderLoad, bool]]) -> Iterator[str]:
    for hand, runs in hands:
        where = f"process {hand.pid} on {hand.host}, begun {hand.started_at:%Y-%m-%d %H:%M:%S} UTC"
        yield (
            f"In hand of {where}: {hand.claimed} not begun, {hand.submitting} being submitted."
            + ("" if runs else f" IT NO LONGER RUNS: `sse-digest send {period}` goes on where it stopped.")
        )


def _each(told: Sequence[DeliveryRow]) -> list[str]:
    if not told:
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
        for one in told
    ]
    return table(rows)


@click.command()
@period_argument
@digest_option
@click.option("--resend", is_flag=True, help="Plan them again: they may get a further copy.")
@click.option("--give-up", is_flag=True, help="Close them: they may have got nothing.")
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
    """List the deliveries that are held in doubt, or decide them."""
    if resend and give_up:
        raise UsageError("Choose --resend or --give-up, not both.")
    decides = resend or give_up
    if ids and not decides:
        raise UsageError("Say what becomes of them: --resend or --give-up.")

    def work(app: App) -> tuple[list[dict[str, object]], int]:
        digest = app.digest(digest_name)
        wanted = str(period or app.last_period(digest))
        with app.store.writing() as connection:
            held = accounts.in_doubt(connection, digest.name, wanted)
            changed = 0
            if decides:
                changed = ledger.resolve(
                    connection,
                    digest.name,
                    wanted,
                    ids=ids or None,
                    resend=resend,
                    now=app.clock(),
                )
        return held, changed

    held, changed = context.run(work)
    if not decides:
        rows: list[tuple[str, ...]] = [("delivery", "address", "attempts", "message-id", "why")]
        rows += [
            tuple(str(row[name]) for name in ("id", "address", "attempts", "message_id", "reason"))
            for row in held
        ]
        lines = table(rows) if held else ["Nothing is in doubt."]
        emit({"in_doubt": held}, lines, as_json=as_json)
        end(attention=bool(held))
        return
    line = f"{changed} deliveries were {'planned again' if resend else 'given up'}."
    emit({"in_doubt": held, "changed": changed}, [line], as_json=as_json)
    if not changed:
        warn("Nothing in doubt fits; `sse-digest resolve` lists what there is.")
        sys.exit(ATTENTION)


def standing_lines(standings: Sequence[RelayStatus]) -> Iterator[str]:
    """Write how relays stand, a line for each."""
    for one in standings:
        rate = "any rate" if one.per_second is None else f"at most {one.per_second:.3g} messages a second"
        parts = [rate, f"{one.connections} connection{'s' * (one.connections != 1)}"]
        if one.per_hour is not None:
            parts.append(f"{one.begun_in_hour} of {one.per_hour} in the last hour")
        if one.per_day is not None:
            parts.append(f"{one.begun_in_day} of {one.per_day} in the last 24 hours")
        line = f"Relay {one.relay}: {', '.join(parts)}"
        if one.waits_until is not None:
            line += f"; waits until {one.waits_until:%Y-%m-%d %H:%M:%S} UTC"
        yield f"{line} ({one.why})" if one.why else line
