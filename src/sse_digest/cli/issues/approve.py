"""`approve`: approve an issue as it is now, so that exactly this is sent, or withdraw the approval."""

import click

from sse_digest.app import composing
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, user_name
from sse_digest.cli.issues.issue import period_argument
from sse_digest.cli.output import emit
from sse_digest.model.issues import Period


@click.command()
@period_argument
@digest_option
@click.option("--by", metavar="NAME", help="Who approves it. [default: the user who is logged in]")
@click.option("--withdraw", "withdraws", is_flag=True, help="Withdraw the approval instead.")
@json_option
@pass_context
def approve(
    context: Context,
    period: Period,
    digest_name: str | None,
    by: str | None,
    withdraws: bool,
    as_json: bool,
) -> None:
    """Approve the issue of PERIOD as it is now; any later change voids the approval.

    The issue is frozen. `send` refuses it if news, templates or settings have changed it since.
    """
    if withdraws:
        withdrawal = context.run(lambda app: composing.withdraw_approval(app, digest_name, period))
        line = "The approval is withdrawn." if withdrawal.withdrawn else "It was not approved."
        emit(withdrawal, [line], as_json=as_json)
        end(attention=not withdrawal.withdrawn)
        return
    report = context.run(lambda app: composing.approve(app, digest_name, period, by=by or user_name()))
    line = f"{period} is approved by {report.by} and frozen. Content: {report.content_hash[:16]}"
    emit(report, [line], as_json=as_json)
