"""How full a mailbox is, and what the platform is told of it before its server refuses the next KO."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from vigie.core.ports import QuotaUse
from vigie.core.signal import Signal, platform_signal

FULL_TEMPLATE = "mailbox_full"


class Level(NamedTuple):
    """A share of a limit from which the platform is told, as the incident's key, and whether somebody is called."""

    key: str
    share: float
    page: bool


LEVELS = (Level("filling", 0.90, page=False), Level("full", 0.98, page=True))
"""At 90 % there is time until the morning; at 98 % a large mail may be the last."""


def fullest(uses: Iterable[QuotaUse]) -> QuotaUse | None:
    """What is nearest to its limit; None where nothing has one."""
    return max(uses, key=lambda each: each.used / each.limit, default=None)


def quota_signals(
    mailbox: str, uses: Iterable[QuotaUse], open_keys: Collection[str], now: datetime
) -> Iterator[Signal]:
    """What has to be told of a mailbox (a connection) at ``now`` (UTC). ``open_keys`` are those of its open incidents."""
    use = fullest(uses)
    for level in LEVELS:
        reached = use is not None and use.used >= level.share * use.limit
        if use is not None and reached and level.key not in open_keys:
            facts = {
                "source": mailbox,
                "reason": f"{words(use)} are used ({use.resource}, {use.root or 'the account'})",
            }
            told = platform_signal(
                "trigger",
                flux="vigie",
                watch=mailbox,
                dedup_key=level.key,
                key=f"quota|{mailbox}|{level.key}|{now.isoformat()}",
                seen_at=now,
                title=f"Mailbox {mailbox} is {percent(use)} % full",
                severity="critical" if level.page else "high",
                template=FULL_TEMPLATE,
                facts=facts,
            )
            yield told.model_copy(update={"page": level.page})
        elif not reached and level.key in open_keys:
            left = f"is {percent(use)} % full" if use is not None else "has no limit any more"
            yield platform_signal(
                "resolve",
                flux="vigie",
                watch=mailbox,
                dedup_key=level.key,
                key=f"quota|{mailbox}|{level.key}|below|{now.isoformat()}",
                seen_at=now,
                title=f"Mailbox {mailbox} {left}",
            )


def percent(use: QuotaUse) -> int:
    """The share that is used, rounded down: 99.9 % is not full."""
    return use.used * 100 // use.limit


def words(use: QuotaUse) -> str:
    """The use in words: ``90 of 100 MiB``, ``950 of 1,000 mails``."""
    if use.resource.upper() == "STORAGE":
        unit, size = ("MiB", 1024) if use.limit >= 10 * 1024 else ("KiB", 1)
        return f"{use.used // size:,} of {use.limit // size:,} {unit}"
    return f"{use.used:,} of {use.limit:,} {'mails' if use.resource.upper() == 'MESSAGE' else use.resource.lower()}"
