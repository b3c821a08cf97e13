"""What each mail bomb costs, each in a process of its own: `python -m tests.core.bomb_costs [NAME ...]`.

One line of JSON for each: its name, its bytes, the seconds of the processor, the most megabytes that the whole process
had, and what was told as unread. Linux alone tells the most megabytes of a process anew.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.core.mail_bombs import BOMBS

from vigie.core.ko_mail import judge
from vigie.core.mail import parse_mail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
RULE = MailWatch(
    client="acme", flux="eod", task_id="ko", mailbox="m", respond=Respond(severity="high", template="t"),
    subject="KO", body="KO",
)  # fmt: skip


def read(raw: bytes) -> dict[str, Any]:
    """Read a mail, and ask a rule."""
    mail = parse_mail(raw, received_at=NOW)
    judge(RULE, mail, NOW)
    return {"subject": mail.subject, "curtailed": mail.curtailed, "size": len(mail.model_dump_json())}


def cost(make: Callable[[], bytes], act: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """What an act costs in a process of its own, the making of what it is done to left out."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        found: dict[str, Any] = json.loads(told) if told else {"died": status}
        return found
    try:
        raw = make()
        Path("/proc/self/clear_refs").write_text("5")  # the most megabytes begin at what it has now
        begun, wall = time.process_time(), time.monotonic()
        said = act(raw)
        spent = {"seconds": time.process_time() - begun, "wall": time.monotonic() - wall, "megabytes": _most()}
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps({"bytes": len(raw), **spent, **said}))
    finally:
        os._exit(0)


def _most() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Tell the cost of each bomb that is named, or of all."""
    for name in sys.argv[1:] or BOMBS:
        print(json.dumps({"name": name, **cost(BOMBS[name].make, read)}), flush=True)


if __name__ == "__main__":
    main()
