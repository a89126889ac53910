"""`issue`: show an issue, or change it before it is sent."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from sse_digest.app import App, composing
from sse_digest.app.composing import IssueEditReport, IssueReport
from sse_digest.cli.arguments import PeriodType
from sse_digest.cli.context import Context, digest_option, json_option, pass_context
from sse_digest.cli.output import counted, emit, table, warn
from sse_digest.digest.editing import Change
from sse_digest.errors import UsageError
from sse_digest.model.issue_edits import ItemEdit
from sse_digest.model.issues import Period
from sse_digest.store.issues.issue_edits import Approval

period_argument = click.argument("period", type=PeriodType())


@click.group()
def issue() -> None:
    """Show an issue, or change it before it is sent."""


@issue.command()
@period_argument
@digest_option
@json_option
@pass_context
def show(context: Context, period: Period, digest_name: str | None, as_json: bool) -> None:
    """Show the issue of PERIOD with all edits."""
    report = context.run(lambda app: composing.show_issue(app, digest_name, period))
    emit(report, [*_text(report), _approval_line(report.approval)], as_json=as_json)


def _text(report: IssueReport) -> Iterator[str]:
    frozen = ", frozen" if report.frozen else ""
    yield f"{report.digest}/{report.period}: {counted(report.item_count, 'item')}{frozen}"
    for name, words in (("Title", report.title), ("Introduction", report.introduction)):
        for language, text in sorted(words.items()):
            yield f"{name} ({language}): {text}"
    for section in report.sections:
        yield f"{section.theme} ({len(section.items)})"
        rows = [
            ("*" if one.id == report.lead else " ", one.id[:8], one.title, _marks(report.edits.get(one.id)))
            for one in section.items
        ]
        yield from (f"  {line}" for line in table(rows))
    if report.hidden:
        yield "hidden from this digest"
        hidden = [("-", item_id[:8], title, "") for item_id, title in report.hidden.items()]
        yield from (f"  {line}" for line in table(hidden))


def _marks(edit: ItemEdit | None) -> str:
    if edit is None:
        return ""
    marks = [
        "pinned" if edit.pinned else "",
        f"place {edit.position + 1}" if edit.position is not None else "",
        "moved here" if edit.theme else "",
        *(f"note ({language}): {words}" for language, words in sorted(edit.note.items())),
    ]
    return f"[{'; '.join(filter(None, marks))}]" if any(marks) else ""


def _approval_line(approval: Approval | None) -> str:
    if approval is None:
        return "Not approved."
    return f"Approved by {approval.by} on {approval.at:%Y-%m-%d %H:%M} UTC."


@issue.command()
@period_argument
@digest_option
@click.option(
    "--language", metavar="TAG", help="Language of title, introduction and notes. [default: the digest's]"
)
@click.option("--title", help='Title of this issue; "" restores that of the digest.')
@click.option(
    "--introduction",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File with an introduction in Markdown; - for standard input.",
)
@click.option("--no-introduction", is_flag=True, help="Remove the introduction in this language.")
@click.option("--lead", metavar="ID", help='The item shown first; "" lets the rule choose again.')
@click.option("--hide", multiple=True, metavar="ID", help="Hide an item from this digest; may be repeated.")
@click.option("--show", multiple=True, metavar="ID", help="Show a hidden item again.")
@click.option("--pin", multiple=True, metavar="ID", help="Pin an item to the top of its section.")
@click.option("--unpin", multiple=True, metavar="ID", help="Undo --pin.")
@click.option("--move", multiple=True, nargs=2, metavar="ID THEME", help="Show an item under another theme.")
@click.option(
    "--note", "notes", multiple=True, nargs=2, metavar="ID TEXT", help="Your own note below an item."
)
@click.option(
    "--order",
    metavar="IDS",
    help='Comma-separated ids that come first in their sections; "" sorts all by date.',
)
@click.option("--reset", multiple=True, metavar="ID", help="Undo all edits of an item.")
@json_option
@pass_context
def edit(
    context: Context,
    /,
    period: Period,
    digest_name: str | None,
    language: str | None,
    introduction: Path | None,
    no_introduction: bool,
    order: str | None,
    as_json: bool,
    **plain: object,
) -> None:
    """Change the issue of PERIOD and compose it again; later composing keeps the changes.

    An item is named by the beginning of its id, as in `issue show`. An approval is withdrawn.
    """
    if introduction is None and order is None and not no_introduction and not any_given(plain):
        raise UsageError("Nothing to change; `sse-digest issue edit --help` lists the options.")
    values = {
        **plain,
        "introduction": "" if no_introduction else _read(introduction),
        "order": None if order is None else tuple(one.strip() for one in order.split(",") if one.strip()),
    }

    def work(app: App) -> IssueEditReport:
        default = app.digest(digest_name).default_language
        change = Change(language=language or default, **values)  # type: ignore[arg-type] # click gives each option its type
        return composing.edit(app, digest_name, period, change)

    report = context.run(work)
    if report.approval_withdrawn:
        warn("The issue was approved; this change withdrew the approval.")
    lines = [*_text(report.issue), f"Lead item: {report.lead_reason}", report.account.summary]
    emit(report, lines, as_json=as_json)


def any_given(options: Mapping[str, object]) -> bool:
    """Return whether any option was given; an empty text was given, an empty tuple was not."""
    return any(value is not None and value != () for value in options.values())


def _read(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Give a file with the introduction.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8.") from error
