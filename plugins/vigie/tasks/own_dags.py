"""Whether Vigie's own DAGs are loaded, run, and are Vigie's own; and whether anything is watched at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from vigie.core.trouble import Trouble
from vigie.tasks.airflow_api import LoadedDag
from vigie.tasks.own_place import OWN_BUNDLE, OWN_FOLDER

DESK, MAIL_DESK, ROUNDS = "duty.desk", "duty.mail_desk", "duty.rounds"

WITHOUT = {
    DESK: "nobody is called and no message leaves",
    MAIL_DESK: "mail that no rule claims is not shown, and returned mail is not seen",
    ROUNDS: "nobody checks whether Vigie itself works",
}
"""What does not happen without each of them."""


def own_troubles(
    loaded: Mapping[str, LoadedDag], procedures: Collection[str], now: datetime, *, settled: bool
) -> Iterator[Trouble]:
    """What is wrong with Vigie's own DAGs at ``now`` (UTC). ``procedures`` are the DAGs that the site should have.

    ``settled`` is False in the first minutes, while Airflow may not have read every file yet.
    """
    for dag_id, without in WITHOUT.items():
        dag = loaded.get(dag_id)
        if dag is None and settled:
            reason = f"Airflow has no DAG {dag_id}; is the bundle '{OWN_BUNDLE}' configured?"
            yield _trouble(dag_id, "missing", f"{dag_id} is not loaded: {without}", reason, now)
        elif dag is not None and dag.bundle != OWN_BUNDLE:
            reason = f"{dag.bundle}/{dag.file} has a DAG of this name, which comes with Vigie; remove it there"
            yield _trouble(dag_id, "foreign", f"{dag_id} is not Vigie's own: it comes from {dag.file}", reason, now)
        elif dag is not None and dag.paused:
            reason = "somebody paused it in Airflow; unpause it there"
            yield _trouble(dag_id, "paused", f"{dag_id} is paused in Airflow: {without}", reason, now)
    missing = sorted(set(procedures) - loaded.keys()) if settled else []
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        title = f"The procedure {missing[0]}{more} is not loaded: it is followed on its page"
        yield _trouble("procedures", "missing", title, f"Airflow has no DAG {', '.join(missing[:20])}", now)


def nothing_watched(loaded: Mapping[str, LoadedDag], dags_folder: Path, now: datetime) -> Iterator[Trouble]:
    """The trouble of a site without a single flux: everything is healthy, and nobody is ever called."""
    if any(dag.flux for dag in loaded.values()):
        return
    reason = f"{dags_folder} has no flux that loads" if dags_folder.is_dir() else f"there is no folder {dags_folder}"
    yield _trouble("dags", "no-flux", "Nothing is being watched: no flux is loaded", reason, now)


def shown_path(path: str, bundle: str, dags_folder: Path) -> str:
    """The path of a file that does not load, as people know it: ``dags/nordwind/end_of_day.py``."""
    if bundle == OWN_BUNDLE or path.startswith(f"{OWN_FOLDER}/"):
        return f"vigie/dags/{path.removeprefix(f'{OWN_FOLDER}/')}"
    return f"dags/{path.removeprefix(f'{dags_folder}/')}"


def _trouble(source: str, kind: str, title: str, reason: str, now: datetime) -> Trouble:
    facts: dict[str, JsonValue] = {"source": source, "reason": reason, "since": f"{now:%H:%M} UTC", "watches": []}
    return Trouble(source, kind, title, facts)
