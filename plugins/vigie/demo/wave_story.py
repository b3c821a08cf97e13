"""The stories of the wave: Tokyo misses three files, a store has a holiday, Paris is warned in time, New York misses one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from vigie.core.incident import Incident
from vigie.core.occurrence import Occurrence
from vigie.core.site import Site
from vigie.core.zone import ZoneInfo
from vigie.demo.sightings import Sightings
from vigie.demo.timeline import Timeline
from vigie.demo.wave import Deadline, Wave, stores_of
from vigie.demo.world import LUMIERE, World
from vigie.logbook.book import Logbook

FLUX = f"{LUMIERE}.store_replenishment"
MISSING, JEOPARDY, HOLIDAY = 2, 5, 6
A_WHILE = 45.0


class WaveStory:
    """What comes and does not come of the files of one night. ``taken`` lets a person take an incident."""

    def __init__(
        self,
        site: Path,
        wave: Wave,
        world: World,
        logbook: Logbook,
        seen: Sightings,
        timeline: Timeline,
        taken: Callable[[int, Incident, str], None],
    ) -> None:
        self.site = site
        self.wave = wave
        self.world = world
        self.logbook = logbook
        self.seen = seen
        self.timeline = timeline
        self.taken = taken

    def begin(self) -> None:
        """The files that are there long before they are due."""
        for deadline, late in ((self.wave.tokyo, 3), (self.wave.paris, 3), (self.wave.newyork, 1)):
            awaited = [store.code for store in self._due(deadline)[-late:]]
            self._come(deadline, *(each.code for each in self._stores(deadline) if each.code not in awaited))

    def tokyo(self) -> None:
        """Three of twelve files missing at the stores' own deadline: one incident, until they come."""
        deadline = self.wave.tokyo
        late = [store.code for store in self._due(deadline)[-3:]]
        incident = self._missing(deadline, late, "one incident, not three")
        if incident is None:
            return
        self.taken(MISSING, incident, "camille")
        self.timeline.say(MISSING, "The three files arrive")
        self._come(deadline, *late)
        self._resolved(MISSING, incident)
        self._expect(MISSING, "three files entered as late", lambda: self.seen.late(incident.watch, 3))

    def newyork(self) -> None:
        """The last of the wave: one file is missing, and comes."""
        deadline = self.wave.newyork
        late = [self._due(deadline)[-1].code]
        incident = self._missing(deadline, late, "an incident of its own")
        if incident is None:
            return
        self.timeline.say(MISSING, "The file arrives")
        self._come(deadline, *late)
        self._resolved(MISSING, incident)

    def paris(self) -> None:
        """Half the files are there shortly before the deadline: a warning that pages nobody; then they come in time."""
        deadline, say = self.wave.paris, self.timeline.say
        awaited = [store.code for store in self._due(deadline)[-3:]]
        number = len(self._due(deadline))
        say(JEOPARDY, f"{number - 3} of {number} Paris files are there; they are due at {self._clock(deadline)}")
        warning = "in jeopardy, told before the deadline"
        within = self._left(deadline) + A_WHILE
        if not self._expect(JEOPARDY, warning, lambda: self.seen.said(LUMIERE, *awaited), within):
            return
        say(JEOPARDY, "The three files arrive, just in time")
        self._come(deadline, *awaited)
        ends = lambda: self._all(deadline, {"on_time"})  # noqa: E731
        self._expect(JEOPARDY, "all Paris files on time", ends, self._left(deadline) + A_WHILE)
        calm = not any(each.severity == "high" for each in self._incidents(deadline))
        self._expect(JEOPARDY, "nobody is paged for Paris", lambda: "no incident" if calm else None, 0)

    def holiday(self) -> None:
        """A store whose country has a holiday: its file is waived, and that is recorded with its reason."""
        deadline, holiday = self.wave.airport, self.wave.holiday
        what = holiday.name or "a closed day"
        self.timeline.say(
            HOLIDAY, f"In {holiday.town} today is {what}: nothing is expected for the store at its airport"
        )
        within = self._left(deadline) + A_WHILE
        self._expect(HOLIDAY, "waived, recorded with its reason", lambda: self._waived(deadline), within)
        quiet = not self._incidents(deadline)
        self._expect(HOLIDAY, "nothing told of it", lambda: "no incident" if quiet else None, 0)

    def _missing(self, deadline: Deadline, late: list[str], said: str) -> Incident | None:
        stores = self._stores(deadline)
        come = f"{len(stores) - len(late)} of {len(stores)} {self._town(deadline)} files are there"
        self.timeline.say(MISSING, f"{come}; they are due at {self._clock(deadline)}")
        names = "names the three stores" if len(late) == 3 else "names the store"
        told = f"{self._town(deadline)}'s deadline passes: an incident {names}"
        within = self._left(deadline) + A_WHILE
        self._expect(MISSING, told, lambda: self.seen.said(LUMIERE, *late), within)
        incidents = self._incidents(deadline)
        one = f"{len(incidents)} incident" if len(incidents) == 1 else None
        self._expect(MISSING, f"{self._town(deadline)}: {said}", lambda: one, 0)
        return incidents[0] if incidents else None

    def _resolved(self, story: int, incident: Incident) -> None:
        self._expect(
            story, "resolved, told in the same thread", lambda: self.seen.in_thread(LUMIERE, incident, "resolved_by")
        )

    def _expect(self, story: int, what: str, look: Callable[[], str | None], within: float = A_WHILE) -> bool:
        return self.timeline.expect(story, what, look, within)

    def _left(self, deadline: Deadline) -> float:
        return max(0.0, (deadline.due - datetime.now(UTC)).total_seconds())

    def _clock(self, deadline: Deadline) -> str:
        return f"{deadline.due.astimezone(ZoneInfo(deadline.zone)):%H:%M:%S} in {self._town(deadline)}"

    def _town(self, deadline: Deadline) -> str:
        return deadline.zone.rpartition("/")[2].replace("_", " ")

    def _stores(self, deadline: Deadline) -> list[Site]:
        return stores_of(self.site, deadline.table)

    def _due(self, deadline: Deadline) -> list[Site]:
        """The stores whose clocks show the same time: the others of the table are due at another hour."""
        return [store for store in self._stores(deadline) if deadline.is_due_then(store)]

    def _come(self, deadline: Deadline, *stores: str) -> None:
        for code in stores:
            self.world.files.put(f"outbound/REPL_{code}_{deadline.day}.csv", b"sku;quantity\n4711;12\n")

    def _incidents(self, deadline: Deadline) -> list[Incident]:
        found = self.logbook.incidents(client=LUMIERE)
        return [each for each in found if each.watch == f"{FLUX}.{deadline.watch}"]

    def _occurrences(self, deadline: Deadline) -> list[Occurrence]:
        day = date.fromisoformat(deadline.day)
        found = self.logbook.occurrences(f"{FLUX}.{deadline.watch}", since=day)
        return [each for each in found if each.business_date == day and each.due == deadline.due]

    def _all(self, deadline: Deadline, statuses: set[str]) -> str | None:
        found = self._occurrences(deadline)
        ended = bool(found) and {each.status for each in found} <= statuses
        return f"{len(found)} {', '.join(sorted(statuses))}" if ended else None

    def _waived(self, deadline: Deadline) -> str | None:
        return next((each.reason for each in self._occurrences(deadline) if each.status == "waived"), None)
