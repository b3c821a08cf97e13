"""Calls that reached nobody, and those that nobody answered: what the desk and the rounds must know of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from vigie.core.call_key import CallKey, call_key
from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.life import not_reached
from vigie.core.message import Outbound
from vigie.core.unanswered import Unanswered
from vigie.logbook.entries import append_entries
from vigie.logbook.incident_row import find_incident, id_of, write_incident
from vigie.logbook.schema import incident, message, step, unanswered, unresolved
from vigie.logbook.step_row import number_of as step_number
from vigie.logbook.store import Store

_DEAD = ("failed", "bounced")


def call_the_next(connection: Connection, outbound: Outbound, at: datetime, *, mail_only: bool = False) -> bool:
    """A message of a call is dead: where no other message of it reached anybody, the next people are due at once.

    With ``mail_only`` a post in Slack counts as no way to reach the person whose mail came back.
    """
    call = call_key(outbound.key)
    if call is None or outbound.purpose != "page" or _reaches(connection, outbound, call, mail_only=mail_only):
        return False
    if call.step:
        return _next_of_step(connection, call, at)
    found = find_incident(connection, call.incident, locked=True)
    after = not_reached(found, call.number, at) if found else None
    if found is None or after is None or after is found:
        return False
    write_incident(connection, after)
    text = f"page {call.number} reached nobody; the next people are called at once"
    line = Entry(
        at=at, client=found.client, flux=found.flux, watch=found.watch, incident=found.id, kind="call.unreached",
        actor="desk", text=text,
    )  # fmt: skip
    append_entries(connection, [line])
    return True


def _reaches(connection: Connection, outbound: Outbound, call: CallKey, *, mail_only: bool) -> bool:
    """Whether another message of the call is on its way to somebody, or has arrived."""
    query = select(message.c.channel, message.c.mentions).where(
        message.c.incident.is_not_distinct_from(outbound.incident),
        message.c.key.startswith(call.prefix, autoescape=True),
        message.c.status.not_in(_DEAD),
    )
    alive = connection.execute(query).all()
    return any(row.channel == "mail" or (row.mentions and not mail_only) for row in alive)


def _next_of_step(connection: Connection, call: CallKey, at: datetime) -> bool:
    """A step in its last resort goes on as always: everybody has been called."""
    statement = (
        update(step)
        .where(
            unanswered(step),
            step.c.number == step_number(call.step),
            step.c.asked == call.asked,
            step.c.pages == call.number,
            step.c.exhausted == "",
        )
        .values(paged_at=None, next_action_at=at)
    )
    return connection.execute(statement).rowcount == 1


class Calls(Store):
    """What became of calls."""

    def call_failed(self, outbound: Outbound, at: datetime) -> bool:
        """A message of a call failed for good at this instant (UTC); whether the next people are due now."""
        return self._write(lambda connection: call_the_next(connection, outbound, at))

    def unanswered(self) -> Sequence[Unanswered]:
        """The policies of clients that are used up while something is unanswered, in their order."""
        called_for = select(incident.c.client, incident.c.exhausted, incident.c.number).where(
            unresolved(incident), incident.c.exhausted != "", incident.c.client != PLATFORM
        )
        asked = select(step.c.client, step.c.exhausted, step.c.number).where(
            unanswered(step), step.c.exhausted != "", step.c.client != PLATFORM
        )
        found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
        with self._reading() as connection:
            for row in connection.execute(called_for.order_by(incident.c.number)):
                found.setdefault((row.client, row.exhausted), ([], []))[0].append(id_of(row.number))
            for row in connection.execute(asked.order_by(step.c.number)):
                found.setdefault((row.client, row.exhausted), ([], []))[1].append(f"STEP-{row.number}")
        return [Unanswered(*key, tuple(incidents), tuple(steps)) for key, (incidents, steps) in sorted(found.items())]
