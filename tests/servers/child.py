"""A real server as a child process: started, ready when it answers, gone with its parent."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.servers.account import Account

HOST = "127.0.0.1"
_READY_WITHIN = 20.0


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def greeting(port: int, within: float = 2) -> bytes:
    """The first bytes that a server sends by itself."""
    with socket.create_connection((HOST, port), timeout=within) as connection:
        return connection.recv(200)


class Child:
    """A process with a folder of its own, run by an unprivileged account.

    It ends with its parent, even if that is killed (setpriv's PR_SET_PDEATHSIG, where there is one; the signal follows
    the parent *thread*, so start it from one that lives as long as the server).
    """

    def __init__(self, name: str, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        self.name = name
        self.account = Account.unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix=f"vigie-{name}-", dir="/tmp"))  # short: holds unix sockets
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self.account.own(self.folder)

    @property
    def log(self) -> Path:
        return self.folder / "output.log"

    def run(self, command: Sequence[str]) -> None:
        """Run a command to its end, as the account. Raises with its output when it fails."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **self.account.identity,
        )
        if done.returncode:
            output = (done.stdout + done.stderr).decode(errors="replace")
            raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{output}")

    def start(self, command: Sequence[str], ready: Callable[[], bool]) -> None:
        """Start the server and wait until `ready` says so; OSErrors mean *not yet*."""
        setpriv = shutil.which("setpriv")
        leash = [setpriv, "--pdeathsig", self._stop_signal.name.removeprefix("SIG")] if setpriv else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, *command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.account.identity,
            )
        end = time.monotonic() + _READY_WITHIN
        while not self._is_ready(ready):
            if self._process.poll() is not None or time.monotonic() > end:
                output = self.log.read_text(errors="replace")[-3000:]
                self.stop()
                raise RuntimeError(f"{self.name} did not start; its output:\n{output}")
            with contextlib.suppress(subprocess.TimeoutExpired):  # ten milliseconds, or less when it ends
                self._process.wait(0.01)

    @staticmethod
    def _is_ready(ready: Callable[[], bool]) -> bool:
        try:
            return ready()
        except OSError:
            return False

    def stop(self) -> None:
        """End the process, keep the folder."""
        if self._process is not None:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def remove(self) -> None:
        """End the process and delete the folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
