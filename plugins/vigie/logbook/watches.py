"""Watches: when each last looked and with what sight; and the heartbeats of those who look and act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Literal

from sqlalchemy import Connection, Executable, func, select, update

from vigie.core.look import WatchState
from vigie.logbook.schema import heartbeat, watch
from vigie.logbook.store import Store, insert_into

Sight = Literal["watching", "blind", "paused", "broken", "gone"]

_COLUMNS = [column for column in watch.c if column.name != "noted_at"]


def record_states(connection: Connection, states: Sequence[WatchState], at: datetime) -> None:
    """Keep the newest state of each watch. A look that saw nothing (no ``looked_at``) leaves the last one standing."""
    if not states:
        return
    connection.execute(
        _keep_states(connection.dialect.name), [{**state.model_dump(), "noted_at": at} for state in states]
    )


@cache
def _keep_states(dialect: str) -> Executable:
    statement = insert_into(dialect, watch)
    new = statement.excluded
    fields = {
        name: new[name] for name in ("client", "flux", "kind", "source", "sight", "detail", "look_by", "noted_at")
    }
    return statement.on_conflict_do_update(
        index_elements=["watch"],
        set_={**fields, "looked_at": func.coalesce(new.looked_at, watch.c.looked_at)},
        where=watch.c.noted_at <= new.noted_at,
    )


def record_beat(connection: Connection, name: str, at: datetime) -> None:
    """Note that somebody was alive at this instant."""
    connection.execute(_keep_beat(connection.dialect.name), {"name": name, "at": at})


@cache
def _keep_beat(dialect: str) -> Executable:
    statement = insert_into(dialect, heartbeat)
    return statement.on_conflict_do_update(
        index_elements=["name"], set_={"at": statement.excluded.at}, where=heartbeat.c.at < statement.excluded.at
    )


class Watches(Store):
    """Who looks, and who is alive."""

    def watch_states(self) -> list[WatchState]:
        """The state of every watch that ever looked, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(*_COLUMNS)).mappings()
            return sorted((WatchState.model_validate(dict(row)) for row in rows), key=lambda state: state.watch)

    def watch_state(self, watch_id: str) -> WatchState | None:
        """The state of one watch; None where it never looked."""
        with self._reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(watch.c.watch == watch_id)).mappings().first()
            return None if row is None else WatchState.model_validate(dict(row))

    def keep_looking(self, watch_ids: Sequence[str], look_by: datetime) -> None:
        """Note that their session lives: they count as watching until ``look_by``. What is blind stays so."""

        def keep(connection: Connection) -> None:
            for start in range(0, len(watch_ids), 500):
                connection.execute(
                    update(watch)
                    .where(
                        watch.c.watch.in_(watch_ids[start : start + 500]),
                        watch.c.sight == "watching",
                        watch.c.look_by < look_by,
                    )
                    .values(look_by=look_by)
                )

        if watch_ids:
            self._write(keep)

    def set_sight(self, watch_id: str, sight: Sight, detail: str, at: datetime) -> None:
        """Say what the rounds found out about a watch (paused, broken, gone). A watch that never looked has no state."""
        statement = (
            update(watch)
            .where(watch.c.watch == watch_id, watch.c.noted_at <= at)
            .values(sight=sight, detail=detail, noted_at=at)
        )
        self._write(lambda connection: connection.execute(statement).rowcount)

    def beat(self, name: str, at: datetime) -> None:
        """Note that ``name`` (``desk``, ``rounds``, ``session:<source>``) was alive at this instant."""
        self._write(lambda connection: record_beat(connection, name, at))

    def beats(self) -> dict[str, datetime]:
        """When each was last alive, in UTC."""
        with self._reading() as connection:
            rows = connection.execute(select(heartbeat.c.name, heartbeat.c.at))
            return {row.name: row.at for row in rows}
