"""The tables of reading: sources and what is remembered of their pages, and the ledger of items."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from sse_digest.store.schema import Instant, metadata

sources = Table(
    "sources",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("read_at", Instant, nullable=False),  # the last try
    Column("good_at", Instant),  # the last try that gave items
    Column("problem", Text),  # why the last try gave nothing; None: it was good
    Column("items", Integer, nullable=False),  # of the last good reading
    Column("shapes", JSON, nullable=False),  # of the last good readings, the newest last
    Column("alarms", JSON, nullable=False),  # of the last try; empty: it was taken, or not even judged
)

visits = Table(  # the last request for each page that a source needs
    "visits",
    metadata,
    Column("source", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("is_good", Boolean, nullable=False),
    Column("manner", String(64), nullable=False),  # how it was read, as a hash
    Column("etag", Text),
    Column("last_modified", Text),
    Column("moved_to", Text),  # where it leads for good
    Column("not_before", Instant),  # Retry-After; None: the server asked for no peace
    Column("pages_left", Boolean, nullable=False),  # a further page of the list is still to be read
    Column("ended_at", Instant),  # 410; None: it stands
    PrimaryKeyConstraint("source", "url"),
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True),  # scheme, host and port
    Column("asked_at", Instant, nullable=False),
    Column("text", LargeBinary, nullable=False),  # empty: there is none
)

items = Table(
    "items",
    metadata,
    Column("number", Integer, primary_key=True),  # order of first sight
    Column("id", String(26), nullable=False, unique=True),
    Column("source", String(64), nullable=False),
    Column("source_item_id", Text),
    Column("link", Text),
    Column("canonical", Text),  # the link with hosts and mirrors folded; None: no link
    Column("link_number", String(32)),  # the publisher's number in the link; None: it has none
    Column("heading", Text, nullable=False),  # title, else summary, as the source last gave it, for matching
    Column("day", Text),  # as the source's list last gave it, with its precision, for matching
    Column("title", Text),
    Column("summary", Text),
    Column("kicker", Text),
    Column("credit", Text),
    Column("section", Text),
    Column("place", Text),
    Column("language", String(12)),
    Column("image_url", Text),  # of the lead image; None: it has none
    Column("image_alt", Text),
    Column("body", Text),  # HTML, cleaned; None: not known
    Column("published", Date),
    Column("published_at", Instant),  # None: the source said the day only, or not even that
    Column("precision", String(8), nullable=False),
    Column("date_text", Text),
    Column("first_seen", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("group", String(26), nullable=False, index=True),
    Column("themes", JSON, nullable=False),
    Column("primary_theme", String(64), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("merged_into", String(26)),  # id of the item that stands for it; None: it stands for itself
    Column("gone_at", Instant),  # when its publisher was found to have taken it down; None: it stands
    Column("edited", JSON, nullable=False),
    Index("ix_items_source_item_id", "source_item_id"),
    Index("ix_items_canonical", "canonical"),
    Index("ix_items_link_number", "link_number"),
    Index("ix_items_day", "day"),
    sqlite_autoincrement=True,
)

item_places = Table(
    "item_places",
    metadata,
    Column("item_id", String(26), nullable=False),
    Column("source", String(64), nullable=False),
    Column("position", Integer, nullable=False),  # on the page, from 0
    Column("link", Text),
    Column("kicker", Text),
    Column("section", Text),
    Column("title", Text),  # the source's own words, whatever an editor made of them
    Column("summary", Text),
    Column("published", Date),
    Column("date_text", Text),
    Column("said", String(64), nullable=False),  # a hash of all that was said of it, for matching
    Column("how", Text),  # by what it was found there, for people; None: not known
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("absences", Integer, nullable=False),  # readings since that had older items, and not this one
    Column("missed_at", Instant),  # the last one that counted; None: it was not missed since
    PrimaryKeyConstraint("item_id", "source"),
    Index("ix_item_places_source_last_seen", "source", "last_seen"),
    Index("ix_item_places_source_published", "source", "published"),
)

# Items' own pages, where a source says that they are read.
own_pages = Table(
    "own_pages",
    metadata,
    Column("item_id", String(26), primary_key=True),
    Column("words", String(64), nullable=False),  # a hash of what the listing said of the item then
    Column("tried_at", Instant),  # None: it waits for its first try
    Column("good_at", Instant),  # the last try that gave something; None: there was none
    Column("tries", Integer, nullable=False),  # since the last good one
    Column("problem", Text),  # why the last try gave nothing; None: it was good
    Column("fields", JSON, nullable=False),  # of the item, that its page gave
    Column("waits", Boolean, nullable=False, index=True),  # it is asked in a later round, still listed or not
    Column("not_before", Instant),  # Retry-After of the last try; None: the server asked for no peace
    Column("address", Text, index=True),  # what the page calls its own, folded; None: nothing
)

inquiries = Table(  # after items that their list lost
    "inquiries",
    metadata,
    Column("item_id", String(26), primary_key=True),
    Column("asked_at", Instant, nullable=False),  # when its own page was asked for last
    Column("times", Integer, nullable=False),  # that it answered
    Column("status", Integer),  # of the last answer; None: there was none
)

item_changes = Table(
    "item_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", String(26), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("source", String(64), nullable=False),
    Column("what", String(8), nullable=False),
    Column("why", Text, nullable=False),
    Column("fields", JSON, nullable=False),  # field to what it said before and after
    sqlite_autoincrement=True,
)
