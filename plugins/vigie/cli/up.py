"""`./vigie up`: run a control room on this machine until told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from vigie.cli.child import rotate
from vigie.cli.component import Event
from vigie.cli.control_room import ControlRoom
from vigie.cli.draft_notes import drafts
from vigie.cli.environment import LOCK_VARIABLE
from vigie.cli.readiness import Readiness
from vigie.cli.record import RunRecord, recorded
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import DEFAULT_PORT_BASE, Settings
from vigie.cli.site_folder import require_flux
from vigie.documents.library import Library

_START_S = 240.0
_PATIENCE_S = 30.0


class Told(BaseException):
    """The process was told to end, by Ctrl-C or a signal. Not an Exception: no handler of errors may swallow it."""


def main(argv: list[str]) -> int:
    """Run the command; the exit code is 0 after a stop as asked."""
    parser = argparse.ArgumentParser(prog="./vigie up", description="Run the control room on this machine.")
    add_place(parser)
    parser.add_argument("--detach", action="store_true", help="go on in the background once all is healthy")
    parser.add_argument(
        "--site", type=Path, help="the folder with dags/ and include/ (default: VIGIE_SITE, or this one)"
    )
    arguments = parser.parse_args(argv)
    settings = Settings.from_environment(
        state=arguments.state, port_base=arguments.port_base, site=arguments.site and arguments.site.resolve()
    )
    require_flux(settings.site)
    if arguments.detach:
        return _detach(settings)
    end_by_signals()
    room = ControlRoom(settings, on_event=_show, say=_say)
    begun = time.monotonic()
    try:
        room.open(_START_S)
        for told in said_of(room.readiness(), begun):
            greeting = f"\n{welcome(room.settings)}\nCtrl-C stops it." if told.first else ""
            _say(f"{told.text}{greeting}")
    except Told:
        print("\nStopping (up to 20 s) ...", flush=True)
    finally:
        ignore_signals()
        room.close()
    print("Stopped; no process is left.")
    return 0


class Word(NamedTuple):
    """A sentence about how it is; ``first``: it is the first one after the start."""

    text: str
    first: bool


def said_of(readiness: Iterable[Readiness], begun: float) -> Iterator[Word]:
    """What is to be said: once started (at ``begun`` by the monotonic clock), then each time that it has changed.

    What a start waits for is said each half minute.
    """
    before: Readiness | None = None
    first, waiting_said = True, begun
    for found in readiness:
        after = time.monotonic()
        if found.awaited and first:
            if after - waiting_said >= _PATIENCE_S:
                waiting_said = after
                yield Word(f"not healthy yet: {'; '.join((*found.awaited, *found.troubles))}", first=False)
        elif found != before:
            before = found
            yield Word(healthy_or_not(found, after - begun if first else None), first)
            first = False


def healthy_or_not(found: Readiness, after: float | None) -> str:
    """In words: all is healthy, or what is missing. ``after``: seconds since the start, if it was just now."""
    when = "again" if after is None else f"after {after:.1f} s"
    if found.is_healthy:
        return f"All is healthy {when}."
    what = "\n".join(f"  - {each}" for each in (*found.awaited, *found.troubles))
    return f"Not all is healthy:\n{what}" if after is None else f"Running {when}, but not all is healthy:\n{what}"


def add_place(parser: argparse.ArgumentParser) -> None:
    """The options that say which installation a command is about."""
    parser.add_argument("--state", type=Path, help="the folder of the installation (default: .vigie/up)")
    parser.add_argument("--port-base", type=int, help=f"the first of its ports (default: {DEFAULT_PORT_BASE})")


def welcome(settings: Settings) -> str:
    """Where to look and how to sign in. Passwords are shown on a terminal only, not written into a log."""
    accounts = [account for account in settings.accounts if not account.name.startswith("vigie_")]
    if sys.stdout.isatty():
        passwords = settings.sign_in.write()
        people = "".join(f"\n  {account.name} ({account.role}): {passwords[account.name]}" for account in accounts)
    else:
        names = ", ".join(f"{account.name} ({account.role})" for account in accounts)
        people = f" {names}; the passwords are in {settings.sign_in.path}"
    pages = f"Pages: {settings.public_url or settings.airflow_url}\nSign in as{people}\nLogs: {settings.logs}"
    return f"{pages}\n{_mode(settings)}"


def _mode(settings: Settings) -> str:
    """Which text of procedures runs, and which of them are drafts."""
    if settings.mode != "production":
        return "Mode: development, so drafts of procedures run as they are written."
    unread = drafts(Library(settings.site))
    if not unread:
        return "Mode: production. Every procedure was approved."
    return (
        f"Mode: production. Drafts, read as a page until './vigie approve': {', '.join(unread[:20])}"
        f"{f' and {len(unread) - 20} more' if len(unread) > 20 else ''}."
    )


def end_by_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal raise Told in the main thread."""

    def told(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise Told

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, told)


def ignore_signals() -> None:
    """A stop takes some seconds and is not to be stopped half way."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(text: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)


def _show(event: Event) -> None:
    print(f"{event.at.astimezone():%H:%M:%S} {event.name:<14} {event.kind}: {event.text}", flush=True)


def _detach(settings: Settings) -> int:
    record = RunRecord(settings.state)
    record.acquire()  # the refusal is told here, not in a log
    record.release()
    log = settings.logs / "up.log"
    rotate(log)
    place = ["--state", str(settings.state), "--port-base", str(settings.port_base), "--site", str(settings.site)]
    command = ["-m", "vigie", "up", *place]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            pass_fds=[int(os.environ[LOCK_VARIABLE])] if LOCK_VARIABLE in os.environ else [],
        )
    begun = time.monotonic()
    found = Readiness()
    while time.monotonic() - begun < _START_S:
        if process.poll() is not None:
            raise RemedyError(
                f"The control room did not start (exit code {process.returncode}):\n{log.read_text('utf-8')}",
                f"Remove the cause and start again; the whole log is {log}.",
            )
        found = recorded(record.read())
        if not found.awaited:
            state = "" if found.is_healthy else f"{healthy_or_not(found, time.monotonic() - begun)}\n"
            print(
                f"{state}Running in the background (process {process.pid}).\n{welcome(settings)}\n./vigie stop ends it."
            )
            return 0
        time.sleep(0.25)
    why = f": {'; '.join(found.awaited)}" if found.awaited else ""
    raise RemedyError(f"Not healthy after {_START_S:.0f} s{why}.", f"Read {log}; ./vigie stop ends it.")
