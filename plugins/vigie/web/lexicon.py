"""How ids and instants are told to people: names, the client's own time. A broken file never takes a page away."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from vigie.core.call_plan import call_plan
from vigie.core.client import PLATFORM, PLATFORM_POLICY, Client, Person
from vigie.core.errors import VigieError
from vigie.core.escalation import next_people
from vigie.core.incident import Incident
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.tasks.posts import known_rota

_ACTORS = {"desk": "Vigie", "rounds": "Vigie's own check", "procedure": "the procedure"}


class Lexicon:
    """Reads the library; where a file cannot be used, the id stands for the name and UTC for the zone."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._clients: dict[str, Client | None] = {}

    @cached_property
    def people(self) -> dict[str, Person]:
        """The team, by id; nobody where the rota cannot be read."""
        try:
            return self._library.rota().people
        except (VigieError, OSError):
            return {}

    def _client(self, client: str) -> Client | None:
        if client not in self._clients:
            try:
                self._clients[client] = self._library.client(client)
            except (VigieError, OSError, KeyError):
                self._clients[client] = None
        return self._clients[client]

    def client(self, client: str) -> str:
        """The client's name."""
        known = self._client(client)
        if known:
            return known.name
        return "Platform" if client == PLATFORM else client

    def zone(self, client: str) -> ZoneInfo | None:
        """The client's zone; None where it is unknown or UTC itself."""
        known = self._client(client)
        return ZoneInfo(known.zone) if known and known.zone != "UTC" else None

    def actor(self, actor: str | None) -> str:
        """Who did it."""
        if not actor:
            return "nobody"
        if actor in self.people:
            return self.people[actor].name
        kind, _, name = actor.partition(":")
        if kind == "slack" and name:
            return f"Slack user {name}"
        if kind == "watch" and name:
            return f"watch {watch_name(name)}"
        return _ACTORS.get(actor, actor)

    def resolver(self, incident: Incident) -> str:
        """Who ended the incident: a person, or the watch that saw the end."""
        if incident.resolved_by == incident.watch:
            return f"watch {watch_name(incident.watch)}"
        return self.actor(incident.resolved_by)

    def addressee(self, address: str) -> str:
        """Whose mail address it is: a person of the team, else the address itself."""
        return next((person.name for person in self.people.values() if person.email == address), address)

    def clock_time(self, at: datetime, client: str) -> str:
        """An instant of this night, for a sentence: ``22:14 (Europe/Paris)``."""
        zone = self.zone(client)
        return f"{at.astimezone(zone):%H:%M} ({zone.key})" if zone else f"{at:%H:%M} UTC"

    def exact(self, at: datetime, client: str, now: datetime) -> str:
        """An instant in the client's zone and in UTC, with the day where it is not today.

        ``09:14:05 Asia/Tokyo · Mon 23 Nov 00:14:05 UTC``
        """
        today = now.astimezone(at.tzinfo).date()
        utc = f"{at:%H:%M:%S} UTC" if at.date() == today else f"{at:%a %d %b %H:%M:%S} UTC"
        zone = self.zone(client)
        if zone is None:
            return utc
        local = at.astimezone(zone)
        day = "" if local.date() == now.astimezone(zone).date() else f"{local:%a %d %b} "
        return f"{day}{local:%H:%M:%S} {zone.key} · {utc}"

    def next_people(self, incident: Incident) -> str:
        """Whom the next page calls, as names; empty where that is not known."""
        known = self._client(incident.client)
        name = PLATFORM_POLICY if incident.audience == "platform" else known.policy if known else ""
        plan = call_plan(known_rota(self._library), name)
        return ", ".join(self.actor(person) for person in next_people(incident, plan.policy, plan.everybody))


def watch_name(watch: str) -> str:
    """A watch as its flux calls it: the last part of ``client.flux.task``."""
    return watch.rpartition(".")[2] if watch.count(".") == 2 else watch


def relative(at: datetime, now: datetime) -> str:
    """How long ago, or how long until: ``just now``, ``3 min ago``, ``in 2 h 05 min``, ``4 days ago``."""
    span = abs(now - at)
    if span < timedelta(minutes=1):
        seconds = int(span.total_seconds())
        told = f"{seconds} s"
        if seconds < 5:
            return "just now" if at <= now else "now"
    elif span < timedelta(hours=1):
        told = f"{int(span.total_seconds() // 60)} min"
    elif span < timedelta(days=2):
        hours, minutes = divmod(int(span.total_seconds() // 60), 60)
        told = f"{hours} h {minutes:02} min"
    else:
        told = f"{span.days} days"
    return f"{told} ago" if at <= now else f"in {told}"
