"""The commands of `./vigie`, inside the environment that it made: `python -m vigie COMMAND`."""

from __future__ import annotations

import importlib
import os
import sys
from difflib import get_close_matches

from vigie.cli.commands import COMMANDS, usage
from vigie.cli.remedy import RemedyError

UNREAD = 141
"""The exit code of a command whose output nobody read to its end, as a shell gives it."""


def main(argv: list[str]) -> int:
    """Run one command; 2 is the exit code of a mistake that the printed sentence tells how to mend."""
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0
    name, *arguments = argv
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        meant = f" Did you mean '{near[0]}'?" if near else ""
        print(f"There is no command '{name}'.{meant}\n\n{usage()}", file=sys.stderr)
        return 2
    command = importlib.import_module(COMMANDS[name][0])
    try:
        code: int = command.main(arguments)
        sys.stdout.flush()
    except RemedyError as stopped:
        print(stopped, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has seen enough, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
