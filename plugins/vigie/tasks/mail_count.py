"""The count of OK mails: what the MissingMail watches of a mailbox have seen, and what they conclude."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from vigie.core.entry import Entry
from vigie.core.look import Look, WatchState
from vigie.core.mail import Mail
from vigie.core.mail_arrival import Arrival
from vigie.core.mail_rule import counted
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import Occurrence
from vigie.core.ports import Mailbox, MailboxPosition
from vigie.core.quorum import Counted, judge_mails, uncounted_since
from vigie.core.quorum_words import progress
from vigie.core.signal import Signal
from vigie.core.watched import SURE_FOR
from vigie.core.working_days import WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.kept_days import KeptDays
from vigie.tasks.mail_fate import Claim
from vigie.tasks.mail_reader import MailReader

KEPT = timedelta(days=4)

READ_BACK = 2_000
"""So many mails are read at most when a new rule counts what has come since its window opened."""

_Found = TypeVar("_Found")

Arrivals = dict[str, list[Arrival]]
"""What a look saw come, by watch."""


class Guarded(Protocol):
    """Acts for one watch: what the act finds, or None where it raises; the watch is then set aside."""

    def __call__(self, watch_id: str, now: datetime, act: Callable[[], _Found], *, at: int = 0) -> _Found | None: ...


def unguarded(watch_id: str, now: datetime, act: Callable[[], _Found], *, at: int = 0) -> _Found | None:
    """Act, and let raise what raises."""
    return act()


class Conclusion(NamedTuple):
    """What a look adds to the logbook, and when the next deadline is (None: there is none in sight). ``at`` is UTC."""

    at: datetime
    occurrences: tuple[Occurrence, ...]
    signals: tuple[Signal, ...]
    entries: tuple[Entry, ...]
    again: datetime | None


class MailCount:
    """Counts for the MissingMail watches of one folder, from where the logbook says that each stood.

    Nothing is remembered here that the logbook does not hold: a look that was not recorded changes nothing.
    """

    def __init__(
        self, logbook: Logbook, days: Callable[[MissingMailWatch], WorkingDays], reader: MailReader | None = None
    ) -> None:
        self._logbook = logbook
        self._reader = reader or MailReader(logbook)
        self._days = KeptDays(days)
        self._watches: dict[str, MissingMailWatch] = {}
        self._known: dict[str, dict[str, Occurrence]] = {}
        self._begins: set[str] = set()
        self._last_look: dict[str, datetime | None] = {}

    def join(self, watch: MissingMailWatch, now: datetime) -> None:
        """Count for this watch too."""
        state = self._logbook.watch_state(watch.id)
        last_look = state.looked_at if state else None
        since: date = (min(now, last_look or now) - KEPT - watch.grace).date()
        known = self._logbook.occurrences(watch.id, since=since)
        self._known[watch.id] = {occurrence.key: occurrence for occurrence in known}
        self._last_look[watch.id] = last_look
        self._watches[watch.id] = watch
        self._begins.add(watch.id)

    def leave(self, watch_id: str) -> None:
        """Count for it no longer."""
        self._watches.pop(watch_id, None)
        self._known.pop(watch_id, None)
        self._begins.discard(watch_id)
        self._last_look.pop(watch_id, None)

    def read_back(
        self, mailbox: Mailbox, position: MailboxPosition, now: datetime, guarded: Guarded = unguarded
    ) -> tuple[Arrivals, list[Entry]]:
        """What came since the window opened, for a watch that is new or whose rule was changed meanwhile."""
        asked = {}
        for watch_id in sorted(self._begins):
            since = guarded(watch_id, now, partial(self._uncounted_since, self._watches[watch_id], now))
            if since is not None:
                asked[watch_id] = since
        if not asked:
            return {}, []
        arrivals: Arrivals = {watch_id: [] for watch_id in asked}
        read = 0
        # SEARCH SINCE asks for a day as the server's own clock shows it (RFC 3501 6.4.4): a day more holds them all.
        first, source = min(asked.values()) - timedelta(days=1), self._watches[min(asked)].source
        for mail in self._reader.since(mailbox, source, position, first, now, most=READ_BACK):
            read += 1
            for watch_id, since in asked.items():
                if mail.received_at >= since:
                    guarded(watch_id, now, partial(count_mail, self._watches[watch_id], mail, now, arrivals))
        return arrivals, [self._counted_anew(watch_id, since, arrivals, read, now) for watch_id, since in asked.items()]

    def _uncounted_since(self, watch: MissingMailWatch, now: datetime) -> datetime | None:
        return uncounted_since(watch, self._known[watch.id], now, self._days(watch), self._last_look[watch.id])

    def _counted_anew(self, watch_id: str, since: datetime, arrivals: Arrivals, read: int, now: datetime) -> Entry:
        watch = self._watches[watch_id]
        more = f"; only the first {READ_BACK:,} mails were read" if read >= READ_BACK else ""
        text = f"{watch.source} was read again since {since:%Y-%m-%d %H:%M} UTC: {len(arrivals[watch_id])} mails count"
        return _entry(watch, now, "mail.counted", text + more)

    def conclude(
        self,
        arrivals: Arrivals,
        now: datetime,
        guarded: Guarded = unguarded,
        *,
        read_to_the_end: bool,
        reading: Container[str] | None = None,
    ) -> Conclusion:
        """Judge what is due. What is absent is only told of the watches that were ``reading`` (None: all), to the end."""
        occurrences: list[Occurrence] = []
        signals: list[Signal] = []
        entries: list[Entry] = []
        ends = []
        for watch in self._watches.values():
            to_the_end = read_to_the_end and (reading is None or watch.id in reading)
            judge = partial(self._concluded, watch, arrivals.get(watch.id, ()), now, read_to_the_end=to_the_end)
            judged = guarded(watch.id, now, judge)
            if judged is None:
                continue
            found, ended = judged
            occurrences += found.changed
            signals += found.signals
            entries += ended
            ends += [] if found.again is None else [found.again]
        return Conclusion(now, tuple(occurrences), tuple(signals), tuple(entries), min(ends, default=None))

    def _concluded(
        self, watch: MissingMailWatch, came: Sequence[Arrival], now: datetime, *, read_to_the_end: bool
    ) -> tuple[Counted, list[Entry]]:
        known, days, last_look = self._known[watch.id], self._days(watch), self._last_look[watch.id]
        found = judge_mails(
            watch, known, came, now, days, last_look, read_to_the_end=read_to_the_end, sure_for=SURE_FOR
        )
        return found, list(self._ended(found.changed, now))

    def _ended(self, occurrences: Iterable[Occurrence], now: datetime) -> Iterator[Entry]:
        """How an expectation ended, and when we looked: silence is recorded (product rule 3)."""
        for occurrence in occurrences:
            before = self._known[occurrence.watch].get(occurrence.key)
            if occurrence.status == (before.status if before else "pending"):
                continue
            watch = self._watches[occurrence.watch]
            said = progress(watch, occurrence)
            if occurrence.arrived_at:
                said += f", the last at {occurrence.arrived_at:%Y-%m-%d %H:%M:%S} UTC"
            if occurrence.status == "waived":
                said = occurrence.reason
            entry = _entry(
                watch, now, f"occurrence.{occurrence.status}", f"{occurrence.when}: {occurrence.status}, {said}"
            )
            yield entry.model_copy(
                update={
                    "key": f"{occurrence.key}|{occurrence.status}",
                    "data": {
                        "path": occurrence.path,
                        "deadline": occurrence.deadline.isoformat(),
                        "looked_at": now.isoformat(),
                        "arrivals": {name: at.isoformat() for name, at in occurrence.arrivals.items()},
                    },
                }
            )

    def told(self, states: Iterable[WatchState], concluded: Conclusion, guarded: Guarded) -> tuple[WatchState, ...]:
        """The heartbeats, each with how far its count is."""
        found = []
        for state in states:
            if state.watch in self._watches:
                detail = guarded(
                    state.watch, concluded.at, partial(self._detail, self._watches[state.watch], concluded)
                )
                state = state.model_copy(update={"detail": detail or ""})  # noqa: PLW2901
            found.append(state)
        return tuple(found)

    def _detail(self, watch: MissingMailWatch, concluded: Conclusion) -> str:
        new = {each.key: each for each in concluded.occurrences if each.watch == watch.id}
        pending = [each for each in (self._known[watch.id] | new).values() if each.status == "pending"]
        if not pending:
            return ""
        first = min(pending, key=lambda each: each.deadline)
        return f"{first.when}: {progress(watch, first)}"

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its occurrences are what is known now."""
        self._begins &= look.ailing.keys()  # one that could not look begins when it can
        for state in look.states:
            if state.sight == "watching" and state.watch in self._last_look:
                self._last_look[state.watch] = look.at
        for occurrence in look.occurrences:
            if occurrence.watch in self._known:
                self._known[occurrence.watch][occurrence.key] = occurrence
        for known in self._known.values():
            for key in [key for key, occurrence in known.items() if occurrence.deadline < look.at - KEPT]:
                del known[key]


def count_mail(watch: MissingMailWatch, mail: Mail, now: datetime, arrivals: Arrivals) -> list[Claim]:
    """Count a mail that the watch expects, and claim it; nothing where it does not count.

    A server whose clock is ahead of ours does not make a mail of the future.
    """
    found = counted(watch, mail.model_copy(update={"received_at": min(mail.received_at, now)}))
    if found is None:
        return []
    arrivals.setdefault(watch.id, []).append(found)
    return [Claim(watch.id, f"counts for {found.business_date} of {watch.id}")]


def _entry(watch: MissingMailWatch, now: datetime, kind: str, text: str) -> Entry:
    return Entry(
        at=now,
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        kind=kind,
        actor=f"watch:{watch.id}",
        text=text,
    )
