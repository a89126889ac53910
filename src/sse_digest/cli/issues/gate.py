"""`gate`: whether the mails of an issue keep every rule, before anybody gets one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, digest_option, end, json_option, pass_context, user_name
from sse_digest.cli.issues.issue import period_argument
from sse_digest.cli.output import emit
from sse_digest.digest.gate.check import addresses_in, first_of_each, refuse_override, told
from sse_digest.digest.gate.rules import MailRule
from sse_digest.errors import UsageError
from sse_digest.model.issues import Period
from sse_digest.sources.http.dead_links import dead_links
from sse_digest.store.issues.issue_edits import Override, forget_override, read_overrides, write_override


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """What the gate found in an issue."""

    mails: int
    faults: Mapping[MailRule, str]  # to the first mail that has it
    overrides: Mapping[str, Override]  # by rule

    def blocks(self, fault: MailRule) -> bool:
        """Return whether it keeps the issue from being sent."""
        return not fault.warns and fault.rule not in self.overrides


@click.command()
@period_argument
@digest_option
@click.option("--override", "override", metavar="RULE", help="Send although this rule is broken; with --why.")
@click.option("--why", default="", metavar="TEXT", help="With --override: the reason; it is kept.")
@click.option("--enforce", metavar="RULE", help="Take an override back.")
@click.option("--no-links", is_flag=True, help="Do not ask whether the links still lead somewhere.")
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
    """Judge the mails of PERIOD as `send` does: rule, place and what to do.

    Links are asked once each; pages that are gone and hosts that do not exist are told, and block nothing.
    """

    async def work(app: App) -> GateReport:
        digest = app.digest(digest_name)
        if override is not None:
            refuse_override(override, why)
        mails = list(app.stationery(digest).whole_mails(app.issue(digest, period)))
        if override is not None:  # recorded only of an issue that there is
            _override(app, digest.name, period, override, why)
        if enforce is not None:
            _enforce(app, digest.name, period, enforce)
        found = first_of_each(mails)
        if not no_links:
            ours = app.settings.public_url or "-"  # an issue's pages stand only once it is sent
            asked = [address for address in addresses_in(mails) if not address.startswith(ours)]
            dead = await dead_links(asked, app.settings.fetch_options())
            links = (MailRule(rule="dead-links", place=f"{link} {what}") for link, what in dead.items())
            found |= dict.fromkeys(links, "links")
        with app.store.reading() as connection:
            overrides = read_overrides(connection, digest.name, period)
        return GateReport(mails=len(mails), faults=found, overrides=overrides)

    judgement = context.run_async(work)
    emit(_data(judgement), _lines(judgement), as_json=as_json)
    end(attention=any(map(judgement.blocks, judgement.faults)))


def _override(app: App, digest: str, period: Period, rule: str, why: str) -> None:
    with app.store.writing() as connection:
        made = Override(why=why.strip(), by=user_name(), at=app.clock())
        write_override(connection, digest, period, rule, made)


def _enforce(app: App, digest: str, period: Period, rule: str) -> None:
    with app.store.writing() as connection:
        if not forget_override(connection, digest, period, rule):
            raise UsageError(f"The rule {rule!r} is not overridden for {digest}/{period}.")


def _data(judgement: GateReport) -> Mapping[str, object]:
    return {
        "mails": judgement.mails,
        "faults": [
            {
                "rule": fault.rule,
                "place": fault.place,
                "fix": fault.fix,
                "edition": name,
                "blocks": judgement.blocks(fault),
            }
            for fault, name in judgement.faults.items()
        ],
        "overrides": {
            rule: {"why": made.why, "by": made.by, "at": made.at}
            for rule, made in judgement.overrides.items()
        },
    }


def _lines(judgement: GateReport) -> Iterator[str]:
    def mark(fault: MailRule) -> str:
        return "" if judgement.blocks(fault) else "warning: " if fault.warns else "overridden: "

    yield from told(judgement.faults, mark)
    for rule, made in judgement.overrides.items():
        yield f"The rule {rule} is overridden by {made.by}, {made.at:%Y-%m-%d %H:%M} UTC: {made.why}"
    if not any(map(judgement.blocks, judgement.faults)):
        yield f"{judgement.mails} mails may be sent."
