"""Run a command that dies with the process that started it: `python leash.py PARENT COMMAND ARGUMENT...`.

A program of its own, because a threaded process must not run Python between fork and exec. Linux only
(prctl PR_SET_PDEATHSIG, prctl(2)); elsewhere it only runs the command. Standard library only: it is started without
site-packages, to be quick.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Bind our life to the parent's, then become the command. Never returns."""
    parent, *command = argv
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):
            sys.exit(f"not started: the process {parent} that wanted it is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming that command is the point
    except OSError as wrong:
        sys.exit(f"{command[0]} cannot be run: {wrong.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
