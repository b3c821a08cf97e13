"""A whole control room to be measured: a generated site, real servers around it, all in one temporary folder."""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import socket
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import psutil
from bench_site import BenchSite, Flux
from floor import BarePush, BareResume
from imapclient import IMAPClient
from mail_servers import KINDS, mail_servers
from server_process import ServerProcess

from vigie.cli import family
from vigie.cli.component import Event
from vigie.cli.control_room import ControlRoom
from vigie.cli.settings import Settings, VaultAccess
from vigie.cli.up import end_by_signals, ignore_signals
from vigie.demo.captured_mail import read_spool
from vigie.demo.post_box import PostBox
from vigie.demo.slack_world import Channel, RatePolicy, SlackConfig, User, made_id
from vigie.logbook.book import Logbook

_HOST = "127.0.0.1"
_PORTS = 5


class Page(NamedTuple):
    """A page that Slack accepted: its key, the incident, and when (UTC seconds since 1970, the stand-in's clock)."""

    key: str
    incident: str
    at: float


@dataclass(frozen=True, kw_only=True)
class BenchSettings(Settings):
    """The settings of the product; its processes also find the modules in the site's folder `modules`."""

    extra: tuple[tuple[str, str], ...] = ()
    """Settings that win over the product's, to try what they change."""

    def environment(self, vault: VaultAccess | None = None) -> dict[str, str]:
        found = super().environment(vault)
        found["PYTHONPATH"] += f"{os.pathsep}{self.site / 'modules'}"
        return found | dict(self.extra)


def add_options(parser: argparse.ArgumentParser, *, fluxes: int) -> None:
    """The options that every bench of a whole room has."""
    parser.add_argument("--fluxes", type=int, default=fluxes, help=f"(default: {fluxes})")
    parser.add_argument("--mailboxes", type=int, default=10, help="shared by the fluxes (default: 10)")
    parser.add_argument("--mail-server", choices=KINDS, default=KINDS[0], help=f"(default: {KINDS[0]})")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="an AIRFLOW__… setting to try, again and again"
    )
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder, with the logs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="(default: .vigie/benchmarks/<name>-<time>.json)")


