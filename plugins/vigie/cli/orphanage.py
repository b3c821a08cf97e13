"""The supervisor as foster parent: descendants that lose their parent come to it and are not left as zombies."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import psutil

from vigie.cli import family

_PR_SET_CHILD_SUBREAPER = 36
_GUARDIAN = Path(__file__).with_name("guardian.py")


class Orphanage:
    """Adopts (prctl PR_SET_CHILD_SUBREAPER) and keeps a guardian for the day the supervisor is killed. Linux only.

    Elsewhere orphans go to the system's first process; the mark in their environment still finds them at a stop.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._sessions: set[int] = set()
        self._guardian: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
            self._hire()

    def started(self, pid: int | None) -> None:
        """A component was started: its process leads a session, and so we know its descendants' remains."""
        if pid:
            self._sessions.add(pid)

    def look(self, own: Collection[int | None]) -> None:
        """Take the exit status of adopted processes that ended; hire a new guardian if ours was killed.

        ``own`` are the components' processes: their status is for whoever started them, as is that of any other
        child of this process (the demo starts some), which is why the session decides.
        """
        for process in psutil.Process().children():
            with contextlib.suppress(psutil.Error, OSError):
                if (
                    process.pid not in own
                    and process.status() == psutil.STATUS_ZOMBIE
                    and os.getsid(process.pid) in self._sessions
                ):
                    os.waitpid(process.pid, os.WNOHANG)
        if self._guardian and self._guardian.poll() is not None:
            self._hire()

    def close(self) -> None:
        """Send the guardian home."""
        if self._guardian and self._guardian.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._guardian.stdin.write(b".")
                self._guardian.stdin.flush()
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None

    def _hire(self) -> None:
        if self._guardian and self._guardian.stdin:
            self._guardian.stdin.close()
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_GUARDIAN), f"{family.MARK}={family.mark(self._state)}"],
            stdin=subprocess.PIPE,
            env={},
            start_new_session=True,
        )
