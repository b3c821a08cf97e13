"""``@flux``: an Airflow DAG with the control room's defaults, and the watches of its body on guard."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule
from airflow.sdk.bases.timetable import BaseTimetable

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_watch import FileWatch
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.wall_clock import WallClock
from vigie.core.watch import Watch
from vigie.tasks.flux_body import BODY, FluxBody
from vigie.tasks.site import library, site_root
from vigie.tasks.timetable import ChecksTimetable

SPREAD = 180
"""Checks of all fluxes due at one minute are spread over so many seconds, each flux always at its own offset."""

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def flux(*, client: str, stream: str, **dag_options: Any) -> Callable[[Callable[[], object]], DAG]:
    """Make the decorated function a flux of the client: its DAG, called ``<client>.<function>``.

    The function's body creates the watches; its docstring is the flux's documentation. It is run at once and the
    DAG is returned, so that nobody can forget the call. Any other keyword goes to Airflow's ``DAG``.
    Raises InvalidDocument with every problem of the file, each with its line.
    """

    def decorate(body: Callable[[], object]) -> DAG:
        name, file = body.__name__, body.__code__.co_filename
        asset = Asset(f"{client}.{name}", watchers=[])
        shared = FluxBody(client, name, file, asset)
        timetable = ChecksTimetable([], offset=_offset(f"{client}.{name}", 3600))
        _check_place(shared, body.__code__.co_firstlineno)
        if isinstance(before := body.__globals__.get(name), DAG) and before.dag_id == f"{client}.{name}":
            shared.problems.append(_twice(shared, name, body.__code__.co_firstlineno))
        options: dict[str, Any] = {
            "start_date": BEGINNING,
            "catchup": False,
            "max_active_runs": 1,
            "tags": ["flux", f"client:{client}", f"stream:{stream}"],
            "doc_md": inspect.cleandoc(body.__doc__ or ""),
            "default_args": {"owner": client},
        }
        dag = DAG(
            f"{client}.{name}",
            schedule=AssetOrTimeSchedule(timetable=cast("BaseTimetable", timetable), assets=[asset]),
            **options | dag_options,
        )
        token = BODY.set(shared)
        try:
            with dag:
                body()
        finally:
            BODY.reset(token)
        if not shared.watches and not shared.problems:
            shared.wrong(
                f"the flux '{name}' watches nothing.", "Put a KoMail, a MissingFile or a MissingMail into its body."
            )
        if shared.problems:
            raise InvalidDocument(*shared.problems)
        timetable.moments = _moments(shared.watches, f"{client}.{name}")
        timetable.description = timetable.summary
        asset.name = asset.uri = f"{client}.{name}.{_digest(shared.watches)}"
        return dag

    return decorate


def _check_place(shared: FluxBody, line: int) -> None:
    path, dags = Path(shared.file), site_root() / "dags"
    there = path.relative_to(dags).parts if path.is_relative_to(dags) else (path.parent.name, path.name)
    if there != (shared.client, f"{shared.flux}.py"):
        remedy = f"Put one flux in each file: dags/{shared.client}/{shared.flux}.py."
        if path.parent.name != shared.client and path.parent.name in library().client_ids():
            remedy = f"Write client='{path.parent.name}', or move it: dags/{shared.client}/{shared.flux}.py."
        shared.wrong(f"the flux '{shared.flux}' of '{shared.client}' is in {'/'.join(there)}.", remedy)
    if shared.client not in library().client_ids():
        shared.wrong(f"there is no client '{shared.client}'.", f"Write include/clients/{shared.client}/client.yaml.")
    shared.problems = [each.model_copy(update={"line": each.line or line}) for each in shared.problems]


def _twice(shared: FluxBody, name: str, line: int) -> Problem:
    return Problem(
        path=shared.shown,
        line=line,
        message=f"the flux '{name}' stands above already: of two with one name only the last would run.",
        remedy="Put both bodies into one, or this one into a file of its own.",
    )


def _moments(watches: list[Watch], name: str) -> list[tuple[str, str, int]]:
    """The checks: some minutes after each deadline, in each zone of the sites, or in the one of the mails."""
    found = set()
    for watch in watches:
        if not isinstance(watch, (FileWatch, MissingMailWatch)):
            continue
        wait = int((watch.grace + watch.check_after).total_seconds()) + _offset(name, SPREAD)
        if isinstance(watch, MissingMailWatch):
            found.add((_clock(watch.due), watch.zone, wait))
        else:
            found |= {(_clock(at.due), zone, wait) for zone in _zones(watch) for at in watch.times}
    return sorted(found)


def _zones(watch: FileWatch) -> set[str]:
    """The zones of the sites; of a table that cannot be read at all, the client's own."""
    try:
        return {site.zone for site in library().site_table(watch.client, watch.sites)}
    except InvalidDocument:
        return {library().client(watch.client).zone}


def _clock(due: WallClock) -> str:
    """The time of day; the day does not matter, for the checks come each day."""
    return str(due._replace(days=0))


def _digest(watches: list[Watch]) -> str:
    """Names the asset of exactly these rules: another rule is another asset.

    Airflow 3.3.2 that finds a changed watcher on an asset that it knows takes the old one away and drops the new one
    with it, until the file's next pass (AssetModel.add_trigger leaves ``watcher.trigger`` unset, and
    add_asset_trigger_references in dag_processing/collection.py then filters it out). A new asset comes, and the old
    one goes, in one pass.
    """
    rules = "\n".join(watch.model_dump_json() for watch in watches)
    return hashlib.sha256(rules.encode()).hexdigest()[:8]


def _offset(name: str, span: int) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % span
