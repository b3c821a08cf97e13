"""A step's form in Slack: opened by a button, filled in, judged, taken once."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from slack_sdk import WebClient
from tests.web.night import SIGNING_SECRET, AirflowAsks, Night, Send, SlackShows
from tests.web.response_url import ResponseUrl
from tests.web.test_slack_actions import local_slack, payload, slack
from tests.web.test_steps import Ask, ask

from vigie.adapters.slack_form import SlackForms
from vigie.adapters.slack_messenger import SlackMessenger
from vigie.core.entry import Entry
from vigie.core.open_step import OpenStep
from vigie.core.procedure import Input
from vigie.demo.loopback import HOST, LoopbackServer
from vigie.demo.slack_rules import MAX_VIEW_BLOCKS, broken_rules
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Channel, SlackConfig, User
from vigie.logbook.book import Logbook
from vigie.tasks.step_wording import StepWording
from vigie.web.app import create_app
from vigie.web.control_room import ControlRoom
from vigie.web.slack_form import FormState, form

__all__ = ["ask", "local_slack", "slack"]

FIELDS = (
    Input(name="run", label="The run's number", kind="number", line=3),
    Input(name="why", label="Why", kind="one_of", line=4, options=("lock", "timeout")),
    Input(name="day", label="Day", kind="date", line=5, required=False),
    Input(name="hour", label="Hour", kind="time", line=6, required=False),
    Input(name="again", label="Again?", kind="yes_no", line=7, required=False),
)
CHECKS = ("The log is saved", "The client is told")


def typed(text: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": text}}


def chosen(number: int) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "whatever"}, "value": str(number)}
    return {"value": {"type": "static_select", "selected_option": option}}


def ticked(*names: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": "whatever"}, "value": name} for name in names]
    return {"value": {"type": "checkboxes", "selected_options": options}}


GOOD: dict[str, Any] = {
    "run": typed(" 4711 "),
    "why": chosen(1),
    "day": {"value": {"type": "datepicker", "selected_date": "2026-11-24"}},
    "hour": {"value": {"type": "timepicker", "selected_time": None}},
    "again": {"value": {"type": "radio_buttons", "selected_option": None}},
    "answer": chosen(0),
    "check_block_1": ticked("check_2"),
}


def wants(step: OpenStep, **other: Any) -> dict[str, Any]:
    fields = {"trigger_id": "13345224609.738474920.8088930838d88f008e0"} | other
    return payload(f"{step.id}:{step.asked}", action="fill_in", **fields)


def sent(step: OpenStep, values: dict[str, Any], user: str = "U_CAMILLE", **view: Any) -> dict[str, Any]:
    given = {"callback_id": "vigie_step", "private_metadata": f"{step.id}:{step.asked}", "state": {"values": values}}
    return {"type": "view_submission", "user": {"id": user}, "view": given | view, "response_urls": []}


def test_the_button_opens_the_form_for_the_one_who_pressed(slack: Send, ask: Ask, slack_shows: SlackShows) -> None:
    step = ask(inputs=FIELDS, checklist=CHECKS)
    assert slack(wants(step)).status_code == 200
    ((trigger, view),) = slack_shows.views
    assert trigger == "13345224609.738474920.8088930838d88f008e0"
    assert view["private_metadata"] == f"{step.id}:1", "nothing but ids"
    asked = [(each["block_id"], each["element"]["type"], each["optional"]) for each in view["blocks"][1:]]
    assert asked == [
        ("answer", "radio_buttons", False),
        ("run", "plain_text_input", False),
        ("why", "static_select", False),
        ("day", "datepicker", True),
        ("hour", "timepicker", True),
        ("again", "radio_buttons", True),
        ("check_block_1", "checkboxes", True),
    ]
    assert view["blocks"][0]["text"] == {"type": "mrkdwn", "text": "Open the *log*.", "verbatim": True}


def test_what_was_filled_in_is_the_answer(slack: Send, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks) -> None:
    step = ask(inputs=FIELDS, checklist=CHECKS)
    answer = slack(sent(step, GOOD))
    assert (answer.status_code, answer.text) == (200, ""), "an empty answer closes the modal"
    after = book.step(step.id)
    assert after is not None
    assert (after.status, after.answer, after.ended_by) == ("answered", "Lock timeout", "camille")
    assert after.answers == {"run": 4711, "why": "timeout", "day": "2026-11-24"}
    given = {"run": " 4711 ", "why": "timeout", "day": "2026-11-24", "check_2": True}
    assert asked_in_airflow.told == [(step.id, "Lock timeout", given, "camille")]
    (entry,) = book.entries(kind_prefix="procedure.step_answered")
    assert entry.text == "Read the log: Lock timeout (not ticked: The log is saved)"
    assert entry.data["via"] == "Slack"


def test_each_mistake_is_told_at_its_field(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(inputs=FIELDS)
    answer = slack(sent(step, GOOD | {"run": typed("many"), "why": {"value": {"type": "static_select"}}}))
    assert answer.json() == {
        "response_action": "errors",
        "errors": {"run": "'The run's number' is a number.", "why": "Fill in 'Why'."},
    }
    assert book.step(step.id) == step


@pytest.mark.parametrize("values", [{}, {"answer": chosen(7)}, {"answer": typed("Lock timeout")}, {"answer": {}}])
def test_an_answer_that_is_none_is_told_at_the_answers(
    slack: Send, ask: Ask, book: Logbook, values: dict[str, Any]
) -> None:
    step = ask(checklist=CHECKS)
    told = slack(sent(step, values)).json()
    assert told == {"response_action": "errors", "errors": {"answer": "Choose one of the answers."}}
    assert book.step(step.id) == step


def test_a_step_of_one_answer_does_not_ask_for_it(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(options=("Done",), checklist=CHECKS)
    assert form(step)["submit"]["text"] == "Done"
    assert [each["type"] for each in form(step)["blocks"]] == ["section", "input"]
    assert slack(sent(step, {})).text == ""
    after = book.step(step.id)
    assert after is not None
    assert after.answer == "Done"


def test_sent_twice_it_is_one_answer(slack: Send, ask: Ask, book: Logbook, asked_in_airflow: AirflowAsks) -> None:
    step = ask(inputs=FIELDS)
    assert [slack(sent(step, GOOD)).text for _ in range(3)] == ["", "", ""]
    assert len(asked_in_airflow.told) == len(book.entries(kind_prefix="procedure.step_answered")) == 1


def test_the_second_who_sends_it_sees_who_was_faster(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(inputs=FIELDS)
    slack(sent(step, GOOD))
    before = book.step(step.id)
    told = slack(sent(step, GOOD | {"answer": chosen(1)}, user="U_NOAH")).json()
    assert told["response_action"] == "update"
    assert told["view"]["blocks"] == [
        {
            "type": "section",
            "text": {"type": "plain_text", "text": "Already answered by Camille Moreau: Lock timeout."},
        }
    ]
    assert "submit" not in told["view"]
    assert book.step(step.id) == before


def test_who_comes_too_late_for_the_form_is_told_so(
    local_slack: tuple[ResponseUrl, Send], ask: Ask, slack_shows: SlackShows
) -> None:
    place, send = local_slack
    step = ask(inputs=FIELDS)
    send(sent(step, GOOD))
    send(wants(step, user="U_NOAH"))
    assert place.told()["text"] == "Already answered by Camille Moreau: Lock timeout."
    send(wants(step))
    assert place.told()["text"] == "You answered 'Read the log' already: Lock timeout."
    assert slack_shows.views == []


def test_a_form_of_an_earlier_asking_no_longer_counts(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(inputs=FIELDS)
    again = book.open_step(step, Entry(at=step.opened_at, client=step.client, kind="k", actor="a", text="t"))
    told = slack(sent(step, GOOD)).json()
    text = told["view"]["blocks"][0]["text"]["text"]
    assert text == "'Read the log' was asked again; answer the new question."
    assert book.step(step.id) == again


def test_of_four_eyes_the_first_is_told_that_a_second_must_confirm(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(inputs=FIELDS, four_eyes=True)
    text = "A second, different person must confirm it."
    assert slack(sent(step, GOOD)).json()["view"]["blocks"][0]["text"]["text"] == text
    own = slack(sent(step, GOOD)).json()["view"]["blocks"][0]["text"]["text"]
    assert own == "You answered 'Lock timeout'; a second, different person must confirm it."
    assert slack(sent(step, GOOD, user="U_NOAH")).text == ""
    after = book.step(step.id)
    assert after is not None
    assert (after.first_by, after.ended_by) == ("camille", "noah")


@pytest.mark.parametrize("code", ["expired_trigger_id", "missing_scope", "invalid_arguments"])
def test_where_slack_does_not_open_it_the_page_is_named(
    local_slack: tuple[ResponseUrl, Send],
    ask: Ask,
    slack_shows: SlackShows,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: str,
) -> None:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "https://vigie.example")
    slack_shows.refuses = code
    place, send = local_slack
    step = ask(inputs=FIELDS)
    assert send(wants(step)).status_code == 200
    page = f"https://vigie.example/vigie/incidents/{step.incident}#{step.id}"
    assert place.told()["text"] == f"Slack did not open the form. Fill it in on the page: {page}"
    assert f"the form of {step.id} was not shown: Slack: views.open: {code}" in caplog.text


def test_who_is_not_in_the_rota_neither_sees_nor_sends_the_form(
    local_slack: tuple[ResponseUrl, Send], ask: Ask, book: Logbook, slack_shows: SlackShows
) -> None:
    place, send = local_slack
    step = ask(inputs=FIELDS)
    send(wants(step, user="U_CLIENT"))
    assert place.told()["text"].startswith("Your Slack account (U_CLIENT) is nobody's in the rota")
    told = send(sent(step, GOOD, user="U_CLIENT")).json()
    assert told["view"]["blocks"][0]["text"]["text"].startswith("Your Slack account (U_CLIENT) is nobody's in the rota")
    assert (slack_shows.views, book.step(step.id)) == ([], step)


@pytest.mark.parametrize("metadata", ["", "STEP-99:1", "STEP-1", "STEP-1:1:0", "INC-1", "STEP-1:x", "../STEP-1:1"])
def test_a_form_that_names_no_step(slack: Send, ask: Ask, book: Logbook, metadata: str) -> None:
    step = ask(inputs=FIELDS)
    told = slack(sent(step, GOOD, private_metadata=metadata)).json()
    assert told["view"]["blocks"][0]["text"]["text"] == "This step is not in the logbook."
    assert book.step(step.id) == step


@pytest.mark.parametrize(
    "view",
    [
        {"callback_id": "another"},
        {"private_metadata": "x" * 101},
        {"state": {"values": {"run": "4711"}}},
        {"state": {"values": {"run": typed("x" * 3001)}}},
        {"state": {"values": {str(number): {} for number in range(101)}}},
    ],
)
def test_a_form_that_is_none_of_ours(slack: Send, ask: Ask, book: Logbook, view: dict[str, Any]) -> None:
    step = ask(inputs=FIELDS)
    assert slack(sent(step, GOOD, **view)).status_code == 400
    assert book.step(step.id) == step


def test_what_the_step_does_not_ask_for_is_not_read(slack: Send, ask: Ask, asked_in_airflow: AirflowAsks) -> None:
    step = ask(inputs=FIELDS[:1], checklist=CHECKS)
    slack(sent(step, GOOD | {"csrf_token": typed("x"), "check_block_1": ticked("check_1", "check_3", "run")}))
    assert asked_in_airflow.told[0][2] == {"run": " 4711 ", "check_1": True}


def test_a_form_that_slack_did_not_sign_answers_nothing(slack: Send, ask: Ask, book: Logbook) -> None:
    step = ask(inputs=FIELDS)
    forged = {"X-Slack-Signature": "v0=" + "0" * 64}
    assert slack(sent(step, GOOD), **forged).status_code == 401
    assert book.step(step.id) == step


def test_the_largest_form_is_one_that_slack_takes(ask: Ask) -> None:
    many = tuple(f"<b>{number}</b> & " + "é" * 200 for number in range(120))
    inputs = tuple(
        Input(name=f"i{number}", label="L" * 100, kind="one_of", line=1, options=many) for number in range(9)
    )
    few = Input(name="few", label="F", kind="one_of", line=1, options=many[:100])
    step = ask(
        title="T" * 300, text="*x* <script> " * 5000, options=many[:20], inputs=(*inputs, few), checklist=many[:30]
    )
    view = form(step)
    assert broken_rules(view["blocks"], MAX_VIEW_BLOCKS) == []
    assert len(view["title"]["text"]) == 24
    state = FormState.model_validate({"values": {"few": chosen(99), "i0": typed("typed"), "answer": chosen(19)}})
    assert state.given(step) == {"i0": "typed", "few": many[99]}
    assert state.option(step) == many[19]


class Served(LoopbackServer):
    """Vigie's pages on a port of their own."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__()
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, loop="asyncio", ws="none")
        self._server = uvicorn.Server(config)
        self._serving: asyncio.Task[None] | None = None

    async def _open(self, listener: socket.socket) -> None:
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def _shut(self) -> None:
        self._server.should_exit = True
        if self._serving:
            await self._serving


