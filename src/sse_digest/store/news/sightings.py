"""Statements on places: on which source's page an item stands, and what that page says of it.

One item on three pages is one item with three places. A place keeps the source's own words, whatever
an editor made of them, and how often the item was missed since it was last seen there.
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
    """One item on one source's page, as that page last said it."""

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
    said: str  # a hash of all that was said of it (`sources.identity.said_of`)
    first_seen: datetime  # aware, UTC
    last_seen: datetime  # aware, UTC
    absences: int = 0  # readings since, in which older items stood there and this one did not
    how: str | None = None  # by what it was found there, for people
    missed_at: datetime | None = None  # the last of them; aware, UTC


LISTED_AT = "SELECT max(last_seen) FROM item_places WHERE source = :source"
"""A part of statements: when a source's page was last read that listed anything."""
_LISTED_LAST = f"source = :source AND last_seen = ({LISTED_AT})"


def places_of(connection: Connection, item_id: str) -> tuple[Sighting, ...]:
    """Return the sightings of an item, the first one first."""
    rows = connection.rows(
        "SELECT * FROM item_places WHERE item_id = ? ORDER BY first_seen, source", (item_id,)
    )
    return tuple(read_row(Sighting, row) for row in rows)


def sightings_of(connection: Connection, ids: Collection[str]) -> Mapping[str, Sequence[Sighting]]:
    """Return every sighting of each of these items, by item id."""
    rows = connection.rows_in("SELECT * FROM item_places WHERE item_id IN ({keys})", (), sorted(ids))
    found: dict[str, list[Sighting]] = {item_id: [] for item_id in ids}
    for row in rows:
        found[row["item_id"]].append(read_row(Sighting, row))
    return found


def places_in(
    connection: Connection, source: str, *, ids: Collection[str] | None = None, since: date | None = None
) -> Mapping[str, Sighting]:
    """Return sightings on a source's page, past ones too, by item id.

    Args:
        connection: of any transaction.
        source: its name.
        ids: of the wanted items; None: of every item.
        since: with `ids`, also those of items that the page dated later than this day.
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
    """Return the sightings of the last reading that listed anything, by item id, in its order."""
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
    """Record where the items of a reading stand: ids, what was read and its hash, in the page's order."""
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
    """Record that everything a source's page listed when it was last read is still there."""
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
