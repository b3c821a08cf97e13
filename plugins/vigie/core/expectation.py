"""The judge of files: what must be there by now, and what that means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from vigie.core.arrival import Again, Seen, arrival, sent_again
from vigie.core.business_day import BusinessDays
from vigie.core.duration import format_duration
from vigie.core.expected_names import ExpectedNames
from vigie.core.file_name import expected_path
from vigie.core.file_set import file_sets, set_name
from vigie.core.file_watch import FileWatch
from vigie.core.found_files import Above, FoundFiles
from vigie.core.jeopardy import jeopardy_signals, warned
from vigie.core.missing_files import missing_signals
from vigie.core.occurrence import ARRIVED, FileSeen, Occurrence
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.watched import ALWAYS, ended_without
from vigie.core.window import Window, had_date, window
from vigie.core.working_days import EVERY_DAY, Planned, WorkingDays
from vigie.core.zone import ZoneInfo

LATE_FOR = timedelta(hours=48)
"""So long after its deadline all that was expected is still looked at; a missing file may become *late*."""

FOLLOWED = timedelta(days=7)
"""So long after its last deadline a set that misses a file is still looked at: Friday's file may come on Monday."""


class Verdict(NamedTuple):
    """The occurrences that this look changed, what has to be said of them, and files that came once more."""

    changed: tuple[Occurrence, ...]
    signals: tuple[Signal, ...]
    again: tuple[Again, ...] = ()


class OpenWindow(NamedTuple):
    """A day and slot, and the window in which what is due then may come."""

    due_on: date
    slot: str
    window: Window


def open_windows(watch: FileWatch, zones: Iterable[str], now: datetime) -> dict[str, list[OpenWindow]]:
    """The windows that are open, or closed less than two days ago, by zone. While they are the same, so is ``expected``."""
    return {zone: _open_windows(watch, zone, now) for zone in sorted(zones)}


def expected(watch: FileWatch, sites: Iterable[Site], now: datetime, days: WorkingDays = EVERY_DAY) -> list[Occurrence]:
    """Each occurrence whose window is open at ``now`` (UTC), or closed less than two days ago: pending or waived."""
    found: list[Occurrence] = []
    zones: dict[str, list[OpenWindow]] = {}
    for site in sites:
        if site.zone not in zones:
            zones[site.zone] = _open_windows(watch, site.zone, now)
        calendar, place = days.business_days(site), days.place_of(site)
        labels = {name: site.attribute(name) for name in watch.respond.group_by}
        for one in zones[site.zone]:
            for business_date, planned in days.due_on(one.due_on, watch.shift_policy, place, watch.chosen):
                found.append(_occurrence(watch, site, one, labels, calendar, business_date, planned))
    return found


def expected_of(watch: FileWatch, site: Site, business_date: date, days: WorkingDays = EVERY_DAY) -> list[Occurrence]:
    """The occurrences of a site and a business date, one for each slot: pending or waived; none on a day not chosen."""
    if not watch.chosen.hold(business_date):
        return []
    planned = days.planned(business_date, watch.shift_policy, days.place_of(site), watch.chosen)
    labels = {name: site.attribute(name) for name in watch.respond.group_by}
    return [
        _occurrence(watch, site, one, labels, days.business_days(site), business_date, planned)
        for one in _windows(watch, site.zone, planned.on or business_date)
    ]


def followed(known: Iterable[Occurrence], now: datetime) -> list[Occurrence]:
    """Of occurrences that are not ``expected`` any more, those that are missing, as long as their set is followed.

    A set is followed until ``FOLLOWED`` after its last deadline, so one in Auckland as long as one in Los Angeles.
    """
    return [each for each, last in _missing_long(known, now) if last + FOLLOWED >= now]


def given_up(known: Iterable[Occurrence], now: datetime) -> list[Occurrence]:
    """The members of sets that miss a file and are not followed any more: of them a last word is said."""
    every = list(known)
    names = {set_name(each) for each, last in _missing_long(every, now) if last + FOLLOWED < now}
    return [each for each in every if set_name(each) in names] if names else []


def _missing_long(known: Iterable[Occurrence], now: datetime) -> list[tuple[Occurrence, datetime]]:
    """What is missing since longer than ``LATE_FOR``, each with the last deadline of its set."""
    over, every = now - LATE_FOR, list(known)
    missing = [each for each in every if each.status == "missing" and each.deadline < over]
    if not missing:
        return []
    dates = {(each.business_date, each.slot) for each in missing}
    last: dict[tuple[str, ...], datetime] = {}
    for each in every:
        if (each.business_date, each.slot) in dates and each.status != "waived":
            name = set_name(each)
            last[name] = max(each.deadline, last.get(name, each.deadline))
    return [(each, last[set_name(each)]) for each in missing]


def _open_windows(watch: FileWatch, zone: str, now: datetime) -> list[OpenWindow]:
    found = []
    today = now.astimezone(ZoneInfo(zone)).date()
    for days in range(-4 - watch.grace.days, 2):
        found += _windows(watch, zone, today + timedelta(days=days))
    return [one for one in found if one.window.opens <= now <= one.window.deadline + LATE_FOR]


def _windows(watch: FileWatch, zone: str, day: date) -> list[OpenWindow]:
    if not had_date(day, zone):
        return []
    return [
        OpenWindow(day, at.slot, window(day, opens=at.opens, due=at.due, grace=watch.grace, zone=zone))
        for at in watch.times
    ]


