"""One component's process, from its start to its end, and how often it had to be started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from vigie.cli import family
from vigie.cli.component import Component, Health, State, Status
from vigie.cli.remedy import RemedyError

_LEASH = Path(__file__).with_name("leash.py")
_BACK_OFF_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_STEADY_S = 10.0  # a watch that is killed now and then must not wait half a minute for its turn
_LOGS_KEPT = 3
_TAIL_LINES = 12


class Child:
    """A component in the hands of its supervisor. Used by one thread, except ``observed``."""

    def __init__(self, component: Component, state: Path) -> None:
        self.component = component
        self.restarts = 0
        self.failures = 0
        """Ends in a row, without some steady seconds between them."""
        self.ever_healthy = False
        self.health = Health.UNKNOWN
        self.state = State.STOPPED
        self.since = datetime.now(UTC)
        self.started_at = self.since
        self.observed: tuple[int, Health] | None = None
        """What the probing thread saw last, and of which process."""
        self._home = state
        self._process: subprocess.Popen[bytes] | None = None
        self._due = 0.0
        self._health_since = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def status(self) -> Status:
        return Status(
            name=self.component.name,
            state=self.state,
            pid=self.pid,
            restarts=self.restarts,
            health=self.health,
            since=self.since,
            log=self.component.log,
        )

    def spawn(self) -> None:
        """Start the process; its log of last time is kept beside the new one.

        The caller's thread must live as long as the process may: the leash is bound to the thread.
        """
        rotate(self.component.log)
        environment = {**self.component.env, **family.marking(self._home, self.component.name)}
        self.started_at = datetime.now(UTC)
        with self.component.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *self.component.argv],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._enter(State.RUNNING, Health.UNHEALTHY)
        self._health_since = time.monotonic()

    def reap(self, patience: float = 5) -> None:
        """Wait for the end of a process that was killed, so that the system keeps nothing of it."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)

    def ended(self) -> str | None:
        """How the process ended, in words; None while it runs."""
        code = self._process.poll() if self._process else None
        if code is None:
            return None
        self._process = None
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def wait_for_turn(self) -> float:
        """After an unwanted end: the back-off before the next start, in seconds, now entered."""
        if self.health is Health.HEALTHY and time.monotonic() - self._health_since > _STEADY_S:
            self.failures = 0
        delay = _BACK_OFF_S[min(self.failures, len(_BACK_OFF_S) - 1)]
        self.failures += 1
        self._due = time.monotonic() + delay
        self._enter(State.WAITING, Health.UNHEALTHY)
        return delay

    def is_due(self) -> bool:
        return self.state is State.WAITING and time.monotonic() >= self._due

    def take_health(self) -> Health | None:
        """Adopt what the probe saw of this very process; the new health if it changed."""
        if self.state is not State.RUNNING or not self.observed or self.observed[0] != self.pid:
            return None
        seen = self.observed[1]
        if seen is self.health or (seen is Health.UNKNOWN and self.health is Health.UNHEALTHY):
            return None  # not to know is no news of one that is not healthy yet
        self._enter(State.RUNNING, seen)
        self.ever_healthy |= seen is Health.HEALTHY
        return seen

    def is_hung(self) -> bool:
        """Runs, was healthy once, and has been unhealthy too long."""
        limit = self.component.hung_after
        return (
            limit is not None
            and self.state is State.RUNNING
            and self.health is Health.UNHEALTHY
            and self.ever_healthy
            and time.monotonic() - self._health_since > limit
        )

    def failure(self, what: str) -> RemedyError:
        """What to tell a person who waits for this component, with the end of its log."""
        log = self.component.log
        return RemedyError(
            f"The component {self.component.name} {what}. The end of its log:{tail(log)}",
            f"Read {log}, remove the cause, and start again.",
        )

    def signal(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def finish(self, begun: float) -> None:
        """See a stop through that began with a SIGTERM at ``begun`` (monotonic): insist, then kill all that is left."""
        insist, grace = self.component.insist_after, self.component.grace
        if insist is not None and not self._ends_by(begun + insist):
            self.signal(signal.SIGTERM)
        if self._process and not self._ends_by(begun + grace):
            self._process.kill()
            self._process.wait()
        self._process = None
        family.end(self._home, self.component.name, grace=0.5)
        self._enter(State.STOPPED, Health.UNKNOWN)

    def _ends_by(self, deadline: float) -> bool:
        try:
            if self._process:
                self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _enter(self, state: State, health: Health) -> None:
        if (state, health) != (self.state, self.health) or state is State.RUNNING:
            self.since = datetime.now(UTC)
        if health is not self.health or state is not State.RUNNING:
            self._health_since = time.monotonic()
        self.state, self.health = state, health


def tail(log: Path) -> str:
    """The last lines of a log, each on an indented line of its own."""
    lines = log.read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:] if log.exists() else []
    return "".join(f"\n    {line}" for line in lines)


def rotate(log: Path) -> None:
    """Make room for a new log: name.log becomes name.log.1, and so on; the oldest goes."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size:
        for number in range(_LOGS_KEPT, 1, -1):
            older = log.with_name(f"{log.name}.{number - 1}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number}"))
        log.replace(log.with_name(f"{log.name}.1"))
