"""What procedures name of the fluxes: the watches that they wait for, and the DAGs that they start."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import Procedure
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library


def unknown_references(library: Library, watches: Collection[str], dags: Collection[str]) -> list[Problem]:
    """Each watch (``<client>.<flux>.<watch>``) and each DAG that a procedure names and that is not there."""
    found: list[Problem] = []
    for path in library.procedure_paths():
        try:
            procedure = library.procedure_files.written(path)
        except InvalidDocument:
            continue  # told as the file's own problems
        if procedure is not None:
            found += _unknown(procedure, watches, dags)
    return found


def _unknown(procedure: Procedure, watches: Collection[str], dags: Collection[str]) -> Iterator[Problem]:
    before = f"{procedure.client}."
    own = [watch.removeprefix(before) for watch in watches if watch.startswith(before)]
    for action in (step.action for step in procedure.steps if step.action):
        watch, dag = action.parameters.get("watch"), action.parameters.get("dag")
        if action.name == "wait" and watch is not None and watch not in own:
            message = f"wait: no watch '{watch}' of {procedure.client}."
            yield Problem(path=procedure.path, line=action.line, message=message, remedy=did_you_mean(watch, own))
        if action.name == "trigger" and dag is not None and dag not in dags:
            remedy = did_you_mean(dag, [name for name in dags if name.startswith(before)])
            yield Problem(path=procedure.path, line=action.line, message=f"trigger: no DAG '{dag}'.", remedy=remedy)
