"""Small components for the tests of the supervisor, and waiting without sleeping."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from vigie.cli import family
from vigie.cli.component import Component, Probe

T = TypeVar("T")

FOREVER = "import signal; signal.pause()"

STUBBORN_FAMILY = """
import os, signal, sys
child = os.fork()
if child == 0:
    os.setsid()                                     # a session of its own, an orphan, deaf to SIGTERM
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(sys.argv[1], "w").write(str(os.getpid()))
        while True:
            signal.pause()
    os._exit(0)
os.waitpid(child, 0)
while True:
    signal.pause()
"""


def component(
    state: Path, name: str, code: str, *arguments: str, probe: Probe | None = None, **more: object
) -> Component:
    return Component(
        name=name,
        argv=[sys.executable, "-I", "-S", "-c", code, *arguments],
        log=state / "logs" / f"{name}.log",
        env={"PATH": os.defpath},
        probe=probe,
        **more,  # type: ignore[arg-type]
    )


def until(found: Callable[[], T], within: float = 15.0) -> T:
    """What `found` returns as soon as it is true."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        with contextlib.suppress(OSError, ValueError):
            if answer := found():
                return answer
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.02)


def is_alive(pid: int) -> bool:
    """Whether that process runs; a zombie, which nobody in a container may reap, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def nobody_left(state: Path) -> bool:
    return not list(family.members(state))
