"""Looks: all that a session learnt, recorded in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, insert, or_, select, update

from vigie.core.bounce import undelivered
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.look import Cursor, Look
from vigie.core.signal import Signal
from vigie.core.storm import STORM_KEY, WITHIN
from vigie.logbook.bounces import entries_of, join_bounces, page_the_next
from vigie.logbook.columns import as_utc, short_key
from vigie.logbook.draft import incident_key, storm_key
from vigie.logbook.entries import append_entries, digest_of, known_keys
from vigie.logbook.incident_row import columns_of, id_of, incident_of, number_of
from vigie.logbook.mails import record_mails
from vigie.logbook.occurrences import record_occurrences
from vigie.logbook.readings import end_readings
from vigie.logbook.schema import cursor, incident, unresolved
from vigie.logbook.signals import Story
from vigie.logbook.store import Raced, Store, insert_into
from vigie.logbook.watches import record_beat, record_states


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a look changed: signals never seen before, incidents opened, reopened and resolved, occurrences that ended."""

    new_signals: int = 0
    opened: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()


class Looks(Store):
    """What the sessions write, and how far they have read."""

    def record(self, look: Look) -> Recorded:
        """Record a look: all of it in one transaction, or nothing.

        Recording the same look again changes nothing, so a caller that does not know whether it was recorded (the
        connection broke) simply tries again.
        """
        return self._write(lambda connection: _record(connection, look))

    def cursors(self, source: str) -> dict[str, Cursor]:
        """How far each watch of a source has read, by watch id."""
        query = select(cursor).where(cursor.c.source == source)
        with self._reading() as connection:
            found = [Cursor.model_validate(dict(row)) for row in connection.execute(query).mappings()]
        return {one.watch: one for one in found}


def _record(connection: Connection, look: Look) -> Recorded:
    if connection.dialect.name == "postgresql":
        # Two sessions of one source wait for each other instead of losing races; others go on side by side.
        connection.execute(select(func.pg_advisory_xact_lock(_lock_of(look.source))))
    returned = join_bounces(connection, look.bounces)
    fresh = _fresh(connection, [*look.signals, *(undelivered(*each) for each in returned)])
    story = Story.of(_unresolved(connection, fresh), _opened(connection, fresh), _ended(connection, fresh))
    for signal in fresh:
        story.tell(signal)
    _write_incidents(connection, story)
    lines = [
        line if draft is None else line.model_copy(update={"incident": draft.incident.id})
        for line, draft in story.lines
    ]
    new_keys = set(append_entries(connection, [*_keyed(look), *lines, *entries_of(returned)]))
    if not {short_key(signal.key) for signal in fresh} <= new_keys:
        raise Raced
    page_the_next(connection, returned)
    ended = record_occurrences(connection, look.occurrences)
    record_mails(connection, look.mails)
    _move_cursors(connection, look.cursors)
    if look.cursors:
        end_readings(connection, [look.source, *(cursor.source for cursor in look.cursors)])
    record_states(connection, look.states, look.at)
    record_beat(connection, f"session:{look.source}", look.at)
    changed = [draft for draft in story.drafts if draft.new or draft.touched]
    return Recorded(
        new_signals=len(fresh),
        opened=tuple(draft.incident.id for draft in changed if draft.new),
        resolved=tuple(draft.incident.id for draft in changed if draft.incident.status == "resolved"),
        ended=tuple(ended),
        reopened=tuple(dict.fromkeys(draft.incident.id for draft in story.reopened if not draft.new)),
    )


def _lock_of(source: str) -> int:
    return int.from_bytes(hashlib.sha256(f"vigie look {source}".encode()).digest()[:8], signed=True)


def _keyed(look: Look) -> Iterator[Entry]:
    """The look's own entries, each with a key, so that a look recorded twice is written once."""
    for place, line in enumerate(look.entries):
        if line.key is not None:
            yield line
            continue
        named = f"{look.source}|{as_utc(look.at).isoformat()}|{place}|{digest_of(line)}"
        yield line.model_copy(update={"key": f"look:{hashlib.sha256(named.encode()).hexdigest()}"})


