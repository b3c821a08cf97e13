"""The round of a file server: one listing per folder and look, whatever the number of sites."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from vigie.core import file_entries
from vigie.core.chosen_days import EVERY_DATE
from vigie.core.entry import Entry
from vigie.core.expectation import FOLLOWED, OpenWindow, expected, followed, given_up, judge, next_look, open_windows
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.found_files import Above
from vigie.core.look import Look
from vigie.core.missing_files import given_up_signals
from vigie.core.occurrence import BEFORE_WATCHED, Occurrence
from vigie.core.ports import DropZone
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.stranger import Stranger
from vigie.core.watch import Watch
from vigie.core.working_days import EVERY_DAY, REACH, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.folder_sight import FolderSight
from vigie.tasks.folders import Folders
from vigie.tasks.folders_above import FoldersAbove
from vigie.tasks.kept_days import KeptDays
from vigie.tasks.look_round import states
from vigie.tasks.unexpected_files import UnexpectedFiles

PATIENCE = timedelta(seconds=90)
"""How long after a look was due the watch counts as one that does not look."""

KEPT = FOLLOWED + timedelta(days=3)
"""How long what has ended is remembered: the deadlines of one date are up to 26 hours apart, and a set that is given up is
told once."""

Due = dict[str, list[Occurrence]]


class _Plan(NamedTuple):
    """What a watch expects, and what it was made of."""

    sites: tuple[Site, ...]
    days: WorkingDays
    windows: dict[str, list[OpenWindow]]
    expected: list[Occurrence]


class FileRound:
    """Looks into the folders of one connection.

    ``at_once`` is for an audit, which sees a folder only once: a file counts as unchanged since the server's own
    time of it. A session watches with its own eyes, whatever the server's clock says.
    """

    def __init__(
        self,
        source: str,
        connect: Callable[[], DropZone],
        logbook: Logbook,
        sites: Callable[[str, str], tuple[Site, ...]],
        *,
        days: Callable[[FileWatch], WorkingDays] = lambda _: EVERY_DAY,
        at_once: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.source = source
        self._logbook = logbook
        self._sites = sites
        self._days = KeptDays(days)
        self._waives: dict[str, datetime] = {}
        self._clock = clock
        self._folders = Folders(connect, at_once=at_once)
        self._above = FoldersAbove(self._folders)
        self._sight = FolderSight(source, logbook)
        self._unexpected = UnexpectedFiles()
        self._watches: dict[str, FileWatch] = {}
        self._known: dict[str, dict[str, Occurrence]] = {}
        self._plans: dict[str, _Plan] = {}
        self._absent: set[str] = set()
        self._strangers: dict[str, list[Stranger]] = {}
        self._said_last: set[str] = set()

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from the occurrences in the logbook."""
        if not isinstance(watch, FileWatch):
            raise TypeError(f"{watch.id} is not a watch of files")
        since = self._clock() - _kept(watch) - watch.grace
        known = self._logbook.occurrences(watch.id, since=since.date())
        self._known[watch.id] = {occurrence.key: occurrence for occurrence in known}
        self._watches[watch.id] = watch
        self._plans.pop(watch.id, None)
        self._unexpected.forget()

    def leave(self, watch_id: str) -> None:
        """Look for it no longer."""
        self._watches.pop(watch_id, None)
        self._known.pop(watch_id, None)
        self._waives.pop(watch_id, None)
        self._plans.pop(watch_id, None)

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """List each folder that something is expected in, and judge."""
        due = {watch.id: self._due(watch, now) for watch in self._watches.values()}
        concerned = self._concerned(due)
        self._folders.look(concerned, now)
        entries = [*self._absences(concerned, now), *self._examined(due, now)]
        above = self._above.look((each for found in due.values() for each in found), self._folders.seen, now)
        signals = self._sight.signals(self._folders.unreadable, self._folders.seen, concerned, now)
        occurrences: list[Occurrence] = []
        again = now + timedelta(minutes=5)
        for watch in self._watches.values():
            said, noted, changed = self._judged(watch, due[watch.id], above, now)
            signals += said
            entries += noted
            occurrences += changed.values()
            again = min(again, next_look(watch, (changed.get(o.key, o) for o in due[watch.id]), now))
            again = min(again, self._waives.get(watch.id, again))
        beats = states(self._watches, self.source, now, again + PATIENCE)
        look = Look(
            source=self.source,
            at=now,
            states=self._sight.blinded(beats, concerned, self._folders.unreadable),
            signals=tuple(signals),
            entries=tuple(entries),
            occurrences=tuple(occurrences),
        )
        return look, again

    def _judged(
        self, watch: FileWatch, due: Sequence[Occurrence], above: Above, now: datetime
    ) -> tuple[Sequence[Signal], list[Entry], dict[str, Occurrence]]:
        """What is said of one watch, what is noted, and the occurrences that are not as they are known."""
        sites = {site.code: site for site in self._sites(watch.client, watch.sites)}
        seen, known = self._folders.seen, self._known[watch.id]
        near = self._unexpected.near(watch.id, seen) + [each.path for each in self._strangers.get(watch.id, ())]
        verdict = judge(
            watch,
            due,
            seen,
            now,
            sites,
            days=self._days(watch),
            known=known.values(),
            strangers=near,
            above=above,
            unseen=self._folders.unreadable,
        )
        changed = {each.key: each for each in due if each is not known.get(each.key)}
        changed |= {each.key: each for each in verdict.changed}
        ends = [each for each in changed.values() if each.status not in {"pending", _status(known.get(each.key))}]
        noted = [file_entries.ended(each, now) for each in ends]
        noted += [file_entries.came_again(each, now) for each in verdict.again]
        return (*verdict.signals, *self._given_up(watch, now, sites)), noted, changed

    def _given_up(self, watch: FileWatch, now: datetime, sites: Mapping[str, Site]) -> list[Signal]:
        """What has not been said yet of sets that nobody follows any more."""
        signals = given_up_signals(watch, given_up(self._known[watch.id].values(), now), now, sites)
        return [signal for signal in signals if signal.key not in self._said_last]

    def _due(self, watch: FileWatch, now: datetime) -> list[Occurrence]:
        """What is expected now, as far as it is known. What was due before a site was first watched is waived.

        What the calendar waives is recorded at its deadline: until then the calendar may change.
        """
        known = self._known[watch.id]
        self._waives.pop(watch.id, None)
        watched = {(occurrence.site, occurrence.slot) for occurrence in known.values()}
        found = []
        for occurrence in self._expected(watch, now):
            before = known.get(occurrence.key)
            if before is not None and (before is occurrence or before.status != "pending"):
                found.append(before)
            elif occurrence.status == "waived" and now <= occurrence.deadline:
                at = occurrence.deadline + timedelta(milliseconds=200)
                self._waives[watch.id] = min(at, self._waives.get(watch.id, at))
            elif occurrence.status == "waived":
                found.append(occurrence.model_copy(update={"looked_at": now}))
            elif before is not None:
                # A changed deadline counts for what has not ended: the rule of now, not the one it began under.
                kept = {"warned_at": before.warned_at, "files": before.files, "looked_at": before.looked_at}
                now_due = occurrence if occurrence == before else occurrence.model_copy(update=kept)
                if now_due == before:
                    known[occurrence.key] = now_due
                found.append(now_due)
            elif (occurrence.site, occurrence.slot) not in watched and occurrence.deadline <= now:
                began = {"status": "waived", "reason": BEFORE_WATCHED, "looked_at": now}
                found.append(occurrence.model_copy(update=began))
            else:
                found.append(occurrence)
        codes, listed = {site.code for site in self._sites(watch.client, watch.sites)}, {each.key for each in found}
        more = followed(known.values(), now)
        return found + [each for each in more if each.site in codes and each.key not in listed]

    def _expected(self, watch: FileWatch, now: datetime) -> list[Occurrence]:
        """What the watch expects now, made anew only where its table, its calendar or the open windows have changed."""
        sites, days = self._sites(watch.client, watch.sites), self._days(watch)
        windows = open_windows(watch, {site.zone for site in sites}, now)
        kept = self._plans.get(watch.id)
        if kept is None or not (kept.sites is sites and kept.days is days and kept.windows == windows):
            kept = self._plans[watch.id] = _Plan(sites, days, windows, expected(watch, sites, now, days))
        return kept.expected

    def _concerned(self, due: Due) -> dict[str, list[Watch]]:
        """The folders to list, each with the watches that expect something there."""
        found: dict[str, dict[str, Watch]] = {}
        for name, occurrences in due.items():
            for occurrence in occurrences:
                if occurrence.status != "waived":
                    found.setdefault(folder_and_name(occurrence.path)[0], {})[name] = self._watches[name]
        return {folder: list(watches.values()) for folder, watches in found.items()}

    def _absences(self, concerned: Mapping[str, Sequence[Watch]], now: datetime) -> list[Entry]:
        absent = {folder for folder, files in self._folders.seen.items() if files is None}
        return [
            file_entries.no_folder(self._watches[concerned[folder][0].id], folder, now)
            for folder in sorted(absent - self._absent)
        ]

    def _examined(self, due: Due, now: datetime) -> list[Entry]:
        expectations = (
            (watch, due[watch.id], self._sites(watch.client, watch.sites), self._days(watch))
            for watch in self._watches.values()
        )
        self._strangers = self._unexpected.examine(expectations, self._folders.seen, now)
        found = self._strangers.items()
        return [line for name, each in found for line in file_entries.unexpected(self._watches[name], each, now)]

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its occurrences are what is known now."""
        for occurrence in look.occurrences:
            self._known.get(occurrence.watch, {})[occurrence.key] = occurrence
        for name, known in self._known.items():
            oldest = look.at - _kept(self._watches[name])
            for key in [key for key, occurrence in known.items() if occurrence.deadline < oldest]:
                del known[key]
        self._absent = {folder for folder, files in self._folders.seen.items() if files is None}
        self._said_last |= {each.key for each in look.signals if each.facts.get("given_up")}
        self._unexpected.recorded(self._strangers, self._folders.seen)
        self._strangers = {}
        self._sight.recorded(look)

    def wait(self, seconds: float, called: threading.Event) -> bool:
        """A file server does not push: wait out the time."""
        called.wait(seconds)
        return False

    def close(self) -> None:
        """End the connection; the next look makes another."""
        self._folders.close()


def _kept(watch: FileWatch) -> timedelta:
    """How long what has ended is remembered: by it we know a monthly file, too, as one that we have watched before."""
    moved = timedelta(days=REACH if watch.shift_policy in {"previous_business_day", "next_business_day"} else 0)
    return KEPT + moved if watch.chosen == EVERY_DATE else KEPT + watch.chosen.furthest + timedelta(days=REACH)


def _status(known: Occurrence | None) -> str:
    return known.status if known is not None else "pending"
