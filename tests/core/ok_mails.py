"""Nightly backups: a watch that expects their OK mails, and mails that come, for several tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from vigie.core.mail import Mail
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.respond import Respond
from vigie.core.zone import ZoneInfo

RESPOND = Respond(severity="high", template="mail_missing", procedure="backup-missing")
VMS = ["vm1", "vm2", "vm3", "vm4", "vm5"]
OPENS = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # Berlin, 22:00
DEADLINE = datetime(2026, 11, 24, 5, 10, tzinfo=UTC)  # Berlin, 06:00 and the grace


def backups(**rule: Any) -> MissingMailWatch:
    known = {
        "client": "nordwind",
        "flux": "backups",
        "task_id": "backups_ok",
        "respond": RESPOND,
        "mailbox": "nordwind_ops",
        "subject": r"\[OK\] backup (?P<vm>\w+)",
        "opens": "22:00",
        "due": "06:00",
        "grace": "10 min",
        "zone": "Europe/Berlin",
        "expect_count": 5,
        "distinct_by": "vm",
    }
    return MissingMailWatch.model_validate({name: of for name, of in (known | rule).items() if of is not None})


def ok(subject: str, at: datetime, **fields: Any) -> Mail:
    known: dict[str, Any] = {
        "message_id": "",
        "identity": hashlib.sha256(f"{subject} {at}".encode()).hexdigest(),
        "sender": "backup@nordwind.example",
        "recipients": (),
        "attachments": (),
        "text": "",
        "origin": "auto_generated",
        "sent_at": None,
        "size": 1,
    }
    return Mail(subject=subject, received_at=at, **(known | fields))


def local(written: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    """An instant as the clocks of a zone show it: ``2026-11-24 06:00``."""
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
