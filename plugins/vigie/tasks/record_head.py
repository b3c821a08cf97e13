"""The head of the record leaves once a day: whoever could rewrite the whole logbook cannot rewrite what has left it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import httpx

from vigie.logbook.book import Logbook

BEAT = "record.head"
log = logging.getLogger(__name__)


def send_head(logbook: Logbook, now: datetime, heartbeat: str | None, tell: Callable[[str, str], None]) -> bool:
    """Send it at the first round of a day (UTC): in the body of the external heartbeat, else by ``tell(subject, text)``.

    Whether it was sent. An empty record has no head. Raises TransportError where neither way goes; the next round tries
    again.
    """
    last, head = logbook.beats().get(BEAT), logbook.head()
    if head is None or (last is not None and last.date() >= now.date()):
        return False
    if not (heartbeat and _posted(heartbeat, f"record {head}")):
        tell(
            f"Vigie: head of the record, {now:%Y-%m-%d}",
            f"The logbook's record ends with\n\n{head}\n\nKeep this mail. './vigie verify --head {head}' says later "
            "whether the record up to here is still what it was.",
        )
    logbook.beat(BEAT, now)
    return True


def _posted(url: str, text: str) -> bool:
    try:
        httpx.post(url, content=text, timeout=10).raise_for_status()
    except httpx.HTTPError as failed:
        log.warning("the heartbeat takes no body (%s): the head of the record is mailed", failed)
        return False
    return True
