"""Every procedure in Markdown is a DAG; one that cannot be read, or that nobody approved, is a DAG of one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, BaseOperator, Label, get_parsing_context

from vigie.core.errors import InvalidDocument
from vigie.core.procedure import CLOSE, ESCALATE, SHARED, Procedure, Step
from vigie.core.way import Way, ways
from vigie.documents.procedure_page import broken_page
from vigie.tasks.action_step import ActionStep
from vigie.tasks.procedure_steps import (
    CloseStep,
    EscalateStep,
    OpenProcedureStep,
    QuestionStep,
    ReadStep,
)
from vigie.tasks.run_failure import tell_failure
from vigie.tasks.site import library

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
JOIN = "none_failed_min_one_success"
"""A step that several branches lead to runs when one of them did, and is skipped when all were."""

FAILED = "if it fails"
"""The label of the way that people go where an action has failed."""


def procedure_dags() -> Iterator[DAG]:
    """The DAG of each file below include/procedures. A worker that runs one step builds only that step's DAG."""
    wanted = get_parsing_context().dag_id
    for path in library().procedure_paths():
        client, name = path.parent.name, path.stem
        if wanted in {None, f"procedure.{client}.{name}"}:
            yield procedure_dag(path)


def procedure_dag(path: Path) -> DAG:
    """The DAG of one file: its steps, or, where it is broken, its text with the reasons on top."""
    client, name = path.parent.name, path.stem
    try:
        procedure = library().procedure(client, name)
        return _steps(procedure, *(["draft"] if procedure.as_page else []))
    except InvalidDocument as broken:
        text = path.read_text(encoding="utf-8", errors="replace")
        return _steps(broken_page(client, name, text, broken.problems), "needs-repair")


def _steps(procedure: Procedure, *tags: str) -> DAG:
    found = list(ways(procedure))
    with _dag(procedure, tags) as dag:
        tasks: dict[str, BaseOperator] = {}
        for number, step in enumerate(procedure.steps):
            rule = JOIN if number else "all_success"
            tasks[step.anchor] = _task(procedure, step, found, rule)
        # An end that nothing leads to must not be there: without a task before it, Airflow would run it at once.
        for name, kind, title, text in (
            (ESCALATE, EscalateStep, "Escalate", procedure.escalate),
            (CLOSE, CloseStep, "Close", procedure.close),
        ):
            if any(way.target == name for way in found):
                end = Step(anchor=name, title=title, text=text, line=1)
                tasks[name] = kind(procedure=procedure, step=end, **_common(end, JOIN))
        for (step_name, target), labels in _edges(found).items():
            after = tasks.get(target) or _other(tasks, procedure.client, target)
            if labels:
                tasks[step_name] >> Label(" / ".join(labels)) >> after
            else:
                tasks[step_name] >> after
    return dag


def _edges(found: list[Way]) -> Mapping[tuple[str, str], list[str]]:
    """What leads from where to where, with every label: Airflow keeps one for each pair of tasks."""
    edges: dict[tuple[str, str], list[str]] = {}
    for way in found:
        labels = edges.setdefault((way.step, way.target), [])
        label = FAILED if way.kind == "failure" else way.label
        labels += [label] if label else []
    return edges


def _task(procedure: Procedure, step: Step, found: list[Way], rule: str) -> BaseOperator:
    mine = [way for way in found if way.step == step.anchor]
    common = {"procedure": procedure, "step": step, **_common(step, rule)}
    if step.action is not None:
        after = next(_task_of(way.target) for way in mine if way.kind == "next")
        return ActionStep(**common, goes_on=after, on_failure=_task_of(step.action.on_failure))
    if not step.choices:
        return ReadStep(**common)
    return QuestionStep(**common, targets={way.label: _task_of(way.target) for way in mine if way.kind == "answer"})


def _common(step: Step, rule: str) -> dict[str, Any]:
    return {
        "task_id": step.anchor,
        "task_display_name": step.title,
        "doc_md": step.text,
        "trigger_rule": rule,
    }


def _task_of(target: str) -> str:
    return f"open_{Path(target).stem}" if target.endswith(".md") else target


def _other(tasks: dict[str, BaseOperator], client: str, target: str) -> BaseOperator:
    """The task that opens another file's procedure: the client's own, or one that all share."""
    task_id, name = _task_of(target), Path(target).stem
    if task_id not in tasks:
        own = any((path.parent.name, path.stem) == (client, name) for path in library().procedure_paths())
        tasks[task_id] = OpenProcedureStep(
            task_id=task_id,
            task_display_name=f"Open {name}",
            procedure_dag_id=f"procedure.{client if own else SHARED}.{name}",
            trigger_rule=JOIN,
        )
    return tasks[task_id]


def _dag(procedure: Procedure, tags: tuple[str, ...]) -> DAG:
    return DAG(
        procedure.dag_id,
        dag_display_name=procedure.title,
        schedule=None,
        start_date=BEGINNING,
        catchup=False,
        max_active_runs=1000,
        max_active_tasks=1000,
        # Without them a worker that is killed while it parks a question ends the whole procedure.
        default_args={"retries": 3, "retry_delay": timedelta(seconds=2), "on_failure_callback": tell_failure},
        tags=["procedure", f"client:{procedure.client}", *tags],
        doc_md=procedure.source,
    )
