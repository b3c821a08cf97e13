"""What a running supervisor leaves in its state folder: a lock, who holds it, and how its components are."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import psutil

from vigie.cli.component import Health, Status
from vigie.cli.keys import write_private
from vigie.cli.readiness import Readiness
from vigie.cli.remedy import RemedyError


@dataclass(frozen=True)
class Holder:
    """The process that supervises an installation. A process id alone may have been given to another one since."""

    pid: int
    started: float
    """As the operating system tells it, in seconds since 1970."""

    @property
    def process(self) -> psutil.Process | None:
        """That very process, if it lives."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None


class RunRecord:
    """The record of the installation in one state folder. The kernel drops the lock however its holder ends."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock_path = state / "run" / "lock"
        self._status_path = state / "run" / "status.json"
        self._lock: TextIOWrapper | None = None

    def acquire(self) -> None:
        """Become the one supervisor of this installation. Raises RemedyError if there is one already."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        self._state.chmod(0o700)
        lock = self._lock_path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            holder = self.holder()
            who = f" (process {holder.pid})" if holder else ""
            raise RemedyError(
                f"Vigie is running on {self._state} already{who}.",
                "See it with ./vigie status, end it with ./vigie stop, or give this one a folder and ports of its own: "
                "--state DIR --port-base N.",
            ) from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "started": psutil.Process().create_time()}))
        lock.flush()
        self._lock = lock

    def release(self) -> None:
        """Let go, if we hold it; the record of the components goes too."""
        if self._lock:
            self._status_path.unlink(missing_ok=True)
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def is_held(self) -> bool:
        """Whether a supervisor lives on this folder."""
        if not self._lock_path.exists():
            return False
        with self._lock_path.open("a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def holder(self) -> Holder | None:
        """Who holds the lock, or did when it was killed; None if nobody ever did or it ended in order."""
        try:
            return Holder(**json.loads(self._lock_path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, statuses: list[Status], addresses: dict[str, str], readiness: Readiness | None = None) -> None:
        """Record how the components are now, and what is missing until all is healthy (None: not asked yet)."""
        components = [
            {
                "name": status.name,
                "state": status.state,
                "pid": status.pid,
                "restarts": status.restarts,
                "health": status.health,
                "since": status.since.isoformat(timespec="seconds"),
                "log": str(status.log),
            }
            for status in statuses
        ]
        record = {
            "at": datetime.now(UTC).isoformat(),
            "addresses": addresses,
            "components": components,
            "readiness": readiness and readiness._asdict(),
        }
        write_private(self._status_path, json.dumps(record, indent=1))

    def read(self) -> dict[str, Any] | None:
        """What was recorded last, if a supervisor lives."""
        if not self.is_held():
            return None
        try:
            record: dict[str, Any] = json.loads(self._status_path.read_text("utf-8"))
        except (OSError, ValueError):
            return {"addresses": {}, "components": []}
        return record


def recorded(status: Mapping[str, Any] | None) -> Readiness:
    """What is missing until all is healthy, as a record says it; what was not asked yet is missing too."""
    if not status:
        return Readiness(("nothing runs",))
    ill = [f"{each['name']} is {each['health']}" for each in status["components"] if each["health"] != Health.HEALTHY]
    noted = status.get("readiness")
    if ill or not noted:
        return Readiness(tuple(ill) or ("it is starting",))
    return Readiness(tuple(noted["awaited"]), tuple(noted["troubles"]))
