"""Messages that do not go out are notified: to the platform, and by another channel to whoever would act on them."""

from __future__ import annotations

import re
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.message import Outbound
from vigie.core.undelivered import FLUX, Hindered, ends_of, grouped, signal_of
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.site import public_url
from vigie.tasks.step_wording import StepWording
from vigie.tasks.wording import Wording

_QUESTION = re.compile(r"STEP-[0-9]+/asked/[0-9]+", re.ASCII)
"""The key of a question of a procedure, as it is first put to people."""

SOURCE = "outbox"


class Undelivered:
    """Reads what keeps messages from going out, and opens and ends the platform's incidents about it."""

    def __init__(self, logbook: Logbook, library: Library) -> None:
        self._logbook = logbook
        self._library = library

    def tell(self, now: datetime) -> int:
        """Notify what has to be notified at ``now`` (UTC); how many incidents were opened, changed or ended.

        One incident for each cause and channel, which ends by itself. A message about such an incident that does not
        go out either changes nothing: it must not keep itself alive.
        """
        hindered = self._logbook.hindered()
        unresolved = [each for each in self._logbook.incidents(client=PLATFORM) if each.flux == FLUX]
        if not hindered and not unresolved:
            return 0
        known = {(each.watch, each.dedup_key) for each in unresolved}
        signals, settled = [], []
        for cause, messages in grouped(hindered, now).items():
            settled += [each.key for each in messages if not each.waits]
            others = [each for each in messages if not self._is_about(each, cause)]
            for each in others:
                self._by_another_channel(each, now)
            if others and (cause not in known or not all(each.waits for each in others)):
                signals.append(signal_of(others, now))
        for incident in unresolved:
            signals += ends_of(incident, hindered, self._logbook.has_gone, now)
        if signals:
            self._logbook.record(Look(source=SOURCE, at=now, signals=tuple(signals)))
        self._logbook.obstacles_told(settled)
        return len(signals)

    def _is_about(self, message: Hindered, cause: tuple[str, str]) -> bool:
        """Whether it only says of an incident like these what is known already."""
        if message.client != PLATFORM or message.incident is None:
            return False
        about = self._logbook.incident(message.incident)
        if about is None or about.flux != FLUX:
            return False
        return message.purpose != "page" or (about.watch, about.dedup_key) == cause

    def _by_another_channel(self, message: Hindered, now: datetime) -> None:
        lost_mail = message.channel == "mail" and message.purpose == "message" and not message.waits
        question = message.channel == "slack" and _QUESTION.fullmatch(message.key)
        if not (lost_mail or question):
            return  # before the incident is read: a night without mail has hundreds of calls, tried each 30 s
        incident = self._logbook.incident(message.incident) if message.incident else None
        if incident is None or incident.client == PLATFORM:
            return
        outbound = self._instead(message, incident, now)
        if outbound is not None:
            self._logbook.queue(outbound)

    def _instead(self, message: Hindered, incident: Incident, now: datetime) -> Outbound | None:
        """A mail to a contact is told in the thread; a question that Slack does not take goes by mail to the holder."""
        if message.channel == "mail":
            what = "delivery_unknown" if message.obstacle == "unknown" else "not_delivered"
            page = public_url(f"/vigie/incidents/{incident.id}")
            return Wording(self._library, now).note(
                incident, f"{what}/{message.key}", what, to=message.recipient, why=message.reason, page=page
            )
        step = self._logbook.step(message.key.partition("/")[0])
        if step is not None and step.status == "open":
            return StepWording(self._library, now).by_mail(step, incident.acknowledged_by)
        return None
