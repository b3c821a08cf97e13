"""What is still missing until a mail that arrives now is called now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from vigie.core.incident import Incident
from vigie.core.look import WatchState
from vigie.core.trouble import FLUX
from vigie.tasks.airflow_api import LoadedDag
from vigie.tasks.own_dags import DESK, WITHOUT

NAMED = 5
"""At most so many of one kind are named; the others are counted."""


class Readiness(NamedTuple):
    """How far it is. ``awaited`` comes by itself; ``troubles`` need a person, and the platform is told of them.

    Both empty: all is healthy. ``awaited`` empty: it is running as well as it can.
    """

    awaited: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether everything that should be watched is watched, and what is found is called."""
        return not self.awaited and not self.troubles


class Loaded(NamedTuple):
    """What Airflow has read: its DAGs, the files that do not load (path as people know it -> reason), and its watches."""

    dags: Mapping[str, LoadedDag]
    broken: Mapping[str, str]
    watched: Mapping[str, Collection[str]]
    """The id of each watch that the triggerer is to look for, and the DAGs whose watch it is."""


def not_loaded(files: Mapping[str, str], loaded: Loaded, began: datetime) -> Readiness:
    """Which files Airflow has not read since ``began`` (UTC), and which do not load.

    ``files`` are the fluxes of the site: the path as people know it, and the name of its DAG. A DAG that Airflow knows
    from before is not counted: its file may have changed while nothing ran.
    """
    wanted = {name: path for path, name in files.items() if path not in loaded.broken} | {
        name: name for name in WITHOUT
    }
    missing = [path for name, path in wanted.items() if not _is_read(loaded.dags.get(name), began)]
    broken = tuple(f"{path} does not load: {reason}" for path, reason in sorted(loaded.broken.items()))
    paused = [name for name in WITHOUT if name in loaded.dags and loaded.dags[name].paused]
    return Readiness(
        tuple(_counted(missing, "{} has not been loaded yet", "{} files have not been loaded yet")),
        (*broken, *(f"{name} is paused in Airflow: {WITHOUT[name]}" for name in paused)),
    )


def not_looking(loaded: Loaded, states: Sequence[WatchState], began: datetime) -> Readiness:
    """Which watches have not looked since ``began`` (UTC), and which are blind. A paused flux is not to look."""
    known = {state.watch: state for state in states}
    silent: list[str] = []
    blind: list[WatchState] = []
    for watch, dags in sorted(loaded.watched.items()):
        if not any(name in loaded.dags and not loaded.dags[name].paused for name in dags):
            continue
        state = known.get(watch)
        if state is not None and state.sight == "blind":
            blind.append(state)
        elif state is None or state.sight != "watching" or state.looked_at is None or state.looked_at < began:
            silent.append(watch)
    return Readiness(
        tuple(_counted(silent, "{} has not looked yet", "{} watches have not looked yet")), tuple(_grouped(blind))
    )


def not_acting(beats: Mapping[str, datetime], began: datetime) -> Readiness:
    """Whether the desk has acted since ``began`` (UTC): until then nobody can be called."""
    beat = beats.get("desk")
    return Readiness() if beat is not None and beat >= began else Readiness((f"{DESK} has not acted yet",))


def not_callable(connections: Mapping[str, bool]) -> Readiness:
    """Whether the vault has a connection to call people with; ``connections``: its name -> whether it is there."""
    if any(connections.values()):
        return Readiness()
    return Readiness((), (f"nobody can be called: the vault has no {' and no '.join(connections)}",))


def ailing(told: Iterable[Incident], states: Sequence[WatchState], *, desk_is_well: bool, now: datetime) -> Readiness:
    """What is wrong at ``now`` (UTC) where once all was healthy. ``told`` are the platform's unresolved incidents."""
    found = [f"{DESK} does not act: {WITHOUT[DESK]}"] * (not desk_is_well)
    for each in told:
        if each.flux in {FLUX, "desk"} or each.dedup_key == "blind":
            found.append(f"{each.title} ({each.facts.get('reason', '')})")
    late = [each.watch for each in states if each.sight == "watching" and each.look_by and each.look_by < now]
    return Readiness((), (*found, *_counted(late, "{} should have looked", "{} watches should have looked")))


def _is_read(dag: LoadedDag | None, began: datetime) -> bool:
    return dag is not None and dag.parsed_at is not None and dag.parsed_at >= began


def _grouped(blind: Iterable[WatchState]) -> list[str]:
    """One line for each reason: a mailbox that is away blinds every watch on it."""
    watches: dict[str, list[str]] = {}
    for state in blind:
        watches.setdefault(state.detail, []).append(state.watch)
    return [f"{line}: blind, {why}" for why, names in watches.items() for line in _counted(names, "{}", "{} watches")]


def _counted(names: Sequence[str], one: str, many: str) -> list[str]:
    if len(names) <= 1:
        return [one.format(name) for name in names]
    more = ", ..." if len(names) > NAMED else ""
    return [f"{many.format(len(names))}: {', '.join(names[:NAMED])}{more}"]
