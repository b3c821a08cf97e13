"""What keeps messages from going out: written beside each of them, read by the desk, which notifies the platform."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from vigie.core.client import is_channel_id
from vigie.core.message import Obstacle
from vigie.core.undelivered import Gone, Hindered
from vigie.logbook.schema import message as table
from vigie.logbook.schema import waiting
from vigie.logbook.store import Store

UNHINDERED: dict[str, Any] = {"reason": None, "obstacle": None, "obstacle_since": None}
"""The columns of a message that nothing keeps."""

_RECENT = 2_000
"""Of at most this many newest messages the desk asks whether one has gone: the rest is too old to say anything."""


def hindered_by(reason: str, obstacle: Obstacle | None, now: datetime) -> dict[str, Any]:
    """The columns of a message that does not go out. Without an obstacle nobody needs to be notified of it."""
    if obstacle is None:
        return {**UNHINDERED, "reason": reason}
    return {"reason": reason, "obstacle": obstacle, "obstacle_since": func.coalesce(table.c.obstacle_since, now)}


class Obstacles(Store):
    """The messages that do not go out."""

    def hindered(self, limit: int = 500) -> list[Hindered]:
        """Messages with an obstacle, the first queued first; those given up only until ``obstacles_told``."""
        columns = (
            table.c.key, table.c.incident, table.c.client, table.c.channel, table.c.purpose, table.c.recipient,
            table.c.reason, table.c.obstacle, table.c.obstacle_since, table.c.next_action_at, waiting(table),
        )  # fmt: skip
        query = select(*columns).where(table.c.obstacle.is_not(None)).order_by(table.c.id).limit(limit)
        with self._reading() as connection:
            return [Hindered._make((*row[:-1], bool(row[-1]))) for row in connection.execute(query)]

    def obstacles_told(self, keys: Collection[str]) -> None:
        """Take given up messages off the list; their reason stays."""
        if keys:
            given_up = ~waiting(table)
            statement = update(table).where(table.c.key.in_(keys), given_up).values(obstacle=None, obstacle_since=None)
            self._write(lambda connection: connection.execute(statement).rowcount)

    def note_obstacle(self, key: str, reason: str, obstacle: Obstacle, now: datetime) -> None:
        """Write down what keeps a message that is still waiting."""
        values = hindered_by(reason, obstacle, now)
        statement = update(table).where(table.c.key == key, waiting(table)).values(**values)
        self._write(lambda connection: connection.execute(statement).rowcount)

    def has_gone(self, asked: Gone) -> bool:
        """Whether such a message was sent."""
        newest = select(func.max(table.c.id)).scalar_subquery()
        query = select(table.c.id).where(
            table.c.id > newest - _RECENT,
            table.c.channel == asked.channel,
            table.c.status == "sent",
            table.c.done_at > asked.since,
        )
        if asked.recipient is not None:
            query = query.where(table.c.recipient == asked.recipient)
        if asked.client is not None:
            query = query.where(table.c.client == asked.client)
        if asked.purposes is not None:
            query = query.where(table.c.purpose.in_(asked.purposes))
        with self._reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def place_of(self, channel: str) -> str | None:
        """The id of a Slack channel, by the name under which a message was sent there last; None where none was."""
        query = (
            select(table.c.ref)
            .where(
                table.c.recipient.in_([channel, f"#{channel}"]), table.c.channel == "slack", table.c.status == "sent"
            )
            .order_by(table.c.done_at.desc())
            .limit(1)
        )
        with self._reading() as connection:
            ref = connection.scalar(query)
        place = str(ref or "").partition(":")[0]
        return place if is_channel_id(place) else None
