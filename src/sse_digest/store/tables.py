"""The tables of issues, subscribers and deliveries, and the facts of this installation.

Portable types only: SQLite now, PostgreSQL with the same definitions. `reading_tables` has those of reading.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from sse_digest.store.schema import Instant, metadata

# Facts of this installation that must survive a change of configuration: the authority and year of
# the tag: ids, stored at the first publish.
facts = Table(
    "facts", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False)
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

WAITS = text("state IN ('planned', 'deferred')")  # as words: SQLite must see that a question fits the index

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
    # Only what is asked for by them: every row that an index holds costs each change of it a page more.
    Index("ix_deliveries_digest_period_state_due", "digest", "period", "state", "due", sqlite_where=WAITS),
    Index("ix_deliveries_sender", "sender", sqlite_where=text("sender IS NOT NULL")),
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
