"""Statements on own pages: when each was read, which fields it gave, and what went wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sse_digest.store.connection import Connection
from sse_digest.store.news.sightings import LISTED_AT, Sighting
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageState:
    """The state of reading an item's own page."""

    item_id: str
    words: str  # a hash of what the list said about the item at that time
    tried_at: datetime | None  # the last try; aware, UTC; None: the first try is still to come
    good_at: datetime | None  # the last try that gave fields, or None if there was none
    tries: int  # since the last good try, or since the list said something else
    problem: str | None  # why the last try gave nothing, or None if it was good
    fields: tuple[str, ...]  # names of the item's fields that the page gave; the list does not change them
    waits: bool = False  # whether to read it in a later round, even if the item is no longer listed
    not_before: datetime | None = None  # the server asked for no request before this time; aware, UTC
    address: str | None = None  # the page's canonical address as it gives it, folded; None if it gives none


def own_page_states(connection: Connection, ids: Iterable[str]) -> Mapping[str, OwnPageState]:
    """Return the states of these items' own pages, by item id. Items without a state are left out."""
    rows = connection.rows_in("SELECT * FROM own_pages WHERE item_id IN ({keys})", (), sorted(set(ids)))
    return {row["item_id"]: read_row(OwnPageState, row) for row in rows}


def waiting_own_pages(connection: Connection, source: str) -> Mapping[str, OwnPageState]:
    """Return the states of a source's own pages that wait for a later round, by item id, oldest first."""
    rows = connection.rows(
        """
        SELECT own_pages.* FROM own_pages JOIN items ON items.id = own_pages.item_id
        WHERE items.source = ? AND own_pages.waits ORDER BY items.number
        """,
        (source,),
    )
    return {row["item_id"]: read_row(OwnPageState, row) for row in rows}


def sharing_address(connection: Connection, address: str) -> tuple[OwnPageState, ...]:
    """Return the states of the own pages that give this canonical address. Pass it folded."""
    rows = connection.rows("SELECT * FROM own_pages WHERE address = ?", (address,))
    return tuple(read_row(OwnPageState, row) for row in rows)


def record_own_pages(connection: Connection, states: Collection[OwnPageState]) -> None:
    """Store the states of own pages in place of the earlier ones."""
    for state in states:
        connection.replace("own_pages", asdict(state), "item_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCheck:
    """The gone checks of an item that its list no longer shows."""

    item_id: str
    asked_at: datetime  # the last request; aware, UTC
    times: int  # how often the server replied
    status: int | None  # the HTTP status of the last reply, or None if there was none


def inquiries_of(connection: Connection, ids: Iterable[str]) -> Mapping[str, GoneCheck]:
    """Return the gone checks of these items, by item id. Items that were never checked are left out."""
    rows = connection.rows_in("SELECT * FROM inquiries WHERE item_id IN ({keys})", (), sorted(set(ids)))
    return {row["item_id"]: read_row(GoneCheck, row) for row in rows}


def record_inquiries(connection: Connection, asked: Collection[GoneCheck]) -> None:
    """Store gone checks in place of earlier ones of the same items."""
    for one in asked:
        connection.replace("inquiries", asdict(one), "item_id")


def lost_places(
    connection: Connection, source: str, *, lost_since: datetime, day_since: date, front: int, most: int
) -> tuple[Sighting, ...]:
    """Return sightings of items that a source's last reading no longer listed, longest missing first.

    Items without a link are left out.

    Args:
        connection: in any transaction.
        source: the name of the source.
        lost_since: leave out items that were last listed before this time.
        day_since: leave out items that are dated before this day.
        front: leave out items that were not among this many first ones on the page.
        most: the largest number of sightings to return.
    """
    rows = connection.rows(
        f"""
        SELECT * FROM item_places
        WHERE source = :source AND last_seen >= :lost_since AND last_seen < ({LISTED_AT})
            AND (published IS NULL OR published >= :day_since) AND position < :front AND link IS NOT NULL
        ORDER BY last_seen, position LIMIT :most
        """,  # noqa: S608 # a part of a statement, not a value
        {
            "source": source,
            "lost_since": lost_since,
            "day_since": day_since,
            "front": front,
            "most": most,
        },
    )
    return tuple(read_row(Sighting, row) for row in rows)
