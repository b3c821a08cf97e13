"""`./vigie demo`: one night on watch, with a little world around it."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from vigie.cli import ports
from vigie.cli.accounts import MACHINE, Account
from vigie.cli.component import Event
from vigie.cli.control_room import ControlRoom
from vigie.cli.record import RunRecord
from vigie.cli.settings import CHECKOUT, DEFAULT_PORT_BASE, Settings
from vigie.cli.up import Told, end_by_signals, healthy_or_not, ignore_signals
from vigie.demo.own_folder import made_anew, require_own
from vigie.demo.person import Person
from vigie.demo.stage import Stage, set_stage
from vigie.demo.stories import Night, show_places
from vigie.demo.timeline import Timeline
from vigie.demo.world import World
from vigie.logbook.book import Logbook

PEOPLE = (Account("admin", "admin"), Account("camille", "op"), Account("bruno", "op"), MACHINE)
READY_IN = timedelta(seconds=140)
PAGE_WAITS = timedelta(seconds=20)
STATE = CHECKOUT / ".vigie" / "demo"
WATCHES = 9
"""The watches of the demo's fluxes; the night begins when each has looked once."""


def main(argv: list[str]) -> int:
    """Run the command. 0: everything that was expected was seen (``--once``), or a stop as asked."""
    parser = argparse.ArgumentParser(prog="./vigie demo", description="Play one night on watch.")
    parser.add_argument("--once", action="store_true", help="unattended: play, print the table, stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was expected and seen as data")
    parser.add_argument("--port-base", type=int, default=DEFAULT_PORT_BASE, help="the first of its ports")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of the demo")
    arguments = parser.parse_args(argv)
    if arguments.state != STATE:  # that one is ours, also where an older demo left no mark
        require_own(arguments.state)
    state = arguments.state.resolve()
    record = RunRecord(state)
    record.acquire()  # a demo that runs already is not swept away
    record.release()
    ports.require_free(World.ports(arguments.port_base), "./vigie demo")
    made_anew(state)
    end_by_signals()
    timeline = Timeline(Console(highlight=False, soft_wrap=True))
    try:
        return _night(arguments, state, timeline)
    except Told:
        timeline.stopped.set()
        print("\nStopped as asked.", flush=True)
        return 130 if arguments.once else 0


def _night(arguments: argparse.Namespace, state: Path, timeline: Timeline) -> int:
    begun = time.monotonic()
    stage = set_stage(CHECKOUT, state / "site", now=datetime.now(UTC), ready_in=READY_IN, page_waits=PAGE_WAITS)
    settings = replace(
        Settings.from_environment(state=state, port_base=arguments.port_base),
        site=stage.site,
        accounts=PEOPLE,
        mode="development",  # who tries a change in the demo's site sees it at once, approved or not
        public_url=None,
    )
    timeline.say(0, "The demo plays one night with two fictional clients, in a few minutes of real time.")
    timeline.say(
        0,
        f"Tokyo's files are due at {stage.wave.tokyo.due.astimezone():%H:%M:%S} here, those of Paris and New York within the "
        f"minute after; a page waits {PAGE_WAITS.seconds} s, not 10 min.",
    )
    world = World(settings, stage.site)
    room: ControlRoom | None = None
    try:
        world.open()
        room = ControlRoom(
            settings,
            connections=world.connections(),
            command="./vigie demo",
            on_event=lambda event: _show(timeline, event),
            say=lambda text: timeline.say(0, text),
        )
        room.open(240)
        timeline.say(0, healthy_or_not(room.wait_ready(120), time.monotonic() - begun))
        shown = {name: word for name, word in room.passwords.items() if name != MACHINE.name}
        show_places(timeline, settings.airflow_url, world, shown, settings.logs)
        _play(arguments, room, stage, world, timeline)
        if not arguments.once:
            timeline.say(0, "The night is over; everything stays up to be looked at. Ctrl-C ends it.")
            for _ in room.readiness():  # until Ctrl-C, or until nothing is kept alive any more
                pass
    finally:
        ignore_signals()
        timeline.stopped.set()
        timeline.say(0, "Stopping")
        if room is not None:
            room.close()
        world.close()
    return 0 if timeline.all_seen else 1


def _play(arguments: argparse.Namespace, room: ControlRoom, stage: Stage, world: World, timeline: Timeline) -> None:
    logbook = Logbook(f"sqlite:///{room.settings.logbook}")
    people = {name: Person(name, room.passwords[name], room.settings.airflow_url) for name in ("camille", "bruno")}
    try:
        for person in people.values():
            person.sign_in()
        timeline.expect(0, "every watch looks", lambda: _watching(logbook), 90)
        Night(stage, world, logbook, people, timeline, alone=arguments.once).play()
        timeline.print_table()
        if arguments.json:
            timeline.write(arguments.json)
    finally:
        for person in people.values():
            person.close()
        logbook.close()


def _watching(logbook: Logbook) -> str | None:
    watching = [state for state in logbook.watch_states() if state.sight == "watching"]
    return f"{len(watching)} watches" if len(watching) >= WATCHES else None


def _show(timeline: Timeline, event: Event) -> None:
    if event.kind not in {"started", "healthy"}:
        timeline.say(0, f"{event.name} {event.kind}: {event.text}")
