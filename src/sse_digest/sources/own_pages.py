"""Read the own pages of a source's new and changed items, and put what they say into the store.

Runs behind the transaction of the listing: an item is stored before its page is asked for, and a page that
cannot be had, or is that of something else, costs the item nothing. One request an item.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog

from sse_digest.errors import SourceError
from sse_digest.model.changes import is_significant, same_picture, same_text, same_words
from sse_digest.model.items import Item, Precision, shorten
from sse_digest.sources.canonical import canonical
from sse_digest.sources.dates import ReadDate
from sse_digest.sources.instants import exact_time
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.own_page import OwnPage, read_own_page
from sse_digest.sources.page import Page
from sse_digest.sources.standing import record_revision
from sse_digest.sources.titles import fold_title, is_near_equal
from sse_digest.store import Store
from sse_digest.store.items import get_items, update_item
from sse_digest.store.own_pages import OwnPageState, own_page_states, record_own_pages
from sse_digest.store.places import Place, listed_last

log = structlog.get_logger(__name__)

Get = Callable[[str], Awaitable[Page]]
"""Gets the page at an address, or raises SourceError."""

MOST = 50
"""Pages that are read in one run for one source; others wait for the next run that lists their items."""

_AT_ONCE = 2
_LONG_ENOUGH = 12  # letters of a title that, within another, still tell one thing from the next
_TRIES = 3  # at a page that fails, in as many runs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    item: Item
    link: str  # as the listing gives it
    words: str
    state: OwnPageState | None


async def read_own_pages(store: Store, source: SourceOptions, get: Get, *, now: datetime) -> tuple[str, ...]:
    """Read the pages that are due, and improve their items; gives what went wrong, for people.

    Args:
        store: an open database, in which the source's listing was just stored.
        source: whose items are meant; only those it was the first to give.
        get: gets one page.
        now: when the listing was read.
    """
    due = await _due(store, source.name)
    gate = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_read(one, source, get, gate)) for one in due[:MOST]]
    results = [(one, task.result()) for one, task in zip(due, tasks, strict=False)]
    async with store.write() as connection:
        stored = await get_items(connection, (one.item.id for one, _ in results))
        states = []
        for one, result in results:
            state = OwnPageState(
                item_id=one.item.id,
                words=one.words,
                tried_at=now,
                good_at=one.state.good_at if one.state else None,
                tries=_tries(one),
                problem=result if isinstance(result, str) else None,
                fields=one.state.fields if one.state else (),
            )
            if isinstance(result, OwnPage):
                old = stored[one.item.id]
                new, fields = improved(old, result)
                if state.good_at is not None and is_significant(old, new):
                    new = replace(new, updated=now)
                if new != old:
                    await update_item(connection, new)
                    await record_revision(
                        connection, old, new, source=source.name, why="its own page", now=now
                    )
                state = replace(state, good_at=now, tries=0, fields=fields)
            states.append(state)
        await record_own_pages(connection, states)
    return _told(results)


def improved(item: Item, own: OwnPage) -> tuple[Item, tuple[str, ...]]:
    """Give an item with what its own page says of it, and the names of the fields it says; pure.

    What an editor set stays. A day is taken only where the listing gave none, a time only of the same day;
    neither is ever compared when the list is read again (`ItemKeys.day`).
    """
    said = {
        name: value
        for name in ("link", "credit", "body")
        if name not in item.edited and (value := getattr(own, name)) is not None
    }
    fields = tuple(said)
    if canonical(own.link) == canonical(item.link):
        said.pop("link", None)
    if same_words(item.credit, own.credit):
        said.pop("credit", None)
    if same_text(item.body, own.body):
        said.pop("body", None)
    if own.image_url is not None:
        fields += ("image_url", "image_alt")
        if not same_picture(item.image_url, own.image_url):
            said |= {"image_url": own.image_url, "image_alt": own.image_alt}
        elif own.image_alt is not None:
            said["image_alt"] = own.image_alt
    return _with_day(replace(item, **said), own), fields


def _with_day(item: Item, own: OwnPage) -> Item:
    if own.day is None or "published" in item.edited:
        return item
    published = date.fromisoformat(own.day[:10])
    if item.published is None:
        item = replace(item, published=published, precision=Precision.DAY, date_text=own.day)
    elif item.precision is Precision.MONTH and f"{published:%Y-%m}" == f"{item.published:%Y-%m}":
        item = replace(item, published=published, precision=Precision.DAY)
    at = exact_time(own.day, ReadDate(published=item.published, precision=item.precision))
    return replace(item, published_at=at or item.published_at)


# ------------------------------------------------------------------ which, and how


async def _due(store: Store, source: str) -> Sequence[_Due]:
    """Give the items that the source lists now and whose own pages are to be read, untried ones first."""
    async with store.read() as connection:
        places = await listed_last(connection, source)
        items = await get_items(connection, places)
        states = await own_page_states(connection, places)
    found = []
    for item_id, place in places.items():
        item, state, words = items.get(item_id), states.get(item_id), _words(place)
        if item is None or item.source != source or place.link is None:
            continue
        if state is None or state.words != words or (state.problem is not None and state.tries < _TRIES):
            found.append(_Due(item=item, link=place.link, words=words, state=state))
    return sorted(found, key=lambda one: one.state is not None)


def _words(place: Place) -> str:
    said = (place.link, place.title, place.summary, place.published)
    return hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()


def _tries(one: _Due) -> int:
    return 1 + (one.state.tries if one.state is not None and one.state.words == one.words else 0)


async def _read(one: _Due, source: SourceOptions, get: Get, gate: asyncio.Semaphore) -> OwnPage | str:
    """Read one item's page; why that failed, in words."""
    try:
        async with gate:
            own = await read_own_page(await get(one.link), source)
        _refuse_another(one, own)
    except SourceError as error:
        log.info("own_page.failed", source=source.name, item=one.item.id, problem=str(error))
        return str(error)
    except Exception as error:  # a defect met on one page must not stop the others
        log.exception("own_page.defect", source=source.name, item=one.item.id)
        return f"The program failed on this page ({type(error).__name__}: {error}). Please report this."
    return own


def _refuse_another(one: _Due, own: OwnPage) -> None:
    """Raise if the page is that of something else: an entrance, a page of errors, other news."""
    title = one.item.title
    if title is None:
        raise SourceError(
            f"{one.link} was not taken: without a title nothing tells whether it is the item's."
        )
    if "title" in one.item.edited:
        return
    if not any(_is_title(title, said) for said in own.titles):
        shown = f"“{shorten(own.titles[0], 60)}”" if own.titles else "nothing"
        raise SourceError(f"{one.link} calls itself {shown}, so nothing was taken from it.")


def _is_title(title: str, said: str) -> bool:
    folded, other = fold_title(title), fold_title(said)
    is_contained = len(folded) >= _LONG_ENOUGH and folded in other
    return folded == other or is_contained or is_near_equal(title, said)


def _told(results: Sequence[tuple[_Due, OwnPage | str]]) -> tuple[str, ...]:
    problems = [(one.item, result) for one, result in results if isinstance(result, str)]
    if not problems:
        return ()
    item, problem = problems[0]
    first = f"{shorten(item.heading, 60)}: {problem}"
    return (f"{len(problems)} of {len(results)} items' own pages gave nothing; the first is {first}",)
