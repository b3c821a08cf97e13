"""Things to write into a logbook."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from vigie.core.entry import Entry
from vigie.core.look import Cursor, Look, WatchState
from vigie.core.message import Message, Outbound
from vigie.core.occurrence import Occurrence
from vigie.core.signal import Signal

NOON = datetime(2026, 1, 15, 12, 0, 0, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAILBOX = "maison_lumiere_ops/INBOX"
WATCH = "maison-lumiere.store_replenishment.wms_ko"


def entry(key: str | None = None, **other: Any) -> Entry:
    fields = {"at": NOON, "client": "maison-lumiere", "kind": "mail.seen", "actor": "desk", "text": "seen", "key": key}
    return Entry(**{**fields, **other})


def signal(key: str, event: str = "trigger", dedup_key: str = "EOD_POS", **other: Any) -> Signal:
    fields = {
        "event": event,
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": WATCH,
        "dedup_key": dedup_key,
        "key": key,
        "seen_at": NOON,
        "title": f"KO of {dedup_key}",
        "template": "mail_ko",
        "procedure": "relaunch-job",
        "storm_after": 100_000,
    }
    return Signal(**{**fields, **other})


def look(*signals: Signal, at: datetime = NOON, **other: Any) -> Look:
    return Look(source=MAILBOX, at=at, signals=signals, **other)


def cursor(uid: int, uidvalidity: int = 1, watch: str = WATCH) -> Cursor:
    return Cursor(watch=watch, source=MAILBOX, uidvalidity=uidvalidity, uid=uid)


def state(watch: str = WATCH, **other: Any) -> WatchState:
    fields = {
        "watch": watch,
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "kind": "mail",
        "source": MAILBOX,
        "looked_at": NOON,
        "look_by": NOON + 2 * MINUTE,
    }
    return WatchState(**{**fields, **other})


def occurrence(site: str = "TYO01", status: str = "pending", **other: Any) -> Occurrence:
    fields = {
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": "maison-lumiere.store_replenishment.store_files",
        "site": site,
        "business_date": date(2026, 1, 15),
        "path": f"outbound/REPL_{site}_20260115.csv",
        "window_open": NOON - timedelta(hours=6),
        "due": NOON,
        "deadline": NOON + 10 * MINUTE,
        "status": status,
        "labels": {"warehouse": "tokyo"},
    }
    return Occurrence(**{**fields, **other})


def outbound(key: str, **other: Any) -> Outbound:
    fields = {
        "key": key,
        "incident": "INC-1",
        "client": "maison-lumiere",
        "channel": "slack",
        "purpose": "page",
        "recipient": "#maison-lumiere",
        "message": Message(subject="KO", text="KO of EOD_POS"),
        "next_action_at": NOON,
    }
    return Outbound(**{**fields, **other})
