"""The commands of `./vigie`, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys

from vigie.cli.remedy import RemedyError

_COMMANDS = {
    "demo": ("vigie.demo.night", "play one night on watch, with a little world around it; --once: unattended"),
    "up": ("vigie.cli.up", "run the control room on this machine; --detach: in the background"),
    "stop": ("vigie.cli.stop", "stop it, and whatever a killed one left behind"),
    "status": ("vigie.cli.status", "say what runs and whether it is healthy; --json: as data"),
    "check": ("vigie.cli.check", "check every authored file: what is wrong, where, what to write instead"),
    "migrate": ("vigie.cli.migrate", "bring the logbook's database to this version (a cluster's first step)"),
    "test": ("vigie.cli.testing_command", "run everything that this machine can test; --all: leave nothing out"),
}


def main(argv: list[str]) -> int:
    """Run one command; 2 is the exit code of a mistake that the printed sentence tells how to mend."""
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0
    name, *arguments = argv
    if name not in _COMMANDS:
        print(f"There is no command {name!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    command = importlib.import_module(_COMMANDS[name][0])
    try:
        code: int = command.main(arguments)
    except RemedyError as stopped:
        print(stopped, file=sys.stderr)
        return 2
    return code


def usage() -> str:
    """The list of commands."""
    lines = "\n".join(f"  ./vigie {name:<8} {text}" for name, (_, text) in _COMMANDS.items())
    return f"Vigie, a control room on Apache Airflow.\n\n{lines}\n\n./vigie COMMAND --help says more about each."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
