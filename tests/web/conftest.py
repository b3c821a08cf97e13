from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    # Airflow imports svcs, which imports Starlette's test client, which would rather have another package.
    warnings.simplefilter("ignore")
    from airflow import settings
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.auth.middlewares.refresh_token import JWTRefreshMiddleware
    from airflow.configuration import conf
    from airflow.models.revoked_token import RevokedToken  # noqa: TID251 (its table must be there)

from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.web.night import ORIGIN, SIGNING_SECRET, AirflowAsks, Browser, Detect, Night, SlackShows

from vigie.core.look import Look
from vigie.core.signal import Signal
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.web.app import create_app
from vigie.web.control_room import ControlRoom

CLIENT = """\
name: Maison Lumière
zone: Europe/Paris
languages: [fr, en]
slack_channel: C_LUMIERE
policy: lumiere
"""

ROTA = """\
platform_channel: C_PLATFORM
people:
  camille: {name: Camille Moreau, email: camille@vigie.example, slack: U_CAMILLE}
  noah: {name: Noah Petit, email: noah@vigie.example, slack: U_NOAH}
policies:
  lumiere:
    steps:
      - {page: [camille], delay: 10 min}
      - {page: [noah], delay: 10 min}
  platform_duty:
    steps:
      - {page: [noah], delay: 10 min}
"""

PROCEDURE = """\
---
title: Relaunch the job <now>
client: maison-lumiere
severity: critical
owner: camille
reviewed: 2026-11-02
escalate_after: 15 min
---

## Meaning

A job stopped. <script>alert(1)</script> See [the wiki](https://wiki.example/job) or [this](javascript:alert(1)).

## Impact

No positions at 07:00.

## Steps

### Read the log

Open the log.

- [Lock timeout](#relaunch)
- [File not found](ask-host.md)
- [Anything else](#escalate)

### Relaunch

Run it again.

## Escalate

Call Camille.

## Close

Tell the client.
"""


@pytest.fixture
def night() -> Night:
    return Night()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        "include/clients/maison-lumiere/client.yaml": CLIENT,
        "include/rota/team.yaml": ROTA,
        "include/procedures/maison-lumiere/relaunch-job.md": PROCEDURE,
        "include/procedures/maison-lumiere/ask-host.md": PROCEDURE.replace("ask-host.md", "relaunch-job.md"),
        "include/templates/mail_ko.md.j2": "",
    }
    root = tmp_path / "site"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Logbook]:
    url = f"sqlite:///{tmp_path / 'logbook.db'}"
    migrate(url)
    logbook = Logbook(url)
    yield logbook
    logbook.close()


@pytest.fixture
def asked_in_airflow() -> AirflowAsks:
    """What Airflow was told; it takes every answer but where ``refuses`` says why not."""
    return AirflowAsks()


@pytest.fixture
def slack_shows() -> SlackShows:
    """The forms that Slack was told to show; it shows each but where ``refuses`` says why not."""
    return SlackShows()


@pytest.fixture
def room(
    book: Logbook, site: Path, night: Night, asked_in_airflow: AirflowAsks, slack_shows: SlackShows
) -> ControlRoom:
    library = Library(site)
    return ControlRoom(
        logbook=lambda: book,
        library=lambda: library,
        signing_secret=lambda: SIGNING_SECRET,
        slack_host=lambda: "slack.com",
        secret_key=lambda: "a secret key",
        public_url=lambda: ORIGIN,
        answer_in_airflow=asked_in_airflow,
        open_in_slack=slack_shows,
        now=night,
    )


@pytest.fixture(scope="session")
def token_of() -> Callable[[str, str], str]:
    """Tokens of real Airflow users: name and role to token."""
    conf.set("api_auth", "jwt_secret", "a secret of the tests that is long enough for HS512 0123456789 abcdef")
    manager: Any = create_auth_manager()
    RevokedToken.__table__.create(settings.engine, checkfirst=True)

    def make(name: str, role: str) -> str:
        token: str = manager.generate_jwt(SimpleAuthManagerUser(username=name, role=role))
        return token

    return make


@pytest.fixture
def airflow(room: ControlRoom) -> FastAPI:
    """The app mounted as Airflow mounts it, behind Airflow's own middleware of sessions."""
    outside = FastAPI()
    outside.mount("/vigie", create_app(room))
    outside.add_middleware(JWTRefreshMiddleware)
    return outside


@pytest.fixture
def browser(airflow: FastAPI, token_of: Callable[[str, str], str]) -> Browser:
    """A browser, signed in as somebody of a role; nobody: ``browser(None)``."""

    def open_browser(name: str | None = "camille", role: str = "USER") -> TestClient:
        found = TestClient(airflow, base_url="http://testserver", follow_redirects=False)
        if name:
            found.cookies.set("_token", token_of(name, role))
        return found

    return open_browser


@pytest.fixture
def program(airflow: FastAPI, token_of: Callable[[str, str], str]) -> Browser:
    """A program that shows a token."""

    def open_program(name: str = "camille", role: str = "USER") -> TestClient:
        headers = {"Authorization": f"Bearer {token_of(name, role)}"}
        return TestClient(airflow, headers=headers, follow_redirects=False)

    return open_program


@pytest.fixture
def ko(book: Logbook, night: Night) -> Detect:
    """A KO mail came in; the id of its incident."""

    def detect(title: str = "[KO] EOD_POS", **fields: Any) -> str:
        given = {
            "event": "trigger",
            "client": "maison-lumiere",
            "flux": "store_replenishment",
            "watch": "wms_ko",
            "dedup_key": title,
            "key": f"{title}|{night.now.isoformat()}",
            "seen_at": night.now,
            "title": title,
            "severity": "critical",
            "procedure": "relaunch-job",
        }
        signal = Signal.model_validate(given | fields)
        recorded = book.record(Look(source="ops/INBOX", at=night.now, signals=(signal,)))
        return recorded.opened[0] if recorded.opened else recorded.resolved[0]

    return detect
