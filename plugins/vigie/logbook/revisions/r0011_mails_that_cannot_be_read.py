"""Which mails are being read, what of a mail was left unread, and by what it is known in a rebuilt mailbox.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the table and the columns. Of the mails that are there no content is known (NULL): they go by their key."""
    op.create_table(
        "reading",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("uidvalidity", sa.BigInteger, nullable=False),
        sa.Column("first_uid", sa.BigInteger, nullable=False),
        sa.Column("last_uid", sa.BigInteger, nullable=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("began_at", _instant, nullable=False),
    )
    op.add_column("mail", sa.Column("content", sa.Text))
    op.add_column("mail", sa.Column("unread", sa.Text, nullable=False, server_default=""))
    op.create_index("mail_place", "mail", ["source", "uidvalidity", "uid"])
    op.drop_index("mail_unsettled", "mail")
    where = sa.text("fate IN ('unclassified', 'unreadable') AND settled_at IS NULL")
    op.create_index("mail_unsettled", "mail", ["client", "id"], sqlite_where=where, postgresql_where=where)
