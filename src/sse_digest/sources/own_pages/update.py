"""Read the own pages of a source's new and changed items, and add what they contain to the stored items.

The listing is stored before. An item whose own page cannot be fetched, or belongs to something else, is not
changed. There is one request for each item.
"""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

import structlog

from sse_digest.errors import SourceError
from sse_digest.model.items import Item, Precision, shorten
from sse_digest.model.significant_change import is_significant, same_picture, same_text, same_words
from sse_digest.sources.http.client import HttpStatusError
from sse_digest.sources.http.schedule import retry_moment
from sse_digest.sources.ledger.ingest_plan import revision
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.own_pages.extract import OwnPage, read_own_page
from sse_digest.sources.page import Page
from sse_digest.sources.text.dates import ReadDate
from sse_digest.sources.text.timestamps import exact_time
from sse_digest.sources.text.title_similarity import fold_title, is_near_equal
from sse_digest.sources.text.urls import canonical
from sse_digest.store import Connection, Store
from sse_digest.store.news.item_history import record_change
from sse_digest.store.news.items import get_items, known_items, update_item
from sse_digest.store.news.own_pages import (
    OwnPageState,
    own_page_states,
    record_own_pages,
    sharing_address,
    waiting_own_pages,
)
from sse_digest.store.news.sightings import Sighting, listed_last, places_in

log = structlog.get_logger(__name__)

Get = Callable[[str], Awaitable[Page]]
"""Returns the page at an address, or raises SourceError."""

MOST = 50
"""The number of pages that are read in one round for one source; the others wait for the next round."""

_AT_ONCE = 2  # hosts
_LONG_ENOUGH = 12  # characters; a shorter title is not recognised inside a longer one
_TRIES = 3  # for a page that fails, each in another round
_OVERLOADED = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    item: Item
    link: str  # from the listing
    words: str  # hash of what the listing says about the item
    state: OwnPageState | None

    @property
    def host(self) -> str:
        return urlsplit(self.link).netloc


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    problem: str  # in words
    is_overloaded: bool = False  # the server was overloaded, which is not a failure of the page
    not_before: datetime | None = None


_Result = OwnPage | _Failed | None
"""The result of one page; None: it was not requested, and waits for a later round."""


async def read_own_pages(store: Store, source: SourceOptions, get: Get, *, now: datetime) -> tuple[str, ...]:
    """Read the own pages that are due, add their fields to the items, and return warnings.

    Args:
        store: an open database, in which the source's reading was just stored.
        source: only items that were first seen in this source are read.
        get: returns the page at an address.
        now: when the listing was read.
    """
    due = _due(store, source.name)
    reader = _Reader(source, get, due, now=now)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reader.read(one)) for one in due[:MOST]]
    read: list[_Result] = [task.result() for task in tasks]
    results = list(zip(due, read + [None] * (len(due) - len(read)), strict=True))
    with store.writing() as connection:
        stored = get_items(connection, (one.item.id for one, _ in results))
        shared = shared_addresses(
            connection, [(stored[one.item.id], own) for one, own in results if isinstance(own, OwnPage)]
        )
        states = []
        for one, result in results:
            state = _state(one, result, now=now)
            if isinstance(result, OwnPage):
                own = replace(result, link=None) if canonical(result.link) in shared else result
                fields = _improve(connection, stored[one.item.id], own, one.state, source.name, now)
                state = replace(state, fields=fields, address=canonical(result.link))
            states.append(state)
        record_own_pages(connection, states)
    return _warnings(results)


def _state(one: _Due, result: _Result, *, now: datetime) -> OwnPageState:
    """Return the state of an own page after a result."""
    blank = OwnPageState(
        item_id=one.item.id, words=one.words, tried_at=None, good_at=None, tries=0, problem=None, fields=()
    )
    state = one.state or blank
    if result is None:
        return replace(state, waits=True)
    if isinstance(result, OwnPage):
        return replace(blank, tried_at=now, good_at=now)
    tries = (state.tries if state.words == one.words else 0) + (not result.is_overloaded)
    return replace(
        state,
        words=one.words,
        tried_at=now,
        tries=tries,
        problem=result.problem,
        waits=tries < _TRIES,
        not_before=result.not_before,
    )


def _improve(
    connection: Connection,
    old: Item,
    own: OwnPage,
    state: OwnPageState | None,
    source: str,
    now: datetime,
) -> tuple[str, ...]:
    """Add the fields of an own page to the stored item, and return their names."""
    new, fields = improved(old, own)
    if state is not None and state.good_at is not None and is_significant(old, new):
        new = replace(new, updated=now)
    if new != old:
        update_item(connection, new)
        for change in revision(old, new, source=source, why="its own page", now=now):
            record_change(connection, change)
    return fields


def improved(item: Item, own: OwnPage) -> tuple[Item, tuple[str, ...]]:
    """Return the item with the fields of its own page, and the names of the fields that the page has. Pure.

    Fields that an editor set stay. The page's day is used only if the listing gave none, or only the month;
    its time is used only if it is on the same day. The next reading of the list does not compare them
    (`ItemKeys.day`).
    """
    found = {
        name: value
        for name in ("link", "credit", "body")
        if name not in item.edited and (value := getattr(own, name)) is not None
    }
    fields = tuple(found)
    if canonical(own.link) == canonical(item.link):
        found.pop("link", None)
    if same_words(item.credit, own.credit):
        found.pop("credit", None)
    if same_text(item.body, own.body):
        found.pop("body", None)
    if own.image_url is not None:
        fields += ("image_url", "image_alt")
        if not same_picture(item.image_url, own.image_url):
            found |= {"image_url": own.image_url, "image_alt": own.image_alt}
        elif own.image_alt is not None:
            found["image_alt"] = own.image_alt
    return _with_day(replace(item, **found), own), fields


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


