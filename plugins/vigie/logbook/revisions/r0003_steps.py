"""The steps of procedures, while they are open and after.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "step",
        sa.Column("number", _number, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("dag_id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("task_id", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("checklist", sa.Text, nullable=False),
        sa.Column("four_eyes", sa.Boolean, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("escalate_after", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("first_by", sa.Text),
        sa.Column("first_answer", sa.Text),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("paged_at", _instant),
        sa.Column("next_action_at", _instant),
        sa.Column("ended_at", _instant),
        sa.Column("ended_by", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("gone_on", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("step_of_run", "step", ["dag_id", "run_id", "task_id"], unique=True)
    op.create_index("step_incident", "step", ["incident", "number"])
    for name, column, where in (
        ("step_due", "next_action_at", "next_action_at IS NOT NULL"),
        ("step_open", "number", "status = 'open'"),
    ):
        condition = sa.text(where)
        op.create_index(name, "step", [column], sqlite_where=condition, postgresql_where=condition)
