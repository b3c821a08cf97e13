"""What has come so far of an occurrence, by name: the progress of a quorum of mails.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what is there nothing is counted by name."""
    op.add_column("occurrence", sa.Column("arrivals", sa.Text, nullable=False, server_default="{}"))
