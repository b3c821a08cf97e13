"""From a bare Python to a command of Vigie: make sure of the environment, then become its Python.

This module, and all that it imports, must run on the standard library alone.
"""

from __future__ import annotations

import os
import sys

from vigie.cli.commands import usage
from vigie.cli.environment import Environment
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT

MAIN = "requirements.txt"
TEST = "requirements-test.txt"
_LOOKING_ON = frozenset({"status", "stop"})
"""Commands that take the environment as it is: they must work while one that needs other packages runs."""


def main(argv: list[str]) -> int:  # noqa: RET503 - execve does not return
    """Run `./vigie ARGV`. Returns only if there is nothing to run, or with 2 after telling what is missing."""
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0
    environment = Environment(CHECKOUT / ".vigie")
    try:
        if not (argv[0] in _LOOKING_ON and environment.python.exists()):
            names = (MAIN, TEST) if argv[0] == "test" else (MAIN,)
            environment.ensure([CHECKOUT / name for name in names], CHECKOUT / "requirements-bootstrap.txt")
    except RemedyError as stopped:
        print(stopped, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The next start repairs what is unfinished.", file=sys.stderr)
        return 130
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    python = str(environment.python)
    os.execve(  # noqa: S606 - becoming that Python is the point
        python,
        [python, "-m", "vigie", *argv],
        {**inherited, "PYTHONPATH": str(CHECKOUT / "plugins"), **environment.handed_on()},
    )
