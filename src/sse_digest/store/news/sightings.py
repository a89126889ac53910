"""Statements on sightings: which source's page shows an item, and what that page says of it.

An item on three pages has three sightings. A sighting keeps the source's own words, even if an editor changed
them, and how often the item was missed since the page last showed it. The table is `item_places`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sse_digest.model.items import ReadItem
from sse_digest.store.connection import Connection
from sse_digest.store.values import read_row, stored

_WORDS = ("link", "kicker", "section", "title", "summary", "published", "date_text", "how")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One item on one source's page, as that page last showed it."""

    item_id: str
    source: str
    position: int  # on the page, from 0
    link: str | None
    kicker: str | None
    section: str | None
    title: str | None
    summary: str | None
    published: date | None
    date_text: str | None
    said: str  # a hash of everything that the page says of it (`sources.identity.said_of`)
    first_seen: datetime  # aware, UTC
    last_seen: datetime  # aware, UTC
    absences: int = 0  # later readings in which the page showed older items but not this one
    how: str | None = None  # how it was found on the page, for people
    missed_at: datetime | None = None  # the last absence; aware, UTC


LISTED_AT = "SELECT max(last_seen) FROM item_places WHERE source = :source"
"""A part of statements: the time of a source's last reading that listed anything."""
_LISTED_LAST = f"source = :source AND last_seen = ({LISTED_AT})"


def places_of(connection: Connection, item_id: str) -> tuple[Sighting, ...]:
    """Return the sightings of an item, oldest first."""
    rows = connection.rows(
        "SELECT * FROM item_places WHERE item_id = ? ORDER BY first_seen, source", (item_id,)
    )
    return tuple(read_row(Sighting, row) for row in rows)


def sightings_of(connection: Connection, ids: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
    """Return all sightings of these items, by item id."""
    rows = connection.rows_in("SELECT * FROM item_places WHERE item_id IN ({keys})", (), sorted(ids))
    found: dict[str, list[Sighting]] = {item_id: [] for item_id in ids}
    for row in rows:
        found[row["item_id"]].append(read_row(Sighting, row))
    return found


def places_in(
    connection: Connection, source: str, *, ids: Collection[str] | None = None, since: date | None = None
) -> Mapping[str, Sighting]:
    """Return sightings on a source's page, including past ones, by item id.

    Args:
        connection: in any transaction.
        source: the name of the source.
        ids: the items; None: all items.
        since: with `ids`, also include items that the page dated later than this day.
    """
    here = "SELECT * FROM item_places WHERE source = ?"
    if ids is None:
        rows = connection.rows(here, (source,))
    else:
        rows = connection.rows_in(f"{here} AND item_id IN ({{keys}})", (source,), sorted(ids))
        if since is not None:
            rows += connection.rows(f"{here} AND published > ?", (source, stored(since)))
    return {row["item_id"]: read_row(Sighting, row) for row in rows}


def listed_last(connection: Connection, source: str) -> Mapping[str, Sighting]:
    """Return the sightings of the last reading that listed anything, by item id, in the page's order."""
    rows = connection.rows(
        f"SELECT * FROM item_places WHERE {_LISTED_LAST} ORDER BY position",  # noqa: S608 # a part of a statement
        {"source": source},
    )
    return {row["item_id"]: read_row(Sighting, row) for row in rows}


def record_places(
    connection: Connection,
    source: str,
    found: Sequence[tuple[str, ReadItem, str]],
    *,
    now: datetime,
    begin: int = 0,
) -> None:
    """Store the sightings of a reading.

    Args:
        connection: in a writing transaction.
        source: the name of the source.
        found: (item id, read item, hash of what the page says of it), in the page's order.
        now: when the page was read.
        begin: the position of the first item.
    """
    places = places_in(connection, source, ids={item_id for item_id, *_ in found})
    for position, (item_id, read, said) in enumerate(found, start=begin):
        values = {name: getattr(read, name) for name in _WORDS}
        values |= {"said": said, "position": position, "last_seen": now, "absences": 0, "missed_at": None}
        if item_id in places:
            connection.update("item_places", values, item_id=item_id, source=source)
        else:
            key = {"item_id": item_id, "source": source, "first_seen": now}
            connection.insert("item_places", key | values)


def record_standing(connection: Connection, source: str, *, now: datetime) -> None:
    """Record that a source's page still shows everything that its last reading listed."""
    connection.change(
        f"UPDATE item_places SET last_seen = :now WHERE {_LISTED_LAST}",  # noqa: S608 # a part of a statement
        {"source": source, "now": now},
    )


def record_absences(connection: Connection, source: str, item_ids: Iterable[str], *, now: datetime) -> None:
    """Count one more absence of each item from a source's page."""
    connection.change_in(
        """
        UPDATE item_places SET absences = absences + 1, missed_at = ? WHERE source = ? AND item_id IN ({keys})
        """,
        (stored(now), source),
        list(item_ids),
    )
