"""What each mail bomb costs, each in a process of its own: `python -m tests.core.bomb_costs [NAME ...]`.

One line of JSON for each: its name, its bytes, the seconds of the processor, the most megabytes that the whole process
had, and what was told as unread.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from tests.core.mail_bombs import BOMBS
from tests.measured import cost

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
    return {
        "bytes": len(raw),
        "subject": mail.subject,
        "curtailed": mail.curtailed,
        "size": len(mail.model_dump_json()),
    }


def main() -> None:
    """Tell the cost of each bomb that is named, or of all."""
    for name in sys.argv[1:] or BOMBS:
        print(json.dumps({"name": name, **cost(BOMBS[name].make, read)}), flush=True)


if __name__ == "__main__":
    main()
