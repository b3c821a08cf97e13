"""Ends what a killed supervisor left behind: `python guardian.py MARK`, with a pipe from the supervisor as input.

A supervisor that ends in order writes a byte into the pipe. One that was killed (SIGKILL, out of memory) just closes
it: then every process that carries the mark in its environment is killed, so that no worker of a dead installation
goes on. Components themselves die with the supervisor (leash.py); this is for their children. Linux only. Standard
library only: it is started without site-packages, to stay small.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

_ROUNDS = 50
_PAUSE_S = 0.1


def main(argv: list[str]) -> None:
    """Wait for the supervisor's end; kill what carries the mark until a look finds nothing."""
    mark = argv[0].encode()
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)  # we end when the supervisor does, never before
    if os.read(0, 1):
        return
    for _ in range(_ROUNDS):
        found = [pid for pid in _pids() if _carries(pid, mark)]
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if not found:
            return
        time.sleep(_PAUSE_S)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _carries(pid: int, mark: bytes) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # gone, or another user's
        return False
    return any(entry.startswith(mark) for entry in environment.split(b"\0"))


if __name__ == "__main__":
    main(sys.argv[1:])
