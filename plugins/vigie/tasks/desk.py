"""The desk: it acts on everything that is due, and each act happens once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from vigie.core.boundary import leak
from vigie.core.entry import Entry
from vigie.core.errors import CannotTell, InDoubt, Refused, TransportError
from vigie.core.escalation import decide
from vigie.core.incident import Incident
from vigie.core.message import Channel, Outbound
from vigie.core.ports import Messenger
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.outbox import DOUBT_AFTER
from vigie.tasks.step_desk import StepDesk
from vigie.tasks.wording import Wording, known_rota

RETRY = (2, 5, 15, 30, 60, 120)
"""Seconds before a failed message is tried again; the last one repeats."""

REFUSED_TRIES = 30
"""So often a message is tried whose messenger refuses our credential (about an hour): a person may mend that, and the
page must not be lost meanwhile."""

ASK_AGAIN = timedelta(seconds=30)
"""How long a message stays in doubt where the messenger cannot be asked, before it is asked again."""

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
            done += self._guarded(incident.id, partial(self._take, incident, now))
        done += StepDesk(self._logbook, self._library).act(now)
        for outbound in self._logbook.due_messages(now):
            done += self._guarded(outbound.key, partial(self._send, outbound, now))
        return done

    def _guarded(self, what: str, act: Callable[[], bool]) -> int:
        try:
            return int(act())
        except TransportError:
            raise
        except Exception:
            log.exception("the desk failed at %s; the others go on", what)
            return 0

    def _take(self, incident: Incident, now: datetime) -> bool:
        try:
            return self._decide(incident, now)
        except TransportError:
            raise
        except Exception:
            # The page must not be lost to a mistake in a table or in our own words: put it off, loudly. The rounds
            # tell an incident that is put off again and again.
            self._logbook.put_off(incident, now + timedelta(seconds=30))
            raise

    def _decide(self, incident: Incident, now: datetime) -> bool:
        wording = Wording(self._library, now)
        decision = decide(incident, wording.policy(incident), now)
        said = wording.outbounds(incident, decision)
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
        if incident.status == "resolved":
            self._logbook.wake_steps(incident.id, now)  # before: a desk that dies here is asked again about both
        return self._logbook.decide(incident, decision, said, [entry, *wording.failures], at=now)

    def _send(self, waiting: Outbound, now: datetime) -> bool:
        held = leak(waiting, self._library.clients().values(), known_rota(self._library))
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
        pause = timedelta(seconds=failed.retry_after or RETRY[min(outbound.attempts, len(RETRY)) - 1])
        if isinstance(failed, InDoubt):
            self._settle(outbound, now, pause)
        elif failed.permanent and not (isinstance(failed, Refused) and outbound.attempts < REFUSED_TRIES):
            text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel} failed: {failed}"
            line = self._entry(outbound, now, "message.failed", text)
            self._logbook.failed(outbound.key, str(failed), now, line, claimed_at=outbound.claimed_at)
            if outbound.channel == "procedure" and "skip" not in outbound.variables:
                self._say_refused(outbound, str(failed), now)
        else:
            self._logbook.retry(outbound.key, now + pause, str(failed), claimed_at=outbound.claimed_at)

    def _say_refused(self, outbound: Outbound, reason: str, now: datetime) -> None:
        incident = self._logbook.incident(outbound.incident or "")
        if incident is not None:
            self._logbook.queue(Wording(self._library, now).procedure_refused(incident, reason), None)

    def _sweep(self, now: datetime) -> int:
        """Settle what a dead desk left between sending and recording."""
        doubtful = self._logbook.in_doubt(now - DOUBT_AFTER)
        for outbound in doubtful:
            self._guarded(outbound.key, partial(self._settle, outbound, now))
        return len(doubtful)

    def _settle(self, outbound: Outbound, now: datetime, pause: timedelta = timedelta(0)) -> bool:
        """Ask the messenger whether it arrived; where nobody can know, a page goes again and the rest is shown.

        What goes again waits for ``pause`` first: a server that never answers must not be flooded with one page.
        """
        key, claim = outbound.key, outbound.claimed_at
        what = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel}"
        try:
            ref = self._messengers[outbound.channel].find(outbound, reply_ref=self._reply_ref(outbound))
        except CannotTell:
            if outbound.purpose == "page":
                return self._logbook.requeue(key, now + pause, repeated=True, claimed_at=claim)
            line = self._entry(outbound, now, "message.maybe_sent", f"{what}: maybe sent")
            return self._logbook.maybe_sent(key, now, line, claimed_at=claim)
        except TransportError as failed:
            log.warning("%s stays in doubt: %s", key, failed)
            return self._logbook.still_in_doubt(key, now + ASK_AGAIN, claimed_at=claim)
        if ref is None:
            return self._logbook.requeue(key, now + pause, repeated=False, claimed_at=claim)
        line = self._entry(outbound, now, f"{outbound.purpose}.sent", f"{what}: it had arrived")
        return self._logbook.sent(key, ref, now, line)

    def _reply_ref(self, outbound: Outbound) -> str | None:
        target = self._logbook.outbound(outbound.edits or outbound.reply_to or "")
        return target.ref if target else None

    def _entry(self, outbound: Outbound, now: datetime, kind: str, text: str) -> Entry:
        return Entry(at=now, client=outbound.client, incident=outbound.incident, kind=kind, actor="desk", text=text)
