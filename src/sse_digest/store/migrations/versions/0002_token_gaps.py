"""Store the token gaps of each edition. Editions that were stored before have none.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    op.execute("ALTER TABLE editions ADD COLUMN html_gaps TEXT")
    op.execute("ALTER TABLE editions ADD COLUMN text_gaps TEXT")
