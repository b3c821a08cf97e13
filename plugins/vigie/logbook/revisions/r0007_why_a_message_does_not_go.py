"""What keeps a message from going out, and since when.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the columns and their index; of what was given up before, nobody is notified now."""
    op.add_column("message", sa.Column("obstacle", sa.Text))
    op.add_column("message", sa.Column("obstacle_since", _instant))
    where = sa.text("obstacle IS NOT NULL")
    op.create_index("message_hindered", "message", ["id"], sqlite_where=where, postgresql_where=where)
