"""One procedure, answered where people are: Airflow's own page, the incident's page, a button in Slack."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from airflow.sdk import Connection
from playwright.sync_api import Browser, expect
from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE
from tests.e2e.test_pages import signed_in

from vigie.cli.accounts import MACHINE
from vigie.tasks.airflow_api import AirflowApi

pytestmark = pytest.mark.needs("chromium")

LEAD = "procedure.maison-lumiere.lead"


def test_three_steps_three_doors(airflow: Room, browser: Browser, tmp_path: Path):
    airflow.mail(airflow.boxes[LUMIERE], "[LEAD KO] THREE_DOORS")
    incident = airflow.incident("[LEAD KO] THREE_DOORS")
    page = airflow.page(incident, LUMIERE)
    assert airflow.slack.press(page, "acknowledge", "camille")["status"] == 200
    run = f"{incident.id}.1"

    def open_step(title: str) -> str | None:
        steps = airflow.logbook.steps(incident=incident.id, status="open")
        return next((step.id for step in steps if step.title == title), None)

    until(lambda: airflow.person("camille").questions(LEAD, run), LONG, "the first step is asked in Airflow")
    with signed_in(browser, airflow, "camille", tmp_path) as seen:
        seen.goto(f"/dags/{LEAD}/runs/{run}/tasks/what-does-it-say/required_actions?map_index=-1")
        expect(seen.locator("body")).to_contain_text("Lead through: What does it say?")
        seen.get_by_role("button", name="A lock").click()
        until(lambda: _first_by(airflow, incident.id) == "camille", LONG, "the first of two answers is noted")
        until(lambda: _task(airflow, run)["state"] == "awaiting_input", LONG, "Airflow asks again")
        _strand(airflow, _task(airflow, run)["id"], "admin", "A lock")
        assert airflow.ended("duty.rounds", airflow.run("duty.rounds")) == "success"
        until(lambda: open_step("Relaunch"), LONG, "the answer on Airflow's page leads to the next step")

        seen.goto(f"/vigie/incidents/{incident.id}")
        form = seen.locator("section.step form")
        expect(seen.locator("section.step")).to_contain_text("Choose Rerun for THREE_DOORS")
        form.get_by_label("The run's number").fill("seven")
        form.get_by_role("button", name="Done").click()
        expect(seen.locator(".notice")).to_contain_text("'The run's number' is a number.")
        form.get_by_label("The run's number").fill("7")
        form.get_by_role("button", name="Done").click()
        expect(seen.locator("body")).to_contain_text("Relaunch: Done")
        expect(seen).to_have_url(re.compile(f"/vigie/incidents/{incident.id}"))

        seen.evaluate("localStorage.setItem('default_dag_view', JSON.stringify('graph'))")
        seen.goto(f"/dags/{LEAD}")
        for words in ("What does it say?", "Anything else", "Did run 7 end well?", "It did", "Escalate"):
            expect(seen.locator(".react-flow").get_by_text(words, exact=True).first).to_be_visible()
        seen.screenshot(path=tmp_path / "graph.png", full_page=True)

    until(lambda: open_step("Did run 7 end well?"), LONG, "the last question")
    (asked,) = airflow.slack.wait_for(LUMIERE, "Run 7 takes a minute", thread_ts=page["ts"], within=60)
    answered = until(lambda: _pressed(airflow, asked), LONG, "Slack's button is taken")
    assert answered == 200
    until(lambda: open_step("Close"), LONG, "the end")

    answers = [
        (entry.actor, entry.text, (entry.data or {})["via"])
        for entry in airflow.logbook.entries(incident=incident.id, kind_prefix="procedure.step_answered")
    ]
    assert answers == [
        ("admin", "What does it say?: A lock", "Airflow"),
        ("camille", "Relaunch: Done", "page"),
        ("petra", "Did run 7 end well?: It did", "Slack"),
    ]
    told = airflow.slack.wait_for(LUMIERE, "Répondu par Petra Lindqvist", thread_ts=page["ts"], within=60)
    assert "answer:0" not in str(told[0]["blocks"])
    details = airflow.api.get(f"/api/v2/dags/{LEAD}/dagRuns/{run}/hitlDetails").raise_for_status().json()
    by = {each["task_instance"]["task_id"]: each["responded_by_user"] for each in details["hitl_details"]}
    assert (by["relaunch"]["name"], by["did-run-7-end-well"]["name"]) == ("camille", "petra")
    assert airflow.tasks(LEAD, run)["escalate"]["state"] == "skipped"

    # What the rounds compare, by Vigie's own account: a run that somebody ends by hand asks nobody any more.
    account = {"login": MACHINE.name, "password": airflow.control.passwords[MACHINE.name]}
    api = AirflowApi(Connection(conn_id="machine", conn_type="http", host=airflow.settings.airflow_url, **account))
    until(lambda: (LEAD, run, "close") in api.waiting_steps(), LONG, "the last step waits in Airflow")
    airflow.api.patch(f"/api/v2/dags/{LEAD}/dagRuns/{run}", json={"state": "failed"}).raise_for_status()
    assert (LEAD, run, "close") not in api.waiting_steps()
    assert api.task_state(LEAD, run, "close") == "failed"
    api.close()


def _first_by(airflow: Room, incident: str) -> str | None:
    return airflow.logbook.steps(incident=incident)[0].first_by


def _task(airflow: Room, run: str) -> dict[str, str]:
    return airflow.tasks(LEAD, run)["what-does-it-say"]


def _strand(airflow: Room, task: str, who: str, option: str) -> None:
    """What Airflow 3.3.2 leaves on SQLite where an answer is written while its task parks: an answer, and nobody woken."""
    answer = ("2026-11-26 12:00:00.000000", json.dumps({"id": who, "name": who}), json.dumps([option]))
    with closing(sqlite3.connect(airflow.state / "airflow" / "airflow.db", timeout=30)) as database, database:
        changed = database.execute(
            "UPDATE hitl_detail SET responded_at = ?, responded_by = ?, chosen_options = ?, params_input = '{}'"
            " WHERE ti_id = ? AND responded_at IS NULL",
            (*answer, task.replace("-", "")),
        )
        assert changed.rowcount == 1


def _pressed(airflow: Room, asked: dict[str, object]) -> int | None:
    """The status of the press; None while Airflow is only just asking."""
    status = airflow.slack.press(asked, "answer:0", "petra")["status"]
    done = [step for step in airflow.logbook.steps(status="answered") if step.title == "Did run 7 end well?"]
    return int(str(status)) if done else None
