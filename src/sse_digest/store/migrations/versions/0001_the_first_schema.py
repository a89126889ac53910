"""The first schema.

Revision: 0001, after None.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "approvals",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", "period", name=op.f("pk_approvals")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("blame", sa.String(length=12), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(length=27), nullable=True),
        sa.Column("first_attempt", sa.String(length=27), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "digest", "period", "subscriber_id", name=op.f("uq_deliveries_digest_period_subscriber_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_digest_period_state_due",
            ["digest", "period", "state", "due"],
            unique=False,
            sqlite_where=sa.text("state IN ('planned', 'deferred')"),
        )
        batch_op.create_index("ix_deliveries_message_id", ["message_id"], unique=False)
        batch_op.create_index(
            "ix_deliveries_sender", ["sender"], unique=False, sqlite_where=sa.text("sender IS NOT NULL")
        )

    op.create_table(
        "editions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", "period", "list", "language", "themes", name=op.f("pk_editions")),
    )
    op.create_table(
        "facts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_facts")),
    )
    op.create_table(
        "gate_overrides",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", "period", "rule", name=op.f("pk_gate_overrides")),
    )
    op.create_table(
        "inquiries",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_inquiries")),
    )
    op.create_table(
        "issue_edits",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("introduction", sa.JSON(), nullable=False),
        sa.Column("lead", sa.String(length=26), nullable=True),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", "period", name=op.f("pk_issue_edits")),
    )
    op.create_table(
        "issue_items",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("digest", "item_id", name=op.f("pk_issue_items")),
    )
    with op.batch_alter_table("issue_items", schema=None) as batch_op:
        batch_op.create_index("ix_issue_items_digest_period", ["digest", "period"], unique=False)

    op.create_table(
        "issues",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("composed_at", sa.String(length=27), nullable=False),
        sa.Column("frozen_at", sa.String(length=27), nullable=True),
        sa.Column("lead", sa.String(length=26), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("paused_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("digest", "period", name=op.f("pk_issues")),
    )
    op.create_table(
        "item_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("item_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_changes_item_id"), ["item_id"], unique=False)

    op.create_table(
        "item_edits",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("theme", sa.String(length=64), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", "item_id", name=op.f("pk_item_edits")),
    )
    op.create_table(
        "item_places",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("kicker", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("date_text", sa.Text(), nullable=True),
        sa.Column("said", sa.String(length=64), nullable=False),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("first_seen", sa.String(length=27), nullable=False),
        sa.Column("last_seen", sa.String(length=27), nullable=False),
        sa.Column("absences", sa.Integer(), nullable=False),
        sa.Column("missed_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "source", name=op.f("pk_item_places")),
    )
    with op.batch_alter_table("item_places", schema=None) as batch_op:
        batch_op.create_index("ix_item_places_source_last_seen", ["source", "last_seen"], unique=False)
        batch_op.create_index("ix_item_places_source_published", ["source", "published"], unique=False)

    op.create_table(
        "item_skips",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("digest", "item_id", name=op.f("pk_item_skips")),
    )
    op.create_table(
        "items",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_item_id", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("canonical", sa.Text(), nullable=True),
        sa.Column("link_number", sa.String(length=32), nullable=True),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("kicker", sa.Text(), nullable=True),
        sa.Column("credit", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("image_alt", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("published_at", sa.String(length=27), nullable=True),
        sa.Column("precision", sa.String(length=8), nullable=False),
        sa.Column("date_text", sa.Text(), nullable=True),
        sa.Column("first_seen", sa.String(length=27), nullable=False),
        sa.Column("updated", sa.String(length=27), nullable=False),
        sa.Column("group", sa.String(length=26), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("primary_theme", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.String(length=26), nullable=True),
        sa.Column("gone_at", sa.String(length=27), nullable=True),
        sa.Column("edited", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_items")),
        sa.UniqueConstraint("id", name=op.f("uq_items_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index("ix_items_canonical", ["canonical"], unique=False)
        batch_op.create_index("ix_items_day", ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_items_group"), ["group"], unique=False)
        batch_op.create_index("ix_items_link_number", ["link_number"], unique=False)
        batch_op.create_index("ix_items_source_item_id", ["source_item_id"], unique=False)

    op.create_table(
        "own_pages",
        sa.Column("item_id", sa.String(length=26), nullable=False),
        sa.Column("words", sa.String(length=64), nullable=False),
        sa.Column("tried_at", sa.String(length=27), nullable=True),
        sa.Column("good_at", sa.String(length=27), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.String(length=27), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_own_pages")),
    )
    with op.batch_alter_table("own_pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_own_pages_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_own_pages_waits"), ["waits"], unique=False)

    op.create_table(
        "relay_paces",
        sa.Column("relay", sa.Text(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("connections", sa.Integer(), nullable=True),
        sa.Column("resting_until", sa.String(length=27), nullable=True),
        sa.Column("slowed_at", sa.String(length=27), nullable=True),
        sa.Column("quiet_since", sa.String(length=27), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("relay", name=op.f("pk_relay_paces")),
    )
    op.create_table(
        "relay_use",
        sa.Column("relay", sa.Text(), nullable=False),
        sa.Column("minute", sa.String(length=27), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("relay", "minute", name=op.f("pk_relay_use")),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "senders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=False),
        sa.Column("good_at", sa.String(length=27), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("shapes", sa.JSON(), nullable=False),
        sa.Column("alarms", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscribers_address_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "visits",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("manner", sa.String(length=64), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("not_before", sa.String(length=27), nullable=True),
        sa.Column("pages_left", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("source", "url", name=op.f("pk_visits")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.String(length=12), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempts_delivery_id"), ["delivery_id"], unique=False)

    op.create_table(
        "subscriptions",
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_subscriptions_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list", "subscriber_id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index("ix_subscriptions_subscriber_id", ["subscriber_id"], unique=False)
