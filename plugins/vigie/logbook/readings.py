"""Which mails are being read at this moment: what is still there when a reader begins anew killed the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Executable, delete, select

from vigie.core.seen_mail import SeenMail
from vigie.logbook.schema import mail, reading
from vigie.logbook.store import Store, insert_into

_SEEN = [column for column in mail.c if column.name != "id"]


class Reading(NamedTuple):
    """Mails of a folder that a reader has begun to read, from the first UID to the last."""

    source: str
    uidvalidity: int
    first_uid: int
    last_uid: int
    reader: str
    began_at: datetime

    def overlaps(self, other: Reading) -> bool:
        """Whether a mail is among both."""
        return (
            self.uidvalidity == other.uidvalidity
            and self.first_uid <= other.last_uid
            and other.first_uid <= self.last_uid
        )


class Readings(Store):
    """Who reads what, and what is known of mails before they are read."""

    def begin_reading(self, begun: Reading) -> Reading | None:
        """Note what is read now; what was noted of the folder before, and never recorded."""

        def work(connection: Connection) -> Reading | None:
            row = connection.execute(select(reading).where(reading.c.source == begun.source)).mappings().first()
            connection.execute(_note(connection.dialect.name), begun._asdict())
            return Reading(**row) if row is not None else None

        return self._write(work)

    def mails_at(self, source: str, uidvalidity: int, uids: Sequence[int]) -> list[SeenMail]:
        """The mails that were seen at these places."""
        query = select(*_SEEN).where(
            mail.c.source == source, mail.c.uidvalidity == uidvalidity, mail.c.uid.in_(list(uids))
        )
        with self._reading() as connection:
            return [SeenMail.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def mails_before_rebuild(self, source: str, uidvalidity: int, since: datetime) -> list[SeenMail]:
        """The mails that were received since then, and that have not been seen under this UIDVALIDITY."""
        query = select(*_SEEN).where(
            mail.c.source == source, mail.c.uidvalidity != uidvalidity, mail.c.received_at >= since
        )
        with self._reading() as connection:
            return [
                SeenMail.model_validate(dict(row)) for row in connection.execute(query.order_by(mail.c.id)).mappings()
            ]


def end_readings(connection: Connection, sources: Iterable[str]) -> None:
    """What was read of these folders is recorded."""
    connection.execute(delete(reading).where(reading.c.source.in_(sorted(set(sources)))))


@cache
def _note(dialect: str) -> Executable:
    statement = insert_into(dialect, reading)
    new = statement.excluded
    fields = {name: new[name] for name in ("uidvalidity", "first_uid", "last_uid", "reader", "began_at")}
    return statement.on_conflict_do_update(index_elements=["source"], set_=fields)
