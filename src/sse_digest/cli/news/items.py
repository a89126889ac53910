"""`items`: list, show, explain, edit, merge and review stored items."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import click

from sse_digest.app import news
from sse_digest.app.news import ItemExplanation, ItemReport
from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import counted, emit, json_of, table
from sse_digest.errors import UsageError
from sse_digest.model.items import Item
from sse_digest.sources.ledger.review import ReviewFinding
from sse_digest.store.news.own_pages import OwnPageState
from sse_digest.store.news.sightings import Sighting


@click.group()
def items() -> None:
    """List, show, explain and edit stored items."""


@items.command("list")
@click.option("--theme", metavar="KEY", help="Only items of this theme.")
@json_option
@pass_context
def list_(context: Context, theme: str | None, as_json: bool) -> None:
    """List the items, newest first."""
    report = context.run(lambda app: news.list_items(app, theme))
    rows = [
        (item.id[:8], item.published or "no date", ", ".join(item.decision.themes), _heading(item))
        for item in report.items
    ]
    nothing = "No items of this theme." if report.has_any else "No items. Read some with `sse-digest fetch`."
    emit({"items": _without_body(report.items)}, table(rows) if rows else [nothing], as_json=as_json)


def _without_body(found: Sequence[Item]) -> list[Mapping[str, object]]:
    """Return items for JSON, without their whole texts."""
    return [{name: value for name, value in _data(item).items() if name != "body"} for item in found]


def _data(item: Item) -> Mapping[str, object]:
    data = json_of(ItemReport.of(item))
    assert isinstance(data, dict)  # noqa: S101 # a dataclass is an object
    return data


def _heading(item: Item) -> str:
    mark = (
        "[hidden] " if item.hidden else "[merged] " if item.merged_into else "[gone] " if item.gone_at else ""
    )
    return f"{mark}{item.heading}"


@items.command()
@click.argument("item_id", metavar="ID")
@json_option
@pass_context
def show(context: Context, item_id: str, as_json: bool) -> None:
    """Show one item; ID may be the beginning of its id."""
    data = _data(context.run(lambda app: news.item(app, item_id)))
    emit(data, table((name, _text(value)) for name, value in data.items()), as_json=as_json)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part is not None)
    return "-" if value is None else str(value)


@items.command()
@click.argument("item_id", metavar="ID")
@json_option
@pass_context
def explain(context: Context, item_id: str, as_json: bool) -> None:
    """Show why an item has its themes, where it was seen, and its history."""
    report = context.run(lambda app: news.explain_item(app, item_id))
    data = {
        **_data(report.item),
        "evidence": report.evidence,
        "places": [_place_data(report, place) for place in report.places],
        "own_page": report.own_page,
        "history": report.history,
    }
    lines = [*_explanation(report.item), *_own_page(report.own_page), *_past(report)]
    emit(data, lines, as_json=as_json)


def _place_data(report: ItemExplanation, place: Sighting) -> Mapping[str, object]:
    data = json_of(place)
    assert isinstance(data, dict)  # noqa: S101 # a dataclass is an object
    return {**data, "address": report.addresses.get(place.source)}


def _own_page(own: OwnPageState | None) -> Iterator[str]:
    if own is None:
        return
    if own.good_at is not None:
        gave = ", ".join(own.fields) or "nothing new"
        yield f"Its own page was read on {own.good_at:%Y-%m-%d} and provided: {gave}."
    if own.problem is not None and own.tried_at is not None:
        yield f"Its own page could not be used on {own.tried_at:%Y-%m-%d}: {own.problem}"
    if own.waits:
        yield "Its own page will be read in a later round."


def _past(report: ItemExplanation) -> Iterator[str]:
    yield "Places:"
    for place in report.places:
        missed = f", then missing from {counted(place.absences, 'reading')}" if place.absences else ""
        about = " | ".join(filter(None, (place.kicker, place.section, place.link)))
        yield f"  {place.source}, last seen {place.last_seen:%Y-%m-%d %H:%M} UTC{missed}: {about or '-'}"
        if place.source in report.addresses:
            yield f"    read from {report.addresses[place.source]}"
        if place.how is not None:
            yield f"    found by {place.how}"
    yield "History:"
    for change in report.history:
        yield f"  {change.at:%Y-%m-%d %H:%M} UTC, {change.source}: {change.what} ({change.why})"
        for field, (before, after) in change.fields.items():
            yield f"    {field}: {after!r}" if before is None else f"    {field}: {before!r}, now {after!r}"


def _explanation(item: Item) -> Iterator[str]:
    yield item.heading
    yield f"Read from {item.source}, first seen {item.first_seen:%Y-%m-%d %H:%M} UTC."
    date = item.published.isoformat() if item.published else "none"
    yield f"Date: {date} ({item.precision}) from {item.date_text!r}. Language: {item.language or 'unknown'}."
    yield f"Themes: {', '.join(item.decision.themes)}; primary: {item.decision.primary}."
    reasons = [
        (f"{reason.weight:+g}", reason.theme, reason.field, reason.term) for reason in item.decision.evidence
    ]
    yield from (
        f"  {line}" for line in (table(reasons) if reasons else ["It contains no term of any theme."])
    )
    if item.merged_into is not None:
        yield f"An editor merged it into {item.merged_into}, which is shown instead in feeds and issues."
    if item.gone_at is not None:
        yield f"Its publisher took it down (found on {item.gone_at:%Y-%m-%d}); feeds and issues leave it out."
    if item.edited:
        yield f"An editor set: {', '.join(item.edited)}; fetches do not change this."


@items.command()
@click.argument("item_id", metavar="ID")
@click.option(
    "--theme", "themes", multiple=True, metavar="KEY", help="A theme, the primary one first; may be repeated."
)
@click.option("--title", help="New title.")
@click.option("--summary", help="New summary.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day it was published.")
@click.option(
    "--hide/--show", "hidden", default=None, help="Hide it from feeds and issues, or show it again."
)
@json_option
@pass_context
def edit(
    context: Context,
    item_id: str,
    themes: tuple[str, ...],
    title: str | None,
    summary: str | None,
    day: datetime | None,
    hidden: bool | None,
    as_json: bool,
) -> None:
    """Change an item; later fetches do not overwrite the change."""
    if not themes and title is None and summary is None and day is None and hidden is None:
        raise UsageError("Nothing to change. Use --theme, --title, --summary, --date, --hide or --show.")
    item = context.run(
        lambda app: news.change_item(
            app,
            item_id,
            themes=themes or None,
            title=title,
            summary=summary,
            published=None if day is None else day.date(),
            hidden=hidden,
        )
    )
    emit(_data(item), [f"Changed {item.id}: {item.heading}"], as_json=as_json)


@items.command()
@click.argument("keep", metavar="ID")
@click.argument("others", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_context
def merge(context: Context, keep: str, others: tuple[str, ...], as_json: bool) -> None:
    """Merge items: feeds and issues show only the first one, also after later fetches."""
    kept, merged = context.run(lambda app: news.merge(app, keep, others))
    lines = [f"Merged {item.id} into {kept.id}: {item.heading}" for item in merged]
    data = {"kept": kept.id, "merged": [item.id for item in merged]}
    emit(data, lines or [f"They were already merged into {kept.id}."], as_json=as_json)


@items.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_context
def split(context: Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Undo a merge: show these items on their own again."""
    parted = context.run(lambda app: news.split(app, ids))
    lines = [f"{item.id} is shown on its own again: {item.heading}" for item in parted]
    emit({"split": [item.id for item in parted]}, lines, as_json=as_json)


@items.command("review")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=45,
    show_default=True,
    help="Only items first seen in the last N days.",
)
@json_option
@pass_context
def review_(context: Context, days: int, as_json: bool) -> None:
    """List what an editor should review: weak evidence, near ties, unread dates, duplicates."""
    found = context.run(lambda app: news.items_to_review(app, days))
    emit({"review": found}, _lines(found), as_json=as_json)
    end(attention=bool(found))


def _lines(found: tuple[ReviewFinding, ...]) -> Iterator[str]:
    if not found:
        yield "Nothing to review."
    for one in found:
        yield f"{one.doubt}: {one.heading}"
        yield f"  {one.why}"
        yield f"  {one.command}"
