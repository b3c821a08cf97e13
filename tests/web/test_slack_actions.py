from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from tests.web.night import NIGHT, SIGNING_SECRET, Detect, Night, Send, SlackShows
from tests.web.response_url import ResponseUrl, response_url

from vigie.core.errors import TransportError
from vigie.core.escalation import Decision
from vigie.logbook.book import Logbook
from vigie.web.app import create_app
from vigie.web.control_room import ControlRoom
from vigie.web.slack_press import may_answer_at

Headers = dict[str, Any]

URL = "/vigie/slack/actions"


def payload(incident: str, action: str = "acknowledge", user: str = "U_CAMILLE", **fields: Any) -> dict[str, Any]:
    given = {
        "type": "block_actions",
        "user": {"id": user, "username": "someone", "team_id": "T1"},
        "container": {"type": "message", "message_ts": "1.2"},
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": incident, "action_ts": "1.3"}],
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
    }
    return given | fields


def signed(body: bytes, at: datetime, secret: str = SIGNING_SECRET):
    timestamp = str(int(at.timestamp()))
    base = f"v0:{timestamp}:".encode() + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.fixture
def slack(airflow: FastAPI, night: Night):
    """Slack: sends a payload, signed now."""
    client = TestClient(airflow)

    def send(what: bytes | dict[str, Any], **headers: str) -> Response:
        body = what if isinstance(what, bytes) else urlencode({"payload": json.dumps(what)}).encode()
        return client.post(URL, content=body, headers=signed(body, night.now) | headers)

    return send


@pytest.fixture
def local_slack(room: ControlRoom, night: Night):
    """Slack whose answers go to a server on loopback: the server, and ``send``."""
    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, slack_host=lambda: "127.0.0.1")))
    client = TestClient(outside)
    with response_url() as place:

        def send(what: bytes | dict[str, Any]) -> Response:
            body = urlencode({"payload": json.dumps(what | {"response_url": place.url})}).encode()
            return client.post(URL, content=body, headers=signed(body, night.now))

        yield place, send


def test_the_person_of_the_rota_acknowledges(slack: Send, ko: Detect, book: Logbook) -> None:
    incident = ko()
    answer = slack(payload(incident))
    assert (answer.status_code, answer.text) == (200, "")
    after = book.incident(incident)
    assert (after.status, after.acknowledged_by) == ("acknowledged", "camille")


STRANGER = (
    "Your Slack account (U999) is nobody's in the rota, so nothing was done. "
    "Have it written to your entry there ('slack:'), or do it on the page, where your own sign-in counts."
)


def test_who_is_not_in_the_rota_does_nothing_and_is_told(
    local_slack: tuple[ResponseUrl, Send], ko: Detect, book: Logbook
) -> None:
    place, send = local_slack
    incident = ko()
    before = book.incident(incident)
    assert send(payload(incident, user="U999")).status_code == 200
    assert place.told()["text"] == STRANGER
    told = send(turn(incident, "resolve", "over", user="U999")).json()
    assert told["view"]["blocks"][0]["text"]["text"] == STRANGER
    assert book.incident(incident) == before
    entries = book.entries(incident=incident, kind_prefix="slack.refused")
    said = f"pressed a button of {incident} in Slack and is not in the rota; nothing was done"
    assert [(each.actor, each.client, each.text) for each in entries] == [("slack:U999", "maison-lumiere", said)] * 2
    # a link asks for nothing, and what is not there is entered as ours
    assert send(payload("INC-77", user="U999")).status_code == 200
    assert place.told()["text"] == STRANGER
    assert [each.client for each in book.entries(kind_prefix="slack.refused")][-1] == "platform"


def turn(incident: str, turn: str, why: str | None, user: str = "U_CAMILLE") -> dict[str, Any]:
    """A form that asked why, filled in and sent."""
    state = {"values": {"why": {"value": {"type": "plain_text_input", "value": why}}}}
    view = {"callback_id": "vigie_turn", "private_metadata": f"{turn}:{incident}", "state": state}
    return {"type": "view_submission", "user": {"id": user}, "view": view}