@pytest.fixture
def workspace() -> Iterator[SlackStandIn]:
    config = SlackConfig(users=[User(name="camille"), User(name="noah")], channels=[Channel(name="lumiere")])
    with SlackStandIn(config, signing_secret=SIGNING_SECRET) as stand_in:
        yield stand_in


def _known_there(site: Path, workspace: SlackStandIn) -> None:
    """The rota and the client name the accounts and the channel as the workspace does."""
    ids = {f"U_{each.name.upper()}": each.id for each in workspace.world.users.values()}
    ids |= {"C_LUMIERE": next(iter(workspace.world.channels))}
    for path in (site / "include/rota/team.yaml", site / "include/clients/maison-lumiere/client.yaml"):
        text = path.read_text("utf-8")
        for ours, theirs in ids.items():
            text = text.replace(ours, theirs)
        path.write_text(text, "utf-8")


def test_the_whole_way_from_the_thread_to_the_logbook(
    workspace: SlackStandIn, room: ControlRoom, ask: Ask, book: Logbook, night: Night, site: Path
) -> None:
    _known_there(site, workspace)
    night.now = datetime.fromtimestamp(int(time.time()), UTC)
    step = ask(inputs=FIELDS, checklist=CHECKS)
    client = WebClient(token=workspace.token, base_url=workspace.api_url)
    forms = SlackForms(client)
    (question,) = StepWording(room.library(), night.now).asked(step)
    SlackMessenger(client).send(question)
    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, open_in_slack=forms.open, slack_host=lambda: HOST)))
    with Served(outside) as served:
        workspace.send_presses_to(f"http://{HOST}:{served.port}/vigie/slack/actions")
        (posted,) = workspace.messages("lumiere")
        assert workspace.press(posted, "fill_in", "camille")["ok"]
        assert workspace.press(posted, "fill_in", "noah")["ok"]
        views = [each["id"] for each in workspace.views()]
        wrong = workspace.submit(views[0], GOOD | {"run": typed("many")})
        assert wrong["json"]["errors"] == {"run": "'The run's number' is a number."}
        assert workspace.submit(views[0], GOOD)["ok"]
        workspace.submit(views[1], GOOD)
    (left,) = workspace.views()
    assert (left["id"], left["blocks"][0]["text"]["text"]) == (
        views[1],
        "Already answered by Camille Moreau: Lock timeout.",
    )
    after = book.step(step.id)
    assert after is not None
    assert (after.ended_by, after.answers["run"]) == ("camille", 4711)
