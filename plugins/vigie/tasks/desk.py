"""The desk: it acts on everything that is due, and each act happens once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from vigie.core.duration import format_duration
from vigie.core.entry import Entry
from vigie.core.escalation import decide
from vigie.core.incident import Incident
from vigie.core.message import Channel, Outbound
from vigie.core.page_bundle import WITHIN, arranged, is_page_mail
from vigie.core.ports import Messenger
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.all_clear import AllClear
from vigie.tasks.error_notes import ErrorNotes
from vigie.tasks.platform_news import PlatformNews
from vigie.tasks.sender import Sender
from vigie.tasks.shared_channels import SharedChannels
from vigie.tasks.step_desk import StepDesk
from vigie.tasks.undelivered import Undelivered
from vigie.tasks.wording import Wording

AGAIN = timedelta(seconds=30)
"""When an incident whose decision failed is tried again."""

SENDING_LASTS = 2.0
"""Seconds of sending after which the desk looks again for incidents that nobody was called for yet."""


class Desk:
    """Decides, claims, sends and records. ``name`` is written into each claim.

    One incident or message that fails never keeps the others waiting: its error is noted and its turn put off.
    """

    def __init__(self, logbook: Logbook, library: Library, messengers: Mapping[Channel, Messenger], name: str) -> None:
        self._logbook = logbook
        self._library = library
        self._channels = SharedChannels(logbook, library, messengers)
        self._sender = Sender(logbook, library, messengers, self._channels, name)
        self._undelivered = Undelivered(logbook, library)
        self._news = PlatformNews(logbook, library)
        self._notes = ErrorNotes(logbook)
        self._decided = self._fault = False

    def act(self, now: datetime) -> int:
        """Do everything that is due at ``now`` (UTC); how much was done."""
        self._decided = self._fault = False
        self._notes.refresh()
        done = self._sweep(now)
        first, others = first_of_each_client(self._logbook.due_incidents(now))
        for incident in first:
            done += self._take(incident, now)
        if len(first) > 1:
            called = {incident.id for incident in first}
            done += self._deliver([each for each in self._logbook.due_messages(now) if each.incident in called], now)
        for incident in others:
            done += self._take(incident, now)
        asked = StepDesk(self._logbook, self._library, self._notes).act(now)
        done += asked + self._deliver(self._logbook.due_messages(now), now)
        if self._decided or asked:
            done += self._notes.guarded("the platform's news", partial(self._news.tell, now, self._fault), now)
        if self._sender.touched:
            self._sender.touched = False
            done += self._notes.guarded("messages that do not go out", lambda: bool(self._undelivered.tell(now)), now)
            done += self._notes.guarded("shared channels", partial(self._channels.tell, now), now)
        return done

    def _deliver(self, due: Sequence[Outbound], now: datetime) -> int:
        """Send these, but come back after ``SENDING_LASTS``: who is called first must not wait for a long queue."""
        done, end = 0, time.monotonic() + SENDING_LASTS
        for outbounds in self._arranged(due, now):
            done += self._notes.guarded(outbounds[0].key, partial(self._sender.send, outbounds, now), now)
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

    def _take(self, incident: Incident, now: datetime) -> int:
        """Decide about an incident. One that fails is put off: the call must not be lost to a mistake of ours."""
        put_off = partial(self._logbook.put_off, incident, now + AGAIN)
        return self._notes.guarded(incident.id, partial(self._decide, incident, now), now, put_off=put_off)

    def _decide(self, incident: Incident, now: datetime) -> bool:
        wording = Wording(self._library, now)
        plan = wording.plan(incident)
        decision = decide(incident, plan.policy, now, plan.everybody)
        self._decided = True
        self._fault = self._fault or bool(plan.fault)
        said, clear = wording.outbounds(incident, decision), AllClear(self._library, now)
        if any(act.what == "all_clear" for act in decision.acts):
            said += clear.outbounds(incident, self._logbook.outbox(incident=incident.id, limit=2000))
        if incident.status == "resolved" and incident.told != incident.revision:
            self._logbook.wake_steps(incident.id, now)  # before: a desk that dies here is asked again about both
        entry = self._about(incident, now, "desk.decided", decision.reason)
        entries = [entry] if said or not decision.acts else []  # an all-clear that nobody needs is no news
        if decision.exhausted and not incident.exhausted:
            every = format_duration(plan.policy.last_resort.every)
            words = f"everybody of '{decision.exhausted}' was called in vain; its last resort is called every {every}"
            entries.append(self._about(incident, now, "incident.exhausted", words))
        return self._logbook.decide(incident, decision, said, [*entries, *wording.failures, *clear.failures], at=now)

    def _sweep(self, now: datetime) -> int:
        """Settle what a dead desk left between sending and recording."""
        doubtful = self._sender.doubtful(now)
        for outbound in doubtful:
            # Another thing than sending it: that it is settled does not say that it can be sent.
            what = f"what became of {outbound.key}"
            self._notes.guarded(what, partial(self._sender.settle, outbound, now), now)
        return len(doubtful)

    def _about(self, incident: Incident, now: datetime, kind: str, text: str) -> Entry:
        return Entry(
            at=now, client=incident.client, flux=incident.flux, watch=incident.watch, incident=incident.id, kind=kind,
            actor="desk", text=text,
        )  # fmt: skip


def first_of_each_client(due: Sequence[Incident]) -> tuple[list[Incident], list[Incident]]:
    """The first of each client, and the others, both in their order: no client waits for another one's storm."""
    first: dict[str, Incident] = {}
    for incident in due:
        first.setdefault(incident.client, incident)
    return list(first.values()), [incident for incident in due if first[incident.client] is not incident]
