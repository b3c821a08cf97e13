"""The outbox: messages from the moment they are decided until somebody has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, or_, select, update

from vigie.core.entry import Entry
from vigie.core.message import Delivery, Message, Obstacle, Outbound
from vigie.logbook.entries import append_entries
from vigie.logbook.obstacles import UNHINDERED, hindered_by
from vigie.logbook.schema import message as table
from vigie.logbook.schema import waiting
from vigie.logbook.store import Store, insert_into

DOUBT_AFTER = timedelta(seconds=60)
"""How long a message may stay claimed before its sending is in doubt: ``in_doubt(now - DOUBT_AFTER)``."""

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_INNER = {"claimed_by", "done_at", "id"}
MESSAGE_COLUMNS = [column for column in table.c if column.name not in _INNER]
"""What ``outbound_of`` reads."""


# An expression, or SQLite walks through every message ever sent in the order of the ids.
_IN_TURN = table.c.id + 0


def outbound_of(row: RowMapping) -> Outbound:
    """A message from its row."""
    fields = {**row, "reason": row["reason"] or ""}
    if fields["next_action_at"] == _AT_ONCE:
        fields["next_action_at"] = None
    return Outbound.model_validate(fields)


def queue_messages(connection: Connection, outbounds: Sequence[Outbound]) -> list[str]:
    """Put messages into the outbox in their order; the keys (as stored) of those that were not known."""
    if not outbounds:
        return []
    rows = [{**one.model_dump(), "next_action_at": one.next_action_at or _AT_ONCE} for one in outbounds]
    statement = insert_into(connection.dialect.name, table).on_conflict_do_nothing(index_elements=["key"])
    return list(connection.scalars(statement.returning(table.c.key), rows))


def free() -> ColumnElement[bool]:
    """Messages that nothing holds back.

    What they answer or edit is settled, and so is each earlier edit of the same message.
    """
    target, earlier = table.alias("target"), table.alias("earlier")
    held = exists().where(target.c.key.in_([table.c.reply_to, table.c.edits]), waiting(target))
    overtaken = exists().where(earlier.c.edits == table.c.edits, earlier.c.id < table.c.id, waiting(earlier))
    return and_(
        or_(and_(table.c.reply_to.is_(None), table.c.edits.is_(None)), ~held),
        or_(table.c.edits.is_(None), ~overtaken),
    )


class Outbox(Store):
    """The desk's messages, each claimed by a conditional update before it is sent and recorded after.

    Every method that settles or returns a message says whether it did. ``claimed_at``, where given, makes it do so
    only while that claim holds: a desk that was thought dead must not undo what another one does.
    """

    def queue(self, outbound: Outbound, entry: Entry | None = None) -> bool:
        """Put one message into the outbox, with an entry; False, and nothing written, where its key is known."""

        def work(connection: Connection) -> bool:
            new = bool(queue_messages(connection, [outbound]))
            if new and entry is not None:
                append_entries(connection, [entry])
            return new

        return self._write(work)

    def due_messages(self, now: datetime, limit: int = 1000) -> list[Outbound]:
        """Queued messages whose time has come and that nothing holds back, in the order they were queued."""
        query = (
            select(*MESSAGE_COLUMNS)
            .where(waiting(table), table.c.status == "queued", table.c.next_action_at <= now, free())
            .order_by(_IN_TURN)
            .limit(limit)
        )
        return self._messages(query)

    def claim(self, key: str, by: str, now: datetime) -> Outbound | None:
        """Take a queued message that is due, to send it now; None where somebody else has it, or it must wait."""
        statement = (
            update(table)
            .where(table.c.key == key, table.c.status == "queued", table.c.next_action_at <= now)
            .values(
                status="claimed",
                attempts=table.c.attempts + 1,
                claimed_at=now,
                claimed_by=by,
                # Should we die now, the desk wakes for it.
                next_action_at=now + DOUBT_AFTER,
            )
            .returning(*MESSAGE_COLUMNS)
        )

        def work(connection: Connection) -> Outbound | None:
            row = connection.execute(statement).mappings().first()
            return None if row is None else outbound_of(row)

        return self._write(work)

    def sent(self, key: str, ref: str, now: datetime, entry: Entry | None = None) -> bool:
        """Record that a message arrived, under the other side's name for it. The first ``ref`` stays."""
        values = {**_done("sent", now), **UNHINDERED, "ref": ref}
        return self._settle(key, table.c.status.not_in(["sent", "bounced"]), entry, **values)

    def failed(
        self,
        key: str,
        reason: str,
        now: datetime,
        entry: Entry | None = None,
        *,
        obstacle: Obstacle | None = None,
        claimed_at: datetime | None = None,
    ) -> bool:
        """Give a message up for good. Without an ``obstacle`` nobody needs to be notified of it."""
        held = and_(waiting(table), _claim(claimed_at))
        return self._settle(key, held, entry, **_done("failed", now), **hindered_by(reason, obstacle, now))

    def hold_back(self, key: str, reason: str, now: datetime, entry: Entry) -> bool:
        """Hold a message back until a second person releases it; the platform is to be notified."""
        values = {**_done("held", now), **hindered_by(reason, "wall", now)}
        return self._settle(key, waiting(table), entry, **values)

    def release(self, key: str, by: str, now: datetime, entry: Entry) -> bool:
        """Let a held message go, in the name of ``by``; False where it is not held (any more)."""

        def work(connection: Connection) -> bool:
            query = select(table.c.variables).where(table.c.key == key, table.c.status == "held").with_for_update()
            variables = connection.scalar(query)
            if variables is None:
                return False
            values = {**_again(now), **UNHINDERED, "variables": {**variables, "released_by": by}}
            statement = update(table).where(table.c.key == key, table.c.status == "held").values(**values)
            done = connection.execute(statement).rowcount == 1
            if done:
                append_entries(connection, [entry])
            return done

        return self._write(work)

    def reword(self, key: str, message: Message, entry: Entry) -> bool:
        """Change what a message that is still to be sent says."""
        return self._settle(key, table.c.status == "queued", entry, message=message.model_dump())

    def maybe_sent(
        self,
        key: str,
        now: datetime,
        entry: Entry | None = None,
        *,
        reason: str = "",
        claimed_at: datetime | None = None,
    ) -> bool:
        """Record that nobody can know whether a claimed message arrived; a person is shown it."""
        held = and_(table.c.status == "claimed", _claim(claimed_at))
        return self._settle(key, held, entry, **_done("maybe_sent", now), **hindered_by(reason, "unknown", now))

    def retry(
        self,
        key: str,
        at: datetime,
        reason: str,
        *,
        hindered: tuple[Obstacle, datetime] | None = None,
        claimed_at: datetime | None = None,
    ) -> bool:
        """Give a claimed message back, to be tried again at ``at``. ``hindered`` is what keeps it, and the time now."""
        held = and_(table.c.status == "claimed", _claim(claimed_at))
        values = hindered_by(reason, *hindered) if hindered else {"reason": reason}
        return self._settle(key, held, None, **_again(at), **values)

    def requeue(self, key: str, now: datetime, repeated: bool, *, claimed_at: datetime | None = None) -> bool:
        """Send again what was in doubt, *maybe sent* or failed; ``repeated`` marks that it may have arrived already."""
        held = and_(table.c.status.in_(["claimed", "maybe_sent", "failed"]), _claim(claimed_at))
        marked = {"repeated": True} if repeated else {}
        return self._settle(key, held, None, **_again(now), **marked)

    def hold(self, keys: Sequence[str], until: datetime) -> None:
        """Leave queued messages where they are until then."""
        statement = update(table).where(table.c.key.in_(keys), table.c.status == "queued").values(next_action_at=until)
        self._write(lambda connection: connection.execute(statement).rowcount)

    def page_mails_sent(self, recipient: str, client: str, since: datetime) -> list[datetime]:
        """When mails with pages of a client went to an address; several pages in one mail count once."""
        query = select(func.max(table.c.done_at)).where(
            table.c.recipient == recipient,
            table.c.done_at >= since,
            table.c.channel == "mail",
            table.c.purpose == "page",
            table.c.client == client,
        )
        with self._reading() as connection:
            return list(connection.scalars(query.group_by(func.coalesce(table.c.ref, table.c.key))))

    def in_doubt(self, before: datetime) -> list[Outbound]:
        """Messages claimed before ``before`` and not settled: whoever took them may have died while sending.

        Not those that ``still_in_doubt`` has put off beyond ``before + DOUBT_AFTER``.
        """
        query = select(*MESSAGE_COLUMNS).where(
            waiting(table),
            table.c.status == "claimed",
            table.c.claimed_at < before,
            table.c.next_action_at <= before + DOUBT_AFTER,
        )
        return self._messages(query.order_by(_IN_TURN))

    def still_in_doubt(
        self,
        key: str,
        until: datetime,
        *,
        reason: str = "",
        hindered: tuple[Obstacle, datetime] | None = None,
        claimed_at: datetime | None = None,
    ) -> bool:
        """Leave a claimed message in doubt until then: who could settle it is away."""
        held = and_(table.c.status == "claimed", _claim(claimed_at))
        values = hindered_by(reason, *hindered) if hindered else {}
        return self._settle(key, held, None, next_action_at=until, **values)

    def outbound(self, key: str) -> Outbound | None:
        """The message of this key."""
        return next(iter(self._messages(select(*MESSAGE_COLUMNS).where(table.c.key == key))), None)

    def outbox(
        self, incident: str | None = None, statuses: Sequence[Delivery] | None = None, limit: int = 200
    ) -> list[Outbound]:
        """The newest ``limit`` messages, in the order they were queued."""
        query = select(*MESSAGE_COLUMNS).order_by(table.c.id.desc()).limit(limit)
        if incident is not None:
            query = query.where(table.c.incident == incident)
        if statuses is not None:
            query = query.where(table.c.status.in_(statuses))
        return self._messages(query)[::-1]

    def _messages(self, query: Any) -> list[Outbound]:
        with self._reading() as connection:
            return [outbound_of(row) for row in connection.execute(query).mappings()]

    def _settle(self, key: str, held: ColumnElement[bool], entry: Entry | None, **values: Any) -> bool:
        statement = update(table).where(table.c.key == key, held).values(**values)

        def work(connection: Connection) -> bool:
            done = connection.execute(statement).rowcount == 1
            if done and entry is not None:
                append_entries(connection, [entry])
            return done

        return self._write(work)


def _done(status: Delivery, now: datetime) -> dict[str, Any]:
    return {"status": status, "done_at": now, "next_action_at": None}


def _again(at: datetime) -> dict[str, Any]:
    return {"status": "queued", "next_action_at": at, "claimed_at": None, "claimed_by": None, "done_at": None}


def _claim(claimed_at: datetime | None) -> ColumnElement[bool]:
    if claimed_at is None:
        return table.c.key.is_not(None)
    return and_(table.c.status == "claimed", table.c.claimed_at == claimed_at)
