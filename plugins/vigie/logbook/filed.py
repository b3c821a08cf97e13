"""Filing: the mails that may be moved, and those that were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, not_, select, update

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.mail_filing import Passed, same_folder
from vigie.core.seen_mail import Fate, SeenMail
from vigie.logbook.columns import short_key
from vigie.logbook.entries import append_entries
from vigie.logbook.schema import cursor, unsettled
from vigie.logbook.schema import mail as table
from vigie.logbook.store import Store

_COLUMNS = [column for column in table.c if column.name != "id"]
_AT_ONCE = 500


class Filed(Store):
    """The mails that were moved out of the folder in which they were read."""

    def unfiled_mails(
        self, source: str, passed: Passed, fates: Collection[Fate], seen_by: datetime, *, after_uid: int, limit: int
    ) -> list[SeenMail]:
        """The first ``limit`` mails above ``after_uid`` that were read by then, are passed by all, and wait for nobody."""
        query = (
            select(*_COLUMNS)
            .where(
                table.c.source == source,
                table.c.filed_at.is_(None),
                table.c.uidvalidity == passed.uidvalidity,
                table.c.uid > after_uid,
                table.c.uid <= passed.uid,
                table.c.fate.in_(fates),
                table.c.seen_at <= seen_by,
                not_(unsettled(table)),
            )
            .order_by(table.c.uid)
            .limit(limit)
        )
        with self._reading() as connection:
            return [SeenMail.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def file_mails(self, moved: Sequence[SeenMail], left: Sequence[SeenMail], folder: str, at: datetime) -> int:
        """Note that mails of one folder were moved, and that those of ``left`` were not there any more, as one entry.

        How many of the moved ones had not been noted before. A mail that was read again in a rebuilt folder meanwhile
        is another one there, and is left alone.
        """

        def work(connection: Connection) -> int:
            number, gone = _note(connection, moved, folder, at), _note(connection, left, None, at)
            if number or gone:
                append_entries(connection, [_told([*moved, *left], number, gone, folder, at)])
            return number

        return self._write(work)

    def filed_here(self, source: str, identities: Collection[str]) -> set[str]:
        """Those of the mails that were read in another folder of the same mailbox, and filed into this one."""
        mailbox, _, folder = source.partition("/")
        beside = select(cursor.c.source).distinct().where(cursor.c.source != source)
        beside = beside.where(func.substr(cursor.c.source, 1, len(mailbox) + 1) == f"{mailbox}/")
        found: set[str] = set()
        with self._reading() as connection:
            for other in list(connection.scalars(beside)):
                by_key = {short_key(f"mail|{other}|{identity}"): identity for identity in identities}
                query = select(table.c.key, table.c.filed_to).where(
                    table.c.key.in_(by_key), table.c.filed_to.is_not(None)
                )
                for row in connection.execute(query):
                    if same_folder(row.filed_to, folder):
                        found.add(by_key[row.key])
        return found


def _note(connection: Connection, mails: Sequence[SeenMail], folder: str | None, at: datetime) -> int:
    number = 0
    for start in range(0, len(mails), _AT_ONCE):
        some = mails[start : start + _AT_ONCE]
        statement = (
            update(table)
            .where(
                table.c.key.in_([short_key(mail.key) for mail in some]),
                table.c.filed_at.is_(None),
                table.c.source == some[0].source,
                table.c.uidvalidity == some[0].uidvalidity,
            )
            .values(filed_at=at, filed_to=folder)
        )
        number += connection.execute(statement).rowcount
    return number


def _told(mails: Sequence[SeenMail], number: int, gone: int, folder: str, at: datetime) -> Entry:
    clients = {mail.client for mail in mails}
    source = mails[0].source
    text = f"{_mails(number)} of {source} filed into {folder}"
    if gone:
        text += f"; {_mails(gone)} not there any more"
    return Entry(
        at=at,
        client=clients.pop() if len(clients) == 1 else PLATFORM,
        kind="mail.filed",
        actor="mail_desk",
        text=text,
        data={"source": source, "folder": folder, "mails": number, "gone": gone},
    )


def _mails(number: int) -> str:
    return f"{number} mail{'' if number == 1 else 's'}"
