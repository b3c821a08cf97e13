"""The tables. ``entry`` is the record; the others are projections of it, kept in the same transaction.

This is what the newest revision leads to (a test compares the two); a change here needs a revision.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Index,
    Integer,
    MetaData,
    Table,
    and_,
    literal_column,
    true,
)

from vigie.logbook.columns import Document, Instant, Key, Words

metadata = MetaData()


def unresolved(table: FromClause) -> ColumnElement[bool]:
    """Incidents with a life ahead. Written with literals: SQLite must prove that a partial index covers the query."""
    return table.c.status != literal_column("'resolved'")


def waiting(table: FromClause) -> ColumnElement[bool]:
    """Messages that are not settled. With literals, for the same reason."""
    return table.c.status.in_([literal_column("'queued'"), literal_column("'claimed'")])


def unanswered(table: FromClause) -> ColumnElement[bool]:
    """Steps that wait for people. With a literal, for the same reason."""
    return table.c.status == literal_column("'open'")


def unsettled(table: FromClause) -> ColumnElement[bool]:
    """Mails that a person has to look at: nobody claims them, or nobody could read them. With literals, for the same reason."""
    fates: list[ColumnElement[str]] = [literal_column("'unclassified'"), literal_column("'unreadable'")]
    return and_(table.c.fate.in_(fates), table.c.settled_at.is_(None))


def set_aside(table: FromClause) -> ColumnElement[bool]:
    """Mails that are a KO but for their origin, of which no person has decided otherwise. With literals, too."""
    return and_(table.c.fate == literal_column("'set_aside'"), table.c.settled_at.is_(None))


_Number = BigInteger().with_variant(Integer(), "sqlite")

entry = Table(
    "entry",
    metadata,
    Column("seq", _Number, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("client", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("actor", Key, nullable=False),
    Column("text", Words, nullable=False),
    Column("flux", Key),
    Column("watch", Key),
    Column("incident", Key),
    Column("key", Key),
    Column("data", Document, nullable=False),
    Column("digest", Words, nullable=False),
    Column("link", Words, nullable=False, server_default=""),
    Column("pruned_at", Instant),
    Index("entry_key", "key", unique=True),
    Index("entry_incident", "incident", "seq"),
    Index("entry_client", "client", "seq"),
    sqlite_autoincrement=True,
)

incident = Table(
    "incident",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("client", Key, nullable=False),
    Column("flux", Key, nullable=False),
    Column("watch", Key, nullable=False),
    Column("dedup_key", Key, nullable=False),
    Column("status", Key, nullable=False),
    Column("severity", Key, nullable=False),
    Column("title", Words, nullable=False),
    Column("template", Words, nullable=False),
    Column("procedure", Words),
    Column("audience", Key, nullable=False),
    Column("page", Boolean, nullable=False, server_default=true()),
    Column("facts", Document, nullable=False),
    Column("count", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Words),
    Column("resolved_at", Instant),
    Column("resolved_by", Words),
    Column("paged_at", Instant),
    Column("next_action_at", Instant),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("called_at", Instant),
    Column("called", Document, nullable=False, server_default="{}"),
    Column("exhausted", Words, nullable=False, server_default=""),
    Column("unreached", Integer, nullable=False, server_default="0"),
    Column("handed_on_by", Words),
    Column("active_at", Instant),
    Column("recalled_at", Instant),
    Column("hold", Integer, nullable=False, server_default="600"),
    Column("all_clear_at", Instant),
    Column("reopenings", Integer, nullable=False, server_default="0"),
    Column("reopened_at", Instant),
    Column("returns", Document, nullable=False, server_default="[]"),
    Column("flapping_at", Instant),
    Column("cleared", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
_unresolved = unresolved(incident)
_planned = incident.c.next_action_at.is_not(None)
Index(
    "incident_unresolved",
    incident.c.client,
    incident.c.flux,
    incident.c.watch,
    incident.c.dedup_key,
    unique=True,
    sqlite_where=_unresolved,
    postgresql_where=_unresolved,
)
Index("incident_due", incident.c.next_action_at, sqlite_where=_planned, postgresql_where=_planned)
Index("incident_status", incident.c.status, incident.c.number)
Index("incident_opened", incident.c.watch, incident.c.opened_at)
Index("incident_ended", incident.c.watch, incident.c.resolved_at)

message = Table(
    "message",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", Key, nullable=False),
    Column("incident", Key),
    Column("client", Key, nullable=False),
    Column("channel", Key, nullable=False),
    Column("purpose", Key, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("message", Document, nullable=False),
    Column("buttons", Document, nullable=False),
    Column("mentions", Document, nullable=False),
    Column("reply_to", Key),
    Column("edits", Key),
    Column("broadcast", Boolean, nullable=False),
    Column("variables", Document, nullable=False),
    Column("status", Key, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_action_at", Instant),
    Column("claimed_at", Instant),
    Column("claimed_by", Words),
    Column("ref", Words),
    Column("repeated", Boolean, nullable=False),
    Column("reason", Words),
    Column("obstacle", Key),
    Column("obstacle_since", Instant),
    Column("done_at", Instant),
    Index("message_key", "key", unique=True),
    Index("message_incident", "incident", "id"),
    Index("message_ref", "ref"),
    Index("message_recipient", "recipient", "done_at"),
    sqlite_autoincrement=True,
)
_waiting = waiting(message)
Index("message_due", message.c.next_action_at, sqlite_where=_waiting, postgresql_where=_waiting)
Index("message_edits", message.c.edits, message.c.id, sqlite_where=_waiting, postgresql_where=_waiting)
_hindered = message.c.obstacle.is_not(None)
Index("message_hindered", message.c.id, sqlite_where=_hindered, postgresql_where=_hindered)

step = Table(
    "step",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("client", Key, nullable=False),
    Column("incident", Key),
    Column("dag_id", Key, nullable=False),
    Column("run_id", Key, nullable=False),
    Column("task_id", Key, nullable=False),
    Column("procedure", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("options", Document, nullable=False),
    Column("inputs", Document, nullable=False),
    Column("checklist", Document, nullable=False),
    Column("four_eyes", Boolean, nullable=False),
    Column("owner", Words, nullable=False),
    Column("escalate_after", Integer, nullable=False),
    Column("status", Key, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("first_by", Words),
    Column("first_answer", Words),
    Column("answers", Document, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("paged_at", Instant),
    Column("next_action_at", Instant),
    Column("ended_at", Instant),
    Column("ended_by", Words),
    Column("answer", Words),
    Column("gone_on", Boolean, nullable=False),
    Column("exhausted", Words, nullable=False, server_default=""),
    Index("step_of_run", "dag_id", "run_id", "task_id", unique=True),
    Index("step_incident", "incident", "number"),
    sqlite_autoincrement=True,
)
_step_planned = step.c.next_action_at.is_not(None)
Index("step_due", step.c.next_action_at, sqlite_where=_step_planned, postgresql_where=_step_planned)
_asked = unanswered(step)
Index("step_open", step.c.number, sqlite_where=_asked, postgresql_where=_asked)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Key, primary_key=True),
    Column("watch", Key, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
)

reading = Table(
    "reading",
    metadata,
    Column("source", Key, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("first_uid", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("reader", Words, nullable=False),
    Column("began_at", Instant, nullable=False),
)

mail = Table(
    "mail",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("key", Key, nullable=False),
    Column("client", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("sender", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("origin", Words, nullable=False),
    Column("content", Words),
    Column("unread", Words, nullable=False, server_default=""),
    Column("fate", Key, nullable=False),
    Column("fate_by", Document, nullable=False),
    Column("alike", Key, nullable=False),
    Column("told_at", Instant),
    Column("settled_at", Instant),
    Column("settled_by", Words),
    Column("filed_at", Instant),
    Column("filed_to", Words),
    Index("mail_key", "key", unique=True),
    Index("mail_client", "client", "id"),
    Index("mail_alike", "client", "alike"),
    Index("mail_place", "source", "uidvalidity", "uid"),
    sqlite_autoincrement=True,
)
_unsettled, _unfiled = unsettled(mail), mail.c.filed_at.is_(None)
Index("mail_unsettled", mail.c.client, mail.c.id, sqlite_where=_unsettled, postgresql_where=_unsettled)
_aside = set_aside(mail)
Index("mail_set_aside", mail.c.client, mail.c.id, sqlite_where=_aside, postgresql_where=_aside)
Index("mail_unfiled", mail.c.source, mail.c.id, sqlite_where=_unfiled, postgresql_where=_unfiled)

occurrence = Table(
    "occurrence",
    metadata,
    Column("watch", Key, primary_key=True),
    Column("business_date", Date, primary_key=True),
    Column("slot", Key, primary_key=True),
    Column("site", Key, primary_key=True),
    Column("client", Key, nullable=False),
    Column("flux", Key, nullable=False),
    Column("path", Words, nullable=False),
    Column("window_open", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("deadline", Instant, nullable=False),
    Column("status", Key, nullable=False),
    Column("reason", Words, nullable=False),
    Column("labels", Document, nullable=False),
    Column("arrivals", Document, nullable=False),
    Column("arrived_at", Instant),
    Column("looked_at", Instant),
    Column("warned_at", Instant),
    Column("files", Document, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("watch", Key, primary_key=True),
    Column("client", Key, nullable=False),
    Column("flux", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("sight", Key, nullable=False),
    Column("detail", Words, nullable=False),
    Column("looked_at", Instant),
    Column("look_by", Instant),
    Column("noted_at", Instant, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Key, primary_key=True),
    Column("at", Instant, nullable=False),
)

desk_error = Table(
    "desk_error",
    metadata,
    Column("what", Key, primary_key=True),
    Column("cause", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("times", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("told_at", Instant),
)
