"""A held message is released by a second person: on the page and by a program."""

from __future__ import annotations

import pytest
from tests.web.forms import SAME_ORIGIN, token_in
from tests.web.night import Browser, Detect, Night

from vigie.core.entry import Entry
from vigie.core.message import Message, Outbound
from vigie.logbook.book import Logbook


@pytest.fixture
def held(book: Logbook, ko: Detect, night: Night) -> Outbound:
    incident = ko()
    outbound = Outbound(
        key=f"{incident}/letter", incident=incident, client="maison-lumiere", channel="mail", purpose="message",
        recipient="who@x.example", message=Message(subject="Your <stores>", text="The files & more"),
        variables={"by": "camille"}, next_action_at=night.now,
    )  # fmt: skip
    book.queue(outbound)
    book.hold_back(outbound.key, "nobody knows it", night.now, Entry(
        at=night.now, client="maison-lumiere", incident=incident, kind="message.held", actor="desk", text="not sent",
    ))  # fmt: skip
    found = book.outbound(outbound.key)
    assert found is not None
    assert found.status == "held"
    return found


def status(book: Logbook, held: Outbound) -> str:
    found = book.outbound(held.key)
    assert found is not None
    return found.status


def test_the_page_shows_what_is_held_and_a_second_person_lets_it_go(
    browser: Browser, book: Logbook, held: Outbound
) -> None:
    place = f"/vigie/incidents/{held.incident}"
    noah = browser("noah")
    page = noah.get(place).text
    for said in (
        "held back",
        "nobody knows it",
        "The files &amp; more",
        "Release to who@x.example",
        "not Camille Moreau",
    ):
        assert said in page
    data = {"csrf_token": token_in(page), "message": held.key}
    answer = noah.post(f"{place}/release", data=data, headers=SAME_ORIGIN, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert status(book, held) == "queued"
    after = noah.get(place).text
    assert "Released by Noah Petit" in after
    assert "Release to" not in after
    assert (
        "Released: Message to who@x.example by mail" in after or "Released: message to who@x.example by mail" in after
    )


def test_who_sent_it_does_not_release_it(browser: Browser, book: Logbook, held: Outbound) -> None:
    camille = browser("camille")
    place = f"/vigie/incidents/{held.incident}"
    data = {"csrf_token": token_in(camille.get(place).text), "message": held.key}
    answer = camille.post(f"{place}/release", data=data, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert "You sent this message; a second person has to release it." in answer.text
    assert status(book, held) == "held"


def test_who_may_only_read_sees_no_button_and_cannot(browser: Browser, book: Logbook, held: Outbound) -> None:
    viewer = browser("noah", "VIEWER")
    place = f"/vigie/incidents/{held.incident}"
    page = viewer.get(place).text
    assert "Release to" not in page
    answer = viewer.post(f"{place}/release", data={"message": held.key}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert status(book, held) == "held"


def test_a_form_of_another_page_does_nothing(browser: Browser, book: Logbook, held: Outbound) -> None:
    noah = browser("noah")
    place = f"/vigie/incidents/{held.incident}/release"
    assert noah.post(place, data={"message": held.key}, headers=SAME_ORIGIN).status_code == 403
    assert noah.post(place, data={"message": held.key}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert status(book, held) == "held"


def test_two_people_release_it_and_it_goes_once(program: Browser, book: Logbook, held: Outbound) -> None:
    place = f"/vigie/api/incidents/{held.incident}/release"
    first = program("noah").post(place, json={"message": held.key})
    assert (first.status_code, first.json()) == (200, {"released": True, "text": ""})
    second = program("ines").post(place, json={"message": held.key})
    assert second.json() == {"released": False, "text": "Already released by Noah Petit."}
    assert len([each for each in book.entries(incident=held.incident) if each.kind == "message.released"]) == 1


def test_what_is_not_held_or_not_of_this_incident(program: Browser, book: Logbook, held: Outbound, ko: Detect) -> None:
    noah = program("noah")
    other = ko("[KO] another")
    answer = noah.post(f"/vigie/api/incidents/{other}/release", json={"message": held.key})
    assert (answer.status_code, answer.json()["detail"]) == (404, f"{other} has no such message.")
    assert noah.post("/vigie/api/incidents/INC-999/release", json={"message": held.key}).status_code == 404
    book.queue(held.model_copy(update={"key": "sent", "status": "queued"}))
    said = noah.post(f"/vigie/api/incidents/{held.incident}/release", json={"message": "sent"}).json()
    assert said == {"released": False, "text": "This message is not held."}
    assert status(book, held) == "held"
