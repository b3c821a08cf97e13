"""Occurrences have slots, the reason of a waiver, a warning and their files; an incident may call nobody.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")
_KEPT = (
    "watch, business_date, site, client, flux, path, window_open, due, deadline, status, labels, arrived_at, looked_at"
)


def upgrade() -> None:
    """Make the table of occurrences anew (SQLite cannot change a primary key), and move what is known into it."""
    op.add_column("incident", sa.Column("page", sa.Boolean, nullable=False, server_default=sa.true()))
    op.rename_table("occurrence", "occurrence_before")
    op.create_table(
        "occurrence",
        sa.Column("watch", sa.Text, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("flux", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("window_open", _instant, nullable=False),
        sa.Column("due", _instant, nullable=False),
        sa.Column("deadline", _instant, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("arrived_at", _instant),
        sa.Column("looked_at", _instant),
        sa.Column("warned_at", _instant),
        sa.Column("files", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("watch", "business_date", "slot", "site", name="occurrence_key"),
    )
    op.execute(
        f"INSERT INTO occurrence ({_KEPT}, slot, reason, files) "  # noqa: S608  # the names are ours
        f"SELECT {_KEPT}, '', '', '[]' FROM occurrence_before"
    )
    op.drop_table("occurrence_before")


def downgrade() -> None:
    """There is no way back: the copy made before the update is."""
    raise NotImplementedError
