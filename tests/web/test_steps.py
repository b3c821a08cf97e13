"""Answering a step where people are: the incident's page, a program, a button in Slack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from tests.web.forms import SAME_ORIGIN, token_in
from tests.web.night import AirflowAsks, Browser, Detect, Night, Send
from tests.web.response_url import ResponseUrl
from tests.web.test_slack_actions import local_slack, payload, slack

from vigie.core.entry import Entry
from vigie.core.message import Message, Outbound
from vigie.core.open_step import OpenStep
from vigie.core.procedure import Input
from vigie.logbook.book import Logbook

__all__ = ["local_slack", "slack"]

Ask = Callable[..., OpenStep]
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def ask(book: Logbook, ko: Detect, night: Night) -> Ask:
    """The procedure of a new incident asks a question."""

    def open_step(**other: Any) -> OpenStep:
        incident = ko()
        fields: dict[str, Any] = {
            "client": "maison-lumiere",
            "incident": incident,
            "dag_id": "procedure.maison-lumiere.relaunch-job",
            "run_id": f"{incident}.1",
            "task_id": "read-the-log",
            "procedure": "Relaunch the job",
            "title": "Read the log",
            "text": "Open the **log**.",
            "options": ("Lock timeout", "Anything else"),
            "owner": "camille",
            "opened_at": night.now,
            "next_action_at": night.now + timedelta(minutes=15),
        }
        entry = Entry(at=night.now, client="maison-lumiere", kind="procedure.step_opened", actor="procedure", text="t")
        return book.open_step(OpenStep(**fields | other), entry)

    return open_step


def send_form(browser: TestClient, step: OpenStep, option: str = "0", **fields: str) -> Response:
    page = browser.get(f"/vigie/incidents/{step.incident}")
    data = {"csrf_token": token_in(page.text), "asked": str(step.asked), "option": option} | fields
    answer: Response = browser.post(f"/vigie/incidents/{step.incident}/steps/{step.id}", data=data, headers=SAME_ORIGIN)
    return answer


def test_the_incidents_page_shows_the_question_and_takes_its_answer(
    browser: Browser, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks
) -> None:
    step = ask()
    page = browser("noah").get(f"/vigie/incidents/{step.incident}").text
    assert "Relaunch the job: Read the log" in page
    assert "Open the <strong>log</strong>." in page
    assert '<button name="option" value="1">Anything else</button>' in page
    assert "in 15 min" in page

    answer = send_form(browser("noah"), step, "1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/vigie/incidents/{step.incident}#{step.id}")
    assert [told[1::2] for told in asked_in_airflow.told] == [("Anything else", "noah")]
    after = book.step(step.id)
    assert after is not None
    assert (after.status, after.answer, after.ended_by) == ("answered", "Anything else", "noah")
    assert "Waits for an answer" not in browser("noah").get(f"/vigie/incidents/{step.incident}").text


def test_what_is_filled_in_is_judged_and_kept_for_another_try(
    browser: Browser, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks
) -> None:
    fields = (
        Input(name="run", label="The run's number", kind="number", line=3),
        Input(name="why", label="Why", kind="one_of", line=4, options=("lock", "timeout")),
    )
    step = ask(inputs=fields, checklist=("The log is saved",))
    noah = browser("noah")
    refused = send_form(noah, step, run="many", why="lock", check_1="yes")
    assert refused.status_code == 422
    assert "&#39;The run&#39;s number&#39; is a number." in refused.text
    assert 'value="many"' in refused.text
    assert "<option selected>lock</option>" in refused.text
    assert book.step(step.id) == step

    assert send_form(noah, step, run="7", why="lock", more="?").status_code == 303
    assert [told[2] for told in asked_in_airflow.told] == [{"run": "7", "why": "lock"}]  # and not the form's token
    after = book.step(step.id)
    assert after is not None
    assert after.answers == {"run": 7, "why": "lock"}
    (entry,) = book.entries(kind_prefix="procedure.step_answered")
    assert entry.text == "Read the log: Lock timeout (not ticked: The log is saved)"


def test_somebody_was_faster_and_the_page_says_who(browser: Browser, ask: Ask, asked_in_airflow: AirflowAsks) -> None:
    step = ask()
    assert send_form(browser("camille"), step).status_code == 303
    late = browser("noah")
    token = token_in(late.get(f"/vigie/incidents/{step.incident}").text)
    data = {"csrf_token": token, "asked": "1", "option": "1"}
    answer = late.post(f"/vigie/incidents/{step.incident}/steps/{step.id}", data=data, headers=SAME_ORIGIN)
    assert answer.status_code == 409
    assert "Already answered by Camille Moreau: Lock timeout." in answer.text
    assert len(asked_in_airflow.told) == 1


def test_an_answer_that_airflow_has_from_elsewhere_is_not_recorded_twice(
    browser: Browser, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks
) -> None:
    step = ask()
    asked_in_airflow.refuses = "Somebody has just answered 'Read the log'."
    answer = send_form(browser("noah"), step)
    assert answer.status_code == 409
    assert "Somebody has just answered" in answer.text
    assert book.step(step.id) == step  # the run itself records it when it goes on


def test_a_form_of_an_earlier_asking_no_longer_counts(browser: Browser, ask: Ask, book: Logbook) -> None:
    step = ask()
    book.open_step(step, Entry(at=step.opened_at, client=step.client, kind="k", actor="a", text="t"))
    answer = send_form(browser("noah"), step)
    assert answer.status_code == 409
    assert "was asked again; answer the new question." in answer.text


def test_own_second_answer_of_four_eyes_is_refused_with_a_sentence(browser: Browser, ask: Ask, book: Logbook) -> None:
    step = ask(four_eyes=True)
    assert send_form(browser("camille"), step).status_code == 303
    page = browser("noah").get(f"/vigie/incidents/{step.incident}").text
    assert "Four eyes: Camille Moreau answered: Lock timeout. A second, different person confirms it." in page
    own = send_form(browser("camille"), step)
    assert own.status_code == 422
    assert "You answered &#39;Lock timeout&#39;; a second, different person must confirm it." in own.text
    assert send_form(browser("noah"), step).status_code == 303
    after = book.step(step.id)
    assert after is not None
    assert (after.first_by, after.ended_by) == ("camille", "noah")


def test_a_viewer_reads_the_question_and_cannot_answer(browser: Browser, ask: Ask, book: Logbook) -> None:
    step = ask()
    vera = browser("vera", "VIEWER")
    page = vera.get(f"/vigie/incidents/{step.incident}").text
    assert "Read the log" in page
    assert 'name="option"' not in page
    camille = browser("vera", "USER").get(f"/vigie/incidents/{step.incident}").text
    data = {"csrf_token": token_in(camille), "asked": "1", "option": "0"}
    place = f"/vigie/incidents/{step.incident}/steps/{step.id}"
    assert vera.post(place, data=data, headers=SAME_ORIGIN).status_code == 403
    assert book.step(step.id) == step


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}]
)
def test_another_sites_page_cannot_answer(browser: Browser, ask: Ask, book: Logbook, headers: dict[str, str]) -> None:
    step = ask()
    noah = browser("noah")
    token = token_in(noah.get(f"/vigie/incidents/{step.incident}").text)
    place = f"/vigie/incidents/{step.incident}/steps/{step.id}"
    data = {"csrf_token": token, "asked": "1", "option": "0"}
    assert noah.post(place, data=data, headers=headers).status_code == 403
    assert noah.post(place, data={**data, "csrf_token": "1.x"}, headers=SAME_ORIGIN).status_code == 403
    assert book.step(step.id) == step


@pytest.mark.parametrize("option", ["2", "-1", "", "x", "\N{SUPERSCRIPT TWO}"])
def test_an_answer_that_is_none(browser: Browser, ask: Ask, book: Logbook, option: str) -> None:
    step = ask()
    assert send_form(browser("noah"), step, option).status_code == 422
    assert book.step(step.id) == step


def test_a_step_of_another_incident_is_not_found(browser: Browser, ask: Ask, ko: Detect) -> None:
    step, other = ask(), ko("[KO] OTHER")
    assert send_form(browser("noah"), step.model_copy(update={"incident": other})).status_code == 404


def test_hostile_text_stays_text(browser: Browser, ask: Ask) -> None:
    step = ask(title=HOSTILE, text=HOSTILE, options=(HOSTILE,), checklist=(HOSTILE,))
    page = browser("noah").get(f"/vigie/incidents/{step.incident}").text
    assert "<script>alert" not in page


def test_a_program_answers(program: Browser, ask: Ask, asked_in_airflow: AirflowAsks) -> None:
    step = ask(inputs=(Input(name="run", label="Run", kind="number", line=3),))
    place = f"/vigie/api/incidents/{step.incident}/steps/{step.id}"
    asked = program("noah").get(f"/vigie/api/incidents/{step.incident}").json()["steps"]
    assert [each["options"] for each in asked] == [["Lock timeout", "Anything else"]]
    refused = program("noah").post(place, json={"option": "Lock timeout"}).json()
    assert (refused["result"], refused["text"]) == ("refused", "Fill in 'Run'.")
    done = program("noah").post(place, json={"option": "Lock timeout", "inputs": {"run": 7}}).json()
    assert (done["result"], done["step"]["answers"]) == ("done", {"run": 7})
    late = program("camille").post(place, json={"option": "Anything else", "inputs": {"run": 8}}).json()
    assert (late["result"], late["text"]) == (
        "late",
        "Already answered by noah: Lock timeout.".replace("noah", "Noah Petit"),
    )
    assert len(asked_in_airflow.told) == 1


def press(step: OpenStep, option: int = 0, asked: int | None = None, **other: Any) -> dict[str, Any]:
    value = f"{step.id}:{step.asked if asked is None else asked}:{option}"
    return payload(value, action=f"answer:{option}", **other)


def test_a_button_in_the_thread_answers(slack: Send, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks) -> None:
    step = ask()
    assert slack(press(step, 1)).status_code == 200
    after = book.step(step.id)
    assert after is not None
    assert (after.answer, after.ended_by) == ("Anything else", "camille")
    assert asked_in_airflow.told == [(step.id, "Anything else", {}, "camille")]
    edits = [each.edits for each in book.outbox(incident=step.incident)]
    assert f"{step.id}/asked/1" in edits


def test_the_second_presser_is_told_who_was_faster(
    local_slack: tuple[ResponseUrl, Send], ask: Ask, book: Logbook
) -> None:
    place, send = local_slack
    step = ask()
    send(press(step))
    assert send(press(step, 1, user="U_NOAH")).status_code == 200
    assert place.told()["text"] == "Already answered by Camille Moreau: Lock timeout."
    assert len(book.entries(kind_prefix="procedure.step_answered")) == 1


def test_a_slack_account_that_the_rota_does_not_know_answers_nothing(
    local_slack: tuple[ResponseUrl, Send], ask: Ask, book: Logbook
) -> None:
    """A client's own people may read the channel; an answer may start an action."""
    place, send = local_slack
    step = ask()
    assert send(press(step, user="U999")).status_code == 200
    assert place.told()["text"].startswith("Your Slack account (U999) is nobody's in the rota")
    assert book.step(step.id) == step


