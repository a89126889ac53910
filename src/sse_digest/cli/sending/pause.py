"""`pause`, `resume` and `cancel`: stop or continue the sending of an issue."""

import click

from sse_digest.app import sending
from sse_digest.cli.context import (
    Context,
    digest_option,
    end,
    json_option,
    pass_context,
    period_argument,
    refuse_without_terminal,
)
from sse_digest.cli.output import counted, emit, warn
from sse_digest.model.issues import Period


@click.command()
@period_argument
@digest_option
@json_option
@pass_context
def pause(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Pause sending an issue, even if another process is sending it.

    Mails being handed over are finished, a few for each connection. Nothing is lost.
    """
    report = context.run(lambda app: sending.pause(app, digest_name, period, paused=True))
    command = f"sse-digest resume {report.issue.partition('/')[2]}"
    emit(report, [f"{report.issue} is paused. Resume with: {command}"], as_json=as_json)


@click.command()
@period_argument
@digest_option
@json_option
@pass_context
def resume(context: Context, period: Period | None, digest_name: str | None, as_json: bool) -> None:
    """Resume a paused issue, so that the next `send` continues."""
    report = context.run(lambda app: sending.pause(app, digest_name, period, paused=False))
    command = f"sse-digest send {report.issue.partition('/')[2]}"
    emit(report, [f"{report.issue} is no longer paused. Finish it with: {command}"], as_json=as_json)


@click.command()
@period_argument
@digest_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
@pass_context
def cancel(
    context: Context, period: Period | None, digest_name: str | None, yes: bool, as_json: bool
) -> None:
    """Cancel the remaining deliveries of an issue, so that nobody else receives it.

    Deliveries that a running `send` is handing over, and those in doubt, are not changed.
    """
    if not yes:
        refuse_without_terminal("--yes to cancel without a question")
        click.confirm("Cancel every remaining delivery? This cannot be undone.", abort=True)
    report = context.run(lambda app: sending.cancel(app, digest_name, period))
    cancelled = counted(report.changed, "delivery was", "deliveries were")
    lines = [f"{report.issue}: {cancelled} cancelled."]
    if report.in_other_hands:
        held = counted(report.in_other_hands, "delivery is", "deliveries are")
        lines.append(f"{held} held by a running send. Stop it, and cancel again.")
    emit(report, lines, as_json=as_json)
    if not report.changed:
        warn("Nothing was left to cancel; see `sse-digest status`.")
    end(attention=not report.changed or report.in_other_hands > 0)
