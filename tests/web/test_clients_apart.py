"""Two roles of Airflow's FAB auth manager, each with the rights on one client's DAGs: neither sees or does a thing of the other.

The routes are read from the app itself, so that a new one is tried too: one with a new name in its path must say here
what of the other client is tried by it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

import pytest
from airflow.api_fastapi import app as airflow_app
from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager, ResourceMethod
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.configuration import conf
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx import Response
from tests.web.conftest import CLIENT, PROCEDURE
from tests.web.forms import SAME_ORIGIN
from tests.web.night import AirflowAsks, Night

from vigie.core.entry import Entry
from vigie.core.look import Look, WatchState
from vigie.core.message import Message, Outbound
from vigie.core.occurrence import Occurrence
from vigie.core.open_step import OpenStep
from vigie.core.seen_mail import SeenMail
from vigie.core.signal import Signal
from vigie.logbook.book import Logbook
from vigie.web.app import create_app
from vigie.web.control_room import ControlRoom
from vigie.web.csrf import FormTokens
from vigie.web.deeds import DEEDS, Turn

OWN, OTHER = "nord", "nordwind"
"""Each name stands in the other client's: what is compared by its beginning, or by a part, would mix them up."""

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
DAGS = ("stores", "prices")
METHODS: tuple[ResourceMethod, ...] = ("GET", "POST", "PUT", "DELETE")
SLACK = "/slack/"
"""Routes that take no user of Airflow's: tests/web/test_slack_actions.py."""


class Things(NamedTuple):
    """What there is of one client; ``secret`` stands in every text of it."""

    client: str
    incident: str
    step: str
    message: str
    mail: str
    secret: str


class Member(NamedTuple):
    """A user with the rights on one client."""

    name: str
    id: str
    user: Any
    token: str


@pytest.fixture(scope="module")
def members(token_of: object) -> Iterator[Mapping[str, Member]]:
    """Airflow's real FAB auth manager and its tables; a role and a user for each client, rights as ``access_control`` gives them."""
    assert token_of, "it has given Airflow the secret of its tokens"
    before = conf.get("core", "auth_manager"), airflow_app._AuthManagerState.instance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the packages that FAB stands on
        from airflow import settings
        from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
        from airflow.providers.fab.auth_manager.models import Model

        conf.set("core", "auth_manager", FAB)
        airflow_app._AuthManagerState.instance = None
        manager = cast(Any, airflow_app.create_auth_manager())
        Model.metadata.create_all(settings.engine)
        with get_application_builder() as builder:
            made = {client: _member(builder.sm, manager, client) for client in (OWN, OTHER)}
    yield made
    conf.set("core", "auth_manager", before[0])
    airflow_app._AuthManagerState.instance = before[1]


def _member(roles: Any, manager: Any, client: str) -> Member:
    role = roles.add_role(f"{client}_ops")
    for action, resource in product(("can_read", "can_edit"), ("HITL Detail", "DAG Runs", "Task Instances")):
        roles.add_permission_to_role(role, roles.create_permission(action, resource))
    dags = [*(f"{client}.{flux}" for flux in DAGS), f"procedure.{client}.relaunch-job"]
    for dag in dags:
        roles.sync_perm_for_dag(dag, {role.name: {"DAGs": {"can_read", "can_edit"}}})
    name = f"member_of_{client}"
    user = roles.add_user(name, "M", client, f"{name}@vigie.example", [role], password="x" * 20)
    number = str(user.id)
    return Member(name, number, manager.deserialize_user({"sub": number}), manager.generate_jwt(user))


