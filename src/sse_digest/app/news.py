"""The use cases of stored news: list, explain, edit and merge items, and show the state of sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sse_digest.app.facade import App
from sse_digest.errors import UsageError
from sse_digest.model.items import Evidence, Image, Item, Precision
from sse_digest.model.reading_stats import DriftAlarm, ReadingStats
from sse_digest.sources.ledger.review import ReviewFinding, review
from sse_digest.store.news.item_history import ItemChange, changes_of
from sse_digest.store.news.item_merge import merge_items, split_items
from sse_digest.store.news.items import all_items, edit_item, get_item, has_items
from sse_digest.store.news.own_pages import OwnPageState, own_page_states
from sse_digest.store.news.sightings import Sighting, places_of
from sse_digest.store.news.sources import SourceState, source_states


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReport:
    """One stored item."""

    id: str
    source: str
    title: str | None
    summary: str | None
    kicker: str | None
    credit: str | None
    section: str | None
    place: str | None
    language: str | None
    link: str | None
    published: date | None
    published_at: datetime | None
    precision: Precision
    image: Image | None
    body: str | None
    date_text: str | None
    first_seen: datetime
    updated: datetime
    group: str
    themes: Sequence[str]
    primary: str
    hidden: bool
    merged_into: str | None
    gone_at: datetime | None
    edited: Sequence[str]

    @classmethod
    def of(cls, item: Item) -> "ItemReport":
        """Return the report of an item."""
        decided = {"themes": item.decision.themes, "primary": item.decision.primary}
        names = set(cls.__dataclass_fields__) - set(decided)
        return cls(**{name: getattr(item, name) for name in names}, **decided)  # type: ignore[arg-type] # by name


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReport:
    """Stored items, newest first."""

    items: Sequence[Item]
    has_any: bool  # whether there are any items, even if none has the theme


def list_items(app: App, theme: str | None = None) -> ItemsReport:
    """Return all items, or those of one theme.

    Raises:
        UsageError: there is no such theme.
    """
    _refuse_unknown_themes(app, () if theme is None else (theme,))
    with app.store.reading() as connection:
        stored = all_items(connection)
    found = [item for item in stored if theme is None or theme in item.decision.themes]
    return ItemsReport(items=found, has_any=bool(stored))


def has_any(app: App) -> bool:
    """Return whether any item is stored."""
    with app.store.reading() as connection:
        return has_items(connection)


def _refuse_unknown_themes(app: App, themes: Iterable[str]) -> None:
    known = [theme.key for theme in app.settings.theme_rules().themes]
    unknown = [theme for theme in themes if theme not in known]
    if unknown:
        raise UsageError(f"Unknown theme: {', '.join(unknown)}. Known: {', '.join(known)}.")


def item(app: App, item_id: str) -> Item:
    """Return the item whose id begins with a prefix.

    Raises:
        UsageError: no item has such an id, or more than one.
    """
    with app.store.reading() as connection:
        return get_item(connection, item_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemExplanation:
    """Why an item has its themes and values."""

    item: Item
    evidence: Sequence[Evidence]
    places: Sequence[Sighting]
    addresses: Mapping[str, str]  # of the configured sources, by name
    own_page: OwnPageState | None  # None if it was never read
    history: Sequence[ItemChange]


def explain_item(app: App, item_id: str) -> ItemExplanation:
    """Return why an item has its themes, where it was seen, and its history.

    Raises:
        UsageError: no item has an id with this prefix, or more than one.
    """
    with app.store.reading() as connection:
        found = get_item(connection, item_id)
        return ItemExplanation(
            item=found,
            evidence=found.decision.evidence,
            places=places_of(connection, found.id),
            addresses={one.name: one.url or str(one.path) for one in app.settings.source_options()},
            own_page=own_page_states(connection, [found.id]).get(found.id),
            history=changes_of(connection, found.id),
        )


def change_item(
    app: App,
    item_id: str,
    *,
    themes: tuple[str, ...] | None = None,
    title: str | None = None,
    summary: str | None = None,
    published: date | None = None,
    hidden: bool | None = None,
) -> Item:
    """Edit an item; None keeps a field. Later fetches do not overwrite edited fields.

    Raises:
        UsageError: there is no such item or theme, or a text is blank.
    """
    _refuse_unknown_themes(app, themes or ())
    with app.store.writing() as connection:
        return edit_item(
            connection,
            item_id,
            now=app.clock(),
            themes=themes,
            title=title,
            summary=summary,
            published=published,
            hidden=hidden,
        )


def merge(app: App, keep: str, others: Sequence[str]) -> tuple[Item, tuple[Item, ...]]:
    """Merge items into one; return it and the items newly merged.

    Raises:
        UsageError: an item does not exist, is named twice, or is merged already.
    """
    with app.store.writing() as connection:
        return merge_items(connection, keep, others, now=app.clock())


def split(app: App, ids: Sequence[str]) -> tuple[Item, ...]:
    """Undo the merge of items; return them.

    Raises:
        UsageError: an item does not exist or is not merged.
    """
    with app.store.writing() as connection:
        return split_items(connection, ids, now=app.clock())


def items_to_review(app: App, days: int) -> tuple[ReviewFinding, ...]:
    """Return what an editor should review among the items first seen in the last `days` days."""
    since = app.clock() - timedelta(days=days)
    with app.store.reading() as connection:
        stored = all_items(connection)
    return review([one for one in stored if one.first_seen >= since], app.settings.theme_rules())


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """The state of a source."""

    source: str
    read_at: datetime
    good_at: datetime | None
    items: int
    problem: str | None
    alarms: Sequence[DriftAlarm]
    advice: str | None  # what to do about the alarms
    readings: Sequence[ReadingStats]

    @classmethod
    def of(cls, state: SourceState) -> "SourceReport":
        """Return the report of a source."""
        advice = (
            "Look at the page in a browser. If the items are right, store them with"
            f" `sse-digest sources accept {state.name}`; otherwise correct the source."
        )
        return cls(
            source=state.name,
            read_at=state.read_at,
            good_at=state.good_at,
            items=state.items,
            problem=state.problem,
            alarms=state.alarms,
            advice=advice if state.alarms else None,
            readings=state.shapes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesReport:
    """The state of all sources that were ever read."""

    sources: Sequence[SourceReport]


def sources_status(app: App) -> SourcesReport:
    """Return when each source was last read, with its items and problems."""
    with app.store.reading() as connection:
        return SourcesReport(sources=[SourceReport.of(state) for state in source_states(connection)])
