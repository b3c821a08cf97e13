"""What it costs to watch many mailboxes, and how long a mail takes from the server to the logbook.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/idle_mailboxes.py`

The sessions run as in the triggerer (the same classes, one thread a mailbox, one writer), in a process of their own
without the rest of Airflow. `--serve` is that process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import psutil
from imapclient import IMAPClient
from mail_servers import mail_servers
from report import Report, spread

from vigie.demo.post_box import PostBox

_INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
_POLL_EVERY = 5.0


class Setting(NamedTuple):
    """One line of the tables."""

    server: str
    mailboxes: int
    mode: str


SETTINGS = (
    *(Setting("dovecot", number, "IDLE") for number in (1, 10, 50)),
    *(Setting("embedded", number, "IDLE") for number in (1, 10)),
    *(Setting("dovecot", number, f"NOOP each {_POLL_EVERY:.0f} s") for number in (10, 50)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help="of silence, for CPU and memory; a heartbeat comes each minute (default: 60)",
    )
    parser.add_argument("--mails", type=int, default=40, help="in each setting (default: 40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--serve", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    report = Report("idle_mailboxes", options.json)
    latencies: list[list[object]] = []
    costs: list[list[object]] = []
    for setting in SETTINGS:
        found = measure(setting, options)
        report.figures[" ".join(map(str, setting))] = found
        taken = found["append_to_entry"]
        report.goal(f"{' '.join(map(str, setting))}: mails lost", 0, found["lost"])
        latencies.append([*setting, *(taken.get(name, "·") for name in ("n", "p50", "p90", "max")), found["lost"]])
        own, server = found["sessions"], found["server"]
        costs.append(
            [
                *setting,
                found["watching_after"],
                *(f"{100 * each:.1f} %" for each in (own["cpu"], server["cpu"])),
                round(own["pss_before"]),
                round(own["pss"]),
                round(server["pss"]),
            ]
        )
    report.table(
        "Seconds from the server's answer to APPEND to the committed entry in the logbook",
        ["server", "mailboxes", "mode", "n", "p50", "p90", "max", "lost"],
        latencies,
    )
    report.table(
        f"Silence of {options.seconds:.0f} s",
        [
            "server",
            "mailboxes",
            "mode",
            "all watch after s",
            "CPU of the sessions",
            "CPU of the server",
            "PSS MB before the first session",
            "PSS MB of the sessions' process",
            "PSS MB of the server",
        ],
        costs,
    )
    report.finish()
    return 0


def measure(setting: Setting, options: argparse.Namespace) -> dict[str, Any]:
    """Watch, be silent, deliver."""
    print(f"{time.strftime('%H:%M:%S')} {' '.join(map(str, setting))}", flush=True)
    names = [f"box{number}" for number in range(setting.mailboxes)]
    dice = random.Random(options.seed)
    with (
        many_inotify_instances(),
        mail_servers(setting.server, names) as boxes,
        SessionProcess(boxes, poll=setting.mode != "IDLE") as sessions,
    ):
        own = psutil.Process(sessions.pid)
        pss_before = _pss([own])
        watching_after = sessions.watch()
        time.sleep(3)
        servers = [each for each in psutil.Process().children(recursive=True) if each.pid != own.pid]
        begun, cpu, server_cpu = time.monotonic(), _cpu([own]), _cpu(servers)
        time.sleep(options.seconds)
        lasted = time.monotonic() - begun
        found: dict[str, Any] = {
            "watching_after": watching_after,
            "sessions": {"cpu": (_cpu([own]) - cpu) / lasted, "pss_before": pss_before, "pss": _pss([own])},
            "server": {"cpu": (_cpu(servers) - server_cpu) / lasted, "pss": _pss(servers)},
        }
        appended = _deliver(boxes, options.mails, dice)
        sessions.wait_for(appended, 30)
        taken = [sessions.entered[key] - at for key, at in appended.items() if key in sessions.entered]
    return found | {"append_to_entry": spread(taken), "lost": options.mails - len(taken)}


def _deliver(boxes: dict[str, PostBox], mails: int, dice: random.Random) -> dict[str, float]:
    """A mail to one of the mailboxes each 0.2 to 0.6 s; when the server had answered, by Message-ID."""
    writers: dict[str, IMAPClient] = {}
    appended: dict[str, float] = {}
    for number in range(mails):
        name = dice.choice(list(boxes))
        if name not in writers:
            writers[name] = boxes[name].connect()
        key = f"<{number}.{name}@bench.example>"
        head = f"From: batch@bench.example\r\nSubject: [KO] JOB_{number}\r\nMessage-ID: {key}\r\n"
        writers[name].append("INBOX", f"{head}\r\nThe batch ended.\r\n".encode())
        appended[key] = time.time()
        time.sleep(dice.uniform(0.2, 0.6))
    for writer in writers.values():
        writer.shutdown()
    return appended


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _pss(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss / 2**20
    return total


@contextmanager
def many_inotify_instances() -> Iterator[None]:
    """Dovecot needs one for each IDLE, and polls where it gets none; set back afterwards."""
    before = _INOTIFY.read_text("ascii") if _INOTIFY.exists() and os.access(_INOTIFY, os.W_OK) else None
    if before is not None and int(before) < 1024:
        _INOTIFY.write_text("1024", "ascii")
    try:
        yield
    finally:
        if before is not None:
            _INOTIFY.write_text(before, "ascii")


class SessionProcess:
    """The sessions in a process of their own. ``entered``: when (seconds since 1970) a mail's entry was committed."""

    def __init__(self, boxes: dict[str, PostBox], *, poll: bool) -> None:
        self.entered: dict[str, float] = {}
        self._watching = threading.Event()
        self._number = len(boxes)
        self._folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
        extra = {"use_ssl": False} | ({"poll_every": _POLL_EVERY} if poll else {})
        told = [
            {"conn_id": name, "port": box.port, "login": box.user, "password": box.password, "extra": extra}
            for name, box in boxes.items()
        ]
        file = self._folder / "boxes.json"
        file.touch(0o600)
        file.write_text(json.dumps(told), "utf-8")

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "AIRFLOW_HOME": str(self._folder / "airflow"),
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            },
        )
        assert self._process.stdout
        while self._process.stdout.readline() != "ready\n":
            assert self._process.poll() is None, "the sessions' process ended"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        self._reader.join(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self) -> float:
        """Start the sessions, and wait until each has looked; how many seconds that took."""
        begun = time.monotonic()
        assert self._process.stdin
        self._process.stdin.write("watch\n")
        self._process.stdin.flush()
        if not self._watching.wait(60):
            raise TimeoutError("not every mailbox is watched after 60 s")
        return time.monotonic() - begun

    def wait_for(self, keys: dict[str, float], within: float) -> None:
        end = time.monotonic() + within
        while not keys.keys() <= self.entered.keys() and time.monotonic() < end:
            time.sleep(0.05)

    def _read(self) -> None:
        assert self._process.stdout
        watching: set[str] = set()
        for line in self._process.stdout:
            with suppress(ValueError):  # whatever else a library prints
                told = json.loads(line)
                watching.update(told["watching"])
                self.entered.update(dict.fromkeys(told["mails"], told["at"]))
                if len(watching) == self._number:
                    self._watching.set()


