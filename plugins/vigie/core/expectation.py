"""The judge of files: what must be there by now, and what that means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from vigie.core.business_day import BusinessDays
from vigie.core.file_name import expected_path, folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.window import Window, window
from vigie.core.working_days import EVERY_DAY, Planned, WorkingDays

LATE_FOR = timedelta(hours=48)
"""So long after its deadline a missing file is still looked for, to become *late*."""

Seen = Mapping[str, Mapping[str, FileSeen]]
"""What the looks saw: by folder, then by name. A folder that is not there is an empty one."""


class Verdict(NamedTuple):
    """The occurrences that this look changed, and what has to be said of them."""

    changed: tuple[Occurrence, ...]
    signals: tuple[Signal, ...]


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
            for business_date, planned in days.due_on(one.due_on, watch.shift_policy, place):
                found.append(_occurrence(watch, site, one, labels, calendar, business_date, planned))
    return found


def expected_of(watch: FileWatch, site: Site, business_date: date, days: WorkingDays = EVERY_DAY) -> list[Occurrence]:
    """The occurrences of a site and a business date, one for each slot: pending or waived."""
    planned = days.planned(business_date, watch.shift_policy, days.place_of(site))
    labels = {name: site.attribute(name) for name in watch.respond.group_by}
    return [
        _occurrence(watch, site, one, labels, days.business_days(site), business_date, planned)
        for one in _windows(watch, site.zone, planned.on or business_date)
    ]


class OpenWindow(NamedTuple):
    """A day and slot, and the window in which what is due then may come."""

    due_on: date
    slot: str
    window: Window


def _open_windows(watch: FileWatch, zone: str, now: datetime) -> list[OpenWindow]:
    found = []
    today = now.astimezone(ZoneInfo(zone)).date()
    for days in range(-3 - watch.grace.days, 2):
        found += _windows(watch, zone, today + timedelta(days=days))
    return [one for one in found if one.window.opens <= now <= one.window.deadline + LATE_FOR]


def _windows(watch: FileWatch, zone: str, day: date) -> list[OpenWindow]:
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
) -> Verdict:
    """Judge the occurrences, as the logbook knows them, by what the looks saw.

    Pure, and the same when asked twice: an occurrence that has ended changes only from *missing* to *late*, or to
    *on_time* where the file's own time is before the deadline. ``now`` is UTC; ``sites`` (by code) only lend
    their names and zones to what is said.
    """
    judged = [_judged(watch, occurrence, seen, now) for occurrence in occurrences]
    changed = tuple(new for old, new in zip(occurrences, judged, strict=True) if new.status != old.status)
    return Verdict(changed, tuple(_signals(watch, occurrences, judged, now, sites or {})))


def next_look(watch: FileWatch, occurrences: Iterable[Occurrence], now: datetime) -> datetime:
    """When to look again: often while something is about to be due or is missing, seldom far from it."""
    soonest = now + timedelta(minutes=5)
    for occurrence in occurrences:
        if occurrence.status not in {"pending", "missing"}:
            continue
        away = abs(occurrence.deadline - now)
        pause = max(timedelta(seconds=2), min(away / 10, timedelta(minutes=5)))
        soonest = min(soonest, now + pause)
        if now < occurrence.deadline:
            soonest = min(soonest, occurrence.deadline + timedelta(milliseconds=200))
    return soonest


def _judged(watch: FileWatch, occurrence: Occurrence, seen: Seen, now: datetime) -> Occurrence:
    if occurrence.status not in {"pending", "missing"}:
        return occurrence
    folder, name = folder_and_name(occurrence.path)
    file = seen.get(folder, {}).get(name)
    if file is not None and file.size >= watch.min_size:
        if now - file.unchanged_since >= watch.stable_for:
            arrived = min(max(file.modified_at, file.absent_at or file.modified_at), now)
            if arrived > occurrence.deadline:
                status = "late"
            elif arrived < occurrence.window_open:
                status = "early"
            else:
                status = "on_time"
            return occurrence.model_copy(update={"status": status, "arrived_at": arrived, "looked_at": now})
        if now <= occurrence.deadline + 2 * watch.stable_for or file.modified_at <= occurrence.deadline:
            # It is arriving: wait until it is whole, a little past the deadline if need be. By its own time it may
            # have come long ago, and we only look again since now: no alarm before we know.
            return occurrence
    if occurrence.status == "pending" and now > occurrence.deadline:
        return occurrence.model_copy(update={"status": "missing", "looked_at": now})
    return occurrence


def _missing(occurrence: Occurrence, site: Site | None) -> dict[str, JsonValue]:
    due = occurrence.due.astimezone(ZoneInfo(site.zone)) if site else occurrence.due
    name = site.name if site else ""
    return {"site": occurrence.site, "name": name, "path": occurrence.path, "due": f"{due:%H:%M}"}


def _group(occurrence: Occurrence) -> tuple[str, ...]:
    return (
        occurrence.when,
        *(f"{name}={value}" for name, value in sorted(occurrence.labels.items())),
    )


def _signals(
    watch: FileWatch,
    before: Sequence[Occurrence],
    after: Sequence[Occurrence],
    now: datetime,
    sites: Mapping[str, Site],
) -> Iterable[Signal]:
    pairs = sorted(zip(before, after, strict=True), key=lambda pair: (_group(pair[1]), pair[1].site))
    for group, members in groupby(pairs, key=lambda pair: _group(pair[1])):
        together = list(members)
        was = {old.site for old, _ in together if old.status == "missing"}
        missing = [new for _, new in together if new.status == "missing"]
        now_missing = {occurrence.site for occurrence in missing}
        if now_missing == was:
            continue
        whole = [new for _, new in together if new.status != "waived"]
        event = "trigger" if now_missing - was else "update" if missing else "resolve"
        yield _signal(watch, event, group, whole, missing, now, sites)


def _signal(
    watch: FileWatch,
    event: str,
    group: tuple[str, ...],
    whole: Sequence[Occurrence],
    missing: Sequence[Occurrence],
    now: datetime,
    sites: Mapping[str, Site],
) -> Signal:
    arrived = sum(1 for occurrence in whole if occurrence.arrived_at is not None)
    # The states of a group never come back, so their digest names this signal once, whoever looks, at whatever time.
    states = ",".join(f"{occurrence.site}={occurrence.status}" for occurrence in whole)
    facts: dict[str, JsonValue] = {
        "expected": len(whole),
        "arrived": arrived,
        "missing": [_missing(each, sites.get(each.site)) for each in missing],
        "due": _missing(whole[0], sites.get(whole[0].site))["due"],
        "group": dict(whole[0].labels),
        "business_date": whole[0].business_date.isoformat(),
        "slot": whole[0].slot,
    }
    about = ", ".join(group[1:]) or group[0]
    if missing:
        title = f"{len(missing)} of {len(whole)} files missing ({about})"
    elif arrived == len(whole):
        title = f"All files are there ({about})"
    else:
        title = f"No file is missing any more ({about})"
    return Signal(
        event="trigger" if event == "trigger" else "update" if event == "update" else "resolve",
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        dedup_key="|".join(group),
        key=f"{watch.id}|files|{'|'.join(group)}|{event}|{hashlib.sha256(states.encode()).hexdigest()[:32]}",
        seen_at=now,
        title=title,
        severity=watch.respond.severity,
        template=watch.respond.template,
        procedure=watch.respond.procedure,
        storm_after=watch.respond.storm_after,
        facts=facts,
    )
