"""The mails that were seen, with their fate; indexes by which bounces, storms and many pages at once are found.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table of mails, and the indexes."""
    op.create_table(
        "mail",
        sa.Column("id", _number, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("uidvalidity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        sa.Column("seen_at", _instant, nullable=False),
        sa.Column("received_at", _instant, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("fate", sa.Text, nullable=False),
        sa.Column("fate_by", sa.Text, nullable=False),
        sa.Column("alike", sa.Text, nullable=False),
        sa.Column("told_at", _instant),
        sa.Column("settled_at", _instant),
        sa.Column("settled_by", sa.Text),
        sa.Column("filed_at", _instant),
        sa.Column("filed_to", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("mail_key", "mail", ["key"], unique=True)
    op.create_index("mail_client", "mail", ["client", "id"])
    op.create_index("mail_alike", "mail", ["client", "alike"])
    _partial("mail_unsettled", ["client", "id"], "fate = 'unclassified' AND settled_at IS NULL")
    _partial("mail_unfiled", ["source", "id"], "filed_at IS NULL")
    op.create_index("incident_opened", "incident", ["watch", "opened_at"])
    op.create_index("message_ref", "message", ["ref"])
    op.create_index("message_recipient", "message", ["recipient", "done_at"])


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "mail", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