def serve(folder: Path) -> int:
    """Watch the mailboxes of `boxes.json`, and print each look that was recorded as JSON, until the input ends."""
    from airflow.sdk import Connection

    from vigie.core.look import Look
    from vigie.core.respond import Respond
    from vigie.core.watch import MailWatch
    from vigie.logbook.book import Logbook
    from vigie.logbook.migrations import migrate
    from vigie.tasks.sessions import Sessions

    class TimedLogbook(Logbook):
        def record(self, look: Look) -> Any:
            recorded = super().record(look)
            mails = [str(entry.data["message_id"]) for entry in look.entries if entry.kind.startswith("mail.")]
            told = {"at": time.time(), "mails": mails, "watching": [state.watch for state in look.states]}
            print(json.dumps(told), flush=True)
            return recorded

    url = f"sqlite:///{folder / 'logbook.db'}"
    migrate(url)
    logbook = TimedLogbook(url)
    told = {each["conn_id"]: each for each in json.loads((folder / "boxes.json").read_text("utf-8"))}

    def find(conn_id: str) -> Connection:
        box = told[conn_id]
        return Connection(**(box | {"conn_type": "imap", "host": "127.0.0.1", "extra": json.dumps(box["extra"])}))

    sessions = Sessions()
    joined = []
    print("ready", flush=True)
    sys.stdin.readline()
    for number, name in enumerate(told):
        watch = MailWatch(
            client="bench",
            flux=f"flux_{number}",
            task_id="ko",
            mailbox=name,
            subject=r"\[KO\] (?P<job>\w+)",
            dedup_key="{job}",
            respond=Respond(severity="critical", template="mail_ko"),
        )
        joined.append((watch, *sessions.join(watch, find, logbook)))
    sys.stdin.read()
    for watch, session, token in joined:
        sessions.leave(watch, session, token)
    for _, session, _ in joined:
        session.join(10)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
