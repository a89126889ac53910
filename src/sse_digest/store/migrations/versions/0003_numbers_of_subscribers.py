"""Give every subscriber a random number, which tokens contain instead of the row's id.

Revision: 0003, after 0002.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and fill it."""
    op.execute("ALTER TABLE subscribers ADD COLUMN number INTEGER NOT NULL DEFAULT 0")
    op.execute("UPDATE subscribers SET number = random() & 0x7fffffffffffffff")
    op.execute("CREATE UNIQUE INDEX ix_subscribers_number ON subscribers (number)")
