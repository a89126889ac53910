"""`gate`: check whether the mails of an issue keep all rules, before it is sent."""

from collections.abc import Iterator

import click

from sse_digest.app import App, composing
from sse_digest.app.composing import GateReport
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, user_name
from sse_digest.cli.issues.issue import period_argument
from sse_digest.cli.output import counted, emit
from sse_digest.digest.gate.check import told
from sse_digest.digest.gate.rules import MailRule
from sse_digest.model.issues import Period


@click.command()
@period_argument
@digest_option
@click.option(
    "--override", "override", metavar="RULE", help="Send even though this rule is broken; with --why."
)
@click.option("--why", default="", metavar="TEXT", help="With --override: the reason, which is stored.")
@click.option("--enforce", metavar="RULE", help="Withdraw an override.")
@click.option("--no-links", is_flag=True, help="Do not check whether the links still work.")
@json_option
@pass_context
def gate(
    context: Context,
    period: Period,
    digest_name: str | None,
    override: str | None,
    why: str,
    enforce: str | None,
    no_links: bool,
    as_json: bool,
) -> None:
    """Check the mails of PERIOD as `send` does; show each broken rule, where, and the fix.

    Each link is requested once. Pages that are gone and hosts that do not exist are reported as warnings.
    """

    async def work(app: App) -> GateReport:
        if override is not None:
            composing.override_rule(app, digest_name, period, override, why=why, by=user_name())
        if enforce is not None:
            composing.enforce_rule(app, digest_name, period, enforce)
        return await composing.gate(app, digest_name, period, asks_links=not no_links)

    report = context.run_async(work)
    emit(report, _text(report), as_json=as_json)
    end(attention=report.blocks)


def _text(report: GateReport) -> Iterator[str]:
    found = {MailRule(rule=one.rule, place=one.place): one for one in report.faults}

    def mark(fault: MailRule) -> str:
        one = found[fault]
        return "" if one.blocks else "warning: " if one.warns else "overridden: "

    yield from told({fault: one.edition for fault, one in found.items()}, mark)
    for rule, made in report.overrides.items():
        yield f"The rule {rule} is overridden by {made.by}, {made.at:%Y-%m-%d %H:%M} UTC: {made.why}"
    if not report.blocks:
        yield f"{counted(report.mails, 'mail')} can be sent."
