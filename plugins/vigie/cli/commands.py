"""The commands of `./vigie`: where each lives, and what it is for. Each is loaded only when it is called."""

from __future__ import annotations

COMMANDS = {
    "demo": ("vigie.demo.night", "play one night on watch, with a little world around it; --once: unattended"),
    "up": ("vigie.cli.up", "run the control room on this machine; --detach: in the background"),
    "stop": ("vigie.cli.stop", "stop it, and whatever a killed one left behind"),
    "status": ("vigie.cli.status", "say what runs and whether it is healthy; --json: as data"),
    "check": ("vigie.cli.check", "check every authored file: what is wrong, where, what to write instead"),
    "procedure": ("vigie.testing.procedure_command", "show a procedure as page and graph, or go every way through it"),
    "approve": ("vigie.cli.approve", "approve a procedure as it is now; in production only approved text runs"),
    "verify": ("vigie.cli.verify", "verify that no entry of the logbook was changed or removed"),
    "migrate": ("vigie.cli.migrate", "bring the logbook's database to this version (a cluster's first step)"),
    "mail": ("vigie.cli.mail", "explain mails: which rule matches, which flux is alerted, and why"),
    "expect": ("vigie.cli.expect", "say what is expected of a client on a day, until when, and what is waived why"),
    "replay": ("vigie.cli.replay", "judge a log of arrivals: what would have been told, and when"),
    "test": ("vigie.cli.testing_command", "run everything that this machine can test; --all: leave nothing out"),
}
"""Name -> the module whose ``main(argv) -> int`` it is, and its line in the help."""


def usage() -> str:
    """The list of commands."""
    lines = "\n".join(f"  ./vigie {name:<10} {text}" for name, (_, text) in COMMANDS.items())
    return f"Vigie, a control room on Apache Airflow.\n\n{lines}\n\n./vigie COMMAND --help says more about each."
