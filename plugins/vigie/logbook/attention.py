"""What would fall silent, found in the stored rows, and given a next action."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Update, case, or_, select, update

from vigie.core.client import A_DAY, PLATFORM
from vigie.core.entry import Entry
from vigie.core.unattended import (
    A_CALL_WAITS,
    Unattended,
    unattended_call,
    unattended_incident,
    unattended_step,
)
from vigie.logbook.entries import append_entries
from vigie.logbook.incident_row import find_incident, incident_of
from vigie.logbook.incident_row import number_of as incident_number
from vigie.logbook.outbox import DOUBT_AFTER, MESSAGE_COLUMNS, outbound_of
from vigie.logbook.schema import incident, message, step, unanswered, unresolved, waiting
from vigie.logbook.step_row import number_of as step_number
from vigie.logbook.step_row import step_of
from vigie.logbook.store import Store


class Attention(Store):
    """The invariant of ``core/unattended.py`` as a query, and what puts it right."""

    def unattended(self, now: datetime) -> list[Unattended]:
        """What has no next action at ``now`` (UTC), or one that is too far away: incidents, then steps, then calls."""
        planned = incident.c.next_action_at
        incidents = select(incident).where(
            unresolved(incident), incident.c.page, or_(planned.is_(None), planned > now + A_DAY)
        )
        planned = step.c.next_action_at
        steps = select(step).where(unanswered(step), or_(planned.is_(None), planned > now + A_DAY))
        calls = select(*MESSAGE_COLUMNS).where(
            waiting(message), message.c.purpose == "page", message.c.next_action_at > now + A_CALL_WAITS
        )
        with self._reading() as connection:
            found = [unattended_incident(incident_of(row), now) for row in connection.execute(incidents).mappings()]
            found += [unattended_step(step_of(row), now) for row in connection.execute(steps).mappings()]
            found += [unattended_call(outbound_of(row), now) for row in connection.execute(calls).mappings()]
        return [each for each in found if each is not None]

    def attend(self, found: Collection[Unattended], now: datetime) -> None:
        """Let the desk look at these at once, with an entry for each."""

        def work(connection: Connection) -> None:
            for each in found:
                connection.execute(_at_once(each.what, now))
            append_entries(connection, [_entry(connection, each, now) for each in found])

        self._write(work)


def _at_once(what: str, now: datetime) -> Update:
    """What makes it due. A call that was claimed by a clock that went wrong counts as claimed long ago: it is in doubt."""
    if (number := incident_number(what)) is not None:
        return update(incident).where(incident.c.number == number, unresolved(incident)).values(next_action_at=now)
    if (number := step_number(what)) is not None:
        return update(step).where(step.c.number == number, unanswered(step)).values(next_action_at=now)
    claimed_at = case((message.c.status == "claimed", now - 2 * DOUBT_AFTER), else_=message.c.claimed_at)
    values = {"next_action_at": now, "claimed_at": claimed_at}
    return update(message).where(message.c.key == what, waiting(message)).values(**values)


def _entry(connection: Connection, found: Unattended, now: datetime) -> Entry:
    """The entry stands in the record of the incident that it is about."""
    named: str | None = found.what
    if (number := step_number(found.what)) is not None:
        named = connection.scalar(select(step.c.incident).where(step.c.number == number))
    elif incident_number(found.what) is None:
        named = connection.scalar(select(message.c.incident).where(message.c.key == found.what))
    about = find_incident(connection, named or "")
    text = f"{found.what} was unattended ({found.why}); the desk looks at it now"
    return Entry(
        at=now, client=about.client if about else PLATFORM, incident=about.id if about else None,
        kind="rounds.attended", actor="rounds", text=text,
    )  # fmt: skip
