from __future__ import annotations

import pytest
from tests.web.forms import SAME_ORIGIN
from tests.web.night import Browser, Detect, Night

from vigie.logbook.book import Logbook


def test_a_program_reads_and_acts_with_its_token(program: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko(facts={"job": "EOD_POS"})
    client = program("camille")
    (listed,) = client.get("/vigie/api/incidents").json()
    assert (listed["id"], listed["status"], listed["facts"]) == (incident, "open", {"job": "EOD_POS"})
    answer = client.post(f"/vigie/api/incidents/{incident}/acknowledge")
    assert answer.status_code == 200
    assert (answer.json()["said"], answer.json()["incident"]["acknowledged_by"]) == ("done", "camille")
    again = program("noah").post(f"/vigie/api/incidents/{incident}/acknowledge").json()
    assert (again["said"], again["text"]) == ("already", "Already taken by Camille Moreau at 22:14 (Europe/Paris).")
    noted = client.post(f"/vigie/api/incidents/{incident}/note", json={"text": "on it"})
    assert noted.status_code == 200
    assert client.post(f"/vigie/api/incidents/{incident}/resolve").json()["said"] == "done"
    record = client.get(f"/vigie/api/incidents/{incident}").json()
    assert record["incident"]["status"] == "resolved"
    kinds = [entry["kind"] for entry in record["entries"] if entry["kind"].startswith("incident.")]
    assert kinds == ["incident.opened", "incident.acknowledged", "incident.note", "incident.resolved"]
    assert client.get("/vigie/api/incidents?status=open").json() == []


@pytest.mark.parametrize("path", ["INC-9", "INC-0", "x", "INC-9%0A"])
def test_an_unknown_incident(program: Browser, path: str) -> None:
    assert program().get(f"/vigie/api/incidents/{path}").status_code == 404
    assert program().post(f"/vigie/api/incidents/{path}/acknowledge").status_code == 404


def test_an_unknown_deed(program: Browser, ko: Detect) -> None:
    assert program().post(f"/vigie/api/incidents/{ko()}/delete").status_code == 422


def test_an_empty_note(program: Browser, ko: Detect) -> None:
    answer = program().post(f"/vigie/api/incidents/{ko()}/note")
    assert (answer.status_code, answer.json()) == (
        422,
        {"detail": "The note is empty; write what the next reader must know."},
    )


def test_a_cookie_needs_origin_and_token(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    camille = browser()
    url = f"/vigie/api/incidents/{incident}/acknowledge"
    token = {"X-CSRF-Token": camille.get("/vigie/live/incidents").json()["csrf_token"]}
    assert camille.post(url).status_code == 403
    assert camille.post(url, headers=token).status_code == 403
    assert camille.post(url, headers=SAME_ORIGIN).status_code == 403
    assert camille.post(url, headers=token | {"Origin": "https://evil.example"}).status_code == 403
    assert book.incident(incident).status == "open"
    assert camille.post(url, headers=token | SAME_ORIGIN).status_code == 200


def test_an_empty_authorization_header_is_no_token(browser: Browser, ko: Detect) -> None:
    camille = browser()
    for value in ("Bearer ", "Bearer", "Basic x"):
        answer = camille.post(f"/vigie/api/incidents/{ko(value)}/acknowledge", headers={"Authorization": value})
        assert answer.status_code == 403


def test_a_token_from_another_sites_page_is_refused(program: Browser, ko: Detect) -> None:
    """Airflow's all-admins mode gives every request a token, also another site's."""
    url = f"/vigie/api/incidents/{ko()}/acknowledge"
    assert program().post(url, headers={"Origin": "https://evil.example"}).status_code == 403
    assert program().post(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_watches(program: Browser, book: Logbook, night: Night) -> None:
    from vigie.core.look import Look, WatchState

    state = WatchState(
        watch="maison-lumiere.store_replenishment.wms_ko", client="maison-lumiere", flux="store_replenishment",
        kind="mail", source="ops/INBOX", looked_at=night.now,
    )  # fmt: skip
    book.record(Look(source="ops/INBOX", at=night.now, states=(state,)))
    (found,) = program().get("/vigie/api/watches").json()
    assert (found["watch"], found["sight"]) == ("maison-lumiere.store_replenishment.wms_ko", "watching")


def test_a_resolution_with_its_reason_and_its_undoing(program: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    client = program()
    url = f"/vigie/api/incidents/{incident}"
    assert client.post(f"{url}/resolve", json={"text": "the lock is gone"}).json()["said"] == "done"
    again = client.post(f"{url}/reopen", json={"text": "it is not"}).json()
    assert (again["said"], again["incident"]["status"], again["incident"]["reopenings"]) == ("done", "open", 1)
    twice = client.post(f"{url}/reopen").json()
    assert (twice["said"], twice["text"]) == ("already", "It is open already.")
    whys = [entry.data.get("why") for entry in book.entries(incident=incident, kind_prefix="incident.")]
    assert whys == [None, "the lock is gone", "it is not"]
