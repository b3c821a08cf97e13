"""The errors at which the desk fails again and again: noted by the desk, told by the rounds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, case, delete, select, update

from vigie.core.desk_error import DeskError
from vigie.logbook.schema import desk_error as table
from vigie.logbook.store import Store, insert_into

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class DeskErrors(Store):
    """What fails, until it works again."""

    def note_error(self, what: str, cause: str, text: str, at: datetime) -> None:
        """Note that the desk failed at something. Another cause is told anew."""
        new = {
            "what": what, "cause": cause, "text": text[:500], "times": 1, "since": at, "last_at": at, "told_at": None
        }  # fmt: skip
        statement = insert_into(self._engine.dialect.name, table).values(**new)
        same = table.c.cause == statement.excluded.cause
        statement = statement.on_conflict_do_update(
            index_elements=["what"],
            set_={
                "cause": statement.excluded.cause,
                "text": statement.excluded.text,
                "last_at": statement.excluded.last_at,
                "times": table.c.times + 1,
                "told_at": case((same, table.c.told_at), else_=None),
            },
        )
        self._write(lambda connection: connection.execute(statement).rowcount)

    def errors(self) -> list[DeskError]:
        """What fails, by its name."""
        with self._reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.what)).mappings()
            return [DeskError.model_validate(dict(row)) for row in rows]

    def errors_over(self, whats: Collection[str]) -> int:
        """Forget these; how many there were."""
        statement = delete(table).where(table.c.what.in_(list(whats)))
        return int(self._write(lambda connection: connection.execute(statement).rowcount)) if whats else 0

    def error_works(self, what: str) -> None:
        """What failed works again: forgotten where nobody was told of it, else over from now on."""
        untold = delete(table).where(table.c.what == what, table.c.told_at.is_(None))
        told = update(table).where(table.c.what == what).values(last_at=_LONG_AGO, times=0)

        def work(connection: Connection) -> None:
            connection.execute(untold)
            connection.execute(told)

        self._write(work)

    def errors_told(self, whats: Collection[str], at: datetime) -> None:
        """Note that the platform was told of these."""
        statement = update(table).where(table.c.what.in_(list(whats))).values(told_at=at)
        self._write(lambda connection: connection.execute(statement).rowcount)
