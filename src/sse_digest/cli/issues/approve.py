"""`approve`: freeze an issue as it looks, so that exactly that is sent, or take the approval back."""

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, user_name
from sse_digest.cli.issues.issue import period_argument
from sse_digest.cli.output import emit
from sse_digest.digest.approval import approve_issue, withdraw
from sse_digest.digest.gate.check import refuse_faulty
from sse_digest.model.issues import Issue, Period
from sse_digest.store.issues.issue_edits import Approval, read_overrides


@click.command()
@period_argument
@digest_option
@click.option("--by", metavar="NAME", help="Who approves it. [default: the user who is logged in]")
@click.option("--withdraw", "withdraws", is_flag=True, help="Take the approval back instead.")
@json_option
@pass_context
def approve(
    context: Context, period: Period, digest_name: str | None, by: str | None, withdraws: bool, as_json: bool
) -> None:
    """Approve the issue of PERIOD as it looks now; any later change voids the approval.

    The issue is frozen. `send` refuses it once news, templates or settings make it look otherwise.
    """
    if withdraws:
        _withdraw(context, period, digest_name, as_json=as_json)
        return

    def work(app: App) -> Approval:
        digest = app.digest(digest_name)
        stationery = app.stationery(digest)

        with app.store.reading() as connection:
            overridden = read_overrides(connection, digest.name, period)

        def judged(issue: Issue) -> str:
            keys = ((language, " ".join(digest.themes)) for language in digest.languages)
            refuse_faulty(stationery.sample_mails(issue, keys), overridden)
            return stationery.content_hash(issue)

        return approve_issue(
            app.store,
            digest,
            period,
            hash_of=judged,
            by=by or user_name(),
            now=app.clock(),
        )

    approval = context.run(work)
    data = {"period": str(period), "by": approval.by, "content_hash": approval.content_hash}
    line = f"{period} is approved by {approval.by} and frozen. Content: {approval.content_hash[:16]}"
    emit(data, [line], as_json=as_json)


def _withdraw(context: Context, period: Period, digest_name: str | None, *, as_json: bool) -> None:
    def work(app: App) -> bool:
        return withdraw(app.store, app.digest(digest_name), period)

    was_approved = context.run(work)
    line = "The approval is withdrawn." if was_approved else "It was not approved."
    emit({"period": str(period), "withdrawn": was_approved}, [line], as_json=as_json)
    end(attention=not was_approved)
