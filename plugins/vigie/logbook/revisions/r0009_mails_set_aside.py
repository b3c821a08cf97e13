"""Mails that are a KO but for their origin are told and listed.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index by which they are found; what was ignored before stays so."""
    where = sa.text("fate = 'set_aside' AND settled_at IS NULL")
    op.create_index("mail_set_aside", "mail", ["client", "id"], sqlite_where=where, postgresql_where=where)
