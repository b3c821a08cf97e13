"""The desk: it acts on everything that is due, and each act happens once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from vigie.core.boundary import leak
from vigie.core.entry import Entry
from vigie.core.errors import CannotTell, InDoubt, TransportError
from vigie.core.escalation import decide
from vigie.core.incident import Incident
from vigie.core.message import Channel, Outbound
from vigie.core.ports import Messenger
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.outbox import DOUBT_AFTER
from vigie.tasks.wording import Wording

RETRY = (2, 5, 15, 30, 60, 120)
"""Seconds before a failed message is tried again; the last one repeats."""

log = logging.getLogger(__name__)


class Desk:
    """Decides, claims, sends and records. ``name`` is written into each claim.

    One incident or message that fails never keeps the others waiting: its error is logged and its turn put off.
    """

    def __init__(self, logbook: Logbook, library: Library, messengers: Mapping[Channel, Messenger], name: str) -> None:
        self._logbook = logbook
        self._library = library
        self._messengers = messengers
        self._name = name

    def act(self, now: datetime) -> int:
        """Do everything that is due at ``now`` (UTC); how much was done."""
        done = self._sweep(now)
        for incident in self._logbook.due_incidents(now):
            done += self._guarded(incident.id, lambda each=incident: self._take(each, now))
        for outbound in self._logbook.due_messages(now):
            done += self._guarded(outbound.key, lambda each=outbound: self._send(each, now))
        return done

    def _guarded(self, what: str, act: object) -> int:
        try:
            return int(act())  # type: ignore[operator]
        except TransportError:
            raise
        except Exception:
            log.exception("the desk failed at %s; the others go on", what)
            return 0

    def _take(self, incident: Incident, now: datetime) -> bool:
        wording = Wording(self._library, now)
        try:
            decision = decide(incident, wording.policy(incident), now)
            said = wording.outbounds(incident, decision)
        except Exception:
            # The page must not be lost to a mistake in a table or in our own words: put it off, loudly.
            self._logbook.put_off(incident, now + timedelta(seconds=30))
            raise
        entry = Entry(
            at=now,
            client=incident.client,
            flux=incident.flux,
            watch=incident.watch,
            incident=incident.id,
            kind="desk.decided",
            actor="desk",
            text=decision.reason,
        )
        return self._logbook.decide(incident, decision, said, [entry, *wording.failures], at=now)

    def _send(self, waiting: Outbound, now: datetime) -> bool:
        held = leak(waiting, self._library.clients().values(), self._library.rota())
        if held is not None:
            text = f"not sent, {held}"
            self._logbook.failed(waiting.key, text, now, self._entry(waiting, now, "message.held", text))
            return True
        outbound = self._logbook.claim(waiting.key, self._name, now)
        if outbound is None:
            return False
        try:
            ref = self._messengers[outbound.channel].send(outbound, reply_ref=self._reply_ref(outbound))
        except TransportError as failed:
            self._not_sent(outbound, failed, now)
        else:
            repeated = " (perhaps repeated)" if outbound.repeated else ""
            text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel}{repeated}"
            self._logbook.sent(outbound.key, ref, now, self._entry(outbound, now, f"{outbound.purpose}.sent", text))
        return True

    def _not_sent(self, outbound: Outbound, failed: TransportError, now: datetime) -> None:
        if isinstance(failed, InDoubt):
            self._settle(outbound, now)
        elif failed.permanent:
            text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel} failed: {failed}"
            self._logbook.failed(outbound.key, str(failed), now, self._entry(outbound, now, "message.failed", text))
            if outbound.channel == "procedure":
                self._say_refused(outbound, str(failed), now)
        else:
            pause = failed.retry_after or RETRY[min(outbound.attempts, len(RETRY)) - 1]
            self._logbook.retry(outbound.key, now + timedelta(seconds=pause), str(failed))

    def _say_refused(self, outbound: Outbound, reason: str, now: datetime) -> None:
        incident = self._logbook.incident(outbound.incident or "")
        if incident is not None:
            self._logbook.queue(Wording(self._library, now).procedure_refused(incident, reason), None)

    def _sweep(self, now: datetime) -> int:
        """Settle what a dead desk left between sending and recording."""
        doubtful = self._logbook.in_doubt(now - DOUBT_AFTER)
        for outbound in doubtful:
            self._guarded(outbound.key, lambda each=outbound: self._settle(each, now) or True)
        return len(doubtful)

    def _settle(self, outbound: Outbound, now: datetime) -> None:
        """Ask the messenger whether it arrived; where nobody can know, a page goes again and the rest is shown."""
        try:
            ref = self._messengers[outbound.channel].find(outbound, reply_ref=self._reply_ref(outbound))
        except CannotTell:
            if outbound.purpose == "page":
                self._logbook.requeue(outbound.key, now, repeated=True)
            else:
                text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel}: maybe sent"
                self._logbook.maybe_sent(outbound.key, now, self._entry(outbound, now, "message.maybe_sent", text))
        except TransportError as failed:
            log.warning("%s stays in doubt: %s", outbound.key, failed)
        else:
            if ref is None:
                self._logbook.requeue(outbound.key, now, repeated=False)
            else:
                text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel}: it had arrived"
                self._logbook.sent(outbound.key, ref, now, self._entry(outbound, now, f"{outbound.purpose}.sent", text))

    def _reply_ref(self, outbound: Outbound) -> str | None:
        target = self._logbook.outbound(outbound.edits or outbound.reply_to or "")
        return target.ref if target else None

    def _entry(self, outbound: Outbound, now: datetime, kind: str, text: str) -> Entry:
        return Entry(
            at=now, client=outbound.client, incident=outbound.incident, kind=kind, actor="desk", text=text
        )
