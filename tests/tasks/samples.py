"""Watches, mails and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def mail_watch(task_id: str = "batch_ko", **changes: object) -> MailWatch:
    fields: dict[str, object] = {
        "client": "nordwind",
        "flux": "end_of_day",
        "task_id": task_id,
        "mailbox": "nordwind_ops",
        "subject": r"\[KO\] (?P<job>\w+)",
        "resolves": r"\[OK\] (?P<job>\w+)",
        "dedup_key": "{job}",
        "blind_after": timedelta(seconds=0.2),
        "respond": Respond(severity="critical", template="mail_ko"),
    }
    return MailWatch.model_validate(fields | changes)


def mail(subject: str, number: int = 1) -> bytes:
    head = f"From: batch@nordwind.example\nSubject: {subject}\nMessage-ID: <{number}@nordwind.example>\n"
    return f"{head}\nThe batch speaks.\n".encode()


def eventually(true: Callable[[], object], within: float = 10) -> None:
    """Wait for a condition; AssertionError where it does not come in time."""
    deadline = time.monotonic() + within
    pause = 0.005
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(pause)  # between two questions of a condition, never instead of one
        pause = min(pause * 1.5, 0.1)


def file_watch(**changes: object) -> FileWatch:
    fields: dict[str, object] = {
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "task_id": "store_files",
        "where": "maison_lumiere_wms",
        "path": "outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        "sites": "stores",
        "opens": "00:00",
        "due": "06:00",
        "grace": "10 min",
        "respond": Respond(severity="high", template="file_missing", group_by=("warehouse",)),
    }
    return FileWatch.model_validate(fields | changes)
