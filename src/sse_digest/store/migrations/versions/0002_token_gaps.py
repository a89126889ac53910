"""Where the recipient's token belongs in a stored edition; unknown in those stored before.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema forward."""
    op.execute("ALTER TABLE editions ADD COLUMN html_gaps TEXT")
    op.execute("ALTER TABLE editions ADD COLUMN text_gaps TEXT")
