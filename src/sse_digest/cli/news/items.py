"""`items`: what is stored, why it has its themes, and what an editor changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import emit, table
from sse_digest.errors import UsageError
from sse_digest.model.items import Item
from sse_digest.sources.ledger.review import ReviewFinding, review
from sse_digest.store.news.item_history import ItemChange, changes_of
from sse_digest.store.news.item_merge import merge_items, split_items
from sse_digest.store.news.items import all_items, edit_item, get_item
from sse_digest.store.news.own_pages import OwnPageState, own_page_states
from sse_digest.store.news.sightings import Sighting, places_of


@click.group()
def items() -> None:
    """List, show, explain and edit stored items."""


@items.command("list")
@click.option("--theme", metavar="KEY", help="Only items of this theme.")
@json_option
@pass_context
def list_(context: Context, theme: str | None, as_json: bool) -> None:
    """List the items, newest first."""

    def work(app: App) -> tuple[Item, ...]:
        with app.store.reading() as connection:
            return all_items(connection)

    stored = context.run(work)
    _check_themes(context, () if theme is None else (theme,))
    found = [item for item in stored if theme is None or theme in item.decision.themes]
    rows = [
        (item.id[:8], item.published or "no date", ", ".join(item.decision.themes), _heading(item))
        for item in found
    ]
    nothing = "No items of this theme." if stored else "No items. Read some with `sse-digest fetch`."
    lines = table(rows) if rows else [nothing]
    data = [{name: value for name, value in item_data(item).items() if name != "body"} for item in found]
    emit({"items": data}, lines, as_json=as_json)


def _check_themes(context: Context, themes: Sequence[str]) -> None:
    known = [theme.key for theme in context.settings().theme_rules().themes]
    unknown = [theme for theme in themes if theme not in known]
    if unknown:
        raise UsageError(f"Unknown theme: {', '.join(unknown)}. Known: {', '.join(known)}.")


def _heading(item: Item) -> str:
    mark = (
        "[hidden] " if item.hidden else "[merged] " if item.merged_into else "[gone] " if item.gone_at else ""
    )
    return f"{mark}{item.heading}"


def item_data(item: Item) -> Mapping[str, object]:
    """Return a stored item as JSON has it."""
    names = ("id", "source", "title", "summary", "kicker", "credit", "section", "place", "language", "link")
    return {
        **{name: getattr(item, name) for name in names},
        "published": None if item.published is None else item.published.isoformat(),
        "published_at": None if item.published_at is None else item.published_at.isoformat(),
        "precision": item.precision.value,
        "image": None if item.image is None else asdict(item.image),
        "body": item.body,
        "date_text": item.date_text,
        "first_seen": item.first_seen.isoformat(),
        "updated": item.updated.isoformat(),
        "group": item.group,
        "themes": list(item.decision.themes),
        "primary": item.decision.primary,
        "hidden": item.hidden,
        "merged_into": item.merged_into,
        "gone_at": None if item.gone_at is None else item.gone_at.isoformat(),
        "edited": list(item.edited),
    }


def _one(context: Context, item_id: str) -> Item:
    def work(app: App) -> Item:
        with app.store.reading() as connection:
            return get_item(connection, item_id)

    return context.run(work)


@items.command()
@click.argument("item_id", metavar="ID")
@json_option
@pass_context
def show(context: Context, item_id: str, as_json: bool) -> None:
    """Show one item; ID may be the beginning of one."""
    data = item_data(_one(context, item_id))
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
    """Say why an item has its themes, date and language, where it stands, and what happened to it."""

    def work(
        app: App,
    ) -> tuple[Item, tuple[Sighting, ...], tuple[ItemChange, ...], OwnPageState | None]:
        with app.store.reading() as connection:
            item = get_item(connection, item_id)
            places, changes = places_of(connection, item.id), changes_of(connection, item.id)
            return item, places, changes, (own_page_states(connection, [item.id])).get(item.id)

    item, places, changes, own = context.run(work)
    addresses = {one.name: one.url or str(one.path) for one in context.settings().source_options()}
    evidence = [
        {"theme": reason.theme, "term": reason.term, "field": reason.field, "weight": reason.weight}
        for reason in item.decision.evidence
    ]
    data = {
        **item_data(item),
        "evidence": evidence,
        "places": [{**asdict(place), "address": addresses.get(place.source)} for place in places],
        "own_page": None if own is None else asdict(own),
        "history": [asdict(change) for change in changes],
    }
    emit(data, [*_explanation(item), *_own_page(own), *_past(places, changes, addresses)], as_json=as_json)


def _own_page(own: OwnPageState | None) -> Iterator[str]:
    if own is None:
        return
    if own.good_at is not None:
        gave = ", ".join(own.fields) or "nothing that the list did not say"
        yield f"Its own page was read on {own.good_at:%Y-%m-%d} and gave: {gave}."
    if own.problem is not None and own.tried_at is not None:
        yield f"Its own page could not be used on {own.tried_at:%Y-%m-%d}: {own.problem}"
    if own.waits:
        yield "Its own page is asked for in a later round."


def _past(
    places: Iterable[Sighting], changes: Iterable[ItemChange], addresses: Mapping[str, str]
) -> Iterator[str]:
    yield "Places:"
    for place in places:
        missed = f", missed {place.absences} times since" if place.absences else ""
        about = " | ".join(filter(None, (place.kicker, place.section, place.link)))
        yield f"  {place.source}, last seen {place.last_seen:%Y-%m-%d %H:%M} UTC{missed}: {about or '-'}"
        if place.source in addresses:
            yield f"    read from {addresses[place.source]}"
        if place.how is not None:
            yield f"    found by {place.how}"
    yield "History:"
    for change in changes:
        yield f"  {change.at:%Y-%m-%d %H:%M} UTC, {change.source}: {change.what} ({change.why})"
        for field, (before, after) in change.fields.items():
            yield f"    {field}: {after!r}" if before is None else f"    {field}: {before!r}, now {after!r}"


def _explanation(item: Item) -> Iterator[str]:
    yield item.heading
    yield f"Read from {item.source}, first seen {item.first_seen:%Y-%m-%d %H:%M} UTC."
    date = item.published.isoformat() if item.published else "none"
    yield f"Date: {date} ({item.precision}) from {item.date_text!r}. Language: {item.language or 'not told'}."
    yield f"Themes: {', '.join(item.decision.themes)}; primary: {item.decision.primary}."
    reasons = [
        (f"{reason.weight:+g}", reason.theme, reason.field, reason.term) for reason in item.decision.evidence
    ]
    yield from (f"  {line}" for line in (table(reasons) if reasons else ["No term of any theme was found."]))
    if item.merged_into is not None:
        yield f"An editor merged it into {item.merged_into}, which stands for it in feeds and issues."
    if item.gone_at is not None:
        yield f"Its publisher took it down (found on {item.gone_at:%Y-%m-%d}); feeds and issues leave it out."
    if item.edited:
        yield f"An editor set: {', '.join(item.edited)}; a fetch leaves that alone."


@items.command()
@click.argument("item_id", metavar="ID")
@click.option(
    "--theme", "themes", multiple=True, metavar="KEY", help="A theme, the primary one first; may be repeated."
)
@click.option("--title", help="Another title.")
@click.option("--summary", help="Another summary.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day it was published.")
@click.option(
    "--hide/--show", "hidden", default=None, help="Take it out of feeds and issues, or put it back."
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
    """Change an item; every later fetch leaves the change alone."""
    if not themes and title is None and summary is None and day is None and hidden is None:
        raise UsageError("Nothing to change: give --theme, --title, --summary, --date, --hide or --show.")
    _check_themes(context, themes)

    def work(app: App) -> Item:
        with app.store.writing() as connection:
            return edit_item(
                connection,
                item_id,
                now=app.clock(),
                themes=themes or None,
                title=title,
                summary=summary,
                published=None if day is None else day.date(),
                hidden=hidden,
            )

    item = context.run(work)
    emit(item_data(item), [f"Changed {item.id}: {item.heading}"], as_json=as_json)


@items.command()
@click.argument("keep", metavar="ID")
@click.argument("others", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_context
def merge(context: Context, keep: str, others: tuple[str, ...], as_json: bool) -> None:
    """Let the first item stand for the others in feeds and issues, through every later fetch."""

    def work(app: App) -> tuple[Item, tuple[Item, ...]]:
        with app.store.writing() as connection:
            return merge_items(connection, keep, others, now=app.clock())

    kept, merged = context.run(work)
    lines = [f"{kept.id} stands for {item.id}: {item.heading}" for item in merged]
    data = {"kept": kept.id, "merged": [item.id for item in merged]}
    emit(data, lines or [f"{kept.id} stood for them already."], as_json=as_json)


@items.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_context
def split(context: Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Let merged items stand for themselves again."""

    def work(app: App) -> tuple[Item, ...]:
        with app.store.writing() as connection:
            return split_items(connection, ids, now=app.clock())

    parted = context.run(work)
    lines = [f"{item.id} stands for itself again: {item.heading}" for item in parted]
    emit({"split": [item.id for item in parted]}, lines, as_json=as_json)


@items.command("review")
@click.option(
    "--days",
    type=click.IntRange(1),
    default=45,
    show_default=True,
    help="Only items first seen in so many days.",
)
@json_option
@pass_context
def review_(context: Context, days: int, as_json: bool) -> None:
    """List what an editor should look at: weak evidence, near ties, unread dates, possible doubles."""
    rules = context.settings().theme_rules()

    def work(app: App) -> tuple[ReviewFinding, ...]:
        since = app.clock() - timedelta(days=days)
        with app.store.reading() as connection:
            stored = all_items(connection)
        return review([item for item in stored if item.first_seen >= since], rules)

    found = context.run(work)
    emit({"review": [asdict(one) for one in found]}, _lines(found), as_json=as_json)
    end(attention=bool(found))


def _lines(found: tuple[ReviewFinding, ...]) -> Iterator[str]:
    if not found:
        yield "Nothing to look at."
    for one in found:
        yield f"{one.doubt}: {one.heading}"
        yield f"  {one.why}"
        yield f"  {one.command}"
