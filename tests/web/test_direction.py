"""Characters that turn the direction of text reach no reader, on whatever page."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from fastapi.testclient import TestClient
from tests.web.night import Browser, Night
from tests.web.test_clients_apart import OWN, TRIES, Try, clients_files, things_of

from vigie.logbook.book import Logbook
from vigie.web.direction import TURNING, OneDirection


@pytest.mark.parametrize("what", [each for each in TRIES if each.method == "GET"], ids=str)
def test_no_answer_turns_the_direction_of_text(
    browser: Browser, site: Path, book: Logbook, night: Night, what: Try
) -> None:
    clients_files(site, OWN, TURNING)
    things = things_of(book, night, OWN, TURNING)
    book.note(things.incident, "camille", night.now, f"photo{TURNING}gpj.exe")
    answer = browser().get(f"/vigie{what.path.format(**things._asdict())}")
    assert answer.status_code in {200, 303}
    said = html.unescape(answer.text)
    assert not set(said) & set(TURNING)
    assert "\\u20" not in said
    assert int(answer.headers["content-length"]) == len(answer.content)
    if what.path in {"/incidents", "/api/incidents/{incident}", "/api/mail"}:
        assert f"GEHEIM-{OWN}-0" in said
    found = book.incident(things.incident)
    assert found is not None
    assert found.title == f"GEHEIM{TURNING}-{OWN}-0", "the record keeps what came"


def test_an_answer_in_pieces_is_cleaned_where_they_meet_and_what_is_no_text_stays() -> None:
    app = FastAPI()
    app.add_middleware(OneDirection)
    turned = f"a{TURNING}é{TURNING}b".encode()
    app.add_api_route("/pieces", lambda: StreamingResponse((bytes([each]) for each in turned), media_type="text/plain"))
    app.add_api_route("/whole", lambda: PlainTextResponse(turned))
    app.add_api_route("/picture", lambda: Response(turned, media_type="image/png"))
    client = TestClient(app)
    assert client.get("/pieces").text == "aéb"
    assert client.get("/whole").text == "aéb"
    assert client.get("/picture").content == turned
