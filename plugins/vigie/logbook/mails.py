"""Mails: each that a session read, what became of it, and what a person said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Executable, RowMapping, case, func, or_, select, update

from vigie.core.entry import Entry
from vigie.core.message import Outbound
from vigie.core.seen_mail import Fate, SeenMail
from vigie.logbook.columns import short_key
from vigie.logbook.entries import append_entries
from vigie.logbook.outbox import queue_messages
from vigie.logbook.schema import mail as table
from vigie.logbook.schema import set_aside, unsettled
from vigie.logbook.store import Store, insert_into

Told = Literal["unclassified", "set_aside"]
"""The fates of which people are told; what is *unreadable* is told with what is *unclassified*."""

_OPEN = {"unclassified": unsettled, "set_aside": set_aside}
_FATES: dict[Told, tuple[Fate, ...]] = {"unclassified": ("unclassified", "unreadable"), "set_aside": ("set_aside",)}
_COLUMNS = [column for column in table.c if column.name != "id"]
_A_PERSONS = {"told_at", "settled_at", "settled_by", "filed_at", "filed_to"}


def record_mails(connection: Connection, mails: Sequence[SeenMail]) -> None:
    """Record what was read.

    A mail that is read again, by a watch that was behind or in a rebuilt mailbox, stays one: it has its new place, and
    once it is claimed it stays so.
    """
    if not mails:
        return
    connection.execute(_keep(connection.dialect.name), [one.model_dump(exclude=_A_PERSONS) for one in mails])


@cache
def _keep(dialect: str) -> Executable:
    statement = insert_into(dialect, table)
    new = statement.excluded
    kept = {name: table.c[name] for name in ("fate", "fate_by")}
    claimed = {name: case((new.fate == "claimed", new[name]), else_=column) for name, column in kept.items()}
    place = {name: new[name] for name in ("source", "uidvalidity", "uid", "content")}
    return statement.on_conflict_do_update(index_elements=["key"], set_={**place, **claimed})


def _read(row: RowMapping) -> SeenMail:
    return SeenMail.model_validate(dict(row))


class Mails(Store):
    """The mails of every watched mailbox, and the queue of those that no rule claims."""

    def unsettled_mails(self, *, client: str | None = None, limit: int = 500) -> list[SeenMail]:
        """The oldest ``limit`` mails that nobody claims and nobody has settled."""
        query = select(*_COLUMNS).where(unsettled(table)).order_by(table.c.id).limit(limit)
        return self._mails(query if client is None else query.where(table.c.client == client))

    def mails_set_aside(self, since: datetime, limit: int = 100) -> list[SeenMail]:
        """The newest ``limit`` mails read ``since`` (UTC) that are a KO but for their origin, and that nobody has settled."""
        query = select(*_COLUMNS).where(set_aside(table), table.c.seen_at >= since)
        return self._mails(query.order_by(table.c.id.desc()).limit(limit))

    def untold_mails(self, fate: Told = "unclassified", limit: int = 5000) -> list[SeenMail]:
        """The oldest ``limit`` mails of this fate that nobody has settled and no message has told yet."""
        query = select(*_COLUMNS).where(_OPEN[fate](table), table.c.told_at.is_(None)).order_by(table.c.id)
        return self._mails(query.limit(limit))

    def mails(self, *, client: str | None = None, limit: int = 200) -> list[SeenMail]:
        """The newest ``limit`` mails of any fate, the newest first."""
        query = select(*_COLUMNS).order_by(table.c.id.desc()).limit(limit)
        return self._mails(query if client is None else query.where(table.c.client == client))

    def mail(self, key: str) -> SeenMail | None:
        """The mail of this key."""
        return next(iter(self._mails(select(*_COLUMNS).where(table.c.key == key))), None)

    def known_kinds(self, client: str, kinds: Sequence[str], *, told: bool = True) -> set[str]:
        """Those of the kinds (``alike``) of which a mail was settled or claimed before or, with ``told``, was told."""
        known: set[str] = set()
        decided = table.c.settled_at.is_not(None) | (table.c.fate == "claimed")
        if told:
            decided |= table.c.told_at.is_not(None)
        for start in range(0, len(kinds), 500):
            some = kinds[start : start + 500]
            query = select(table.c.alike).where(table.c.client == client, table.c.alike.in_(some), decided).distinct()
            with self._reading() as connection:
                known.update(connection.scalars(query))
        return known

    def mails_told_at(self, client: str, fate: Told = "unclassified") -> datetime | None:
        """When mail of a client with this fate was told last."""
        with self._reading() as connection:
            told: datetime | None = connection.scalar(
                select(func.max(table.c.told_at)).where(table.c.client == client, table.c.fate.in_(_FATES[fate]))
            )
            return told

    def tell_mails(self, keys: Sequence[str], outbound: Outbound, at: datetime) -> bool:
        """Queue the message that tells these mails, in one transaction with the note that they are told.

        False, and nothing written, where the message is known.
        """

        def work(connection: Connection) -> bool:
            if not queue_messages(connection, [outbound]):
                return False
            for start in range(0, len(keys), 500):
                some = [short_key(key) for key in keys[start : start + 500]]
                connection.execute(update(table).where(table.c.key.in_(some)).values(told_at=at))
            return True

        return self._write(work)

    def settle_mail(self, key: str, by: str, at: datetime, via: str, text: str) -> bool:
        """A person has decided about a mail that is unclassified or set aside; False where there is none, or it is settled."""
        statement = (
            update(table)
            .where(table.c.key == key, or_(unsettled(table), set_aside(table)))
            .values(settled_at=at, settled_by=by)
            .returning(*_COLUMNS)
        )

        def work(connection: Connection) -> bool:
            row = connection.execute(statement).mappings().first()
            if row is None:
                return False
            append_entries(connection, [_settled(_read(row), by, at, via, text)])
            return True

        return self._write(work)

    def _mails(self, query: Any) -> list[SeenMail]:
        with self._reading() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]


def _settled(mail: SeenMail, by: str, at: datetime, via: str, text: str) -> Entry:
    return Entry(
        at=at,
        client=mail.client,
        kind="mail.settled",
        actor=by,
        text=f"{mail.subject or '(no subject)'}: {text}",
        data={"mail": mail.key, "via": via},
    )
