"""Store the date of a mail beside the time of its first attempt; before, they were the same.

Revision: 0004, after 0003.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and fill it."""
    op.execute("ALTER TABLE deliveries ADD COLUMN mail_date VARCHAR(27)")
    op.execute("UPDATE deliveries SET mail_date = first_attempt")