def _due(store: Store, source: str) -> Sequence[_Due]:
    """Return the items whose own pages are due: listed now, or waiting; those never tried come first."""
    with store.reading() as connection:
        waiting = waiting_own_pages(connection, source)
        places = {
            **listed_last(connection, source),
            **places_in(connection, source, ids=waiting),
        }
        items = get_items(connection, places)
        states = own_page_states(connection, places)
    found = []
    for item_id, place in places.items():
        item, state, words = items.get(item_id), states.get(item_id), _words(place)
        if item is None or item.source != source or item.gone_at is not None or place.link is None:
            continue
        if state is None or state.waits or state.words != words:
            found.append(_Due(item=item, link=place.link, words=words, state=state))
    return sorted(found, key=lambda one: one.state is not None and one.state.tried_at is not None)


def _words(place: Sighting) -> str:
    fields = (place.link, place.title, place.summary, place.published)
    return hashlib.sha256("\0".join(map(str, fields)).encode("utf-8", "replace")).hexdigest()


class _Reader:
    """Reads own pages in one round: a few hosts at a time, one page of a host at a time.

    After an answer that a host is overloaded, no more of its pages are requested.
    """

    def __init__(self, source: SourceOptions, get: Get, due: Iterable[_Due], *, now: datetime) -> None:
        self._source, self._get, self._now = source, get, now
        states = [(one.host, one.state) for one in due if one.state is not None]
        self._overloaded = {host for host, state in states if state.not_before and state.not_before > now}
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def read(self, one: _Due) -> _Result:
        """Return the result of one item's page."""
        async with self._hosts[one.host], self._gate:
            return None if one.host in self._overloaded else await self._read(one)

    async def _read(self, one: _Due) -> OwnPage | _Failed:
        try:
            own = await read_own_page(await self._get(one.link), self._source)
            _refuse_another(one, own)
        except SourceError as error:
            log.info("own_page.failed", source=self._source.name, item=one.item.id, problem=str(error))
            if not isinstance(error, HttpStatusError) or error.status not in _OVERLOADED:
                return _Failed(problem=str(error))
            self._overloaded.add(one.host)
            not_before = retry_moment(error.retry_after, now=self._now)
            return _Failed(problem=str(error), is_overloaded=True, not_before=not_before)
        except Exception as error:  # a defect that one page reveals must not stop the others
            log.exception("own_page.defect", source=self._source.name, item=one.item.id)
            text = f"The program failed on this page ({type(error).__name__}: {error}). Please report this."
            return _Failed(problem=text)
        return own


def _refuse_another(one: _Due, own: OwnPage) -> None:
    """Raise if the page is not that of the item, but a home page, an error page or other news.

    Raises:
        SourceError: the page has no title like the item's, or the item has no title.
    """
    title = one.item.title
    if title is None:
        raise SourceError(
            f"{one.link} was not used: its item has no title by which the page could be recognised."
        )
    if "title" in one.item.edited:
        return
    if not own.titles:
        raise SourceError(f"{one.link} has no title, so it was not used.")
    if not any(_is_title(title, other) for other in own.titles):
        shown = shorten(own.titles[0], 60)
        raise SourceError(f"{one.link} has another title than its item, “{shown}”, so it was not used.")


def _is_title(title: str, other: str) -> bool:
    one, two = fold_title(title), fold_title(other)
    is_contained = len(one) >= _LONG_ENOUGH and one in two
    return one == two or is_contained or is_near_equal(title, other)


def _warnings(results: Sequence[tuple[_Due, _Result]]) -> tuple[str, ...]:
    warnings = []
    problems = [(one.item, result.problem) for one, result in results if isinstance(result, _Failed)]
    left = sum(result is None for _, result in results)
    if problems:
        item, problem = problems[0]
        first = f"{shorten(item.heading, 60)}: {problem}"
        count = f"{len(problems)} of {len(results) - left}"
        warnings.append(f"own pages that could not be used: {count}; the first is {first}")
    if left:
        warnings.append(f"own pages that wait for a later round: {left}")
    return tuple(warnings)


def shared_addresses(connection: Connection, found: Sequence[tuple[Item, OwnPage]]) -> frozenset[str | None]:
    """Return the canonical addresses that several of these pages state, or that another stored item has.

    If another stored item has the address from its own page, that link is released: the next reading of the
    item's list restores the link from the list.
    """
    folded = Counter(canonical(own.link) for _, own in found)
    shared = {address for address, count in folded.items() if count > 1}
    for item, own in found:
        address = canonical(own.link)
        if address is None:
            continue
        others = [one for one in sharing_address(connection, address) if one.item_id != item.id]
        listed = known_items(connection, {"canonical": {address}})
        if others or any(one.id != item.id for one in listed):
            shared.add(address)
            without = [
                replace(one, fields=tuple(name for name in one.fields if name != "link")) for one in others
            ]
            record_own_pages(connection, without)
    return frozenset(shared)
