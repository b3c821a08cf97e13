"""`./vigie migrate`: bring the logbook's database to this version. `up` does it by itself; a cluster does it first."""

from __future__ import annotations

import argparse

from vigie.cli.remedy import RemedyError
from vigie.core.errors import TransportError


def main(argv: list[str]) -> int:
    """Run the command, where Airflow's environment says which vault to ask for the address."""
    argparse.ArgumentParser(prog="./vigie migrate", description="Bring the logbook to this version.").parse_args(argv)
    from vigie.logbook.migrations import migrate
    from vigie.tasks.connections import LOGBOOK, find, logbook_url

    try:
        migrate(logbook_url(find(LOGBOOK)))
    except TransportError as away:
        raise RemedyError(f"The logbook cannot be prepared: {away}.", "Mend that, and run it again.") from None
    print("The logbook is at this version.")
    return 0
