"""Names and bodies of any shape: each gets an answer that says what is wrong, and does nothing."""

from __future__ import annotations

import json
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from tests.web.forms import SAME_ORIGIN, token_in
from tests.web.night import Browser, Detect

from vigie.logbook.book import Logbook
from vigie.web.deeds import DEEDS

NAMES = (
    "INC-0", "INC-01", "INC-2", "INC-999999999999999999", "INC-9999999999999999999", "inc-1", "INC-1 ", " INC-1",
    "INC-\uff11", "INC--1", "INC-1.1", "INC-1e0", "INC", "-1", "1", "null", "INC-1\x00", "\x00", "\u202eINC-1", "é" * 3000, "INC-1'--",
    "{{ 7*7 }}", "<b>",
)  # fmt: skip
BODIES: tuple[Any, ...] = (
    None, 1, "x", [], {}, {"message": None}, {"message": 1}, {"message": []}, {"message": ""}, {"message": "a\x00b"},
    {"message": "\ud800"}, {"message": "x" * 100_000}, {"message": "x", "incident": "INC-1"},
)  # fmt: skip


def test_an_incident_that_does_not_exist_is_said_not_to(browser: Browser, ko: Detect) -> None:
    ko()
    camille = browser()
    for name, path in product(NAMES, ("incidents/{}", "live/incidents/{}", "api/incidents/{}", "incidents/{}/resolve")):
        answer = camille.get(f"/vigie/{path.format(quote(name, safe=''))}")
        assert (answer.status_code, "There is no incident" in answer.text) == (404, True), (path, name)
        assert len(answer.content) < 20_000


def test_nothing_is_done_to_it(program: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    before = book.entries()
    bodies = {"release": {"message": "x"}, "steps/STEP-1": {"option": "x"}}
    client = program()
    for name, path in product(NAMES, (*DEEDS, "release", "steps/STEP-1")):
        answer = client.post(
            f"/vigie/api/incidents/{quote(name, safe='')}/{path}", json=bodies.get(path, {"text": "x"})
        )
        assert answer.status_code == 404, (path, name, answer.text)
    assert book.entries() == before
    assert book.incident(incident).status == "open"


@pytest.mark.parametrize("path", ["release", "note", "steps/STEP-1"])
def test_a_body_of_any_shape_gets_an_answer(program: Browser, ko: Detect, book: Logbook, path: str) -> None:
    incident = ko()
    before = book.entries()
    client = program()
    for body in BODIES:
        answer = client.post(
            f"/vigie/api/incidents/{incident}/{path}", content=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code in {404, 422}, (body, answer.text)
        assert answer.json()["detail"]
    assert book.entries() == before


@pytest.mark.parametrize("named", ["a\x00b", "\x00", "x" * 100_000, "é\u202e"])
def test_a_form_that_names_no_message_or_mail_gets_404(browser: Browser, ko: Detect, named: str) -> None:
    incident = ko()
    camille = browser()
    token = token_in(camille.get(f"/vigie/incidents/{incident}").text)
    for path in (f"incidents/{incident}/release", "mail/settle", "mail/raise"):
        data = {"csrf_token": token, "message": named, "mail": named}
        assert camille.post(f"/vigie/{path}", data=data, headers=SAME_ORIGIN).status_code == 404
