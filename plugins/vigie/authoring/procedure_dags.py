"""Every procedure in Markdown is a DAG; one that cannot be read is a DAG of one page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, BaseOperator, Label, TriggerRule, get_parsing_context

from vigie.core.errors import InvalidDocument
from vigie.core.procedure import CLOSE, ESCALATE, SHARED, Procedure, Step
from vigie.tasks.procedure_steps import (
    CloseStep,
    EscalateStep,
    OpenProcedureStep,
    QuestionStep,
    ReadStep,
    SendStep,
)
from vigie.tasks.site import library, site_root

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
JOIN = "none_failed_min_one_success"
"""A step that several branches lead to runs when one of them did, and is skipped when all were."""

AFTER_A_MESSAGE = TriggerRule.ONE_DONE
"""A message that cannot be sent leaves its step red; the people go on with the next one all the same."""


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
        return _steps(library().procedure(client, name))
    except InvalidDocument as broken:
        return _page(client, name, path, broken)


def _steps(procedure: Procedure) -> DAG:
    with _dag(procedure.client, procedure.name, procedure.title, procedure.source) as dag:
        following = [*(step.anchor for step in procedure.steps[1:]), CLOSE]
        # An end that nothing leads to must not be there: without a task before it, Airflow would run it at once.
        reached = {choice.target for step in procedure.steps for choice in step.choices}
        reached |= {after for step, after in zip(procedure.steps, following, strict=True) if not step.choices}
        ends = {name: end(procedure) for name, end in _ENDS.items() if name in reached}
        tasks = {step.anchor: _step(procedure, step, first=step is procedure.steps[0]) for step in procedure.steps}
        for step, after in zip(procedure.steps, following, strict=True):
            if not step.choices:
                tasks[step.anchor] >> (tasks | ends)[after]
            for choice in step.choices:
                target = (tasks | ends).get(choice.target) or _other(dag, procedure.client, choice.target)
                tasks[step.anchor] >> Label(choice.label) >> target
        for task in dag.tasks:
            if task.upstream_list and all(isinstance(before, SendStep) for before in task.upstream_list):
                task.trigger_rule = AFTER_A_MESSAGE
    return dag


def _escalate(procedure: Procedure) -> BaseOperator:
    return EscalateStep(
        task_id=ESCALATE,
        task_display_name="Escalate",
        subject=f"{procedure.title}: escalate",
        body=procedure.escalate,
        client=procedure.client,
        trigger_rule=JOIN,
    )


def _close(procedure: Procedure) -> BaseOperator:
    return CloseStep(
        task_id=CLOSE,
        task_display_name="Close",
        subject=f"{procedure.title}: close",
        body=procedure.close,
        client=procedure.client,
        trigger_rule=JOIN,
    )


_ENDS = {ESCALATE: _escalate, CLOSE: _close}


def _step(procedure: Procedure, step: Step, *, first: bool) -> BaseOperator:
    common: dict[str, Any] = {
        "task_id": step.anchor,
        "task_display_name": step.title,
        "doc_md": step.text,
        "client": procedure.client,
        "trigger_rule": "all_success" if first else JOIN,
    }
    if step.action is not None:
        return SendStep(**common, template=step.action.parameters["template"], to=step.action.parameters["to"])
    common |= {"subject": f"{procedure.title}: {step.title}", "body": step.text}
    if not step.choices:
        return ReadStep(**common)
    return QuestionStep(
        **common,
        options=[choice.label for choice in step.choices],
        options_mapping={choice.label: _task_of(choice.target) for choice in step.choices},
    )


def _task_of(target: str) -> str:
    return f"open_{Path(target).stem}" if target.endswith(".md") else target


def _other(dag: DAG, client: str, target: str) -> Any:
    task_id, name = _task_of(target), Path(target).stem
    if task_id in dag.task_dict:
        return dag.get_task(task_id)
    own = any((path.parent.name, path.stem) == (client, name) for path in library().procedure_paths())
    return OpenProcedureStep(
        task_id=task_id,
        task_display_name=f"Open {name}",
        procedure_dag_id=f"procedure.{client if own else SHARED}.{name}",
        trigger_rule=JOIN,
    )


def _page(client: str, name: str, path: Path, broken: InvalidDocument) -> DAG:
    reasons = "\n".join(f"- {problem}" for problem in broken.problems)
    text = path.read_text(encoding="utf-8", errors="replace")
    body = f"**This procedure needs repair; read it as a page.**\n\n{reasons}\n\n---\n\n{text}"
    with _dag(client, name, f"{name} (needs repair)", body, "needs-repair") as dag:
        done, escalate = "Done", "Escalate"
        question = QuestionStep(
            task_id="page",
            task_display_name="The page",
            subject=f"{name} (needs repair)",
            body=body,
            client=client,
            options=[done, escalate],
            options_mapping={done: CLOSE, escalate: ESCALATE},
        )
        close = CloseStep(task_id=CLOSE, subject=f"{name}: close", client=client)
        escalation = EscalateStep(task_id=ESCALATE, subject=f"{name}: escalate", client=client)
        question >> Label(done) >> close
        question >> Label(escalate) >> escalation
    return dag


def _dag(client: str, name: str, title: str, text: str, *tags: str) -> DAG:
    return DAG(
        f"procedure.{client}.{name}",
        dag_display_name=title,
        schedule=None,
        start_date=BEGINNING,
        catchup=False,
        max_active_runs=1000,
        # Without them a worker that is killed while it parks a question ends the whole procedure.
        default_args={"retries": 3, "retry_delay": timedelta(seconds=2)},
        tags=["procedure", f"client:{client}", *tags],
        doc_md=text,
        template_searchpath=[str(site_root())],
    )
