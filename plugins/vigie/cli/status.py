"""`./vigie status`: what runs, whether it does its work, and whether people can be reached."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from rich.console import Console
from rich.table import Table

from vigie.cli.channel_status import as_data, channels_of, lines
from vigie.cli.component import Health
from vigie.cli.record import RunRecord, recorded
from vigie.cli.sending_connection import password_notes
from vigie.cli.settings import Settings
from vigie.cli.up import add_place
from vigie.core.channel_sight import ChannelSight
from vigie.core.errors import TransportError
from vigie.core.zone import IANA_VERSION

_COLOURS = {Health.HEALTHY: "green", Health.UNHEALTHY: "red", Health.UNKNOWN: "yellow"}


def main(argv: list[str]) -> int:
    """Print the table (or, with --json, the record); the exit code is 0 only if everything is healthy and no channel is blind."""
    parser = argparse.ArgumentParser(prog="./vigie status", description="Say what runs and how it is.")
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print it as data")
    arguments = parser.parse_args(argv)
    settings = Settings.from_environment(state=arguments.state, port_base=arguments.port_base)
    record = RunRecord(settings.state)
    status = record.read()
    components = status["components"] if status else []
    found = recorded(status)
    channels, remarks = _people(settings) if status else ([], [])
    healthy = found.is_healthy and all(channel.incident is None for channel in channels)
    holder = record.holder()
    if arguments.json:
        pid = holder.pid if status and holder else None
        known = {
            "running": status is not None,
            "healthy": healthy,
            "missing": [*found.awaited, *found.troubles] if status else [],
            "supervisor": pid,
            "time_zones": IANA_VERSION,
        }
        told = {"channels": as_data(channels), "remarks": remarks}
        print(json.dumps({**known, **told, **(status or {})}))
    elif not status:
        killed = " The last one was killed: ./vigie stop ends what it may have left." if holder else ""
        print(f"Nothing runs on {settings.state}.{killed} Start it with ./vigie up.")
    else:
        table = Table("component", "state", "pid", "restarts", "health", "since")
        for component in components:
            colour = _COLOURS[Health(component["health"])]
            since = datetime.fromisoformat(component["since"]).astimezone()
            table.add_row(
                component["name"],
                component["state"],
                str(component["pid"] or ""),
                str(component["restarts"]),
                f"[{colour}]{component['health']}[/]",
                f"{since:%Y-%m-%d %H:%M:%S}",
            )
        console = Console()
        console.print(table)
        for name, address in status["addresses"].items():
            console.print(f"{name}: {address}")
        for line in [*lines(channels), *remarks]:
            print(line)
        print("All is healthy." if healthy else "Not all is healthy:")
        for each in (*found.awaited, *found.troubles):
            print(f"  - {each}")
    if not arguments.json:
        print(f"Time zones: IANA {IANA_VERSION}, from the package tzdata; the machine's own are not read.")
    return 0 if healthy else 1


def _people(settings: Settings) -> tuple[list[ChannelSight], list[str]]:
    """The channels by which people are reached, and what is to be said of them."""
    remarks = [f"note: {note.message} {note.remedy}" for note in password_notes(settings)]
    try:
        return channels_of(settings), remarks
    except TransportError as unread:
        return [], [*remarks, f"note: whether Slack and mail take our sign-in is not known: {unread}."]