class BenchRoom:
    """A context manager: inside it everything runs and every watch has looked; after it nothing is left.

    ``began`` holds how many seconds after its start the room was healthy, and all watches looked. Without a
    ``storm_after`` each mail's key stays an incident of its own, however many there are.
    """

    def __init__(self, options: argparse.Namespace, *, floor: bool = False, storm_after: int = 100_000) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
        self.site = BenchSite(
            self.folder / "site", fluxes=options.fluxes, mailboxes=options.mailboxes, storm_after=storm_after
        )
        self.began: dict[str, float] = {}
        self._options = options
        self._floor = floor
        self._floor_port = free_ports(1)
        self._floor_file = self.folder / "resumed"
        self._stack = ExitStack()
        self._writers: dict[str, IMAPClient] = {}
        self._spool = self.folder / "sent-mail.jsonl"

    def __enter__(self) -> Self:
        end_by_signals()
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _open(self) -> None:
        self.site.write()
        if self._floor:
            self.site.write_floor(self._floor_port, self._floor_file)
        self.settings = BenchSettings(
            state=self.folder / "state",
            port_base=free_ports(_PORTS),
            site=self.site.folder,
            mode="development",
            extra=tuple((name, value) for name, _, value in (each.partition("=") for each in self._options.set)),
        )
        _say(f"{len(self.site.fluxes)} fluxes, {len(self.site.clients)} mailboxes, everything in {self.folder}")
        connections = self._open_servers()
        begun = time.monotonic()
        room = ControlRoom(self.settings, connections=connections, on_event=_show, say=_say)
        self.control = room
        self._stack.callback(room.close)
        room.open(300)
        room.wait_ready(180 + 2 * len(self.site.fluxes))
        self.began["healthy"] = time.monotonic() - begun
        self.logbook = Logbook(f"sqlite:///{self.settings.logbook}")
        self._stack.callback(self.logbook.close)
        self._wait_until_all_look(120 + 2 * len(self.site.fluxes))
        self.began["watching"] = time.monotonic() - begun
        _say(f"healthy after {self.began['healthy']:.1f} s, all watches look after {self.began['watching']:.1f} s")

    def _open_servers(self) -> dict[str, dict[str, Any]]:
        self.boxes: dict[str, PostBox] = self._stack.enter_context(
            mail_servers(self._options.mail_server, self.site.clients)
        )
        token, signing, smtp_word = (secrets.token_urlsafe(16) for _ in range(3))
        config = self.folder / "slack.json"
        config.write_text(self._workspace().model_dump_json(), "utf-8")
        slack = self._stack.enter_context(
            ServerProcess(
                "slack_stand_in",
                ["--config", str(config)],
                {"SLACK_BOT_TOKEN": token, "SLACK_SIGNING_SECRET": signing},
            )
        )
        smtp = self._stack.enter_context(
            ServerProcess(
                "smtp_capture", ["--user", "vigie", "--spool", str(self._spool)], {"SMTP_PASSWORD": smtp_word}
            )
        )
        slack.wait_ready()
        smtp.wait_ready()
        self._slack = self._stack.enter_context(
            httpx.Client(base_url=f"http://{_HOST}:{slack.port}", timeout=30, trust_env=False)
        )
        found: dict[str, dict[str, Any]] = {
            "vigie_slack": {
                "conn_type": "slack",
                "password": token,
                "extra": {"base_url": f"http://{_HOST}:{slack.port}/api/", "signing_secret": signing, "timeout": 10},
            },
            "vigie_smtp": {
                "conn_type": "smtp",
                "host": _HOST,
                "port": smtp.port,
                "login": "vigie",
                "password": smtp_word,
                "extra": {"from_email": "vigie@vigie.example", "disable_ssl": True, "disable_tls": True, "timeout": 10},
            },
        }
        for client, box in self.boxes.items():
            found[f"{client}_ops"] = {
                "conn_type": "imap",
                "host": _HOST,
                "port": box.port,
                "login": box.user,
                "password": box.password,
                "extra": {"use_ssl": False},
            }
        return found

    def _workspace(self) -> SlackConfig:
        rota = self.site.folder / "include" / "rota" / "team.yaml"
        rota.write_text(rota.read_text("utf-8").replace("U_PETRA", made_id("U", "petra")), "utf-8")
        return SlackConfig(
            team="The bench",
            users=[User(name="petra", real_name="Petra Lindqvist", email="petra@vigie.example")],
            channels=[Channel(name=name) for name in (*self.site.clients, "platform")],
            rate_limit=RatePolicy(on=False),
        )

    def _wait_until_all_look(self, within: float) -> None:
        end = time.monotonic() + within
        told = time.monotonic()
        while True:
            looking = sum(state.sight == "watching" and bool(state.looked_at) for state in self.logbook.watch_states())
            if looking >= len(self.site.fluxes) and "desk" in self.logbook.beats():
                return
            if time.monotonic() > end:
                raise TimeoutError(f"{looking} of {len(self.site.fluxes)} watches look after {within:.0f} s")
            if time.monotonic() > told + 15:
                told = time.monotonic()
                _say(f"{looking} watches look")
            time.sleep(0.25)

    def append(self, flux: Flux, job: str) -> float:
        """Put a KO mail into the flux's mailbox; when the server's answer was there (seconds since 1970)."""
        mail = flux.ko_mail(job)
        self.writer(flux.client).append("INBOX", mail)
        return time.time()

    def writer(self, client: str) -> IMAPClient:
        """The bench's own connection to the client's mailbox. One thread at a time."""
        if client not in self._writers:
            connection = self._writers[client] = self.boxes[client].connect()
            self._stack.callback(connection.shutdown)
        return self._writers[client]

    def kill(self, component: str) -> int:
        """SIGKILL every process of a component, those first in which its work is done; how many there were."""
        processes = sorted(family.members(self.settings.state, component), key=lambda each: -each.pid)
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        return len(processes)

    def bare_push(self) -> BarePush:
        """On another folder of the first mailbox's server."""
        return BarePush(self.boxes[self.site.clients[0]])

    def bare_resume(self) -> BareResume:
        return BareResume(self._floor_port, self._floor_file)

    def warm_up(self) -> None:
        """One mail to each mailbox, and until its page is there: whatever is lazy has then been loaded."""
        jobs = [f"WARM_{secrets.token_hex(4)}" for _ in self.site.clients]
        for client, job in zip(self.site.clients, jobs, strict=True):
            flux = next((each for each in self.site.fluxes if each.client == client), None)
            if flux is not None:
                self.append(flux, job)
        wanted = {flux.client for flux in self.site.fluxes}
        self.wait_for_pages(len(wanted), 120)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Every call of this method that Slack accepted, in the order in which it came."""
        calls = self._slack.get("/control/calls").raise_for_status().json()
        return [call for call in calls if call["method"] == method and (call["answer"] or {}).get("ok")]

    def pages(self) -> list[Page]:
        """Every first page that Slack accepted, in the order in which it came; one told twice stands twice."""
        found = []
        for call in self.calls("chat.postMessage"):
            key = str(call["answer"]["message"].get("metadata", {}).get("event_payload", {}).get("key", ""))
            if key.endswith("/page/1/slack"):
                found.append(Page(key, key.partition("/")[0], datetime.fromisoformat(call["at"]).timestamp()))
        return found

    def wait_for_pages(self, number: int, within: float) -> bool:
        """Wait until Slack has accepted so many first pages in all; False where they do not come."""
        end = time.monotonic() + within
        while len(self.pages()) < number:
            if time.monotonic() > end:
                return False
            time.sleep(0.5)
        return True

    def desk_cost(self) -> float:
        """The share of one core that the desk's own process has used since it began; who it is, its claims say."""
        query = "SELECT claimed_by FROM message WHERE claimed_by IS NOT NULL ORDER BY claimed_at DESC LIMIT 1"
        with closing(sqlite3.connect(self.settings.logbook)) as connection:
            (name,) = connection.execute(query).fetchone()
        process = psutil.Process(int(str(name).rpartition(":")[2]))
        used = process.cpu_times()
        return (used.user + used.system) / (time.time() - process.create_time())

    def mails_sent(self) -> int:
        """How many mails the SMTP capture has taken."""
        return self._spool.read_bytes().count(b"\n") if self._spool.exists() else 0

    def page_mails(self, incidents: Iterable[str]) -> dict[str, int]:
        """In how many captured mails the first page of each incident is. Many pages may share one mail."""
        taken = Counter(mail.message_id for mail in read_spool(self._spool))
        found = {each: self.logbook.outbound(f"{each}/page/1/mail/petra") for each in incidents}
        return {each: taken[page.ref] if page is not None and page.ref else 0 for each, page in found.items()}

    def mail_entries(self) -> dict[str, list[str]]:
        """What became of each mail of `append`, by its job: the kind of each of its entries."""
        found: dict[str, list[str]] = {}
        seq = 0
        while lines := self.logbook.entries(after_seq=seq, kind_prefix="mail.", limit=1000):
            seq = lines[-1].seq or seq
            for line in lines:
                if line.text.startswith("[KO] "):
                    found.setdefault(line.text.removeprefix("[KO] ").partition(" ")[0], []).append(line.kind)
        return found

    def jobs(self) -> dict[str, list[str]]:
        """The incidents of each job (each mail has a job of its own)."""
        found: dict[str, list[str]] = {}
        for incident in self.logbook.incidents(statuses=("open", "acknowledged", "resolved"), limit=100_000):
            found.setdefault(incident.dedup_key, []).append(incident.id)
        return found

    def _close(self) -> None:
        ignore_signals()
        _say("stopping")
        self._stack.close()
        if self._options.keep:
            _say(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def free_ports(number: int) -> int:
    """The first of so many neighbours that are free just now."""
    while True:
        base = random.randrange(21_000, 32_000)
        try:
            for port in range(base, base + number):
                with socket.socket() as probe:
                    probe.bind((_HOST, port))
        except OSError:
            continue
        return base


def _say(text: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)


def _show(event: Event) -> None:
    if event.kind not in {"started", "healthy", "stopped"}:
        _say(f"{event.name} {event.kind}: {event.text}")
