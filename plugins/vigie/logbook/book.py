"""The logbook: everything that happened, and what follows from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from vigie.logbook.attention import Attention
from vigie.logbook.calls import Calls
from vigie.logbook.desk_errors import DeskErrors
from vigie.logbook.entries import Entries
from vigie.logbook.filed import Filed
from vigie.logbook.incidents import Incidents
from vigie.logbook.looks import Looks
from vigie.logbook.mails import Mails
from vigie.logbook.obstacles import Obstacles
from vigie.logbook.occurrences import Occurrences
from vigie.logbook.outbox import Outbox, free
from vigie.logbook.readings import Readings
from vigie.logbook.schema import incident, message, step, waiting
from vigie.logbook.steps import Steps
from vigie.logbook.watches import Watches

_planned, _due, _step = incident.c.next_action_at, message.c.next_action_at, step.c.next_action_at
# Built once: the desk asks ten times a second, and building the statements costs more than running them.
_PLANNED_INCIDENT = select(_planned).where(_planned.is_not(None)).order_by(_planned).limit(1)
_PLANNED_STEP = select(_step).where(_step.is_not(None)).order_by(_step).limit(1)
_DUE_MESSAGE = select(_due).where(waiting(message), free()).order_by(_due).limit(1)


class Logbook(
    Looks,
    Incidents,
    Steps,
    Outbox,
    Obstacles,
    Calls,
    Attention,
    DeskErrors,
    Entries,
    Mails,
    Filed,
    Readings,
    Occurrences,
    Watches,
):
    """The only memory, on SQLite or PostgreSQL. Safe to share between threads; each process opens its own.

    ``Logbook(url, patience=10.0)``: see ``vigie.logbook.store.read_url`` for the address; the database must have been
    prepared by ``vigie.logbook.migrations.migrate``. Instants come out in UTC; one without a time zone is refused
    (ValueError). Every method raises TransportError where the database is away or busy for longer than ``patience``
    seconds (not permanent: try again), or not prepared (permanent).
    """

    def next_due(self) -> datetime | None:
        """When the desk must act next: the earliest of all plans (incidents, steps, messages). None: nothing planned.

        A message that waits for another one does not count; one that is claimed counts from when it is in doubt.
        Three look-ups in indexes: cheap enough to ask ten times a second.
        """
        with self._reading() as connection:
            found = [connection.scalar(each) for each in (_PLANNED_INCIDENT, _PLANNED_STEP, _DUE_MESSAGE)]
        return min((at for at in found if at is not None), default=None)
