"""`./vigie status`: what runs, and whether it does its work."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from rich.console import Console
from rich.table import Table

from vigie.cli.component import Health
from vigie.cli.record import RunRecord
from vigie.cli.settings import Settings
from vigie.cli.up import add_place
from vigie.core.zone import IANA_VERSION

_COLOURS = {Health.HEALTHY: "green", Health.UNHEALTHY: "red", Health.UNKNOWN: "yellow"}


def main(argv: list[str]) -> int:
    """Print the table (or, with --json, the record); the exit code is 0 only if everything is healthy."""
    parser = argparse.ArgumentParser(prog="./vigie status", description="Say what runs and how it is.")
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print it as data")
    arguments = parser.parse_args(argv)
    settings = Settings.from_environment(state=arguments.state, port_base=arguments.port_base)
    record = RunRecord(settings.state)
    status = record.read()
    components = status["components"] if status else []
    healthy = bool(components) and all(component["health"] == Health.HEALTHY for component in components)
    holder = record.holder()
    if arguments.json:
        pid = holder.pid if status and holder else None
        known = {"running": status is not None, "healthy": healthy, "supervisor": pid, "time_zones": IANA_VERSION}
        print(json.dumps({**known, **(status or {})}))
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
    if not arguments.json:
        print(f"Time zones: IANA {IANA_VERSION}, from the package tzdata; the machine's own are not read.")
    return 0 if healthy else 1
