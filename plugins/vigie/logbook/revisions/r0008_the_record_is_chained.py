"""The record is chained; an entry may only follow the last one, and only its text may be taken away.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vigie.logbook.chain import BEGINNING, link

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_instant = sa.TIMESTAMP(timezone=True).with_variant(sa.String(27), "sqlite")
_STAYS = ("seq", "at", "client", "kind", "actor", "flux", "watch", "incident", "key", "digest", "link")
_REFUSED = "the logbook is append-only: no {} of an entry"
_AFTER_LAST = "the logbook is append-only: an entry only follows the last one"


def upgrade() -> None:
    """Link what is there in its order, then let the database refuse everything but the next entry."""
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER entry_no_update")
    else:
        op.execute("DROP TRIGGER entry_append_only ON entry")
    op.add_column("entry", sa.Column("link", sa.Text, nullable=False, server_default=""))
    op.add_column("entry", sa.Column("pruned_at", _instant))
    _link_all()
    if sqlite:
        _refuse_on_sqlite()
    else:
        _refuse_on_postgres()


def _link_all() -> None:
    connection = op.get_bind()
    before, seq = BEGINNING, 0
    while True:
        rows = connection.execute(
            sa.text("SELECT seq, digest FROM entry WHERE seq > :seq ORDER BY seq LIMIT 5000"), {"seq": seq}
        ).all()
        if not rows:
            return
        links = []
        for row in rows:
            seq, before = row.seq, link(before, row.seq, row.digest)
            links.append({"seq": seq, "link": before})
        connection.execute(sa.text("UPDATE entry SET link = :link WHERE seq = :seq"), links)


def _refuse_on_sqlite() -> None:
    stays = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _STAYS)
    pruned = f"OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL AND NEW.text = '' AND NEW.data = '{{}}' AND {stays}"
    op.execute(
        f"CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry WHEN NOT ({pruned}) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED.format('UPDATE')}'); END"
    )
    # INSERT OR REPLACE deletes without asking the trigger of DELETE; this one is asked before it does.
    op.execute(
        "CREATE TRIGGER entry_follows BEFORE INSERT ON entry "  # noqa: S608  # constants of this file
        "WHEN NEW.seq <= COALESCE((SELECT MAX(seq) FROM entry), 0) "
        "OR (NEW.key IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)) "
        f"BEGIN SELECT RAISE(ABORT, '{_AFTER_LAST}'); END"
    )


def _refuse_on_postgres() -> None:
    stays = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _STAYS)
    pruned = f"OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL AND NEW.text = '' AND NEW.data = '{{}}' AND {stays}"
    op.execute(
        "CREATE OR REPLACE FUNCTION entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {pruned} THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'the logbook is append-only: no % of an entry', TG_OP; END $$"
    )
    op.execute(
        "CREATE FUNCTION entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608  # constants of this file
        "IF NEW.seq <= COALESCE((SELECT MAX(seq) FROM entry), 0) THEN "
        f"RAISE EXCEPTION '{_AFTER_LAST}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION entry_append_only()"
    )
    op.execute(
        "CREATE TRIGGER entry_no_delete BEFORE DELETE OR TRUNCATE ON entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION entry_append_only()"
    )
    op.execute("CREATE TRIGGER entry_follows BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_follows()")
