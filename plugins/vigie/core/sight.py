"""Blind, and sight again: what a session's troubles become. Never mixed with a client's KO (product rule 2)."""

from __future__ import annotations

from datetime import datetime

from vigie.core.mail import Mail
from vigie.core.signal import Signal, platform_signal

BLIND_TEMPLATE = "blind"


def blind(source: str, reason: str, watches: tuple[str, ...], since: datetime, now: datetime) -> Signal:
    """The signal that this source cannot be watched. Both instants are UTC; one incident per source."""
    return platform_signal(
        "trigger",
        flux="vigie",
        watch=source,
        dedup_key="blind",
        key=f"blind|{source}|{since.isoformat()}",
        seen_at=now,
        title=f"Blind: {source} cannot be watched",
        template=BLIND_TEMPLATE,
        facts={"source": source, "reason": reason[:500], "watches": list(watches), "since": f"{since:%H:%M} UTC"},
    )


def sight_again(source: str, since: datetime, now: datetime) -> Signal:
    """The signal that ends the incident of ``blind``."""
    return platform_signal(
        "resolve",
        flux="vigie",
        watch=source,
        dedup_key="blind",
        key=f"sight|{source}|{since.isoformat()}|{now.isoformat()}",
        seen_at=now,
        title=f"Sight again: {source}",
    )


def unreadable(source: str, mail: Mail, watches: tuple[str, ...], now: datetime) -> Signal:
    """The signal that a mail of this source killed its reader twice. ``now`` is UTC; one incident per source.

    It may be a KO, and only its head was read: a person looks at it, in the mailbox.
    """
    said = f"{mail.subject[:150] or '(no subject)'} from {mail.sender[:100] or '(nobody)'}"
    return platform_signal(
        "trigger",
        flux="vigie",
        watch=source,
        dedup_key="unreadable",
        key=f"unreadable|{source}|{mail.identity}",
        seen_at=now,
        title=f"Unreadable: a mail of {source} killed its reader",
        template="mail_unreadable",
        facts={
            "source": source,
            "reason": f"{said}: {mail.unreadable}"[:500],
            "watches": list(watches),
            "since": f"{mail.received_at:%H:%M} UTC",
        },
    )