def clients_files(site: Path, client: str, mark: str = "") -> None:
    """A client and its procedure. ``mark`` stands in every text."""
    files = {
        f"include/clients/{client}/client.yaml": CLIENT.replace("Maison Lumière", f"The house {mark}{client}"),
        f"include/procedures/{client}/relaunch-job.md": PROCEDURE.replace("maison-lumiere", client).replace(
            "Relaunch the job", f"Relaunch GEHEIM{mark}-{client}-0"
        ),
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def things_of(book: Logbook, night: Night, client: str, mark: str = "") -> Things:
    """An incident with a step and a held message, a mail, a watch and what is expected. ``mark`` stands in every text."""
    secret = f"GEHEIM{mark}-{client}-0"
    source = f"{client}/INBOX"
    states = [
        WatchState(
            watch=f"{client}.{flux}.{kind}", client=client, flux=flux, kind=kind, source=source, looked_at=night.now,
            look_by=night.now + timedelta(minutes=5),
        )
        for flux, kind in (("stores", "files"), ("prices", "mail"))
    ]  # fmt: skip
    signal = Signal(
        event="trigger", client=client, flux="stores", watch=f"{client}.stores.files", dedup_key=secret, key=secret,
        seen_at=night.now, title=secret, severity="critical", procedure="relaunch-job", facts={"job": secret},
    )  # fmt: skip
    mail = SeenMail(
        key=f"mail|{client}", client=client, source=source, uidvalidity=1, uid=1, seen_at=night.now,
        received_at=night.now, sender="x@y.example", subject=secret, message_id=f"<{client}>", origin="human",
        fate="unclassified", alike=secret,
    )  # fmt: skip
    due = Occurrence(
        client=client, flux="stores", watch=f"{client}.stores.files", site=secret, business_date="2026-11-24",
        path=f"{secret}.csv", window_open=night.now - timedelta(hours=1), due=night.now, deadline=night.now,
    )  # fmt: skip
    look = Look(source=source, at=night.now, signals=(signal,), mails=(mail,), states=tuple(states), occurrences=(due,))
    (incident,) = book.record(look).opened
    step = book.open_step(
        OpenStep(
            client=client, incident=incident, dag_id=f"procedure.{client}.relaunch-job", run_id=f"{incident}.1",
            task_id="read-the-log", procedure=secret, title=secret, text=secret, options=("One", "Other"),
            opened_at=night.now,
        ),
        Entry(at=night.now, client=client, incident=incident, kind="procedure.step_opened", actor="procedure", text=secret),
    )  # fmt: skip
    message = Outbound(
        key=f"{incident}/letter", incident=incident, client=client, channel="mail", purpose="message",
        recipient=f"{secret.lower()}@x.example", message=Message(subject=secret, text=secret), next_action_at=night.now,
    )  # fmt: skip
    book.queue(message)
    entry = Entry(at=night.now, client=client, incident=incident, kind="message.held", actor="desk", text=secret)
    book.hold_back(message.key, secret, night.now, entry)
    return Things(client, incident, step.id, message.key, mail.key, secret)


@pytest.fixture
def own(site: Path, book: Logbook, night: Night) -> Things:
    clients_files(site, OWN)
    return things_of(book, night, OWN)


@pytest.fixture
def other(site: Path, book: Logbook, night: Night, own: Things) -> Things:
    assert own.incident == "INC-1"
    clients_files(site, OTHER)
    return things_of(book, night, OTHER)


class Try(NamedTuple):
    """A request. ``names`` says that its path or body names one thing, which is then refused."""

    method: str
    path: str
    names: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PARTS: Mapping[str, tuple[str, ...]] = {
    "{incident_id}": ("{incident}",),
    "{step_id}": ("{step}",),
    "{client}": ("{client}",),
    "{name}": ("relaunch-job",),
    "{turn}": get_args(Turn),
}
"""What is tried for each name in a route's path. ``{deed}`` is something else in each of its routes."""

DEEDS_OF = {"/mail/{deed}": ("settle", "raise")}
QUERIES = {"client": "{client}", "incident": "{incident}"}
BY_BODY = ("/mail/",)
"""Routes that name their thing in the body alone."""


def _tries() -> Iterator[Try]:
    routes = [each for each in create_app(cast(ControlRoom, None)).routes if isinstance(each, APIRoute)]
    assert len(routes) > 20
    for route in routes:
        if route.path.startswith(SLACK):
            continue
        names = re.findall(r"\{\w+\}", route.path)
        values = [DEEDS_OF.get(route.path, DEEDS) if name == "{deed}" else PARTS.get(name, ()) for name in names]
        assert all(values), f"say in PARTS what of another client is tried for the names of {route.path}"
        for method, chosen in product(sorted(route.methods or ()), product(*values)):
            path = route.path
            for name, value in zip(names, chosen, strict=True):
                path = path.replace(name, value)
            query = {field.name for field in route.dependant.query_params} & QUERIES.keys()
            yield Try(method, path, bool(names))
            for name in sorted(query):
                yield Try(method, f"{path}?{name}={QUERIES[name]}", True)


TRIES = list(_tries())


class Apart:
    """What a member sends, and what is there to be touched."""

    def __init__(self, airflow: FastAPI, members: Mapping[str, Member], night: Night, book: Logbook) -> None:
        self._airflow, self._members, self._night, self._book = airflow, members, night, book

    def sends(self, who: str, what: Try, things: Things, **instead: str) -> Response:
        """Send it as the member of a client, signed in, with a form's token of his own."""
        member = self._members[who]
        browser = TestClient(self._airflow, base_url="http://testserver", follow_redirects=False)
        browser.cookies.set("_token", member.token)
        names = things._asdict() | instead
        path = what.path.format(**names)
        token = FormTokens("a secret key").issue(member.id, self._night.now)
        if what.method == "GET":
            return cast(Response, browser.get(f"/vigie{path}"))
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {member.token}"}
            body = {"message": names["message"]} if path.endswith("/release") else {"text": "why"}
            body = {"option": "One"} if "/steps/" in path else body
            return cast(Response, browser.request(what.method, f"/vigie{path}", json=body, headers=headers))
        form = {"csrf_token": token, "message": names["message"], "mail": names["mail"], "option": "0", "asked": "1"}
        form |= {"flux": f"{names['client']}.prices", "text": "why"}
        return cast(Response, browser.request(what.method, f"/vigie{path}", data=form, headers=SAME_ORIGIN))

    def has(self, things: Things) -> tuple[object, ...]:
        """All of the record that belongs to a client."""
        book = self._book
        return (
            book.entries(client=things.client, limit=1000), book.incident(things.incident), book.step(things.step),
            book.outbox(incident=things.incident, limit=1000), book.mail(things.mail), len(book.incidents()),
        )  # fmt: skip

    def refused(self) -> list[Entry]:
        return self._book.entries(kind_prefix="access.refused", limit=1000)


@pytest.fixture
def apart(airflow: FastAPI, members: Mapping[str, Member], night: Night, book: Logbook) -> Apart:
    return Apart(airflow, members, night, book)


def _same_but_names(answer: Response, *names: str) -> tuple[int, str]:
    """Status and text, without what differs in each answer: nonces, and the names that were asked for."""
    text = re.sub(r'nonce="[^"]+"', "", answer.text)
    for name in names:
        text = text.replace(name, "*")
    return answer.status_code, text


@pytest.mark.parametrize("what", TRIES, ids=str)
def test_no_route_shows_or_does_anything_of_another_client(
    apart: Apart, own: Things, other: Things, asked_in_airflow: AirflowAsks, what: Try
) -> None:
    before = apart.has(other)
    answer = apart.sends(OWN, what, other)
    assert "GEHEIM-nordwind" not in answer.text
    assert "house nordwind" not in answer.text.lower()
    assert apart.has(other) == before
    assert asked_in_airflow.told == []
    if not (what.names or what.path.startswith(BY_BODY)):
        assert "nordwind" not in answer.text.lower()
        assert apart.refused() == []
        return
    nothing = {"incident": "INC-999", "step": "STEP-999", "client": "nowhere", "message": "none", "mail": "none"}
    unknown = apart.sends(OWN, what, other, **nothing)
    tried = (other.incident, other.step, OTHER), ("INC-999", "STEP-999", "nowhere")
    assert _same_but_names(answer, *tried[0]) == _same_but_names(unknown, *tried[1]), "it tells that there is one"
    (entry,) = apart.refused()
    assert (entry.client, entry.incident, entry.actor) == ("platform", None, f"member_of_{OWN}")
    assert "without the right to it; nothing was" in entry.text


@pytest.mark.parametrize("what", TRIES, ids=str)
def test_each_of_these_tries_works_for_ones_own(apart: Apart, own: Things, other: Things, what: Try) -> None:
    """Else the test above would pass because nothing works at all."""
    book_of_other = apart.has(other)
    answer = apart.sends(OWN, what, own)
    assert answer.status_code in {200, 303}, answer.text
    assert "GEHEIM-nordwind" not in answer.text
    assert apart.refused() == []
    assert apart.has(other)[:-1] == book_of_other[:-1]


@pytest.mark.parametrize("what", [each for each in TRIES if each.method == "GET"], ids=str)
def test_the_other_way_round_too(apart: Apart, own: Things, other: Things, what: Try) -> None:
    assert "GEHEIM-nord-0" not in apart.sends(OTHER, what, own).text


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/incidents/INC-1/steps/{step}", "STEP-2"),
        ("/api/incidents/INC-1/steps/{step}", "STEP-2"),
        ("/incidents/INC-1/release", "a message of INC-2"),
        ("/api/incidents/INC-1/release", "a message of INC-2"),
    ],
)
def test_ones_own_incident_lends_no_way_to_anothers_thing(
    apart: Apart, own: Things, other: Things, asked_in_airflow: AirflowAsks, path: str, named: str
) -> None:
    before = apart.has(other)
    answer = apart.sends(OWN, Try("POST", path, True), other)
    assert answer.status_code == 404
    assert apart.has(other) == before
    assert asked_in_airflow.told == []
    (entry,) = apart.refused()
    assert entry.text == f"tried to act on {named}, without the right to it; nothing was done"


