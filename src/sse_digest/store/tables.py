"""The tables, room by room. Portable types only: SQLite now, PostgreSQL with the same definitions.

Instants are ISO 8601 text in UTC with microseconds, so that they sort as text and read as time.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as ISO 8601 text that sorts in time order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Turn an aware datetime into text; a naive one is a bug and raises."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Turn the text back into an aware datetime."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Facts of this installation that must survive a change of configuration: the authority and year of
# the tag: ids, stored at the first publish.
facts = Table(
    "facts", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False)
)

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

issues = Table(
    "issues",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("frozen_at", Instant),  # None: still composed anew when asked
    Column("lead", String(26)),  # the lead item's id
    Column("total", Integer),  # recipients fixed at the first send; None: not yet
    Column("paused_at", Instant),  # None: its deliveries may be claimed
    PrimaryKeyConstraint("digest", "period"),
)

issue_items = Table(
    "issue_items",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("item_id", String(26), nullable=False),
    Column("period", String(7), nullable=False),
    Column("position", Integer, nullable=False),
    Column("snapshot", JSON),  # its section and other themes; once frozen, the item itself as well
    PrimaryKeyConstraint("digest", "item_id"),
    Index("ix_issue_items_digest_period", "digest", "period"),
)

item_skips = Table(
    "item_skips",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("item_id", String(26), nullable=False),
    Column("period", String(7), nullable=False),  # the issue that would have taken it
    Column("reason", String(64), nullable=False),
    PrimaryKeyConstraint("digest", "item_id"),
)

issue_edits = Table(
    "issue_edits",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("title", JSON, nullable=False),  # language to words
    Column("introduction", JSON, nullable=False),  # language to Markdown
    Column("lead", String(26)),  # None: chosen by the rule
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("digest", "period"),
)

item_edits = Table(  # kept apart from `issue_items`, which composing writes anew
    "item_edits",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("item_id", String(26), nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("theme", String(64)),  # None: as the rules say
    Column("pinned", Boolean, nullable=False),
    Column("position", Integer),  # None: by date
    Column("note", JSON, nullable=False),  # language to words
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("digest", "item_id"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("content_hash", String(64), nullable=False),  # of everything rendered that people get
    Column("approved_by", Text, nullable=False),
    Column("approved_at", Instant, nullable=False),
    PrimaryKeyConstraint("digest", "period"),
)

gate_overrides = Table(
    "gate_overrides",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("digest", "period", "rule"),
)

editions = Table(
    "editions",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("list", String(64), nullable=False),  # its footer says which list it went to, and why
    Column("language", String(12), nullable=False),
    Column("themes", Text, nullable=False),  # theme keys in digest order, joined by blanks
    Column("subject", Text, nullable=False),
    Column("html", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("stored_at", Instant, nullable=False),
    PrimaryKeyConstraint("digest", "period", "list", "language", "themes"),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("language", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice: old links must not name somebody new
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("list", String(64), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(8), nullable=False),
    Column("themes", JSON, nullable=False),  # empty: every theme
    Column("origin", Text, nullable=False),  # where the consent comes from ("import of people.csv, line 4")
    Column("changed_at", Instant, nullable=False),
    PrimaryKeyConstraint("list", "subscriber_id"),
    Index("ix_subscriptions_subscriber_id", "subscriber_id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

senders = Table(
    "senders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),  # None: it lives, or died without a word
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("subscriber_id", Integer, nullable=False),  # no foreign key: the record outlives the person
    Column("list", String(64), nullable=False),
    Column("language", String(12), nullable=False),
    Column("themes", Text, nullable=False),  # of the edition, as in `editions`
    Column("state", String(12), nullable=False),
    Column("reason", Text),  # why skipped, deferred, rejected or in doubt; None: nothing to say
    Column("blame", String(12)),  # of the last refusal
    Column("held", Boolean, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("claim", Integer, nullable=False),  # counts claims; every later UPDATE names it
    Column("sender", String(32)),  # who has it in hand; None in every other state
    Column("attempts", Integer, nullable=False),
    Column("due", Instant),  # not before this instant; None: at once
    Column("first_attempt", Instant),  # the Date: header of every attempt
    Column("message_id", Text),  # derived from the key when planned; None only before it is known
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("digest", "period", "subscriber_id"),
    Index("ix_deliveries_digest_period_state_due", "digest", "period", "state", "due"),
    Index("ix_deliveries_sender", "sender"),
    Index("ix_deliveries_message_id", "message_id"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("claim", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("code", Integer),
    Column("enhanced", String(12)),
    Column("reply", Text, nullable=False),
    sqlite_autoincrement=True,
)

relay_paces = Table(
    "relay_paces",
    metadata,
    Column("relay", Text, primary_key=True),  # host:port
    Column("rate", Float),  # messages a second; None, also below: as the settings say
    Column("connections", Integer),
    Column("resting_until", Instant),
    Column("slowed_at", Instant),
    Column("quiet_since", Instant),
    Column("why", Text),  # what the relay said, without addresses
)

relay_use = Table(
    "relay_use",
    metadata,
    Column("relay", Text, primary_key=True),
    Column("minute", Instant, primary_key=True),  # its beginning
    Column("count", Integer, nullable=False),  # messages begun, or about to be
)
