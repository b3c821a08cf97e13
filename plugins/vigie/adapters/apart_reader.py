"""A mail read in a process of its own, which has limits of memory and time: for a mail that may have killed its reader."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

import vigie
from vigie.core.mail import Mail, parse_mail

SECONDS = 20.0
MEGABYTES = 600
"""Of data, of a process that has some 100 when it begins. Every mail that is tried takes less than 200 and 2 seconds."""

_ANSWER = 20_000_000


class ReaderDied(Exception):  # it is not the reader's mistake
    """The process that read the mail ended without an answer; the text says how."""


def read_apart(
    raw: bytes,
    received_at: datetime,
    size: int,
    *,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    command: Sequence[str] = (sys.executable, "-m", __name__),
) -> Mail:
    """Read a mail as ``parse_mail`` does. Raises ReaderDied where its process dies, or is ended at its limit.

    ``command`` is the process; it is asked and answers as ``main`` does.
    """
    # No more of our environment than it needs: what it reads is anybody's.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(Path(vigie.__path__[0]).parent)}
    asked = json.dumps(
        {"received_at": received_at.isoformat(), "size": size, "megabytes": megabytes, "seconds": seconds}
    )
    try:
        done = subprocess.run(
            list(command),
            input=asked.encode() + b"\n" + raw,
            env=environment,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReaderDied(f"it did not end within {seconds:g} s") from None
    if done.returncode != 0 or not 0 < len(done.stdout) < _ANSWER:
        raise ReaderDied(_how(done))
    try:
        return Mail.model_validate_json(done.stdout)
    except ValidationError:
        raise ReaderDied("its answer was not whole") from None


def _how(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"it was killed by signal {-done.returncode}"
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    said = last[0][:200] if last else f"it ended with {done.returncode}"
    return "its memory did not suffice" if said.startswith("MemoryError") else said


def main() -> int:
    """Read the mail that stands on the standard input, behind a line that says when it came and what it may cost."""
    asked, _, raw = sys.stdin.buffer.read().partition(b"\n")
    limits = json.loads(asked)
    data = int(limits["megabytes"]) * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    processor = int(limits["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mail = parse_mail(raw, received_at=datetime.fromisoformat(limits["received_at"]), size=limits["size"])
    sys.stdout.buffer.write(mail.model_dump_json().encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