def _fresh(connection: Connection, signals: Sequence[Signal]) -> list[Signal]:
    single = {short_key(signal.key): signal for signal in reversed(signals)}
    known = known_keys(connection, list(single)) if single else set()
    return [signal for key, signal in reversed(single.items()) if key not in known]


def _unresolved(connection: Connection, signals: Sequence[Signal]) -> list[Incident]:
    wanted = {key for signal in signals for key in (incident_key(signal), storm_key(signal))}
    found: list[Incident] = []
    dedup_keys = sorted({key[3] for key in wanted})
    for start in range(0, len(dedup_keys), 500):
        query = (
            select(incident)
            .where(
                unresolved(incident),
                incident.c.client.in_({key[0] for key in wanted}),
                incident.c.flux.in_({key[1] for key in wanted}),
                incident.c.watch.in_({key[2] for key in wanted}),
                incident.c.dedup_key.in_(dedup_keys[start : start + 500]),
            )
            .order_by(incident.c.number)
            .with_for_update()
        )
        found += map(incident_of, connection.execute(query).mappings())
    return [one for one in found if incident_key(one) in wanted]


def _opened(connection: Connection, signals: Sequence[Signal]) -> dict[str, list[datetime]]:
    """When the latest incidents of the signals' watches opened, without their storms and what pages nobody."""
    triggers = [signal for signal in signals if signal.event == "trigger"]
    if not triggers:
        return {}
    query = select(incident.c.watch, incident.c.opened_at).where(
        incident.c.watch.in_({short_key(signal.watch) for signal in triggers}),
        incident.c.opened_at >= min(signal.seen_at for signal in triggers) - WITHIN,
        incident.c.dedup_key != STORM_KEY,
        incident.c.page,
    )
    found: dict[str, list[datetime]] = {}
    for row in connection.execute(query):
        found.setdefault(row.watch, []).append(row.opened_at)
    return found


def _ended(connection: Connection, signals: Sequence[Signal]) -> list[Incident]:
    """The incidents that ended so lately that these triggers may reopen them, the last one last."""
    triggers = [signal for signal in signals if signal.event == "trigger"]
    wanted = {key for signal in triggers for key in (incident_key(signal), storm_key(signal))}
    if not wanted:
        return []
    query = (
        select(incident)
        .where(
            incident.c.watch.in_({key[2] for key in wanted}),
            incident.c.resolved_at >= min(signal.seen_at - signal.hold for signal in triggers),
            incident.c.status == "resolved",
        )
        .order_by(incident.c.number)
        .with_for_update()
    )
    found = map(incident_of, connection.execute(query).mappings())
    return [one for one in found if incident_key(one) in wanted]


_change = (
    update(incident)
    .where(incident.c.number == bindparam("_number"))
    .values({column.name: bindparam(f"_{column.name}") for column in incident.c if column.name != "number"})
)


def _write_incidents(connection: Connection, story: Story) -> None:
    """Write what changed, then what is new: a key resolved and opened again in one look is free by then."""
    changed: list[dict[str, Any]] = [
        {f"_{name}": value for name, value in columns_of(draft.incident).items()}
        | {"_number": number_of(draft.incident.id)}
        for draft in story.drafts
        if draft.touched and not draft.new
    ]
    if changed:
        connection.execute(_change, changed)
    new = [draft for draft in story.drafts if draft.new]
    if new:
        statement = insert(incident).returning(incident.c.number, sort_by_parameter_order=True)
        numbers = connection.scalars(statement, [columns_of(draft.incident) for draft in new])
        for draft, number in zip(new, numbers, strict=True):
            draft.incident = draft.incident.model_copy(update={"id": id_of(number)})


def _move_cursors(connection: Connection, cursors: Sequence[Cursor]) -> None:
    """Move forward only; a changed UIDVALIDITY starts anew (RFC 3501 2.3.1.1)."""
    if not cursors:
        return
    connection.execute(_move_forward(connection.dialect.name), [one.model_dump() for one in cursors])


@cache
def _move_forward(dialect: str) -> Executable:
    statement = insert_into(dialect, cursor)
    moved = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["source", "watch"],
        set_={"uidvalidity": moved.uidvalidity, "uid": moved.uid},
        where=or_(cursor.c.uidvalidity != moved.uidvalidity, cursor.c.uid < moved.uid),
    )
