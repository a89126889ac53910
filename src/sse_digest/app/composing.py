"""The use cases of editors: compose, show, change, check and approve an issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from sse_digest.app.facade import App
from sse_digest.digest.approval import approve_issue, withdraw
from sse_digest.digest.compose import ComposeReport
from sse_digest.digest.editing import Change, edit_issue
from sse_digest.digest.gate.check import addresses_in, first_of_each, refuse_faulty, refuse_override
from sse_digest.digest.gate.rules import MailRule
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issue_edits import UNTOUCHED, ItemEdit
from sse_digest.model.issue_rules import Coverage, compose_command
from sse_digest.model.issues import Issue, ItemSkip, Period
from sse_digest.model.items import Item
from sse_digest.sources.http.dead_links import dead_links
from sse_digest.store.issues.issue_edits import (
    Approval,
    Override,
    forget_override,
    read_approval,
    read_item_edits,
    read_overrides,
    write_override,
)
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.news.items import get_items

Words = Mapping[str, str]  # language to words
NO_EDITS: Mapping[str, ItemEdit] = MappingProxyType({})
NO_ITEMS: Mapping[str, Item] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInIssue:
    """An item in a section of an issue."""

    id: str
    title: str
    published: date | None
    also_in: Sequence[str]  # its other themes


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """The items of one theme, in order."""

    theme: str
    items: Sequence[ItemInIssue]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReport:
    """An issue by its sections."""

    digest: str
    period: Period
    frozen: bool
    lead: str | None
    sections: Sequence[SectionReport]
    title: Words
    introduction: Words
    edits: Mapping[str, ItemEdit] = field(default_factory=dict)  # of its items, by id
    hidden: Words = field(default_factory=dict)  # headings of items hidden from the digest, by id
    approval: Approval | None = None

    @classmethod
    def of(
        cls,
        issue: Issue,
        edits: Mapping[str, ItemEdit] = NO_EDITS,
        hidden: Mapping[str, Item] = NO_ITEMS,
        approval: Approval | None = None,
    ) -> "IssueReport":
        """Return the report of an issue and of the edits of its digest's items."""
        printed = {one.item.id for section in issue.sections for one in section.items}
        sections = [
            SectionReport(
                theme=section.theme,
                items=[
                    ItemInIssue(
                        id=one.item.id,
                        title=one.item.heading,
                        published=one.item.published,
                        also_in=one.also_in,
                    )
                    for one in section.items
                ],
            )
            for section in issue.sections
        ]
        return cls(
            digest=issue.digest,
            period=issue.period,
            frozen=issue.frozen,
            lead=issue.lead,
            sections=sections,
            title=issue.title,
            introduction=issue.introduction,
            edits={key: edit for key, edit in edits.items() if key in printed and edit != UNTOUCHED},
            hidden={item_id: item.heading for item_id, item in hidden.items()},
            approval=approval,
        )

    @property
    def item_count(self) -> int:
        """The number of items in it."""
        return sum(len(section.items) for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """Where all items of a digest are: in issues, skipped, or waiting for a later issue."""

    total: int
    in_issues: Mapping[Period, int]
    skipped: Mapping[ItemSkip, int]
    waiting: Mapping[Period, int]
    balances: bool
    summary: str  # the same in one line

    @classmethod
    def of(cls, account: Coverage) -> "CoverageReport":
        """Return the report of a digest's account."""
        return cls(
            total=account.total,
            in_issues=account.in_issues,
            skipped=account.skipped,
            waiting=account.waiting,
            balances=account.balances,
            summary=str(account),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionReport:
    """The result of composing a period."""

    period: Period
    issue: IssueReport | None
    account: CoverageReport
    lead_reason: str | None
    explanation: str | None
    recomposed: Sequence[Period]

    @classmethod
    def of(cls, report: ComposeReport) -> "CompositionReport":
        """Return the report of a composition."""
        return cls(
            period=report.period,
            issue=None if report.issue is None else IssueReport.of(report.issue),
            account=CoverageReport.of(report.account),
            lead_reason=report.lead_reason,
            explanation=report.explanation,
            recomposed=report.recomposed,
        )


def compose(
    app: App, digest_name: str | None, period: Period | None, *, skip_earlier: bool = False
) -> CompositionReport:
    """Compose the issue of a period, by default the last complete month."""
    return CompositionReport.of(app.compose(app.digest(digest_name), period, skip_earlier=skip_earlier))


def show_issue(app: App, digest_name: str | None, period: Period) -> IssueReport:
    """Return an issue as it is stored, with its edits and approval.

    Raises:
        DigestError: there is no such issue.
    """
    digest = app.digest(digest_name)
    with app.store.reading() as connection:
        issue = load_issue(connection, digest.name, period)
        if issue is None:
            raise DigestError(
                f"There is no issue {digest.name}/{period}. Compose it: {compose_command(digest, period)}"
            )
        edits = read_item_edits(connection, digest.name)
        hidden = get_items(connection, [key for key, edit in edits.items() if edit.hidden])
        approval = read_approval(connection, digest.name, period)
    return IssueReport.of(issue, edits, hidden, approval)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEditReport:
    """An issue after a change."""

    issue: IssueReport
    approval_withdrawn: bool
    lead_reason: str | None
    account: CoverageReport


def edit(app: App, digest_name: str | None, period: Period, change: Change) -> IssueEditReport:
    """Change an issue and compose it again; withdraw its approval.

    Raises:
        DigestError: there is no such issue, its recipients are fixed, or nothing would be left to print.
        UsageError: an item, theme or language is unknown, or a text is too long.
    """
    digest = app.digest(digest_name)
    report = edit_issue(app.store, digest, period, change, now=app.clock())
    issue = report.composed.issue
    assert issue is not None  # noqa: S101 # an edit that leaves nothing to print is refused
    return IssueEditReport(
        issue=IssueReport.of(issue, report.item_edits),
        approval_withdrawn=report.approval_withdrawn,
        lead_reason=report.composed.lead_reason,
        account=CoverageReport.of(report.composed.account),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule that a mail of an issue breaks."""

    rule: str
    place: str
    fix: str
    edition: str  # of the first mail that breaks it
    warns: bool  # whether the rule only warns
    blocks: bool  # whether this issue cannot be sent because of it


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """The faults that the gate found in an issue."""

    mails: int
    faults: Sequence[BrokenRule]
    overrides: Mapping[str, Override]  # by rule

    @property
    def blocks(self) -> bool:
        """Whether the issue cannot be sent as it is."""
        return any(fault.blocks for fault in self.faults)


async def gate(app: App, digest_name: str | None, period: Period, *, asks_links: bool = True) -> GateReport:
    """Check every mail of an issue; with `asks_links` request each link once, which only warns."""
    digest = app.digest(digest_name)
    mails = list(app.stationery(digest).whole_mails(app.issue(digest, period)))
    found = first_of_each(mails)
    if asks_links:
        ours = app.settings.public_url or "-"  # an issue's pages exist only after it was sent
        asked = [address for address in addresses_in(mails) if not address.startswith(ours)]
        dead = await dead_links(asked, app.settings.fetch_options())
        links = (MailRule(rule="dead-links", place=f"{link} {what}") for link, what in dead.items())
        found |= dict.fromkeys(links, "links")
    with app.store.reading() as connection:
        overrides = read_overrides(connection, digest.name, period)
    faults = [
        BrokenRule(
            rule=fault.rule,
            place=fault.place,
            fix=fault.fix,
            edition=edition,
            warns=fault.warns,
            blocks=not fault.warns and fault.rule not in overrides,
        )
        for fault, edition in found.items()
    ]
    return GateReport(mails=len(mails), faults=faults, overrides=overrides)


def override_rule(app: App, digest_name: str | None, period: Period, rule: str, *, why: str, by: str) -> None:
    """Allow an issue to be sent although it breaks a rule; the reason is stored.

    Raises:
        UsageError: the rule cannot be overridden, or there is no reason.
    """
    refuse_override(rule, why)
    digest = app.digest(digest_name)
    app.issue(digest, period)  # raises if there is no such issue
    override = Override(why=why.strip(), by=by, at=app.clock())
    with app.store.writing() as connection:
        write_override(connection, digest.name, period, rule, override)


def enforce_rule(app: App, digest_name: str | None, period: Period, rule: str) -> None:
    """Withdraw an override.

    Raises:
        UsageError: the rule is not overridden.
    """
    digest = app.digest(digest_name)
    with app.store.writing() as connection:
        if not forget_override(connection, digest.name, period, rule):
            raise UsageError(f"The rule {rule!r} is not overridden for {digest.name}/{period}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReport:
    """An approval: who approved an issue, when, and the hash of its content."""

    period: Period
    by: str
    at: datetime
    content_hash: str


def approve(app: App, digest_name: str | None, period: Period, *, by: str) -> ApprovalReport:
    """Approve an issue as it is now, and freeze it, so that exactly this is sent.

    Raises:
        DigestError: there is no such issue, its recipients are fixed, or one of its mails breaks a rule.
    """
    digest = app.digest(digest_name)
    setup = app.stationery(digest)
    with app.store.reading() as connection:
        overridden = read_overrides(connection, digest.name, period)

    def judged(issue: Issue) -> str:
        keys = ((language, " ".join(digest.themes)) for language in digest.languages)
        refuse_faulty(setup.sample_mails(issue, keys), overridden)
        return setup.content_hash(issue)

    made = approve_issue(app.store, digest, period, hash_of=judged, by=by, now=app.clock())
    return ApprovalReport(period=period, by=made.by, at=made.at, content_hash=made.content_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalReport:
    """Whether there was an approval to withdraw."""

    period: Period
    withdrawn: bool


def withdraw_approval(app: App, digest_name: str | None, period: Period) -> WithdrawalReport:
    """Withdraw the approval of an issue, so that it can be composed again."""
    digest = app.digest(digest_name)
    return WithdrawalReport(period=period, withdrawn=withdraw(app.store, digest, period))
