"""Incidents: read, acknowledged, resolved, noted, and acted on by the desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from vigie.core.entry import Entry
from vigie.core.escalation import Decision, changed_by
from vigie.core.incident import Incident, Status
from vigie.core.life import acknowledged, escalated, reopened, resolved
from vigie.core.message import Outbound
from vigie.logbook.entries import append_entries
from vigie.logbook.incident_row import find_incident, incident_of, note_work, number_of, write_incident
from vigie.logbook.outbox import queue_messages
from vigie.logbook.schema import incident as table
from vigie.logbook.schema import unresolved
from vigie.logbook.store import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt to change an incident, and the incident as it stands now.

    *newer* says that what it was about came back meanwhile: ``incident`` is the one that is open for it.
    """

    result: Literal["done", "already", "resolved", "unknown", "newer"]
    incident: Incident | None


class Incidents(Store):
    """The incidents of every client."""

    def incident(self, incident_id: str) -> Incident | None:
        """The incident of this name."""
        with self._reading() as connection:
            return find_incident(connection, incident_id)

    def incidents(
        self,
        *,
        statuses: Sequence[Status] = ("open", "acknowledged"),
        client: str | None = None,
        limit: int = 200,
    ) -> list[Incident]:
        """The newest ``limit`` incidents of these statuses, the newest first."""
        query = select(table).where(table.c.status.in_(statuses)).order_by(table.c.number.desc()).limit(limit)
        if client is not None:
            query = query.where(table.c.client == client)
        with self._reading() as connection:
            return [incident_of(row) for row in connection.execute(query).mappings()]

    def due_incidents(self, now: datetime, limit: int = 100) -> list[Incident]:
        """Incidents whose next action is due, the longest overdue first; each client's first before another's second."""
        order = (table.c.next_action_at, table.c.number)
        turn = func.row_number().over(partition_by=table.c.client, order_by=order)
        query = select(table).where(table.c.next_action_at <= now).order_by(turn, *order).limit(limit)
        with self._reading() as connection:
            return [incident_of(row) for row in connection.execute(query).mappings()]

    def acknowledge(self, incident_id: str, by: str, at: datetime, via: str) -> Outcome:
        """Give an open incident to a person, or one that is called for again; *already* says that somebody has it."""
        return self._move(incident_id, acknowledged, _may_be_taken, by, at, via, "incident.acknowledged")

    def resolve(self, incident_id: str, by: str, at: datetime, via: str, why: str = "") -> Outcome:
        """End an incident by hand; *already* says that it had ended. ``reopen`` undoes it. ``why`` stands in the entry."""
        return self._move(incident_id, resolved, _has_not_ended, by, at, via, "incident.resolved", why)

    def reopen(self, incident_id: str, by: str, at: datetime, via: str, why: str = "") -> Outcome:
        """Undo the end of an incident: it goes on with its owner, in its thread; without an owner people are called.

        *already* says that it has not ended, *newer* that another incident is open for the same key. A procedure owns
        nothing that it has ended. ``why`` stands in the entry.
        """

        def work(connection: Connection) -> Outcome:
            found = find_incident(connection, incident_id, locked=True)
            if found is None:
                return Outcome("unknown", None)
            if found.status != "resolved":
                return Outcome("already", found)
            newer = _unresolved_of(connection, found)
            if newer is not None:
                return Outcome("newer", newer)
            write_incident(connection, reopened(found, at, returned=False))
            more = {"why": why} if why else {}
            append_entries(connection, [_line(found, "incident.reopened", by, at, found.title, via=via, **more)])
            return Outcome("done", find_incident(connection, incident_id))

        return self._write(work)

    def escalate(self, incident_id: str, by: str, at: datetime, via: str) -> Outcome:
        """Open an incident again for the next people of its policy, who are paged at once; not one that has ended."""
        return self._move(incident_id, escalated, _has_not_ended, by, at, via, "incident.escalated")

    def put_off(self, incident: Incident, until: datetime) -> bool:
        """Look at an incident again later: deciding about it failed, and it must keep nobody waiting."""
        statement = (
            update(table)
            .where(table.c.number == number_of(incident.id), table.c.revision == incident.revision)
            .values(next_action_at=until)
        )
        return bool(self._write(lambda connection: connection.execute(statement).rowcount))

    def note(self, incident_id: str, by: str, at: datetime, text: str) -> bool:
        """Write a person's note on an incident, which is work on it; False where there is no such incident."""

        def work(connection: Connection) -> bool:
            found = find_incident(connection, incident_id, locked=True)
            if found is None:
                return False
            note_work(connection, found, by, at)
            append_entries(connection, [_line(found, "incident.note", by, at, text)])
            return True

        return self._write(work)

    def decide(
        self,
        incident: Incident,
        decision: Decision,
        outbounds: Sequence[Outbound] = (),
        entries: Sequence[Entry] = (),
        *,
        at: datetime | None = None,
    ) -> bool:
        """Record what the desk decided, with the messages that follow from it, in one transaction.

        ``at`` is the instant of the decision, by default that of its first entry; a call counts from it, so ValueError
        is raised for one that has neither. False, and nothing written, where the incident is no longer as it was read:
        its revision grew, or another desk has decided. The revision stays: a decision changes nothing that a person
        sees.
        """
        decided_at = at or next((line.at for line in entries), None)
        if decision.pages > incident.pages and decided_at is None:
            raise ValueError(f"a page of {incident.id} was decided; say when (at=)")
        statement = (
            update(table)
            .where(
                table.c.number == number_of(incident.id),
                table.c.revision == incident.revision,
                table.c.pages == incident.pages,
                table.c.level == incident.level,
                table.c.next_action_at.is_not_distinct_from(incident.next_action_at),
            )
            .values(**changed_by(decision, incident, decided_at))
        )

        def work(connection: Connection) -> bool:
            if connection.execute(statement).rowcount != 1:
                return False
            queue_messages(connection, outbounds)
            append_entries(connection, entries)
            return True

        return self._write(work)

    def _move(
        self,
        incident_id: str,
        change: Callable[[Incident, str, datetime], Incident],
        allowed: Callable[[Incident], bool],
        by: str,
        at: datetime,
        via: str,
        kind: str,
        why: str = "",
    ) -> Outcome:
        def work(connection: Connection) -> Outcome:
            found = find_incident(connection, incident_id, locked=True)
            if found is None:
                return Outcome("unknown", None)
            if not allowed(found):
                ended = found.status == "resolved" and kind != "incident.resolved"
                return Outcome("resolved" if ended else "already", found)
            write_incident(connection, change(found, by, at))
            more = {"why": why} if why else {}
            append_entries(connection, [_line(found, kind, by, at, found.title, via=via, **more)])
            return Outcome("done", find_incident(connection, incident_id))

        return self._write(work)


def _may_be_taken(incident: Incident) -> bool:
    return incident.status == "open" or incident.recalled_at is not None


def _has_not_ended(incident: Incident) -> bool:
    return incident.status != "resolved"


def _unresolved_of(connection: Connection, ended: Incident) -> Incident | None:
    """The incident that is open for the key of one that has ended."""
    row = connection.execute(
        select(table).where(
            unresolved(table),
            table.c.client == ended.client,
            table.c.flux == ended.flux,
            table.c.watch == ended.watch,
            table.c.dedup_key == ended.dedup_key,
        )
    )
    found = row.mappings().first()
    return None if found is None else incident_of(found)


def _line(incident: Incident, kind: str, by: str, at: datetime, text: str, **data: Any) -> Entry:
    return Entry(
        at=at,
        client=incident.client,
        kind=kind,
        actor=by,
        text=text,
        flux=incident.flux,
        watch=incident.watch,
        incident=incident.id,
        data=data,
    )
