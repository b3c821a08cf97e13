"""The round of a file server: one listing per folder and look, whatever the number of sites."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from vigie.core import file_entries
from vigie.core.entry import Entry
from vigie.core.expectation import given_up, judge
from vigie.core.file_watch import FileWatch
from vigie.core.found_files import Above
from vigie.core.look import Look
from vigie.core.look_times import SELDOM, next_look
from vigie.core.missing_files import given_up_signals
from vigie.core.occurrence import NOT_WATCHED, Occurrence
from vigie.core.ports import DropZone
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.stranger import Stranger
from vigie.core.watch import Watch
from vigie.core.watched import SURE_FOR
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.due_files import DueFiles
from vigie.tasks.expected_here import ExpectedHere
from vigie.tasks.folder_sight import FolderSight
from vigie.tasks.folders import Folders
from vigie.tasks.folders_above import FoldersAbove
from vigie.tasks.look_round import PATIENCE, blinded, states
from vigie.tasks.mishap import reason_of, reason_of_problems, unforeseen
from vigie.tasks.slow_folders import SlowFolders, urgent
from vigie.tasks.turns import Turns
from vigie.tasks.unexpected_files import UnexpectedFiles

LISTED = timedelta(seconds=15)
"""How long a look waits for the next one while a folder is being listed; the end of the listing is heard at once."""

log = logging.getLogger(__name__)

Due = dict[str, list[Occurrence]]
_Found = TypeVar("_Found")


class _Judged(NamedTuple):
    """What is said of one watch, what is noted, the occurrences that are not as they are known, and the next look."""

    signals: Sequence[Signal]
    entries: Sequence[Entry]
    changed: dict[str, Occurrence]
    again: datetime


class FileRound:
    """Looks into the folders of one connection.

    What one watch raises makes it ``ailing``, and the others are looked for all the same. ``at_once`` is for an audit,
    which sees a folder only once: a file counts as unchanged since the server's own time of it. A session watches with
    its own eyes, whatever the server's clock says.
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
        self._clock = clock
        self._due = DueFiles(logbook, sites, days)
        self._folders = Folders(connect, at_once=at_once)
        self._above = FoldersAbove(self._folders)
        self._sight = FolderSight(source, logbook)
        self._slow = SlowFolders()
        self._turns = Turns()
        self._took: dict[str, timedelta] = {}
        self._unexpected = UnexpectedFiles()
        self._watches: dict[str, FileWatch] = {}
        self._absent: set[str] = set()
        self._strangers: dict[str, list[Stranger]] = {}
        self._said_last: set[str] = set()
        self._ailing: dict[str, str] = {}
        self._ailed: dict[str, str] = {}

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from the occurrences in the logbook."""
        if not isinstance(watch, FileWatch):
            raise TypeError(f"{watch.id} is not a watch of files")
        self._due.join(watch, self._clock())
        self._watches[watch.id] = watch
        self._unexpected.forget()
        self._turns.forget()

    def leave(self, watch_id: str) -> None:
        """Look for it no longer."""
        self._watches.pop(watch_id, None)
        self._due.leave(watch_id)

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """List each folder that something is expected in, and judge; in between only what is taken at once."""
        self._ailing, self._ailed = {}, self._ailing
        due = {watch.id: found for watch in self._watches.values() if (found := self._expected(watch, now)) is not None}
        concerned = self._concerned(due)
        names = ExpectedHere([(self._watches[name], found) for name, found in due.items()])
        turn, before = self._turns.of(self._watches.values(), now), dict(self._folders.as_of)
        only = self._turns.folders(turn, concerned)
        self._folders.look(concerned, now, names.expects, urgent(due, before, now), only)
        listed = {folder for folder, at in self._folders.as_of.items() if before.get(folder) != at}
        turn |= {watch.id for folder in listed for watch in concerned.get(folder, ())}
        slow = self._took = self._folders.slow(now)
        entries = [*self._absences(concerned, now), *self._examined(due, now)]
        entries += self._slow.noted(slow, concerned, self._folders.seen, now)
        above = self._above.look((each for found in due.values() for each in found), self._folders.seen, now)
        late = self._slow.blind(slow, concerned)
        for folder in late:
            self._sight.slow_since(folder, now - slow[folder])
        unreadable = {**late, **self._folders.unreadable}
        signals = self._sight.signals(unreadable, self._folders.seen, concerned, now, self._watches)
        occurrences: list[Occurrence] = []
        others = now + (LISTED if self._folders.are_listed else SELDOM)
        others = min(others, self._sight.told_at(concerned) or others)
        asked: dict[str, datetime] = {}
        self._ailing |= {name: why for name, why in self._ailed.items() if name in self._watches and name not in turn}
        for name, expected in due.items():
            if name not in turn:
                continue
            judged = self._guarded(name, partial(self._judged, self._watches[name], expected, above, now))
            if judged is not None:
                signals += judged.signals
                entries += judged.entries
                occurrences += judged.changed.values()
                asked[name] = judged.again
        again = self._turns.next(asked, self._watches, others, now)
        beats = states(self._watches, self.source, now, again + PATIENCE)
        beats = self._slow.as_seen(beats, slow, concerned, self._folders.as_of)
        look = Look(
            source=self.source,
            at=now,
            states=blinded(beats, self._sight.blind_ones(concerned, unreadable)),
            signals=tuple(signals),
            entries=tuple(entries),
            occurrences=tuple(occurrences),
            ailing=self._ailing,
        )
        return look, again

    def _guarded(self, watch_id: str, act: Callable[[], _Found]) -> _Found | None:
        """What an act for one watch finds; None, and the watch is ailing, where it raises."""
        try:
            return act()
        except Exception as wrong:
            reason = self._ailing[watch_id] = reason_of(wrong)
            if self._ailed.get(watch_id) != reason:
                log.warning("%s: %s cannot look: %s", self.source, watch_id, reason, exc_info=unforeseen(wrong))
            return None

    def _expected(self, watch: FileWatch, now: datetime) -> list[Occurrence] | None:
        """What a watch expects; what is wrong with rows of its table is told while the others are looked for."""
        found = self._guarded(watch.id, lambda: self._due.due(watch, now))
        if found is not None and (problems := self._due.sites(watch).problems):
            self._ailing[watch.id] = reason_of_problems(problems)
        return found

    def _judged(self, watch: FileWatch, due: Sequence[Occurrence], above: Above, now: datetime) -> _Judged:
        sites = {site.code: site for site in self._due.sites(watch).usable}
        seen, known = self._folders.seen, self._due.known(watch)
        near = self._unexpected.near(watch.id, seen) + [each.path for each in self._strangers.get(watch.id, ())]
        verdict = judge(
            watch,
            due,
            seen,
            now,
            sites,
            days=self._due.days(watch),
            known=known.values(),
            strangers=near,
            above=above,
            unseen=self._folders.unseen,
            sure_for=SURE_FOR,
            as_of=self._folders.as_of,
            gone=self._folders.gone,
        )
        changed = {each.key: each for each in due if each is not known.get(each.key)}
        changed |= {each.key: each for each in verdict.changed}
        ends = [each for each in changed.values() if each.status not in {"pending", _status(known.get(each.key))}]
        unwatched = [each for each in ends if each.reason == NOT_WATCHED]
        noted = [file_entries.ended(each, now) for each in ends if each.reason != NOT_WATCHED]
        noted += [file_entries.came_again(each, now) for each in verdict.again]
        if unwatched:
            noted.append(file_entries.not_watched(watch, unwatched, now))
        again = next_look(watch, (changed.get(each.key, each) for each in due), now)
        again = min(filter(None, (again, self._due.waived_at(watch), self._due.opens_at(watch, now))))
        return _Judged((*verdict.signals, *self._given_up(watch, now, sites)), noted, changed, again)

    def _given_up(self, watch: FileWatch, now: datetime, sites: Mapping[str, Site]) -> list[Signal]:
        """What has not been said yet of sets that nobody follows any more."""
        signals = given_up_signals(watch, given_up(self._due.known(watch).values(), now), now, sites)
        return [signal for signal in signals if signal.key not in self._said_last]

    def _concerned(self, due: Due) -> dict[str, list[Watch]]:
        """The folders to list, each with the watches that expect something there; those that files are moved to, last."""
        found: dict[str, dict[str, Watch]] = {}
        ranks: dict[str, int] = {}
        for name, occurrences in due.items():
            for occurrence in occurrences:
                if occurrence.status != "waived":
                    for rank, folder in enumerate(occurrence.folders):
                        found.setdefault(folder, {})[name] = self._watches[name]
                        ranks[folder] = max(rank, ranks.get(folder, 0))
        return {folder: list(found[folder].values()) for folder in sorted(found, key=lambda each: (ranks[each], each))}

    def _absences(self, concerned: Mapping[str, Sequence[Watch]], now: datetime) -> list[Entry]:
        absent = {folder for folder, files in self._folders.seen.items() if files is None}
        return [
            file_entries.no_folder(self._watches[concerned[folder][0].id], folder, now)
            for folder in sorted(absent - self._absent)
        ]

    def _examined(self, due: Due, now: datetime) -> list[Entry]:
        expectations = [
            (
                self._watches[name],
                expected,
                self._due.sites(self._watches[name]).usable,
                self._due.days(self._watches[name]),
            )
            for name, expected in due.items()
        ]
        self._strangers = self._unexpected.examine(expectations, self._folders.seen, now, self._guarded)
        found = self._strangers.items()
        return [line for name, each in found for line in file_entries.unexpected(self._watches[name], each, now)]

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its occurrences are what is known now."""
        self._due.recorded(look)
        for watch in self._watches.values():
            self._due.forget_before(watch, look.at)
        self._absent = {folder for folder, files in self._folders.seen.items() if files is None}
        self._said_last |= {each.key for each in look.signals if each.facts.get("given_up")}
        self._unexpected.recorded(self._strangers, self._folders.seen)
        self._strangers = {}
        self._sight.recorded(look)
        self._slow.recorded(self._took)

    def wait(self, seconds: float, called: threading.Event) -> bool:
        """A file server does not push: wait out the time, and let listings that are not whole go on."""
        if self._folders.are_listed:
            return self._folders.go_on(seconds)
        called.wait(seconds)
        return False

    def close(self) -> None:
        """End the connection; the next look makes another."""
        self._folders.close()


def _status(known: Occurrence | None) -> str:
    return known.status if known is not None else "pending"