@pytest.mark.parametrize("value", ["STEP-99:1:0", "STEP-1:1:9", "STEP-1:1", "STEP-1:1:0:0", "INC-1", "STEP-1:x:0"])
def test_a_value_that_is_none_of_our_buttons_does_nothing(slack: Send, ask: Ask, book: Logbook, value: str) -> None:
    step = ask()
    assert slack(payload(value, action="answer:0")).status_code == 200
    assert book.step(step.id) == step


def test_a_button_of_an_earlier_asking_is_told_so(
    local_slack: tuple[ResponseUrl, Send], ask: Ask, book: Logbook
) -> None:
    place, send = local_slack
    step = ask()
    book.open_step(step, Entry(at=step.opened_at, client=step.client, kind="k", actor="a", text="t"))
    send(press(step, asked=1))
    assert place.told()["text"] == "'Read the log' was asked again; answer the new question."


def test_a_question_that_is_not_in_slack_says_so_beside_its_answers(
    browser: Browser, ask: Ask, book: Logbook, night: Night
) -> None:
    step = ask()
    key = f"{step.id}/asked/1"
    book.queue(
        Outbound(
            key=key, incident=step.incident, client="maison-lumiere", channel="slack", purpose="note",
            recipient="C_LUMIERE", message=Message(subject="s", text="t"), next_action_at=night.now,
        )
    )  # fmt: skip
    book.claim(key, "desk", night.now)
    book.failed(key, "Slack: channel_not_found", night.now, obstacle="recipient")
    assert "Not in Slack: Slack: channel_not_found" in browser().get(f"/vigie/incidents/{step.incident}").text