def test_resolve_asks_why_and_a_press_alone_does_nothing(
    slack: Send, ko: Detect, book: Logbook, slack_shows: SlackShows
) -> None:
    incident = ko()
    for _ in range(2):  # a double tap
        assert slack(payload(incident, action="resolve", trigger_id="t1")).status_code == 200
    assert book.incident(incident).status == "open"
    trigger, view = slack_shows.views[0]
    assert (trigger, view["callback_id"], view["private_metadata"]) == ("t1", "vigie_turn", f"resolve:{incident}")
    assert view["title"]["text"] == f"Résoudre {incident}"
    assert view["submit"]["text"] == "Résoudre"
    (title, asked) = view["blocks"]
    assert title["text"]["text"] == "[KO] EOD_POS"
    assert (asked["label"]["text"], asked["optional"]) == ("Pourquoi est-il terminé ?", False)

    answer = slack(turn(incident, "resolve", "  the lock is gone "))
    assert (answer.status_code, answer.text) == (200, "")
    after = book.incident(incident)
    assert (after.status, after.resolved_by) == ("resolved", "camille")
    (entry,) = book.entries(incident=incident, kind_prefix="incident.resolved")
    assert (entry.data["via"], entry.data["why"]) == ("slack", "the lock is gone")


def test_the_reason_stands_in_the_thread_of_an_incident_that_was_told(
    slack: Send, ko: Detect, book: Logbook, night: Night
) -> None:
    incident = ko()
    assert book.decide(book.incident(incident), Decision(1, night.now, (), "page 1"), at=night.now)
    slack(turn(incident, "resolve", "the lock is gone"))
    (said,) = book.outbox(incident=incident)
    assert (said.message.text, said.reply_to) == ("Camille Moreau : the lock is gone", f"{incident}/page/1/slack")


def test_reopen_undoes_it(slack: Send, ko: Detect, book: Logbook, slack_shows: SlackShows, night: Night) -> None:
    incident = ko()
    book.acknowledge(incident, "noah", night.now, "page")
    book.resolve(incident, "noah", night.now, "page")
    slack(payload(incident, action="reopen", trigger_id="t1"))
    assert book.incident(incident).status == "resolved"
    assert slack_shows.views[0][1]["title"]["text"] == f"Rouvrir {incident}"
    slack(turn(incident, "reopen", "resolved by mistake"))
    after = book.incident(incident)
    assert (after.status, after.acknowledged_by) == ("acknowledged", "noah")
    (entry,) = book.entries(incident=incident, kind_prefix="incident.reopened")
    assert (entry.actor, entry.data["why"]) == ("camille", "resolved by mistake")


def test_what_was_turned_meanwhile_is_told(
    local_slack: tuple[ResponseUrl, Send], slack: Send, ko: Detect, book: Logbook, night: Night
) -> None:
    place, send = local_slack
    incident = ko()
    send(payload(incident, action="reopen"))
    assert place.told()["text"] == "It is open already."
    book.resolve(incident, "noah", night.now, "page")
    send(payload(incident, action="resolve"))
    assert place.told()["text"] == "Already resolved by Noah Petit at 22:14 (Europe/Paris)."
    shown = slack(turn(incident, "resolve", "late")).json()
    assert shown["response_action"] == "update"
    assert shown["view"]["blocks"][0]["text"]["text"] == "Already resolved by Noah Petit at 22:14 (Europe/Paris)."
    night.passes(timedelta(minutes=20))
    newer = ko()
    shown = slack(turn(incident, "reopen", "it is back")).json()
    assert shown["view"]["blocks"][0]["text"]["text"] == f"It has come back meanwhile, as {newer}."


@pytest.mark.parametrize("why", [None, "", "   ", "x" * 1001])
def test_a_reason_that_says_nothing_or_too_much(slack: Send, ko: Detect, book: Logbook, why: str | None) -> None:
    incident = ko()
    answer = slack(turn(incident, "resolve", why)).json()
    assert list(answer["errors"]) == ["why"]
    assert book.incident(incident).status == "open"


@pytest.mark.parametrize("metadata", ["resolve:INC-77", "resolve:INC-", "delete:INC-1", "STEP-1:1", ""])
def test_a_form_of_nothing_that_is_there(slack: Send, ko: Detect, book: Logbook, metadata: str) -> None:
    incident = ko()
    sent = turn(incident, "resolve", "why")
    sent["view"]["private_metadata"] = metadata
    assert slack(sent).json()["response_action"] == "update"
    assert book.incident(incident).status == "open"


def test_where_slack_does_not_open_the_form_the_page_is_named(
    local_slack: tuple[ResponseUrl, Send], ko: Detect, slack_shows: SlackShows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "https://vigie.example")
    place, send = local_slack
    slack_shows.refuses = "expired_trigger_id"
    incident = ko()
    send(payload(incident, action="resolve"))
    page = f"https://vigie.example/vigie/incidents/{incident}/resolve"
    assert place.told()["text"] == f"Slack did not open the form. Do it on the page: {page}"


