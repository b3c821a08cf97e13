"""Who watches the watchman: the rounds find what should look and does not, and a desk that does not act."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.errors import TransportError
from vigie.core.incident import Incident
from vigie.core.look import Look, WatchState
from vigie.core.sight import sight_again
from vigie.core.signal import Signal
from vigie.core.trouble import FLUX, Trouble
from vigie.logbook.book import Logbook
from vigie.logbook.watches import Sight
from vigie.tasks.airflow_api import AirflowApi, BrokenFile, LoadedDag
from vigie.tasks.desk_pulse import BEAT, TOLD_EVERY, DeskPulse
from vigie.tasks.own_dags import nothing_watched, own_troubles, shown_path
from vigie.tasks.unheard import unheard

START_WITHIN = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(minutes=30)
"""Between these, a procedure that has not begun counts as refused (its page is to be followed)."""

SETTLED_AFTER = timedelta(minutes=2)
"""After its start Airflow may need so long to read every file: before, one that is not loaded is not missing."""

ASKED_FOR = 20
"""At most so many watches that do not look are asked for in Airflow, one request each."""


class Rounds:
    """One round: ask Airflow, compare with the logbook, and say what is blind.

    ``tell_directly(subject, text)`` is the path that does not lead over the desk; ``dags_folder`` is where the
    authors' fluxes are, one in each file ``<client>/<flux>.py``; ``procedures`` are the DAGs that the site should have.
    """

    def __init__(
        self,
        logbook: Logbook,
        api: AirflowApi,
        dags_folder: Path,
        tell_directly: Callable[[str, str], None],
        procedures: Collection[str] = (),
    ) -> None:
        self._logbook = logbook
        self._api = api
        self._dags = dags_folder
        self._tell_directly = tell_directly
        self._procedures = procedures
        self._desk = DeskPulse(logbook, tell_directly)

    def walk(self, now: datetime) -> list[Trouble]:
        """Walk one round at ``now`` (UTC); what is wrong. Raises TransportError where the logbook is away."""
        began = self._desk.began(now)
        try:
            loaded, broken = self._api.dags(), self._api.broken_files()
            settled = now - began >= SETTLED_AFTER
            found = [self._broken(each, now) for each in broken]
            found += own_troubles(loaded, self._procedures, now, settled=settled)
            if settled:
                found += nothing_watched(loaded, self._dags, now)
        except TransportError as away:
            loaded, broken = None, []
            facts: dict[str, JsonValue] = {"source": "Airflow", "reason": str(away), "since": f"{now:%H:%M} UTC"}
            found = [Trouble("airflow", "api", "Blind: Airflow cannot be asked", {**facts, "watches": []})]
        overdue = self._sights(loaded, {self._shown(each) for each in broken}, now)
        if overdue:
            found.append(self._not_looking(overdue, now))
        self._record(found, now, asked=loaded is not None)
        self._desk.tell(loaded, began, now)
        self._unheard(now)
        self._logbook.beat(BEAT, now)
        return found

    def _shown(self, file: BrokenFile) -> str:
        return shown_path(file.path, file.bundle, self._dags)

    def _broken(self, file: BrokenFile, now: datetime) -> Trouble:
        path = self._shown(file)
        where = path if file.line is None else f"{path}:{file.line}"
        facts: dict[str, JsonValue] = {
            "source": where,
            "path": path,
            "line": file.line,
            "reason": file.reason,
            "watches": [state.watch for state in self._logbook.watch_states() if _file_of(state) == path],
            "since": f"{now:%H:%M} UTC",
        }
        return Trouble(path, "broken", f"Blind: {where} does not load, its watches have stopped", facts, "flux_broken")

    def _sights(self, loaded: Mapping[str, LoadedDag] | None, broken: set[str], now: datetime) -> list[WatchState]:
        """Note each watch that is broken, gone or paused; return those that should look and do not.

        While Airflow cannot be asked, what it said last still holds.
        """
        overdue = []
        for state in self._logbook.watch_states():
            if loaded is None and state.sight in {"broken", "paused", "gone"}:
                continue
            if _file_of(state) in broken:
                self._see(state, "broken", f"{_file_of(state)} does not load", now)
            elif loaded is not None and _dag_of(state) not in loaded:
                self._see(state, "gone", "its flux is no longer there", now)
            elif loaded is not None and loaded[_dag_of(state)].paused:
                self._see(state, "paused", "its flux is paused in Airflow", now)
            elif state.sight not in {"blind", "gone"} and state.look_by is not None and state.look_by < now:
                overdue.append(state)
        return overdue if loaded is None else self._still_there(overdue, now)

    def _still_there(self, overdue: list[WatchState], now: datetime) -> list[WatchState]:
        """Without the watches that their author took out of a flux. A dead triggerer's are not asked for one by one."""
        if len(overdue) > ASKED_FOR:
            return overdue
        there = []
        for state in overdue:
            if self._api.has_task(_dag_of(state), state.watch.removeprefix(f"{state.client}.{state.flux}.")):
                there.append(state)
            else:
                self._see(state, "gone", "it was taken out of its flux", now)
        return there

    def _see(self, state: WatchState, sight: Sight, detail: str, now: datetime) -> None:
        if (state.sight, state.detail) != (sight, detail):
            self._logbook.set_sight(state.watch, sight, detail, now)

    def _not_looking(self, overdue: list[WatchState], now: datetime) -> Trouble:
        names: list[JsonValue] = [state.watch for state in overdue]
        since = min(state.look_by or now for state in overdue)
        facts: dict[str, JsonValue] = {
            "source": "the triggerer",
            "reason": f"{len(overdue)} watches should look and do not; is the triggerer alive?",
            "watches": names[:50],
            "since": f"{since:%H:%M} UTC",
        }
        return Trouble("triggerer", "not-looking", f"Blind: {len(overdue)} watches do not look", facts)

    def _record(self, found: list[Trouble], now: datetime, *, asked: bool) -> None:
        """Open an incident for each new trouble, and resolve those that are over.

        A broken file is mended when Airflow says so, not when it cannot be asked.
        """
        unresolved = self._logbook.incidents(client=PLATFORM)
        known = {(each.watch, each.dedup_key): each for each in unresolved if each.flux == FLUX}
        there = {(trouble.source, trouble.kind) for trouble in found}
        signals = []
        for each in found:
            incident = known.get((each.source, each.kind))
            if incident is None:
                signals.append(each.signal("trigger", now))
            elif incident.title != each.title:
                since = {"since": incident.facts.get("since", "")}
                signals.append(each._replace(facts=each.facts | since).signal("update", now))
        signals += [
            Trouble(source, kind, incident.title, {}).signal("resolve", now)
            for (source, kind), incident in known.items()
            if (source, kind) not in there and (asked or kind != "broken")
        ]
        signals += self._forsaken(unresolved, now)
        if signals:
            self._logbook.record(Look(source="rounds", at=now, signals=tuple(signals)))

    def _forsaken(self, unresolved: list[Incident], now: datetime) -> list[Signal]:
        """What ends the blindness of a source that nobody is to watch any more: no session will say *sight again*."""
        watched = [state for state in self._logbook.watch_states() if state.sight in {"watching", "blind"}]
        return [
            sight_again(each.watch, each.opened_at, now).model_copy(
                update={"title": f"Nobody watches {each.watch} any more"}
            )
            for each in unresolved
            if each.dedup_key == "blind" and not any(_is_about(each, state) for state in watched)
        ]

    def _unheard(self, now: datetime) -> None:
        """What the desk called the platform for without reaching anybody is told directly, at most each ten minutes."""
        told = self._logbook.beats().get("rounds.unheard")
        if told is not None and now - told < TOLD_EVERY:
            return
        found = unheard(self._logbook, now)
        if not found:
            return
        self._logbook.beat("rounds.unheard", now)
        lines = "\n".join(f"- {each.incident} {each.title} ({each.why})" for each in found[:20])
        self._tell_directly("Vigie: calls to the platform reach nobody", f"Not delivered to anybody:\n{lines}")
        self._logbook.append(
            Entry(
                at=now, client=PLATFORM, kind="platform.unheard", actor="rounds",
                text=f"Told directly, for no call reached anybody: {', '.join(each.incident for each in found[:20])}",
            )
        )  # fmt: skip

    def unstarted(self, now: datetime) -> list[Incident]:
        """Incidents whose procedure was opened and never began: a paused DAG accepts a run and does not start it."""
        found = []
        for incident in self._logbook.incidents(statuses=("acknowledged",)):
            taken = incident.acknowledged_at
            if not incident.procedure or taken is None or not START_WITHIN < now - taken < GIVEN_UP_AFTER:
                continue
            if not self._logbook.steps(incident=incident.id, limit=1):
                found.append(incident)
        return found

    def desk_is_well(self, now: datetime) -> bool:
        """Whether the external heartbeat may go out."""
        return self._desk.is_well(now) and not unheard(self._logbook, now)


def _is_about(blind: Incident, state: WatchState) -> bool:
    """Whether a blindness is that of this watch's source, of the watch itself, or of a folder that it looks into.

    A folder is told by its server, ``wms:outbound``, or its mailbox, ``nordwind_ops:junk``.
    """
    if blind.watch in {state.source, state.watch}:
        return True
    named = blind.facts.get("watches")
    beside = any(blind.watch.startswith(f"{each}:") for each in (state.source, state.source.partition("/")[0]))
    return beside and isinstance(named, list) and state.watch in named


def _dag_of(state: WatchState) -> str:
    # The platform watches for itself: the mailbox of the mail desk.
    return f"{'duty' if state.client == PLATFORM else state.client}.{state.flux}"


def _file_of(state: WatchState) -> str:
    return "vigie/dags/mail_desk.py" if state.client == PLATFORM else f"dags/{state.client}/{state.flux}.py"
