"""A log of arrivals, judged as a watch would have judged it then: what would have been told, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from vigie.core.expectation import LATE_FOR, expected_of, judge
from vigie.core.expected_names import ExpectedNames
from vigie.core.file_name import folder_and_name
from vigie.core.file_set import set_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.spelling import spelling
from vigie.core.working_days import EVERY_DAY, WorkingDays

JUST_AFTER = timedelta(microseconds=1)
"""So long after a deadline is looked: what came at the deadline itself is in time, what came later is not."""

ABOUT = timedelta(days=3)
"""A name that several dates share (it says no year, or no date at all) is that of those which are due about then."""

_Set = tuple[str, ...]


class Arrival(NamedTuple):
    """One row of a log: a file, and when it was there (UTC; None: it never came). ``line`` is where it is written."""

    business_date: date
    name: str
    at: datetime | None
    line: int


class Replayed(NamedTuple):
    """How each occurrence ended, what would have been told when, and the arrivals that belong to no occurrence.

    ``unexpected`` are expected by nobody; ``unplaced`` have a bare name that is expected in several folders.
    """

    occurrences: tuple[Occurrence, ...]
    told: tuple[Signal, ...]
    unexpected: tuple[Arrival, ...]
    unplaced: tuple[Arrival, ...] = ()

    def count(self, *statuses: str) -> int:
        """How many occurrences ended so."""
        return sum(each.status in statuses for each in self.occurrences)


def replay(
    watch: FileWatch, sites: Sequence[Site], arrivals: Sequence[Arrival], days: WorkingDays = EVERY_DAY
) -> Replayed:
    """Judge every business date from the first to the last of the log.

    The judge is the watch's own. It is asked, of the sets that are concerned, at the moments at which a watch would
    have something to say: just after each deadline, when a set may be in jeopardy, and when a file comes late. A log
    says when files were whole, so nothing is waited for; and it has an end, so a file is late however late it came.
    """
    watch = watch.model_copy(update={"stable_for": timedelta(0)})
    dates = {arrival.business_date for arrival in arrivals}
    first, last = min(dates, default=date.max), max(dates, default=date.min)
    every_day = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    known = {each.key: each for day in every_day for site in sites for each in expected_of(watch, site, day, days)}
    places = _Places(known, ignore_case=watch.ignore_case)
    placed = [(arrival, places.of(arrival)) for arrival in arrivals if arrival.at]
    came: defaultdict[datetime, list[tuple[str, str]]] = defaultdict(list)
    for arrival, where in placed:
        if arrival.at and len(where) == 1:
            came[arrival.at] += where
    past = _Past(watch, known, {site.code: site for site in sites}, places.names, days)
    told = tuple(past.told(came))
    return Replayed(
        tuple(known.values()),
        told,
        tuple(arrival for arrival, where in placed if not where),
        tuple(arrival for arrival, where in placed if len(where) > 1),
    )


class _Places:
    """Where a file of the log lay: in its own folder, or, where the log has bare names, in that of what expects it."""

    def __init__(self, known: Mapping[str, Occurrence], *, ignore_case: bool) -> None:
        self.names = ExpectedNames(known.values(), ignore_case=ignore_case)
        self._ignore_case = ignore_case
        self._known = known
        folders = {folder for each in known.values() for folder in each.folders}
        self._only = folders if len(folders) == 1 else None
        self._spelt = {spelling(folder): folder for folder in folders}
        self._bare: ExpectedNames | None = None

    def of(self, arrival: Arrival) -> list[tuple[str, str]]:
        """Its folder and name; nothing where nobody expects it, several where the log does not say which."""
        folder, name = folder_and_name(arrival.name)
        if "/" not in arrival.name:
            return [(each, name) for each in sorted(self._folders_of(name, arrival.business_date))]
        folder = self._spelt.get(spelling(folder), folder)
        return [(folder, name)] if self.names.owners(folder, name) else []

    def _folders_of(self, name: str, business_date: date) -> set[str]:
        if self._only:
            return {folder for folder in self._only if self.names.owners(folder, name)}
        if self._bare is None:
            self._bare = ExpectedNames(map(bare, self._known.values()), ignore_case=self._ignore_case)
        keys = self._bare.owners(".", name)
        own = [key for key in keys if self._known[key].business_date == business_date]
        return {
            next(folder for folder in self._known[key].folders if key in self.names.owners(folder, name))
            for key in own or keys
        }


def bare(occurrence: Occurrence) -> Occurrence:
    """The occurrence, its places without their folders: a log may have bare names."""
    first, *also = dict.fromkeys(folder_and_name(path)[1] for path in occurrence.places)
    return occurrence.model_copy(update={"path": first, "also": tuple(also)})


class _Past:
    """The occurrences as they are known at a moment of the past; ``known`` becomes what they end as."""

    def __init__(
        self,
        watch: FileWatch,
        known: dict[str, Occurrence],
        sites: Mapping[str, Site],
        names: ExpectedNames,
        days: WorkingDays,
    ) -> None:
        self._watch, self._known, self._sites, self._names, self._days = watch, known, sites, names, days
        self._sets: defaultdict[_Set, list[str]] = defaultdict(list)
        self._looks: defaultdict[datetime, dict[_Set, None]] = defaultdict(dict)
        for key, each in known.items():
            self._sets[set_name(each)].append(key)
            if each.status == "pending":
                for ahead in {timedelta(0), watch.jeopardy or timedelta(0)}:
                    self._looks[each.deadline - ahead + JUST_AFTER][set_name(each)] = None
        self._seen: defaultdict[_Set, defaultdict[str, dict[str, FileSeen]]]
        self._seen = defaultdict(lambda: defaultdict(dict))

    def told(self, came: Mapping[datetime, Sequence[tuple[str, str]]]) -> Iterator[Signal]:
        """What would have been told, in the order of time, by the files that came to a folder at a moment."""
        for now in sorted(self._looks.keys() | came.keys()):
            for name in self._looks.get(now, ()):
                yield from self._judged(name, now)
            concerned = dict[_Set, None]()
            for folder, file in came.get(now, ()):
                concerned |= self._arrived(folder, file, now)
            for name in concerned:
                yield from self._judged(name, now)

    def _arrived(self, folder: str, name: str, now: datetime) -> dict[_Set, None]:
        """The file is there; the sets in which somebody waits for it so that there may be something to say."""
        owners = [self._known[key] for key in self._names.owners(folder, name)]
        if len(owners) > 1:
            owners = [each for each in owners if each.window_open - ABOUT <= now <= each.deadline + LATE_FOR]
        file = FileSeen(
            name=name, size=self._watch.min_size, modified_at=now, unchanged_since=now, seen_at=now
        )  # fmt: skip
        concerned: dict[_Set, None] = {}
        for each in owners:
            self._seen[set_name(each)][folder][name] = file
            waiting = each.status in {"pending", "missing"} and each.window_open <= now
            if waiting and (each.warned_at is not None or now > each.deadline):
                concerned[set_name(each)] = None
        return concerned

    def _judged(self, name: _Set, now: datetime) -> Sequence[Signal]:
        opened = [each for key in self._sets[name] if (each := self._known[key]).window_open <= now]
        verdict = judge(self._watch, opened, self._seen[name], now, self._sites, days=self._days)
        self._known |= {each.key: each for each in verdict.changed}
        return verdict.signals
