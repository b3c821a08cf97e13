"""Airflow as procedures see it, in memory: runs whose steps wait for people, taken one by one through their graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from airflow.sdk import DAG, BaseOperator, Context
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowSkipException,
    DownstreamTasksSkipped,
    TaskAwaitingInput,
    TaskDeferred,
)
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import TriggerDagRun

from vigie.authoring.procedure_dags import procedure_dag
from vigie.core.errors import TransportError
from vigie.core.message import Outbound
from vigie.core.open_step import OpenStep
from vigie.documents.library import Library
from vigie.documents.procedures import FOLDER
from vigie.logbook.book import Logbook
from vigie.tasks.clock import told_by
from vigie.tasks.connections import with_logbook

_ENDED = {"success", "skipped", "failed"}


@dataclass
class Run:
    """One run: ``states`` as Airflow's grid shows them; ``log`` says why one failed."""

    dag_id: str
    run_id: str
    conf: dict[str, Any]
    states: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    triggers: dict[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def waiting(self) -> list[str]:
        """The steps that wait for people."""
        return [task for task, state in self.states.items() if state == "awaiting_input"]


class ProcedureRuns:
    """The messenger of the channel ``procedure``, and the people's way to answer there.

    A run goes on as far as it can before a call returns. What it starts elsewhere is in ``started``.
    """

    def __init__(self, library: Library, logbook: Logbook, clock: Callable[[], datetime]) -> None:
        self.runs: dict[str, Run] = {}
        self.started: list[str] = []
        self.sent: list[Outbound] = []
        self._library, self._logbook, self._clock = library, logbook, clock
        self._refused: set[str] = set()
        self._taken: dict[tuple[str, str], dict[str, Any]] = {}
        self._held = False
        self._dags: dict[str, tuple[bytes, DAG]] = {}

    def refuse(self, recipient: str) -> None:
        """Refuse to start this DAG."""
        self._refused.add(recipient)

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Start a run, once, or skip the step that nobody needs any more."""
        if outbound.recipient in self._refused:
            raise TransportError(f"memory: {outbound.recipient} was refused", permanent=True)
        self.sent.append(outbound)
        run_id = str(outbound.variables["run_id"])
        if skipped := outbound.variables.get("skip"):
            if run_id in self.runs:  # a run that somebody deleted has nothing to end, as in Airflow
                self.marks(run_id, str(skipped), "skipped")
        else:
            self.start(outbound.recipient, run_id, {"incident": outbound.incident, "client": outbound.client})
        return run_id

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """Never known."""
        return None

    def start(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> Run:
        """Start a run, unless it is there."""
        if run_id not in self.runs:
            self.started.append(f"{dag_id} {run_id}")
            self.runs[run_id] = Run(dag_id, run_id, conf)
            if dag_id.startswith("procedure."):
                self._go_on(self.runs[run_id])
        return self.runs[run_id]

    def answer(self, run_id: str, task_id: str, option: str, by: str, given: Mapping[str, Any] | None = None) -> bool:
        """Answer on Airflow's own page; False where nobody is asked there any more."""
        run = self.runs[run_id]
        if run.states.get(task_id) != "awaiting_input":
            return False
        self._taken[run_id, task_id] = self._event(option, given or {}, by)
        self.resume()
        return True

    def take(self, step: OpenStep, option: str, given: Mapping[str, Any], by: str) -> str:
        """Take an answer that was given elsewhere, first come first served; the run goes on with ``resume``."""
        run = self.runs.get(step.run_id)
        if run is None or run.states.get(step.task_id) != "awaiting_input":
            return f"'{step.title}' is no longer asked in Airflow."
        self._taken[step.run_id, step.task_id] = self._event(option, given, by)
        return ""

    def hold(self) -> None:
        """Let no run hear of its answer any more: Airflow loses it."""
        self._held = True

    def resume(self) -> None:
        """Let the runs go on whose answers were taken."""
        if self._held:
            return
        taken, self._taken = self._taken, {}
        for (run_id, task_id), event in taken.items():
            run = self.runs[run_id]
            task: Any = self._dag(run).get_task(task_id)
            self._try(run, task, partial(task.execute_complete, event=event))
            self._go_on(run)

    def fires(self, run_id: str, task_id: str, event: dict[str, Any]) -> None:
        """The trigger that a task waits for fires."""
        run = self.runs[run_id]
        deferred = run.triggers.pop(task_id)
        task: Any = self._dag(run).get_task(task_id)
        self._try(run, task, partial(getattr(task, deferred.method_name), event=event))
        self._go_on(run)

    def marks(self, run_id: str, task_id: str, state: str) -> None:
        """Somebody marks a task in Airflow; nothing where there is no such run, as in Airflow's API (404)."""
        run = self.runs.get(run_id)
        if run is None:
            return
        run.states[task_id] = state
        self._go_on(run)

    def clears(self, run_id: str, task_id: str) -> None:
        """Somebody clears a task and what comes after it, by hand."""
        run = self.runs[run_id]
        after = {task_id, *self._dag(run).get_task(task_id).get_flat_relative_ids(upstream=False)}
        run.states = {name: state for name, state in run.states.items() if name not in after}
        self._go_on(run)

    def loses(self, run_id: str, task_id: str) -> None:
        """Airflow takes a parked or running task for dead, and tries it again."""
        run = self.runs[run_id]
        run.states.pop(task_id)
        self._taken.pop((run_id, task_id), None)
        self._held = False
        self._go_on(run)

    def _event(self, option: str, given: Mapping[str, Any], by: str) -> dict[str, Any]:
        return {
            "chosen_options": [option], "params_input": dict(given), "responded_at": self._clock(),
            "responded_by_user": {"id": by, "name": by},
        }  # fmt: skip

    def _dag(self, run: Run) -> DAG:
        path = self._library.root / FOLDER / run.dag_id.removeprefix("procedure.").replace(".", "/", 1)
        text = path.with_suffix(".md").read_bytes()
        kept = self._dags.get(run.dag_id)
        if kept is None or kept[0] != text:
            kept = self._dags[run.dag_id] = (text, procedure_dag(path.with_suffix(".md")))
        return kept[1]

    def _go_on(self, run: Run) -> None:
        dag = self._dag(run)
        while (task := next(self._ready(run, dag), None)) is not None:
            self._try(run, task, task.execute)

    def _ready(self, run: Run, dag: DAG) -> Iterator[BaseOperator]:
        for task in dag.topological_sort():
            if task.task_id in run.states:
                continue
            before = [run.states.get(each, "") for each in task.upstream_task_ids]
            if not all(state in _ENDED for state in before):
                continue
            if "failed" in before:
                run.states[task.task_id] = "failed"
            elif before and "success" not in before:
                run.states[task.task_id] = "skipped"
            else:
                yield cast(BaseOperator, task)
                return

    def _try(self, run: Run, task: Any, work: Callable[[Any], Any]) -> None:
        if task.task_id not in run.states:
            run.tries[task.task_id] = run.tries.get(task.task_id, 0) + 1
        context = self._context(run, task)
        try:
            with self._airflow(), with_logbook(self._logbook), told_by(self._clock):
                work(context)
            run.states[task.task_id] = "success"
        except TaskAwaitingInput:
            run.states[task.task_id] = "awaiting_input"
        except TaskDeferred as deferred:
            run.states[task.task_id] = "deferred"
            run.triggers[task.task_id] = deferred
        except DownstreamTasksSkipped as branched:
            run.states[task.task_id] = "success"
            for each in branched.tasks:
                run.states.setdefault(each if isinstance(each, str) else each[0], "skipped")
        except AirflowSkipException:
            run.states[task.task_id] = "skipped"
        except AirflowException as failed:
            run.log.append(f"{task.task_id}: {failed}")
            run.states.pop(task.task_id, None)
            if run.tries[task.task_id] > (task.retries or 0):
                run.states[task.task_id] = "failed"

    def _context(self, run: Run, task: BaseOperator) -> Context:
        instance = SimpleNamespace(
            task_id=task.task_id,
            try_number=run.tries.get(task.task_id, 1),
            map_index=-1,
            task=task,
            id=uuid5(NAMESPACE_URL, f"{run.run_id}/{task.task_id}"),
            xcom_push=lambda **_: None,
        )
        dag_run = SimpleNamespace(dag_id=run.dag_id, run_id=run.run_id, conf=run.conf)
        return cast(Context, {"dag_run": dag_run, "ti": instance, "task_instance": instance, "task": task})

    @contextmanager
    def _airflow(self) -> Iterator[None]:
        """The supervisor that a task speaks to."""
        missing = object()
        before = getattr(task_runner, "SUPERVISOR_COMMS", missing)
        task_runner.SUPERVISOR_COMMS = cast(Any, SimpleNamespace(send=self._said))
        try:
            yield
        finally:
            if before is missing:
                del task_runner.SUPERVISOR_COMMS
            else:
                task_runner.SUPERVISOR_COMMS = cast(Any, before)

    def _said(self, msg: object) -> object:
        if isinstance(msg, TriggerDagRun):
            self.start(msg.dag_id, msg.run_id or "", dict(msg.conf or {}))
        return SimpleNamespace()
