"""`pause`, `resume` and `cancel`: what an operator can do to an issue that is being sent."""

import sys

import click

from sse_digest.app import App
from sse_digest.cli.context import (
    ATTENTION,
    Context,
    digest_option,
    json_option,
    pass_context,
    period_argument,
)
from sse_digest.cli.output import emit, warn
from sse_digest.errors import DeliveryError, DigestError, UsageError
from sse_digest.model.issues import Period
from sse_digest.store.sending import accounts, operator


@click.command()
@period_argument
@digest_option
@json_option
@pass_context
def pause(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Pause the sending of an issue, also one that runs in another process.

    What is under way is finished: at most a handful of mails for each connection. Nothing is lost.
    """
    name = _mark(context, period, digest_name, paused=True)
    lines = [f"{name} is paused. Go on with: sse-digest resume {name.partition('/')[2]}"]
    emit({"issue": name, "paused": True}, lines, as_json=as_json)


@click.command()
@period_argument
@digest_option
@json_option
@pass_context
def resume(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Let the sending of a paused issue go on, with the next `send`."""
    name = _mark(context, period, digest_name, paused=False)
    lines = [f"{name} is no longer paused. Finish it with: sse-digest send {name.partition('/')[2]}"]
    emit({"issue": name, "paused": False}, lines, as_json=as_json)


def _mark(context: Context, period: Period | None, digest_name: str | None, *, paused: bool) -> str:
    def work(app: App) -> str:
        digest = app.digest(digest_name)
        wanted = str(period or app.last_period(digest))
        since = app.clock() if paused else None
        with app.store.writing() as connection:
            known = operator.mark_paused(connection, digest.name, wanted, since)
        if not known:
            raise DigestError(
                f"There is no issue {digest.name}/{wanted}. Make it with `sse-digest compose {wanted}`."
            )
        return f"{digest.name}/{wanted}"

    return context.run(work)


@click.command()
@period_argument
@digest_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def cancel(
    context: Context, period: Period | None, digest_name: str | None, yes: bool, as_json: bool
) -> None:
    """Cancel what is left of an issue: whoever did not get it yet will not.

    What a running `send` has in hand, and what is in doubt, stays as it is.
    """
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask on. Say --yes to cancel without a question.")
        click.confirm("Cancel every delivery that is left? This cannot be taken back.", abort=True)

    def work(app: App) -> tuple[str, int, int]:
        digest = app.digest(digest_name)
        wanted = str(period or app.last_period(digest))
        with app.store.writing() as connection:
            if accounts.account(connection, digest.name, wanted) is None:
                raise DeliveryError(
                    f"{digest.name}/{wanted} was not sent yet: nothing of it can be cancelled."
                    " Its recipients are fixed with the first `sse-digest send`."
                )
            changed = operator.cancel(connection, digest.name, wanted, now=app.clock())
            in_hands = accounts.in_hands(connection, digest.name, wanted, but="")
        return f"{digest.name}/{wanted}", changed, in_hands

    name, changed, in_hands = context.run(work)
    lines = [f"{name}: {changed} deliveries were cancelled."]
    if in_hands:
        lines.append(f"{in_hands} are in the hands of a send that runs. End it, and cancel once more.")
    emit({"issue": name, "changed": changed, "in_other_hands": in_hands}, lines, as_json=as_json)
    if not changed or in_hands:
        if not changed:
            warn("Nothing was left to cancel; see `sse-digest status`.")
        sys.exit(ATTENTION)
