"""The folder of DAG files as Airflow's DAG processor sees it: a file is parsed when what it reads has changed.

Airflow parses every file again after ``min_file_process_interval``, changed or not: 0.15 s of CPU each, which was half a
core for 1,000 fluxes. It parses a changed file at once, but knows nothing of the tables that a flux reads, nor does it
start or stop the watches of a flux that is paused or unpaused before the file's next pass. So this bundle asks for
those passes (``DagPriorityParsingRequest``, what the button *Reparse* writes), and the interval may be long.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path, PurePosixPath

from airflow.dag_processing.bundles.local import LocalDagBundle
from airflow.models.dag import DagModel  # noqa: TID251 (the DAG processor itself: it has the database, and no API)
from airflow.models.dagbag import DagPriorityParsingRequest  # noqa: TID251
from airflow.models.errors import ParseImportError  # noqa: TID251
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.orm import Session

from vigie.core.errors import InvalidDocument
from vigie.tasks.authored_changes import AuthoredChanges, files_to_parse
from vigie.tasks.dag_names import install_policy
from vigie.tasks.site import library

log = logging.getLogger(__name__)


class AuthoredBundle(LocalDagBundle):
    """A local folder of DAG files that read documents from ``include``, by default the folder beside it.

    ``refresh`` is called by the DAG processor alone, each ``[dag_processor] refresh_interval``.
    """

    def __init__(self, *, path: str | None = None, include: str | None = None, **bundle: object) -> None:
        super().__init__(path=path, **bundle)
        install_policy()  # every process that parses makes the bundles first, or is forked from one that did
        self._changes = AuthoredChanges(self.path, Path(include) if include else self.path.parent / "include")
        self._paused: dict[str, bool] | None = None
        self._wanted: set[str] = set()

    def refresh(self) -> None:
        """Ask Airflow to parse the files that read something changed, and those of fluxes that were (un)paused.

        What could not be asked for is asked for at the next refresh; Airflow logs the error.
        """
        changed = self._changes.changed()
        with create_session() as session:
            self._wanted |= self._stale(changed, session)
            asked = session.scalars(
                select(DagPriorityParsingRequest.relative_fileloc).where(
                    DagPriorityParsingRequest.bundle_name == self.name
                )
            )
            for path in sorted(self._wanted.difference(asked)):
                session.add(DagPriorityParsingRequest(bundle_name=self.name, relative_fileloc=path))
        if self._wanted:
            why = f"changed: {', '.join(sorted(map(str, changed))[:10])}" if changed else "paused or unpaused"
            log.info("parsing %d files of %s anew (%s)", len(self._wanted), self.name, why)
        self._wanted = set()
        read_procedures()

    def _stale(self, changed: set[PurePosixPath], session: Session) -> set[str]:
        """The DAG files (below the folder) whose last pass no longer says what is."""
        rows = session.execute(
            select(DagModel.dag_id, DagModel.relative_fileloc, DagModel.is_paused).where(
                DagModel.bundle_name == self.name, DagModel.is_stale.is_(False)
            )
        ).all()
        before, self._paused = self._paused, {dag_id: bool(is_paused) for dag_id, _, is_paused in rows}
        stale = {path for dag_id, path, is_paused in rows if before is not None and before.get(dag_id) != is_paused}
        if changed:
            broken = session.scalars(select(ParseImportError.filename).where(ParseImportError.bundle_name == self.name))
            makes_dags = {path for _, path, _ in rows} | (told := {path for path in broken if path})
            files = {path.relative_to(self.path).as_posix() for path in self.path.rglob("*.py")}
            stale |= files_to_parse(changed, {each: each in makes_dags for each in files}, told)
        return {path for path in stale if path}


def read_procedures() -> None:
    """Read what has changed of the procedures here, where every parse of a DAG file is forked from.

    Each of those processes would otherwise read all of them, two thirds of what making their DAGs takes.
    """
    for path in library().procedure_paths():
        with suppress(InvalidDocument):  # becomes a page that says so, when its DAG is made
            library().procedure_at(path)
