"""An automatic step of a procedure: it does its action once, records what came of it, and goes on accordingly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import Context

from vigie.core.errors import VigieError
from vigie.core.open_step import PROCEDURE, OpenStep
from vigie.core.procedure import Procedure, Step
from vigie.core.step_answer import BEGIN, DO_NOT_BEGIN
from vigie.documents.procedure_text import parameters_of
from vigie.tasks import file_actions, own_actions, remote_actions
from vigie.tasks.asked_step import AskedStep, skip_unless_led_here
from vigie.tasks.deed import Deed, Later, Result
from vigie.tasks.site import library
from vigie.tasks.step_place import StepPlace
from vigie.tasks.step_wording import StepWording

DOERS: Mapping[str, Callable[[Any, Deed], Result]] = {
    "send": own_actions.send,
    "sql": remote_actions.sql,
    "http": remote_actions.http,
    "ssh": remote_actions.ssh,
    "move": file_actions.move,
    "copy": file_actions.copy,
    "resend": file_actions.resend,
    "wait": own_actions.wait,
    "trigger": own_actions.trigger,
    "acknowledge": own_actions.acknowledge,
    "resolve": own_actions.resolve,
    "open": own_actions.open_procedure,
}
"""What does each registered action (``vigie.core.action.ACTIONS``)."""


class ActionStep(AskedStep):
    """Does one registered action; with four eyes, once a second person lets it begin.

    ``goes_on`` and ``on_failure`` are the tasks after it. A failure is an outcome, not an error of the run: the step
    ends, the logbook and the thread say why, and people go where the procedure sends them.
    """

    def __init__(self, *, procedure: Procedure, step: Step, goes_on: str, on_failure: str, **kwargs: Any) -> None:
        targets = {BEGIN: goes_on, DO_NOT_BEGIN: on_failure}
        super().__init__(procedure=procedure, step=step, targets=targets, **kwargs)
        self.goes_on = goes_on
        self.on_failure = on_failure

    def execute(self, context: Context) -> Any:
        """Do it, or ask whether it may begin. What an earlier try has begun and not ended is told as such."""
        place = StepPlace(context, self.procedure)
        known = place.known
        if known is not None and known.status == "doing" and place.tries > 1:
            return self._do(context, place, known, again=True)
        if self.step.four_eyes:
            return super().execute(context)
        skip_unless_led_here(self, place.logbook, place.dag_id, place.run_id)
        if place.over:
            return super().execute(context)  # which says that it is no longer needed
        doing = self._asked(place).model_copy(update={"status": "doing", "options": (), "next_action_at": None})
        entry = place.entry("procedure.action_begun", f"{self.step.title}: {self._name}")
        return self._do(context, place, place.logbook.open_step(doing, entry), again=False)

    def resume_action(self, context: Context, event: dict[str, Any]) -> Any:
        """What was waited for has come, or has not."""
        place = StepPlace(context, self.procedure)
        step = place.known
        if step is None:
            raise RuntimeError(f"the logbook has no step {place.dag_id} {place.run_id} {place.task_id}")
        return self._end(context, place, step, Result(bool(event["ok"]), str(event["text"])))

    def leads_to(self, step: OpenStep) -> str | None:
        """The task after it: by what came of it, or because a person would not let it begin."""
        return self.goes_on if step.status == "done" else self.on_failure

    @property
    def _name(self) -> str:
        return self.step.action.name if self.step.action else ""

    def _asked(self, place: StepPlace) -> OpenStep:
        asked = super()._asked(place)
        if not self.step.four_eyes:
            return asked
        before = [each for each in place.logbook.steps(run_id=place.run_id) if each.status == "answered"]
        first = before[-1].ended_by if before else place.incident.acknowledged_by if place.incident else None
        return asked.model_copy(update={"first_by": first, "first_answer": BEGIN if first else None})

    def _four_eyes(self) -> str:
        return "**Four eyes**: a second person lets it begin, not the one who did the step before." if (
            self.step.four_eyes
        ) else ""  # fmt: skip

    def _go_on(self, context: Context, place: StepPlace, step: OpenStep) -> Any:
        if step.answer == DO_NOT_BEGIN:
            return super()._go_on(context, place, step)
        again = not place.logbook.begin_action(step)
        return self._do(context, place, step.model_copy(update={"status": "doing"}), again=again)

    def _do(self, context: Context, place: StepPlace, step: OpenStep, *, again: bool) -> Any:
        action = self.step.action
        assert action is not None  # noqa: S101 (an ActionStep is made of a step that has one)
        # A run that somebody starts by hand may have any name, and two DAGs may have a run of the same one.
        run = place.run_id if place.incident_id else f"{place.dag_id}/{place.run_id}"
        key = f"{run}/{place.task_id}" + (f"/{step.asked}" if step.asked > 1 else "")
        try:
            parameters = parameters_of(action, place.facts, self.procedure.path)
            result = DOERS[action.name](parameters, Deed(place, key, again))
        except Later as later:
            self.defer(trigger=later.trigger, method_name="resume_action")
        except VigieError as failed:
            result = Result(False, str(failed))
        return self._end(context, place, step, result)

    def _end(self, context: Context, place: StepPlace, step: OpenStep, result: Result) -> Any:
        saved = self.step.action.parameters.get("save") if self.step.action else None
        answers = {saved: result.value} if saved and result.ok else {}
        kind = "done" if result.ok else "failed"
        seconds = int((place.now - step.opened_at).total_seconds())
        entry = place.entry(
            f"procedure.action_{kind}", f"{self.step.title}: {result.text}", step=step.id, seconds=seconds
        )
        said = []
        if not result.ok:
            self.log.error("%s failed: %s", self._name, result.text)
            wording = StepWording(library(), place.now)
            words = wording.say(step, "action_failed", action=self._name, why=result.text)
            said = [wording.noted(step, "failed", words)]
        place.logbook.end_step(
            step, "done" if result.ok else "failed", PROCEDURE, place.now, entry=entry, answers=answers, outbounds=said
        )
        self.do_branch(context, self.goes_on if result.ok else self.on_failure)
        return {"ok": result.ok, "text": result.text}
