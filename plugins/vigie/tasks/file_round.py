"""The round of a file server: one listing per folder and look, whatever the number of sites."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from vigie.core.entry import Entry
from vigie.core.errors import InvalidDocument, TransportError
from vigie.core.expectation import expected, judge, next_look
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.ports import DropZone, ListedFile
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.watch import Watch
from vigie.core.working_days import EVERY_DAY, REACH, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.look_round import states

PATIENCE = timedelta(seconds=90)
"""How long after a look was due the watch counts as one that does not look."""

KEPT = timedelta(days=4)

Folder = dict[str, FileSeen]


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
        self._connect = connect
        self._logbook = logbook
        self._sites = sites
        self._read_days = days
        self._days: dict[str, WorkingDays] = {}
        self._waives: dict[str, datetime] = {}
        self._at_once = at_once
        self._clock = clock
        self._zone: DropZone | None = None
        self._watches: dict[str, FileWatch] = {}
        self._known: dict[str, dict[str, Occurrence]] = {}
        self._seen: dict[str, Folder] = {}
        self._looked: dict[str, datetime] = {}
        self._absent: set[str] = set()

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from the occurrences in the logbook."""
        if not isinstance(watch, FileWatch):
            raise TypeError(f"{watch.id} is not a watch of files")
        moved = timedelta(days=REACH if watch.shift_policy == "next_business_day" else 0)
        known = self._logbook.occurrences(watch.id, since=(self._clock() - KEPT - watch.grace - moved).date())
        self._known[watch.id] = {occurrence.key: occurrence for occurrence in known}
        self._watches[watch.id] = watch

    def leave(self, watch_id: str) -> None:
        """Look for it no longer."""
        self._watches.pop(watch_id, None)
        self._known.pop(watch_id, None)
        self._waives.pop(watch_id, None)

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """List each folder that something is expected in, and judge."""
        due = {watch.id: self._due(watch, now) for watch in self._watches.values()}
        open_ones = [o for each in due.values() for o in each if o.status in {"pending", "missing"}]
        entries = self._list({folder_and_name(occurrence.path)[0] for occurrence in open_ones}, now)
        occurrences: list[Occurrence] = []
        signals: list[Signal] = []
        again = now + timedelta(minutes=5)
        for watch in self._watches.values():
            sites = {site.code: site for site in self._sites(watch.client, watch.sites)}
            verdict = judge(watch, due[watch.id], self._seen, now, sites)
            changed = {occurrence.key: occurrence for occurrence in verdict.changed}
            fresh = [o for o in due[watch.id] if o != self._known[watch.id].get(o.key) and o.key not in changed]
            occurrences += (*changed.values(), *fresh)
            signals += verdict.signals
            entries += [_ended(each, now) for each in (*changed.values(), *fresh) if each.status != "pending"]
            again = min(again, next_look(watch, (changed.get(o.key, o) for o in due[watch.id]), now))
            again = min(again, self._waives.get(watch.id, again))
        look = Look(
            source=self.source,
            at=now,
            states=states(self._watches, self.source, now, again + PATIENCE),
            signals=tuple(signals),
            entries=tuple(entries),
            occurrences=tuple(occurrences),
        )
        return look, again

    def _due(self, watch: FileWatch, now: datetime) -> list[Occurrence]:
        """What is expected now, as far as it is known. What was due before a site was first watched is waived.

        What the calendar waives is recorded at its deadline: until then the calendar may change.
        """
        known = self._known[watch.id]
        self._waives.pop(watch.id, None)
        watched = {occurrence.site for occurrence in known.values()}
        found = []
        for occurrence in expected(watch, self._sites(watch.client, watch.sites), now, self._working_days(watch)):
            before = known.get(occurrence.key)
            if before is not None and before.status != "pending":
                found.append(before)
            elif occurrence.status == "waived" and now <= occurrence.deadline:
                at = occurrence.deadline + timedelta(milliseconds=200)
                self._waives[watch.id] = min(at, self._waives.get(watch.id, at))
            elif occurrence.status == "waived":
                found.append(occurrence.model_copy(update={"looked_at": now}))
            elif before is not None:
                # A changed deadline counts for what has not ended: the rule of now, not the one it began under.
                found.append(occurrence)
            elif occurrence.site not in watched and occurrence.deadline <= now:
                late_start = {"status": "waived", "reason": "due before the watch began", "looked_at": now}
                found.append(occurrence.model_copy(update=late_start))
            else:
                found.append(occurrence)
        return found

    def _working_days(self, watch: FileWatch) -> WorkingDays:
        """The watch's calendar. One that cannot be read is as it was before, or else waives nothing."""
        try:
            self._days[watch.id] = self._read_days(watch)
        except InvalidDocument:  # the flux cannot be read either, and that is told with file and line
            return self._days.get(watch.id, EVERY_DAY)
        return self._days[watch.id]

    def _list(self, folders: set[str], now: datetime) -> list[Entry]:
        entries = []
        try:
            for folder in sorted(folders):
                if self._zone is None:
                    self._zone = self._connect()
                listed = self._zone.listing(folder)
                if listed is None and folder not in self._absent:
                    self._absent.add(folder)
                    entries.append(self._no_folder(folder, now))
                elif listed is not None:
                    self._absent.discard(folder)
                self._seen[folder] = self._observed(folder, listed or (), now)
                self._looked[folder] = now
        except TransportError:
            self.close()
            raise
        for gone in set(self._seen) - folders:
            del self._seen[gone]
        return entries

    def _observed(self, folder: str, listed: Sequence[ListedFile], now: datetime) -> Folder:
        before, looked = self._seen.get(folder, {}), self._looked.get(folder)
        found: Folder = {}
        for file in listed:
            old = before.get(file.name)
            same = old is not None and (old.size, old.modified_at) == (file.size, file.modified_at)
            found[file.name] = FileSeen(
                name=file.name,
                size=file.size,
                modified_at=file.modified_at,
                unchanged_since=old.unchanged_since if old is not None and same else self._first_seen(file, now),
                absent_at=old.absent_at if old is not None else looked,
            )
        return found

    def _first_seen(self, file: ListedFile, now: datetime) -> datetime:
        return min(now, file.modified_at) if self._at_once else now

    def _no_folder(self, folder: str, now: datetime) -> Entry:
        watch = next(iter(self._watches.values()))
        return Entry(
            at=now,
            client=watch.client,
            kind="folder.absent",
            actor=f"session:{self.source}",
            text=f"{self.source} has no folder '{folder}'; nothing can arrive in it",
        )

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its occurrences are what is known now."""
        for occurrence in look.occurrences:
            self._known.get(occurrence.watch, {})[occurrence.key] = occurrence
        for known in self._known.values():
            for key in [key for key, occurrence in known.items() if occurrence.deadline < look.at - KEPT]:
                del known[key]

    def wait(self, seconds: float, called: threading.Event) -> bool:
        """A file server does not push: wait out the time."""
        called.wait(seconds)
        return False

    def close(self) -> None:
        """End the connection; the next look makes another."""
        if self._zone is not None:
            self._zone.close()
            self._zone = None


def _ended(occurrence: Occurrence, now: datetime) -> Entry:
    """How an expectation ended, and when we looked: silence is recorded (product rule 3)."""
    arrived = f", arrived {occurrence.arrived_at:%Y-%m-%d %H:%M:%S} UTC" if occurrence.arrived_at else ""
    why = f", {occurrence.reason}" if occurrence.reason else ""
    return Entry(
        at=now,
        client=occurrence.client,
        flux=occurrence.flux,
        watch=occurrence.watch,
        kind=f"occurrence.{occurrence.status}",
        actor=f"watch:{occurrence.watch}",
        text=f"{occurrence.site} {occurrence.business_date}: {occurrence.status}{arrived}{why}",
        key=f"{occurrence.key}|{occurrence.status}",
        data={"path": occurrence.path, "deadline": occurrence.deadline.isoformat(), "looked_at": now.isoformat()},
    )
