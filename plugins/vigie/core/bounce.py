"""A bounce of a mail that we sent: an anomaly of ours, told at once (RFC 3464)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from vigie.core.mail import Mail
from vigie.core.message import Outbound
from vigie.core.signal import Signal, platform_signal

BOUNCED_TEMPLATE = "bounced"

FLUX = "vigie"
WATCH = "vigie.mail"


class Bounce(BaseModel):
    """A report that says that a mail failed, and by which it can be joined to ours.

    ``message_key`` is the key that our mail carried, ``message_id`` its Message-ID; a report tells one, both or, of a
    mail that is not ours, neither that we know. ``recipient`` is the address that failed, which after a forward is not
    the one we wrote to. ``key`` names the report; ``seen_at`` is UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    seen_at: datetime
    message_key: str = ""
    message_id: str = ""
    recipient: str = ""
    reason: str = ""


def bounce_of(mail: Mail, key: str, now: datetime) -> Bounce | None:
    """What a mail reports, where it reports that one failed. A delay is no failure: the server goes on trying."""
    report = mail.report
    if report is None or mail.origin != "dsn_failed" or not (report.vigie_key or report.original_message_id):
        return None
    return Bounce(
        key=key,
        seen_at=now,
        message_key=report.vigie_key,
        message_id=report.original_message_id,
        recipient=report.recipient,
        reason=" ".join(f"{report.status} {report.diagnostic}".split())[:300] or "no reason given",
    )


def undelivered(bounce: Bounce, outbound: Outbound) -> Signal:
    """The signal that our mail did not reach somebody: one incident of the platform for each address."""
    return platform_signal(
        "trigger",
        flux=FLUX,
        watch=WATCH,
        dedup_key=f"bounced|{outbound.recipient}",
        key=f"bounced|{outbound.key}",
        seen_at=bounce.seen_at,
        title=f"Bounced: {outbound.recipient} does not get our mail",
        severity="critical" if outbound.purpose == "page" else "high",
        template=BOUNCED_TEMPLATE,
        facts={
            "recipient": outbound.recipient,
            "reason": bounce.reason,
            "about": outbound.incident or "",
            "subject": outbound.message.subject[:200],
        },
    )
