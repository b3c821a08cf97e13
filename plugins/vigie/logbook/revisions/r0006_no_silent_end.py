"""An incident that never falls silent: its calls, its owner's activity, its end and its return.

Revision ID: 0006
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from vigie.logbook.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")

_INCIDENT = (
    sa.Column("told", sa.Integer, nullable=False, server_default="0"),
    sa.Column("level", sa.Integer, nullable=False, server_default="0"),
    sa.Column("called_at", _instant),
    sa.Column("called", sa.Text, nullable=False, server_default="{}"),
    sa.Column("exhausted", sa.Text, nullable=False, server_default=""),
    sa.Column("unreached", sa.Integer, nullable=False, server_default="0"),
    sa.Column("handed_on_by", sa.Text),
    sa.Column("active_at", _instant),
    sa.Column("recalled_at", _instant),
    sa.Column("hold", sa.Integer, nullable=False, server_default="600"),
    sa.Column("all_clear_at", _instant),
    sa.Column("reopenings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reopened_at", _instant),
    sa.Column("returns", sa.Text, nullable=False, server_default="[]"),
    sa.Column("flapping_at", _instant),
    sa.Column("cleared", sa.Integer, nullable=False, server_default="0"),
)


def upgrade() -> None:
    """Add the columns, and give what an earlier version left silent a next action: the desk looks at it at once."""
    for column in _INCIDENT:
        op.add_column("incident", column)
    op.add_column("step", sa.Column("exhausted", sa.Text, nullable=False, server_default=""))
    op.create_index("incident_ended", "incident", ["watch", "resolved_at"])
    known = sa.table(
        "incident",
        sa.column("status"), sa.column("page"), sa.column("pages"), sa.column("level"), sa.column("paged_at"),
        sa.column("called_at"), sa.column("next_action_at", Instant()),
    )  # fmt: skip
    op.execute(known.update().values(level=known.c.pages, called_at=known.c.paged_at))
    now = datetime.now(UTC)
    silent = sa.and_(known.c.status != "resolved", known.c.page, known.c.next_action_at.is_(None))
    op.execute(known.update().where(silent).values(next_action_at=now))
    steps = sa.table("step", sa.column("status"), sa.column("next_action_at", Instant()))
    waiting = sa.and_(steps.c.status == "open", steps.c.next_action_at.is_(None))
    op.execute(steps.update().where(waiting).values(next_action_at=now))