def test_a_refusal_is_entered_once_a_minute(apart: Apart, own: Things, other: Things, night: Night) -> None:
    see = Try("GET", "/api/incidents/{incident}", True)
    for _ in range(50):
        apart.sends(OWN, see, other)
    assert len(apart.refused()) == 1
    apart.sends(OWN, see, other, incident="INC-999")
    apart.sends(OTHER, see, own)
    assert len(apart.refused()) == 2, "what is not there is nobody's"
    night.passes(timedelta(minutes=1))
    apart.sends(OWN, see, other)
    assert [entry.text for entry in apart.refused()] == [
        "tried to see INC-2, without the right to it; nothing was shown",
        "tried to see INC-1, without the right to it; nothing was shown",
        "tried to see INC-2, without the right to it; nothing was shown",
    ]


def test_airflow_itself_gives_no_right_on_the_others_dags(members: Mapping[str, Member]) -> None:
    """So nobody starts, answers or reads a run of the other client in Airflow's own pages either."""
    manager: BaseAuthManager[Any] = airflow_app.get_auth_manager()
    assert type(manager).__name__ == "FabAuthManager"
    asked = list(product(METHODS, (None, *DagAccessEntity)))
    assert len(asked) > 30

    def allowed(who: str, whose: str) -> set[tuple[str, DagAccessEntity | None]]:
        found: set[tuple[str, DagAccessEntity | None]] = set()
        for dag, (method, entity) in product(
            (*(f"{whose}.{flux}" for flux in DAGS), f"procedure.{whose}.relaunch-job"), asked
        ):
            details, user = DagDetails(id=dag), members[who].user
            if manager.is_authorized_dag(method=method, access_entity=entity, details=details, user=user):
                found.add((method, entity))
        return found

    assert allowed(OWN, OTHER) == set()
    assert allowed(OTHER, OWN) == set()
    assert {("GET", None), ("PUT", None), ("PUT", DagAccessEntity.HITL_DETAIL)} <= allowed(OWN, OWN)
