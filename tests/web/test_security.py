from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from tests.web.forms import SAME_ORIGIN, press, token_in
from tests.web.night import Browser, Detect, Night

from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.web.control_room import ControlRoom
from vigie.web.csrf import FormTokens

PAGES = ("incidents", "expected", "board", "procedures/maison-lumiere/relaunch-job", "incidents/INC-1")
DATA = (
    "api/incidents",
    "api/incidents/INC-1",
    "api/watches",
    "live/incidents",
    "live/expected",
    "live/incidents/INC-1",
    "live/board",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_that_is_not_signed_in_goes_to_airflows_sign_in(browser: Browser, ko: Detect, path: str) -> None:
    ko()
    answer = browser(None).get(f"/vigie/{path}?a=1")
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert (place.netloc, place.path) == ("", "/api/v2/auth/login")
    assert parse_qs(place.query) == {"next": [f"/vigie/{path}?a=1"]}


@pytest.mark.parametrize("path", DATA)
def test_a_program_that_is_not_signed_in_gets_401(browser: Browser, ko: Detect, path: str) -> None:
    ko()
    answer = browser(None).get(f"/vigie/{path}")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


def test_a_broken_session_goes_to_sign_in_too(airflow: FastAPI, browser: Browser) -> None:
    nobody = browser(None)
    nobody.cookies.set("_token", "not.a.token")
    assert nobody.get("/vigie/incidents").headers["location"].startswith("/api/v2/auth/login?")
    assert nobody.get("/vigie/api/incidents").status_code in {401, 403}


def test_a_wrong_token_is_not_redirected(airflow: FastAPI, browser: Browser) -> None:
    answer = browser(None).get("/vigie/incidents", headers={"Authorization": "Bearer not.a.token"})
    assert answer.status_code == 403


def test_a_form_without_a_session_does_nothing(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    answer = browser(None).post(f"/vigie/incidents/{incident}/acknowledge", headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/api/v2/auth/login?next=%2Fvigie%2Fincidents")
    assert book.incident(incident).status == "open"


def test_a_viewer_reads_and_does_not_act(browser: Browser, program: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    viewer = browser("vera", "VIEWER")
    page = viewer.get(f"/vigie/incidents/{incident}")
    assert page.status_code == 200
    assert "<form" not in page.text
    token = FormTokens("a secret key").issue("vera", book.incident(incident).opened_at)
    answer = viewer.post(f"/vigie/incidents/{incident}/acknowledge", data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert "lets you read incidents of maison-lumiere, not act on them" in answer.text
    assert program("vera", "VIEWER").post(f"/vigie/api/incidents/{incident}/acknowledge").status_code == 403
    assert book.incident(incident).status == "open"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://control.example.evil.example"},
        {"Origin": "http://control.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://control.example"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_sites_form_does_nothing(browser: Browser, ko: Detect, book: Logbook, headers: dict[str, str]) -> None:
    incident = ko()
    answer = press(browser(), incident, "acknowledge", headers=headers)
    assert answer.status_code == 403
    assert "did not come from one of Vigie" in answer.text
    assert book.incident(incident).status == "open"


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_form_works(browser: Browser, ko: Detect, headers: dict[str, str]) -> None:
    assert press(browser(), ko(), "acknowledge", headers=headers).status_code == 303


@pytest.mark.parametrize("token", ["", "1.2", "x", "9" * 400, "99999999999.é", "99999999999." + "0" * 64])
def test_a_form_without_its_token_does_nothing(browser: Browser, ko: Detect, book: Logbook, token: str) -> None:
    incident = ko()
    answer = press(browser(), incident, "resolve", csrf_token=token)
    assert answer.status_code == 403
    assert "too old or not yours" in answer.text
    assert book.incident(incident).status == "open"


def test_a_token_is_bound_to_its_user_and_grows_old(browser: Browser, ko: Detect, night: Night) -> None:
    incident = ko()
    camille, noah = browser("camille"), browser("noah")
    token = token_in(camille.get("/vigie/incidents").text)
    url = f"/vigie/incidents/{incident}/acknowledge"
    assert noah.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 403
    night.passes(timedelta(hours=12))
    assert camille.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 403


def test_headers_of_every_answer(browser: Browser, ko: Detect) -> None:
    ko()
    for path in (*PAGES, *DATA, "nothing-here", ""):
        headers = browser().get(f"/vigie/{path}").headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'nonce-")
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_each_page_has_a_nonce_of_its_own_and_nothing_from_elsewhere(browser: Browser, ko: Detect) -> None:
    ko()
    nonces = set()
    for path in PAGES:
        answer = browser().get(f"/vigie/{path}")
        nonce = re.search(r"script-src 'nonce-([^']+)'", answer.headers["content-security-policy"])[1]
        nonces.add(nonce)
        assert set(re.findall(r"<(?:script|style)([^>]*)>", answer.text)) == {f' nonce="{nonce}"'}
        assert not re.search(r"""(?:src|@import|url\()\s*=?\s*["']?(?:https?:)?//""", answer.text)
        assert not re.search(r"\son[a-z]+=", answer.text)
    assert len(nonces) == len(PAGES)


@pytest.mark.parametrize("path", ["docs", "redoc", "openapi.json"])
def test_airflows_documentation_pages_are_not_there(browser: Browser, path: str) -> None:
    assert browser(None).get(f"/vigie/{path}").status_code == 404


def test_no_open_redirect(browser: Browser) -> None:
    for path in ("//evil.example", "/%2F%2Fevil.example", "incidents?next=https://evil.example"):
        answer = browser(None).get(f"/vigie/{path}")
        place = urlsplit(answer.headers.get("location", ""))
        assert place.netloc in {"", "testserver"}
        assert not place.path.startswith("//")


def test_a_long_form_is_refused(browser: Browser, ko: Detect) -> None:
    incident = ko()
    camille = browser()
    body = "text=" + "x" * (1024 * 1024)
    headers = SAME_ORIGIN | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = camille.post(f"/vigie/incidents/{incident}/note", content=body, headers=headers)
    assert answer.status_code == 413
    chunks = (b"text=" + b"x" * 65536 for _ in range(20))
    answer = camille.post(f"/vigie/incidents/{incident}/note", content=chunks, headers=headers)
    assert answer.status_code == 413


def test_a_logbook_that_is_away_is_said(airflow: FastAPI, browser: Browser, room: ControlRoom) -> None:
    from dataclasses import replace

    def away() -> Logbook:
        raise TransportError("the vault at http://127.0.0.1:1 does not answer (ConnectError)")

    app = next(route.app for route in airflow.routes if getattr(route, "path", "") == "/vigie")
    app.state.control_room = replace(room, logbook=away)
    page = browser().get("/vigie/incidents")
    assert page.status_code == 503
    assert "the vault at http://127.0.0.1:1 does not answer (ConnectError). Try again in a moment." in page.text
    data = browser().get("/vigie/api/incidents")
    assert (data.status_code, data.headers["content-type"]) == (503, "application/json")