def _occurrence(
    watch: FileWatch,
    site: Site,
    one: OpenWindow,
    labels: dict[str, str],
    calendar: BusinessDays,
    business_date: date,
    planned: Planned,
) -> Occurrence:
    return Occurrence(
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        site=site.code,
        business_date=business_date,
        slot=one.slot,
        path=expected_path(watch.path, site, business_date, one.slot, calendar),
        also=tuple(expected_path(path, site, business_date, one.slot, calendar) for path in watch.also),
        window_open=one.window.opens,
        due=one.window.due,
        deadline=one.window.deadline,
        status="pending" if planned.on else "waived",
        reason=planned.reason,
        labels=labels,
    )


def judge(
    watch: FileWatch,
    occurrences: Sequence[Occurrence],
    seen: Seen,
    now: datetime,
    sites: Mapping[str, Site] | None = None,
    *,
    days: WorkingDays | None = None,
    known: Iterable[Occurrence] = (),
    strangers: Sequence[str] = (),
    above: Above = MappingProxyType({}),
    unseen: Collection[str] = (),
    sure_for: timedelta = ALWAYS,
    as_of: Mapping[str, datetime] = MappingProxyType({}),
    gone: Seen = MappingProxyType({}),
) -> Verdict:
    """Judge the occurrences, as the logbook knows them, by what the looks saw.

    Pure, and the same when asked twice: an occurrence that has ended changes only from *missing* to *late*, or to
    *on_time* where the file's own time is before the deadline; a file that comes once more changes no status.
    ``now`` is UTC; ``sites`` (by code) lend their names and zones to what is said, and say with ``days`` what else is
    expected of a set. ``known`` are all occurrences of the watch that anybody remembers, also those that are not
    judged here. ``strangers`` (paths) are files that came and are nobody's, ``above`` the names in the folders above
    those of what is missing. Of what is expected in the folders ``unseen`` nothing is judged: nobody looked. What is not
    there ``sure_for`` so long after its deadline is waived, and not missing: it may have been taken away. A folder
    whose listing began before ``now`` shows what was there ``as_of`` then, and is judged by that. ``gone`` are files that
    an earlier look saw.
    """
    names = ExpectedNames(occurrences, ignore_case=watch.ignore_case)
    files = names.claimed({folder: each for folder, each in seen.items() if folder not in unseen} if unseen else seen)
    left = names.claimed(gone) if any(gone.values()) else {}
    judged: list[Occurrence] = []
    again: list[Again] = []
    for occurrence in occurrences:
        folders = occurrence.folders
        at = min(as_of.get(folder, now) for folder in folders) if as_of else now
        dark = [folder for folder in folders if folder in unseen] if unseen else []
        if len(dark) == len(folders):
            pass
        elif occurrence.status in ARRIVED:
            occurrence, more = sent_again(watch, occurrence, files.get(occurrence.key, ()), at)  # noqa: PLW2901
            again += more
        else:
            there = (*files.get(occurrence.key, ()), *(left.get(occurrence.key, ()) if watch.gone == "arrived" else ()))
            end = _judged(watch, occurrence, there, at, sure_for)
            # Where one of its places is not seen it may lie there: what came has come, and nothing is missing.
            occurrence = end if not dark or end.status in ARRIVED else occurrence  # noqa: PLW2901
        judged.append(occurrence)
    judged = warned(watch, judged, now, unseen)
    sets, named = list(file_sets(occurrences, judged, known)), sites or {}
    found = FoundFiles(watch, judged, seen, above, named, days, now, left) if any(of.missing for of in sets) else None
    missing = missing_signals(watch, sets, seen, now, named, strangers, days, found)
    signals = (*jeopardy_signals(watch, sets, now, named), *missing)
    changed = tuple(new for old, new in zip(occurrences, judged, strict=True) if new is not old and new != old)
    return Verdict(changed, signals, tuple(again))


def _judged(
    watch: FileWatch, occurrence: Occurrence, files: Sequence[FileSeen], now: datetime, sure_for: timedelta
) -> Occurrence:
    if occurrence.status not in {"pending", "missing"}:
        return occurrence
    found = arrival(watch, occurrence, files, now)
    if found.at is not None:
        status = "on_time"
        if found.at > occurrence.deadline:
            status = "late"
        elif found.at < occurrence.window_open and occurrence.status == "pending":
            status = "early"
        end = {"status": status, "arrived_at": found.at, "looked_at": now, "files": found.files}
        if found.unproved:
            unproved = f"seen, and gone before it had stayed the same for {format_duration(watch.stable_for)}"
            end["reason"] = "; ".join(filter(None, (occurrence.reason, unproved)))
        return occurrence.model_copy(update=end)
    if watch.at_least > 1 and found.files != occurrence.files:
        occurrence = occurrence.model_copy(update={"files": found.files})
    if found.coming and (now <= occurrence.deadline + 2 * watch.stable_for or found.came_in_time):
        # It is arriving: wait until it is whole, a little past the deadline if need be. By its own time it may
        # have come long ago, and we only look again since now: no alarm before we know.
        return occurrence
    if occurrence.status == "pending" and now > occurrence.deadline:
        return ended_without(occurrence, now, sure_for)
    return occurrence
