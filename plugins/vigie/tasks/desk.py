"""The desk: it acts on everything that is due, and each act happens once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from vigie.core.boundary import leak
from vigie.core.entry import Entry
from vigie.core.errors import CannotTell, InDoubt, Refused, TransportError
from vigie.core.escalation import decide
from vigie.core.incident import Incident
from vigie.core.message import Channel, Outbound
from vigie.core.page_bundle import WITHIN, arranged, bundle_of, is_page_mail
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

SENDING_LASTS = 2.0
"""Seconds of sending after which the desk looks again for incidents that nobody was called for yet."""

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
        first, others = first_of_each_client(self._logbook.due_incidents(now))
        for incident in first:
            done += self._guarded(incident.id, partial(self._take, incident, now))
        if len(first) > 1:
            called = {incident.id for incident in first}
            done += self._deliver([each for each in self._logbook.due_messages(now) if each.incident in called], now)
        for incident in others:
            done += self._guarded(incident.id, partial(self._take, incident, now))
        done += StepDesk(self._logbook, self._library).act(now)
        return done + self._deliver(self._logbook.due_messages(now), now)

    def _deliver(self, due: Sequence[Outbound], now: datetime) -> int:
        """Send these, but come back after ``SENDING_LASTS``: who is called first must not wait for a long queue."""
        done, end = 0, time.monotonic() + SENDING_LASTS
        for outbounds in self._arranged(due, now):
            done += self._guarded(outbounds[0].key, partial(self._send, outbounds, now))
            if time.monotonic() > end:
                break
        return done

    def _arranged(self, due: Sequence[Outbound], now: datetime) -> list[Sequence[Outbound]]:
        """What goes out, in its order: each message alone, but pages to one person that are many in one mail."""
        pages: dict[tuple[str, str], list[Outbound]] = {}
        going: list[Sequence[Outbound]] = []
        for outbound in due:
            if is_page_mail(outbound):
                pages.setdefault((outbound.recipient, outbound.client), []).append(outbound)
            else:
                going.append((outbound,))
        for (recipient, client), mails in pages.items():
            found = arranged(mails, self._logbook.page_mails_sent(recipient, client, now - WITHIN), now)
            if found.until is not None:
                self._logbook.hold([mail.key for mail in mails], found.until)
            going += [(mail,) for mail in found.alone]
            going += [found.together] if found.together else []
        return going

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
        if incident.status == "resolved" and incident.told != incident.revision:
            self._logbook.wake_steps(incident.id, now)  # before: a desk that dies here is asked again about both
        entries = [entry] if said or not decision.acts else []  # an all-clear that nobody needs is no news
        return self._logbook.decide(incident, decision, said, [*entries, *wording.failures], at=now)

    def _send(self, waiting: Sequence[Outbound], now: datetime) -> bool:
        """Send these in one message: one, or the pages of a bundle."""
        free = [outbound for outbound in waiting if not self._held(outbound, now)]
        claimed = [got for each in free if (got := self._logbook.claim(each.key, self._name, now)) is not None]
        if not claimed:
            return len(free) < len(waiting)
        outbound = claimed[0] if len(claimed) == 1 else bundle_of(claimed)
        try:
            ref = self._messengers[outbound.channel].send(outbound, reply_ref=self._reply_ref(outbound))
        except TransportError as failed:
            for each in claimed:
                self._not_sent(each, failed, now)
        else:
            for each in claimed:
                repeated = " (perhaps repeated)" if each.repeated else ""
                others = f", with {len(claimed) - 1} others in one mail" if len(claimed) > 1 else ""
                text = f"{each.purpose} to {each.recipient} by {each.channel}{repeated}{others}"
                self._logbook.sent(each.key, ref, now, self._entry(each, now, f"{each.purpose}.sent", text))
        return True

    def _held(self, outbound: Outbound, now: datetime) -> bool:
        """Whether the message must not leave; it is then given up, and shown."""
        reason = leak(outbound, self._library.clients().values(), known_rota(self._library))
        if reason is None:
            return False
        text = f"not sent, {reason}"
        self._logbook.failed(outbound.key, text, now, self._entry(outbound, now, "message.held", text))
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


def first_of_each_client(due: Sequence[Incident]) -> tuple[list[Incident], list[Incident]]:
    """The first of each client, and the others, both in their order: no client waits for another one's storm."""
    first: dict[str, Incident] = {}
    for incident in due:
        first.setdefault(incident.client, incident)
    return list(first.values()), [incident for incident in due if first[incident.client] is not incident]
