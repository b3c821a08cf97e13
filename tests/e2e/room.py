"""A whole control room with its world, as the end-to-end tests see it: real processes, real servers."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from tests.adapters.losing_smtp import LosingSmtp
from tests.e2e.small_site import LUMIERE, NORDWIND, SENDER, files_flux, ko_flux, next_minute, write_site
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port_base

from vigie.cli import family
from vigie.cli.accounts import MACHINE, Account
from vigie.cli.control_room import ControlRoom
from vigie.cli.settings import LOOPBACK, Settings
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.look import WatchState
from vigie.demo.person import Person
from vigie.demo.post_box import PostBox
from vigie.demo.world import World
from vigie.documents.library import Library
from vigie.logbook.book import Logbook

T = TypeVar("T")

A_WHILE = 60.0
"""Seconds within which what takes a few must have happened, on a machine that does other things as well."""

LONG = 240.0
"""The same for what must first be noticed: a process without a heartbeat, a message in doubt."""

PEOPLE = (Account("admin", "admin"), Account("camille", "op"), Account("vera", "viewer"), MACHINE)


def until(look: Callable[[], T | None], within: float = A_WHILE, what: str = "") -> T:
    """What `look` sees, as soon as it is true. Fails after `within` seconds."""
    end = time.monotonic() + within
    pause = threading.Event()
    while not (seen := look()):
        assert time.monotonic() < end, f"not within {within:.0f} s: {what or look}"
        pause.wait(0.2)
    return seen


class Room:
    """The control room on a site of its own; everything on loopback, everything in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.state = folder / "state"
        write_site(self.site)
        assert [str(each) for each in Library(self.site).problems()] == []
        self.settings = Settings(
            state=self.state, port_base=free_port_base(), site=self.site, accounts=PEOPLE, public_url=None
        )
        self.state.mkdir(mode=0o700)
        self.world = World(self.settings, self.site)
        spool = self.state / "sent-mail.jsonl"
        self.smtp = LosingSmtp(user="vigie", password=self.world.mail.password, port=self.world.mail.port, spool=spool)
        self.world.mail = self.smtp
        self.slack = self.world.slack
        self.boxes = {client: self.world.mailboxes[client].post_box for client in (LUMIERE, NORDWIND)}
        self.in_doubt: list[str] = []
        """The keys of messages that Slack had taken when their desk was killed."""
        self._stack = ExitStack()
        self._people: dict[str, Person] = {}
        self._http: httpx.Client | None = None

    def open(self) -> None:
        """Start the world, then the control room, and wait until every watch has looked."""
        connections = self._open_world()
        self.control = ControlRoom(self.settings, connections=connections)
        self._stack.callback(self.control.close)
        self.control.open(240)
        assert self.control.wait_ready(120).is_healthy
        self.logbook = Logbook(f"sqlite:///{self.settings.logbook}")
        self._stack.callback(self.logbook.close)
        fluxes = len(list(self.site.glob("dags/*/*.py")))
        until(lambda: len(self.watches("watching")) >= fluxes, 90, "every watch looks")
        self._expect_files()

    def _expect_files(self) -> None:
        """A new flux is saved in the running room; its deadline passes while other stories are told."""
        self.files_due = next_minute(timedelta(seconds=45))
        files = self.world.files
        files.put("outbound/stock_D1\n.csv", b"a;b\n")
        (files.files / "outbound" / "caf\udce9.csv").write_bytes(b"a name in Latin-1")
        self.write(f"dags/{LUMIERE}/files.py", files_flux(self.files_due))

    def _open_world(self) -> dict[str, dict[str, Any]]:
        self.world.open()
        self._stack.callback(self.world.close)
        self.slack.limit_rate(on=False)
        connections = self.world.connections()
        if not Dovecot.missing():
            dovecot = self._stack.enter_context(Dovecot())
            box = self.boxes["dovecot"] = dovecot.add_user("post", "dovecot-secret-of-the-tests")
            mailbox = {"conn_type": "imap", "host": LOOPBACK, "port": box.port, "login": box.user}
            connections["nordwind_post"] = mailbox | {"password": box.password, "extra": {"use_ssl": False}}
            self.write(f"dags/{NORDWIND}/post.py", ko_flux(NORDWIND, "post", "nordwind_post"))
        return connections

    def close(self) -> None:
        """Stop everything."""
        for person in self._people.values():
            person.close()
        if self._http is not None:
            self._http.close()
        self._stack.close()

    # What the outside world does.

    def write(self, path: str, text: str) -> None:
        """Save a file of the site."""
        (self.site / path).write_text(text, "utf-8")

    def mail(self, box: PostBox, subject: str, sender: str = SENDER) -> str:
        """A mail arrives; its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, "ops@client.example", subject
        mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="client.example")
        mail.set_content("The job stopped.\n")
        box.deliver(mail.as_bytes())
        return str(mail["Message-ID"])

    def mails(self, box: PostBox, subjects: list[str], each: float = 0.2) -> Iterator[str]:
        """Mails that arrive at this interval (seconds); the Message-ID of each, as it has arrived."""
        pace = threading.Event()
        for subject in subjects:
            yield self.mail(box, subject)
            pace.wait(each)

    # What the logbook and Slack have.

    def watches(self, sight: str) -> list[WatchState]:
        return [state for state in self.logbook.watch_states() if state.sight == sight]

    def settle(self, within: float = A_WHILE, channel: str | None = None) -> None:
        """Wait until the desk has nothing left to do (on this channel), so that what a test disturbs next is its own.

        Mails may be held back for a minute: a person gets a few pages a minute, and the others as one mail.
        """

        def idle() -> bool:
            due = self.logbook.next_due()
            waits = due is None or due > datetime.now(UTC)
            left = self.logbook.outbox(statuses=("queued", "claimed"), limit=500)
            return waits and not [each for each in left if channel in (None, each.channel)]

        until(idle, within, "the desk has nothing left to do")

    def sight(self, watch: str) -> str | None:
        return next((state.sight for state in self.logbook.watch_states() if state.watch == watch), None)

    def mail_entries(self, message_id: str) -> list[Entry]:
        """What was entered about this mail."""
        found = self.logbook.entries(kind_prefix="mail.", limit=5000)
        return [entry for entry in found if (entry.data or {}).get("message_id") == message_id]

    def incidents(self, words: str, client: str | None = None) -> list[Incident]:
        """Every incident, resolved or not, with these words in its title."""
        every = self.logbook.incidents(statuses=("open", "acknowledged", "resolved"), client=client, limit=2000)
        return [incident for incident in every if words in incident.title]

    def incident(self, words: str, within: float = A_WHILE) -> Incident:
        """The one incident with these words in its title, come or to come."""
        (found,) = until(lambda: self.incidents(words), within, f"an incident '{words}'")
        return found

    def posted(self, channel: str) -> Counter[str]:
        """How often each key was posted to a channel."""
        keys = [((each.get("metadata") or {}).get("event_payload") or {}).get("key") for each in self._said(channel)]
        return Counter(key for key in keys if key)

    def page(self, incident: Incident, channel: str, within: float = A_WHILE) -> dict[str, Any]:
        """The message by which an incident was told first."""
        wanted = {"key": f"{incident.id}/page/1/slack"}

        def told() -> dict[str, Any] | None:
            found = [
                each for each in self._said(channel) if (each.get("metadata") or {}).get("event_payload") == wanted
            ]
            return found[0] if found else None

        return until(told, within, f"{incident.id} in #{channel}")

    def _said(self, channel: str) -> list[dict[str, Any]]:
        return self.slack.messages(channel)

    # Airflow.

    @property
    def api(self) -> httpx.Client:
        """Airflow's REST API, as its administrator."""
        if self._http is None:
            account = {"username": "admin", "password": self.control.passwords["admin"]}
            self._http = httpx.Client(base_url=self.settings.airflow_url, timeout=30, trust_env=False)
            token = self._http.post("/auth/token", json=account).raise_for_status().json()["access_token"]
            self._http.headers["Authorization"] = f"Bearer {token}"
        return self._http

    def person(self, name: str) -> Person:
        """Somebody signed in to Airflow."""
        if name not in self._people:
            self._people[name] = Person(name, self.control.passwords[name], self.settings.airflow_url)
            self._people[name].sign_in()
        return self._people[name]

    def pause(self, dag_id: str, paused: bool) -> None:
        self.api.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": paused}).raise_for_status()

    def run(self, dag_id: str) -> str:
        """Start a run by hand; its id."""
        answer = self.api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}).raise_for_status()
        return str(answer.json()["dag_run_id"])

    def ended(self, dag_id: str, run_id: str, within: float = A_WHILE) -> str:
        """The state in which a run ended."""

        def state() -> str | None:
            found = self.api.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}").raise_for_status().json()["state"]
            return str(found) if found in {"success", "failed"} else None

        return until(state, within, f"the end of {dag_id} {run_id}")

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run, by id."""
        answer = self.api.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances").raise_for_status()
        return {task["task_id"]: task for task in answer.json()["task_instances"]}

    def result(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """What a task of a run returned."""
        place = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        value = self.api.get(place).raise_for_status().json()["value"]
        return dict(json.loads(value) if isinstance(value, str) else value)

    def log(self, dag_id: str, run_id: str, task_id: str) -> str:
        """The log of a task's first try, as Airflow's page shows it."""
        place = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/1"
        return self.api.get(place, params={"full_content": True}).raise_for_status().text

    def desk_processes(self) -> list[psutil.Process]:
        """The process in which the desk acts just now, if it does: the task's own, not the executor's."""
        every = self.api.get("/api/v2/dags/duty.desk/dagRuns/~/taskInstances", params={"state": "running"})
        ids = [task["id"] for task in every.raise_for_status().json()["task_instances"]]
        titles = {f"airflow worker -- {each}" for each in ids}
        return [each for each in family.members(self.state) if " ".join(each.cmdline()).strip() in titles]

    def restarts(self, component: str) -> int:
        """How often the supervisor has restarted it."""
        record = json.loads((self.state / "run" / "status.json").read_text("utf-8"))
        return next(int(each["restarts"]) for each in record["components"] if each["name"] == component)

    def secrets(self) -> dict[str, str]:
        """Everything that must be found nowhere but in the vault and the files of passwords."""
        found = {f"the password of {name}": word for name, word in self.control.passwords.items()}
        for conn_id, fields in self.world.connections().items():
            found[conn_id] = str(fields["password"])
        found["Slack's signing secret"] = self.slack.signing_secret
        if "dovecot" in self.boxes:
            found["Dovecot"] = self.boxes["dovecot"].password
        access = self.control.vault.access()
        keys = json.loads((self.state / "keys.json").read_text("utf-8"))
        return found | {
            "the vault's secret id": access.secret_id,
            **{f"key {name}": str(key) for name, key in keys.items()},
        }
