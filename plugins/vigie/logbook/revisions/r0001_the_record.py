"""The record and its projections.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the tables, and make the record append-only."""
    _entry()
    _incident()
    _message()
    _watching()
    _append_only()


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("seq", _number, primary_key=True),
        sa.Column("at", _instant, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("flux", sa.Text),
        sa.Column("watch", sa.Text),
        sa.Column("incident", sa.Text),
        sa.Column("key", sa.Text),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("entry_key", "entry", ["key"], unique=True)
    op.create_index("entry_incident", "entry", ["incident", "seq"])
    op.create_index("entry_client", "entry", ["client", "seq"])


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("number", _number, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("flux", sa.Text, nullable=False),
        sa.Column("watch", sa.Text, nullable=False),
        sa.Column("dedup_key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("acknowledged_at", _instant),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("resolved_at", _instant),
        sa.Column("resolved_by", sa.Text),
        sa.Column("paged_at", _instant),
        sa.Column("next_action_at", _instant),
        sqlite_autoincrement=True,
    )
    _partial("incident_unresolved", "incident", ["client", "flux", "watch", "dedup_key"], "status <> 'resolved'", True)
    _partial("incident_due", "incident", ["next_action_at"], "next_action_at IS NOT NULL")
    op.create_index("incident_status", "incident", ["status", "number"])


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", _number, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("buttons", sa.Text, nullable=False),
        sa.Column("mentions", sa.Text, nullable=False),
        sa.Column("reply_to", sa.Text),
        sa.Column("edits", sa.Text),
        sa.Column("broadcast", sa.Boolean, nullable=False),
        sa.Column("variables", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_action_at", _instant),
        sa.Column("claimed_at", _instant),
        sa.Column("claimed_by", sa.Text),
        sa.Column("ref", sa.Text),
        sa.Column("repeated", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("done_at", _instant),
        sqlite_autoincrement=True,
    )
    op.create_index("message_key", "message", ["key"], unique=True)
    op.create_index("message_incident", "message", ["incident", "id"])
    _partial("message_due", "message", ["next_action_at"], "status IN ('queued', 'claimed')")
    _partial("message_edits", "message", ["edits", "id"], "status IN ('queued', 'claimed')")


def _watching() -> None:
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("watch", sa.Text, primary_key=True),
        sa.Column("uidvalidity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "occurrence",
        sa.Column("watch", sa.Text, primary_key=True),
        sa.Column("business_date", sa.Date, primary_key=True),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("flux", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("window_open", _instant, nullable=False),
        sa.Column("due", _instant, nullable=False),
        sa.Column("deadline", _instant, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("arrived_at", _instant),
        sa.Column("looked_at", _instant),
    )
    op.create_table(
        "watch",
        sa.Column("watch", sa.Text, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("flux", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sight", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("looked_at", _instant),
        sa.Column("look_by", _instant),
        sa.Column("noted_at", _instant, nullable=False),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", _instant, nullable=False),
    )


def _partial(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _append_only() -> None:
    if op.get_context().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER entry_no_{deed.lower()} BEFORE {deed} ON entry "
                f"BEGIN SELECT RAISE(ABORT, 'the logbook is append-only: no {deed} of an entry'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the logbook is append-only: no % of an entry', TG_OP; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION entry_append_only()"
    )
