"""`issue`: show an issue as an editor sees it, and change it before it is sent."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, PeriodType, digest_option, json_option, pass_context
from sse_digest.cli.issues.compose import issue_data
from sse_digest.cli.output import emit, table, warn
from sse_digest.digest.editing import Change, EditReport, edit_issue
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issue_edits import UNTOUCHED, ItemEdit
from sse_digest.model.issue_rules import compose_command
from sse_digest.model.issues import Issue, Period
from sse_digest.model.items import Item
from sse_digest.store.issues.issue_edits import Approval, read_approval, read_item_edits
from sse_digest.store.issues.issues import load_issue
from sse_digest.store.news.items import get_items

period_argument = click.argument("period", type=PeriodType())


@click.group()
def issue() -> None:
    """Show an issue, and change it before it is sent."""


Shown = tuple[Issue, Mapping[str, ItemEdit], Mapping[str, Item], Approval | None]


@issue.command()
@period_argument
@digest_option
@json_option
@pass_context
def show(context: Context, period: Period, digest_name: str | None, as_json: bool) -> None:
    """Show the issue of PERIOD with everything an editor decided."""

    def work(app: App) -> Shown:
        digest = app.digest(digest_name)
        with app.store.reading() as connection:
            found = load_issue(connection, digest.name, period)
            if found is None:
                raise DigestError(
                    f"There is no issue {digest.name}/{period}. Compose it: {compose_command(digest, period)}"
                )
            edits = read_item_edits(connection, digest.name)
            hidden = get_items(connection, [key for key, edit in edits.items() if edit.hidden])
            return found, edits, hidden, read_approval(connection, digest.name, period)

    found, edits, hidden, approval = context.run(work)
    emit(
        _data(found, edits, hidden, approval),
        [*_lines(found, edits, hidden), _approval_line(approval)],
        as_json=as_json,
    )


def _data(
    found: Issue, edits: Mapping[str, ItemEdit], hidden: Mapping[str, Item], approval: Approval | None
) -> Mapping[str, object]:
    own = {item.id for section in found.sections for item in (placed.item for placed in section.items)}
    return {
        **issue_data(found),
        "title": found.title,
        "introduction": found.introduction,
        "edits": {
            item_id: {name: getattr(edit, name) for name in ("theme", "pinned", "position", "note")}
            for item_id, edit in edits.items()
            if item_id in own
        },
        "hidden": {item_id: item.heading for item_id, item in hidden.items()},
        "approval": approval
        and {"by": approval.by, "at": approval.at.isoformat(), "content_hash": approval.content_hash},
    }


def _lines(found: Issue, edits: Mapping[str, ItemEdit], hidden: Mapping[str, Item]) -> Iterator[str]:
    yield f"{found.digest}/{found.period}: {found.item_count} items{', frozen' if found.frozen else ''}"
    for name, words in (("Title", found.title), ("Introduction", found.introduction)):
        for language, text in sorted(words.items()):
            yield f"{name} ({language}): {text}"
    for section in found.sections:
        yield f"{section.theme} ({len(section.items)})"
        rows = [
            (
                "*" if one.item.id == found.lead else " ",
                one.item.id[:8],
                one.item.heading,
                _marks(edits, one.item.id),
            )
            for one in section.items
        ]
        yield from (f"  {line}" for line in table(rows))
    if hidden:
        yield "hidden from this digest"
        rows = [("-", item.id[:8], item.heading, "") for item in hidden.values()]
        yield from (f"  {line}" for line in table(rows))


def _marks(edits: Mapping[str, ItemEdit], item_id: str) -> str:
    edit = edits.get(item_id, UNTOUCHED)
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
@click.option("--language", metavar="TAG", help="Of title, introduction and notes. [default: the digest's]")
@click.option("--title", help="Title of this issue; empty: the digest's again.")
@click.option(
    "--introduction",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File with a few words before the news, in Markdown; - reads them from the terminal.",
)
@click.option("--no-introduction", is_flag=True, help="Take the introduction in this language out.")
@click.option("--lead", metavar="ID", help="The item shown first; empty: chosen by the rule again.")
@click.option("--hide", multiple=True, metavar="ID", help="Take an item out of this digest; may be repeated.")
@click.option("--show", multiple=True, metavar="ID", help="Put a hidden item back.")
@click.option("--pin", multiple=True, metavar="ID", help="Keep an item at the top of its section.")
@click.option("--unpin", multiple=True, metavar="ID", help="Let it go again.")
@click.option("--move", multiple=True, nargs=2, metavar="ID THEME", help="Print an item under another theme.")
@click.option(
    "--note", "notes", multiple=True, nargs=2, metavar="ID TEXT", help="Words of yours below an item."
)
@click.option(
    "--order", metavar="IDS", help="Comma-separated: these first in their sections; empty: by date."
)
@click.option("--reset", multiple=True, metavar="ID", help="Forget everything decided about an item.")
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
    """Change the issue of PERIOD and compose it anew; composing again keeps every change.

    Items are named by the beginning of their ids, as `issue show` lists them. An approval is withdrawn.
    """
    if introduction is None and order is None and not no_introduction and not any_given(plain):
        raise UsageError("Nothing to change: `sse-digest issue edit --help` lists what can be.")
    values = {
        **plain,
        "introduction": "" if no_introduction else _read(introduction),
        "order": None if order is None else tuple(one.strip() for one in order.split(",") if one.strip()),
    }

    def work(app: App) -> EditReport:
        digest = app.digest(digest_name)
        change = Change(language=language or digest.default_language, **values)  # type: ignore[arg-type] # click gives each option its type
        return edit_issue(app.store, digest, period, change, now=app.clock())

    report = context.run(work)
    found = report.composed.issue
    assert found is not None  # noqa: S101 # an edit that leaves nothing to print is refused
    if report.approval_withdrawn:
        warn("The issue was approved; this change has withdrawn the approval.")
    data = {
        **_data(found, report.item_edits, {}, None),
        "approval_withdrawn": report.approval_withdrawn,
        "lead_reason": report.composed.lead_reason,
        "account": str(report.composed.account),
    }
    lead = f"Lead item: {report.composed.lead_reason}"
    emit(data, [*_lines(found, report.item_edits, {}), lead, str(report.composed.account)], as_json=as_json)


def any_given(options: Mapping[str, object]) -> bool:
    """Return whether any option was given: an empty text was, an empty tuple was not."""
    return any(value is not None and value != () for value in options.values())


def _read(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Give a file with the introduction.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8.") from error
