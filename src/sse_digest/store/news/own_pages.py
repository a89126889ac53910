"""Statements on own pages: when one was read, what of its item it gave, and what went wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sse_digest.store.connection import Connection
from sse_digest.store.news.sightings import LISTED_AT, Sighting
from sse_digest.store.values import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPageState:
    """How the reading of an item's own page went."""

    item_id: str
    words: str  # a hash of what the listing said of the item then
    tried_at: datetime | None  # aware, UTC; None: it waits for its first try
    good_at: datetime | None  # the last try that gave something, or None if there was none
    tries: int  # since the last good one, or since the listing said something else
    problem: str | None  # why the last try gave nothing, or None if it was good
    fields: tuple[str, ...]  # names of the item's fields that its page gave; a listing leaves them alone
    waits: bool = False  # to be asked in a later round, whether the item is still listed or not
    not_before: datetime | None = None  # its server asked for peace until then; aware, UTC
    address: str | None = None  # what the page calls its own, folded, taken or not; None: nothing


def own_page_states(connection: Connection, ids: Iterable[str]) -> Mapping[str, OwnPageState]:
    """Return the states of those of these items whose pages were ever tried, by item id."""
    rows = connection.rows_in("SELECT * FROM own_pages WHERE item_id IN ({keys})", (), sorted(set(ids)))
    return {row["item_id"]: read_row(OwnPageState, row) for row in rows}


def waiting_own_pages(connection: Connection, source: str) -> Mapping[str, OwnPageState]:
    """Return the states of a source's items whose pages wait for a later round, the oldest item first."""
    rows = connection.rows(
        """
        SELECT own_pages.* FROM own_pages JOIN items ON items.id = own_pages.item_id
        WHERE items.source = ? AND own_pages.waits ORDER BY items.number
        """,
        (source,),
    )
    return {row["item_id"]: read_row(OwnPageState, row) for row in rows}


def sharing_address(connection: Connection, address: str) -> tuple[OwnPageState, ...]:
    """Return the states of the pages that call themselves by an address, folded."""
    rows = connection.rows("SELECT * FROM own_pages WHERE address = ?", (address,))
    return tuple(read_row(OwnPageState, row) for row in rows)


def record_own_pages(connection: Connection, states: Collection[OwnPageState]) -> None:
    """Store how pages were read, in place of what was stored of them before."""
    for state in states:
        connection.replace("own_pages", asdict(state), "item_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCheck:
    """What is known of the own page of an item that its list does not show any more."""

    item_id: str
    asked_at: datetime  # the last time; aware, UTC
    times: int  # that its server answered
    status: int | None  # of the last answer, or None if there was none


def inquiries_of(connection: Connection, ids: Iterable[str]) -> Mapping[str, GoneCheck]:
    """Return what is known of those of these items whose pages were ever asked after, by item id."""
    rows = connection.rows_in("SELECT * FROM inquiries WHERE item_id IN ({keys})", (), sorted(set(ids)))
    return {row["item_id"]: read_row(GoneCheck, row) for row in rows}


def record_inquiries(connection: Connection, asked: Collection[GoneCheck]) -> None:
    """Store checks, in place of earlier ones of the same items."""
    for one in asked:
        connection.replace("inquiries", asdict(one), "item_id")


def lost_places(
    connection: Connection, source: str, *, lost_since: datetime, day_since: date, front: int, most: int
) -> tuple[Sighting, ...]:
    """Return sightings that the source's last reading did not list any more, those lost first leading.

    Args:
        connection: of any transaction.
        source: its name.
        lost_since: what was not listed since then is skipped.
        day_since: and what is dated before that day.
        front: and what was not among so many at the head of its list.
        most: how many are returned at most.
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
