"""Every process that descends from a supervised component, whoever its parent is by now.

A component's process carries a mark in its environment, and its descendants inherit it. So they are found even
when their parent died, they left its session, or the supervisor that started them was killed last week.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "VIGIE_SUPERVISED"
_KILL_FOR_S = 5.0


def mark(state: Path, name: str = "") -> str:
    """The value of MARK in the processes of one component; without a name, the beginning of all of them."""
    return f"{state}|{name}"


def marking(state: Path, name: str) -> dict[str, str]:
    """What a component's environment must hold to be found, with all that descends from it.

    SPT_NOENV: Airflow renames its processes with setproctitle, which writes the title over /proc/PID/environ unless
    told not to.
    """
    return {MARK: mark(state, name), "SPT_NOENV": "1"}


def members(state: Path, name: str | None = None) -> Iterator[psutil.Process]:
    """Living processes of one component of the installation in ``state``, or of all its components."""
    wanted = mark(state, name or "")
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            carried = process.environ().get(MARK, "")
            belongs = carried == wanted if name else carried.startswith(wanted)
            if belongs and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def end(state: Path, name: str | None = None, *, grace: float = 2.0) -> int:
    """End them all: SIGTERM, after ``grace`` seconds SIGKILL, until a look finds none. Returns how many there were.

    A process that starts another while we look is why one pass is not enough. Whose children they are does not
    matter: their parent, or we as the nearest subreaper, take their exit status.
    """
    seen: set[int] = set()
    begun = time.monotonic()
    while found := list(members(state, name)):
        fresh = [process for process in found if process.pid not in seen]
        late = time.monotonic() - begun > grace
        for process in found if late else fresh:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL if late else signal.SIGTERM)
        seen.update(process.pid for process in fresh)
        if time.monotonic() - begun > grace + _KILL_FOR_S:
            break  # in an uninterruptible wait of the kernel: nobody can end it
        psutil.wait_procs(found, timeout=0.1)
    return len(seen)