def test_a_replayed_request_changes_nothing(slack: Send, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    body = urlencode({"payload": json.dumps(payload(incident))}).encode()
    headers = signed(body, night.now)
    assert slack(body).status_code == 200
    before = book.incident(incident)
    night.passes(timedelta(seconds=200))
    assert slack(body, **headers).status_code == 200
    assert book.incident(incident) == before
    assert len(book.entries(incident=incident, kind_prefix="incident.acknowledged")) == 1


def test_somebody_was_faster_and_it_is_told(
    local_slack: tuple[ResponseUrl, Send], ko: Detect, book: Logbook, night: Night
) -> None:
    place, send = local_slack
    incident = ko()
    send(payload(incident))
    assert place.quiet()
    night.passes(timedelta(minutes=1))
    assert send(payload(incident, user="U_NOAH")).status_code == 200
    assert place.told() == {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": "Already taken by Camille Moreau at 22:14 (Europe/Paris).",
    }
    assert send(payload(incident)).status_code == 200
    assert place.quiet(), "who has it already is not told again"
    assert book.incident(incident).acknowledged_by == "camille"


def test_an_incident_that_ended_is_told(
    local_slack: tuple[ResponseUrl, Send], ko: Detect, book: Logbook, night: Night
) -> None:
    place, send = local_slack
    incident = ko()
    book.resolve(incident, "noah", night.now, "page")
    assert send(payload(incident)).status_code == 200
    assert place.told()["text"] == "Already resolved by Noah Petit at 22:14 (Europe/Paris)."


def test_an_incident_that_is_not_there_is_told(
    local_slack: tuple[ResponseUrl, Send], caplog: pytest.LogCaptureFixture
) -> None:
    place, send = local_slack
    assert send(payload("INC-77")).status_code == 200
    assert place.told()["text"] == "This incident is not in the logbook."
    assert "Slack's button names an incident that is not in the logbook: 'INC-77'" in caplog.text


def test_an_answer_goes_nowhere_else(
    slack: Send,
    local_slack: tuple[ResponseUrl, Send],
    ko: Detect,
    book: Logbook,
    night: Night,
    caplog: pytest.LogCaptureFixture,
) -> None:
    place, _ = local_slack
    incident = ko()
    book.acknowledge(incident, "camille", night.now, "page")
    assert slack(payload(incident, user="U_NOAH", response_url=place.url)).status_code == 200
    assert place.quiet()
    assert "response_url points elsewhere" in caplog.text


@pytest.mark.parametrize(
    ("url", "host", "allowed"),
    [
        ("https://hooks.slack.com/actions/T/1/x", "slack.com", True),
        ("http://hooks.slack.com/actions/T/1/x", "slack.com", False),
        ("https://hooks.slack.com.evil.example/", "slack.com", False),
        ("https://hooks.slack.com@evil.example/", "slack.com", False),
        ("https://evil.example\\@hooks.slack.com/", "slack.com", False),
        ("https://slack.com/api/x", "slack.com", False),
        ("http://127.0.0.1:18094/r/1", "127.0.0.1", True),
        ("http://127.0.0.1:18094/r/1", "slack.com", False),
        ("http://169.254.169.254/latest", "127.0.0.1", False),
        ("file:///etc/passwd", "", False),
        ("https://[", "slack.com", False),
        ("", "slack.com", False),
    ],
)
def test_where_answers_may_go(url: str, host: str, allowed: bool) -> None:
    assert may_answer_at(url, host) is allowed


def _tampered(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return body.replace(b"INC-1", b"INC-2"), headers


def _unsigned(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return body, {}


def _no_time(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return body, headers | {"X-Slack-Request-Timestamp": "now"}


def _time_moved(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return body, headers | {"X-Slack-Request-Timestamp": str(int(headers["X-Slack-Request-Timestamp"]) + 1)}


def _strange_signature(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return body, headers | {"X-Slack-Signature": "v0=é".encode()}


def _no_text(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    return b"payload=\xff\xfe", headers | signed(b"payload=\xff\xfe", NIGHT)


@pytest.mark.parametrize("spoil", [_tampered, _unsigned, _no_time, _time_moved, _strange_signature, _no_text])
def test_what_slack_did_not_sign_is_refused(
    airflow: FastAPI,
    ko: Detect,
    book: Logbook,
    night: Night,
    spoil: Callable[[bytes, Headers], tuple[bytes, Headers]],
) -> None:
    ko(), ko("other")
    body = urlencode({"payload": json.dumps(payload("INC-1"))}).encode()
    body, headers = spoil(body, signed(body, night.now))
    answer = TestClient(airflow).post(URL, content=body, headers=headers)
    assert (answer.status_code, answer.text) == (401, "The signature is wrong or too old.")
    assert {incident.status for incident in book.incidents()} == {"open"}


def test_another_secret_is_refused(airflow: FastAPI, ko: Detect, book: Logbook, night: Night) -> None:
    body = urlencode({"payload": json.dumps(payload(ko()))}).encode()
    answer = TestClient(airflow).post(URL, content=body, headers=signed(body, night.now, "another secret"))
    assert answer.status_code == 401


@pytest.mark.parametrize("age", [-301, 301])
def test_what_is_old_or_of_the_future_is_refused(
    airflow: FastAPI, ko: Detect, book: Logbook, night: Night, age: int
) -> None:
    incident = ko()
    body = urlencode({"payload": json.dumps(payload(incident))}).encode()
    headers = signed(body, night.now + timedelta(seconds=age))
    assert TestClient(airflow).post(URL, content=body, headers=headers).status_code == 401
    assert book.incident(incident).status == "open"


def test_without_a_secret_nothing_is_accepted(room: ControlRoom, ko: Detect, night: Night) -> None:
    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, signing_secret=lambda: "")))
    body = urlencode({"payload": json.dumps(payload(ko()))}).encode()
    assert TestClient(outside).post(URL, content=body, headers=signed(body, night.now, "")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload=%7B",
        b"payload=[]&payload=[]",
        urlencode({"payload": json.dumps({"type": "view_submission"})}).encode(),
        urlencode({"payload": json.dumps(payload("INC-1", user="<script>"))}).encode(),
        urlencode({"payload": json.dumps(payload("INC-1") | {"actions": []})}).encode(),
        b"payload=" + b"[" * 100_000,
        b"&".join(b"a=%d" % number for number in range(100)),
    ],
)
def test_what_is_no_press_of_a_button(
    slack: Send, ko: Detect, book: Logbook, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    incident = ko()
    answer = slack(body)
    assert (answer.status_code, answer.text) == (400, "This is not a press of a button.")
    assert book.incident(incident).status == "open"
    assert [record.exc_info for record in caplog.records if record.name == "vigie.web.slack"] == [None]


@pytest.mark.parametrize("action", ["open_incident", "open_procedure", "something-new"])
def test_a_button_that_opens_a_link_does_nothing(slack: Send, ko: Detect, book: Logbook, action: str) -> None:
    incident = ko()
    answer = slack(payload(incident, action=action, actions=[{"action_id": action}]))
    assert answer.status_code == 200
    assert book.incident(incident).status == "open"


@pytest.mark.parametrize("value", ["", "INC-0", "INC-1\n", "INC-" + "9" * 30, "'; DROP TABLE incident; --"])
def test_a_strange_incident_is_answered(slack: Send, ko: Detect, book: Logbook, value: str) -> None:
    incident = ko()
    assert slack(payload(value)).status_code == 200
    assert book.incident(incident).status == "open"


def test_a_body_beyond_all_measure(slack: Send) -> None:
    assert slack(b"payload=" + b"x" * (1024 * 1024)).status_code == 413


def test_the_vault_is_away(room: ControlRoom, ko: Detect, night: Night, caplog: pytest.LogCaptureFixture) -> None:
    def away() -> str:
        raise TransportError("the vault at http://127.0.0.1:1 does not answer (ConnectError)")

    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, signing_secret=away)))
    body = urlencode({"payload": json.dumps(payload(ko()))}).encode()
    answer = TestClient(outside).post(URL, content=body, headers=signed(body, night.now))
    assert (answer.status_code, answer.text) == (503, "Vigie's logbook or vault cannot be reached; press again.")
    assert "the vault at http://127.0.0.1:1 does not answer" in caplog.text


def test_slack_is_answered_within_three_seconds(
    room: ControlRoom, ko: Detect, night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    free = threading.Event()

    def slow() -> str:
        free.wait(20)
        return SIGNING_SECRET

    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, signing_secret=slow)))
    body = urlencode({"payload": json.dumps(payload(ko()))}).encode()
    begun = time.monotonic()
    try:
        answer = TestClient(outside).post(URL, content=body, headers=signed(body, night.now))
    finally:
        free.set()
    assert answer.status_code == 503
    assert 2 < time.monotonic() - begun < 3


def test_the_secret_is_in_no_log(slack: Send, ko: Detect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    slack(payload(ko()))
    slack(b"payload=%7B")
    assert SIGNING_SECRET not in caplog.text
