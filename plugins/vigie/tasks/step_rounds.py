"""Steps that Airflow no longer asks (marked by hand, deleted, gone with a changed procedure), or forgot to go on with."""

from __future__ import annotations

from datetime import datetime, timedelta

from vigie.core.entry import Entry
from vigie.core.open_step import OpenStep
from vigie.core.thread_words import say
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.step_answers import StepAnswers
from vigie.tasks.step_wording import StepWording

OPEN_FOR = timedelta(minutes=1)
"""A step is noted before Airflow has heard of it: a younger one is left alone."""

ASKED_FOR = 20
"""At most so many steps are asked for in one round, one request each."""

ENDED = {"success", "failed", "skipped", "removed", "upstream_failed"}


class StepRounds:
    """Compares the open steps of the logbook with those that wait in Airflow: nobody is paged about a dead one."""

    def __init__(self, logbook: Logbook, library: Library, api: AirflowApi) -> None:
        self._logbook = logbook
        self._library = library
        self._api = api

    def walk(self, now: datetime) -> list[OpenStep]:
        """Close what is no longer asked at ``now`` (UTC), and tell it; the steps. Raises TransportError.

        What is answered and still parked goes on: the next try takes the answer of the one before.
        """
        for place in sorted(self._api.stranded_steps())[:ASKED_FOR]:
            self._go_on(place, now)
        old = [step for step in self._logbook.steps(status="open") if now - step.opened_at > OPEN_FOR]
        if not old:
            return []
        waiting = self._api.waiting_steps()
        missing = [step for step in old if (step.dag_id, step.run_id, step.task_id) not in waiting]
        return [step for step in missing[:ASKED_FOR] if self._close(step, now)]

    def _go_on(self, place: tuple[str, str, str], now: datetime) -> None:
        step = self._logbook.step_at(*place)
        if step is None or step.status != "open":
            return  # a DAG of somebody else's, or its end has been noted
        self._api.try_again(*place)
        self._logbook.append(
            _entry(
                step, "procedure.step_taken_up", now, "Airflow had its answer and did not go on; it is taken up now."
            )
        )

    def _close(self, step: OpenStep, now: datetime) -> bool:
        state = self._api.task_state(step.dag_id, step.run_id, step.task_id)
        if state is not None and state not in ENDED:
            return False  # it is being asked, or its answer is on its way
        wording = StepWording(self._library, now)
        why = "run_deleted" if state is None else "run_ended"
        words = wording.say(step, why, state=state)
        paged = StepAnswers(self._logbook, self._library).paged(step, now)
        entry = _entry(step, "procedure.step_closed", now, say("en", why, state=state))
        outcome = self._logbook.end_step(
            step, "closed", "rounds", now, entry=entry, outbounds=wording.closed(step, words, paged)
        )
        return outcome.done


def _entry(step: OpenStep, kind: str, now: datetime, words: str) -> Entry:
    return Entry(
        at=now,
        client=step.client,
        incident=step.incident,
        kind=kind,
        actor="rounds",
        text=f"{step.title}: {words}",
        data={"dag_id": step.dag_id, "run_id": step.run_id, "task_id": step.task_id, "step": step.id},
    )
