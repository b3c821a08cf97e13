"""A set of files told as one: those of one date, one slot and the same labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.business_calendar import perhaps_holiday
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import ARRIVED, Occurrence
from vigie.core.respond import Respond
from vigie.core.signal import Event, Signal
from vigie.core.site import Site
from vigie.core.zone import ZoneInfo

LISTED = 50
"""So many files are named in a message; of the others it says how many there are."""


class FileSet(NamedTuple):
    """The occurrences of a set that are not waived, as they were and as they are, in the order of their sites.

    ``others`` are of the same set and not looked at any more, ``known`` the codes of all its sites that have an
    occurrence, waived or not: what else is expected of the set is not due yet.
    """

    name: tuple[str, ...]
    before: tuple[Occurrence, ...]
    after: tuple[Occurrence, ...]
    others: tuple[Occurrence, ...] = ()
    known: frozenset[str] = frozenset()

    @property
    def every(self) -> tuple[Occurrence, ...]:
        """All of them that there are, as they are."""
        return (*self.after, *self.others)

    @property
    def missing(self) -> list[Occurrence]:
        """Those that are missing now, whether or not they are still looked at."""
        return sorted((each for each in self.every if each.status == "missing"), key=lambda each: each.site)

    @property
    def about(self) -> str:
        """The set in a title: its labels, or its date."""
        when = self.every[0].when
        slot = f"slot {self.every[0].slot}" if self.every[0].slot else ""
        return ", ".join(filter(None, (*self.name[1:], slot))) or when


def file_sets(
    before: Sequence[Occurrence], after: Sequence[Occurrence], known: Iterable[Occurrence] = ()
) -> Iterator[FileSet]:
    """The sets of occurrences that are told together; of which nothing changed, nothing is to be told.

    ``known`` are all occurrences of the watch that anybody remembers: those that are looked at, and others.
    """
    changed = {set_name(new) for old, new in zip(before, after, strict=True) if new is not old}
    if not changed:
        return
    others = _others(changed, after, known)
    named = [(set_name(new), old, new) for old, new in zip(before, after, strict=True)]
    pairs = sorted((each for each in named if each[0] in changed), key=lambda each: (each[0], each[2].site))
    for name, group in groupby(pairs, key=lambda each: each[0]):
        members = list(group)
        together = [(old, new) for _, old, new in members if new.status != "waived"]
        if together:
            yield FileSet(
                name,
                tuple(old for old, _ in together),
                tuple(new for _, new in together),
                tuple(each for each in others[name] if each.status != "waived"),
                frozenset(each.site for each in (*(new for *_, new in members), *others[name])),
            )


def _others(
    names: set[tuple[str, ...]], looked_at: Sequence[Occurrence], known: Iterable[Occurrence]
) -> dict[tuple[str, ...], list[Occurrence]]:
    whens, listed = {name[0] for name in names}, {each.key for each in looked_at}
    found: dict[tuple[str, ...], list[Occurrence]] = {name: [] for name in names}
    for each in known:
        if each.when in whens and each.key not in listed and (name := set_name(each)) in names:
            found[name].append(each)
    return found


def set_name(occurrence: Occurrence) -> tuple[str, ...]:
    """Of which set an occurrence is: its date, its slot and its labels."""
    return (occurrence.when, *(f"{label}={value}" for label, value in sorted(occurrence.labels.items())))


def lacking(watch: FileWatch, occurrence: Occurrence) -> int:
    """How many of the files of an occurrence are not there."""
    return 0 if occurrence.status in ARRIVED else max(1, watch.at_least - len(occurrence.files))


def file_signal(
    watch: FileWatch,
    event: Event,
    of: FileSet,
    *,
    kind: str,
    title: str,
    respond: Respond,
    facts: dict[str, JsonValue],
    now: datetime,
) -> Signal:
    """A signal about a set. Its states never come back, so their digest names it once, whoever looks, and whenever."""
    more, every = watch.at_least > 1, sorted(of.every, key=lambda each: each.site)
    states = ",".join(f"{one.site}={one.status}{len(one.files) if more else ''}" for one in every)
    dedup_key = "|".join((*of.name, kind) if kind != "files" else of.name)
    return watch.signal(
        event,
        dedup_key=dedup_key,
        key=f"{watch.id}|files|{dedup_key}|{event}|{hashlib.sha256(states.encode()).hexdigest()[:32]}",
        seen_at=now,
        title=title,
        facts=facts,
        respond=respond,
    )


def set_facts(
    watch: FileWatch, of: FileSet, absent: Sequence[Occurrence], sites: Mapping[str, Site], *, later: int = 0
) -> dict[str, JsonValue]:
    """What may be said of a set and of those of it that are not there. Counts are of files.

    ``later`` sites of the set are expected, and their windows are not open yet.
    """
    missing = sum(lacking(watch, each) for each in absent)
    waiting = sum(lacking(watch, each) for each in of.every)
    expected = len(of.every) * watch.at_least
    later *= watch.at_least
    not_due = sum(lacking(watch, each) for each in of.every if each.status == "pending")
    return {
        "expected": expected + later,
        "arrived": expected - waiting,
        "not_due": not_due + later,
        "missing": [_absent(watch, each, sites.get(each.site)) for each in absent[:LISTED]],
        "missing_count": missing,
        "more": max(0, len(absent) - LISTED),
        "due": _clock(of.every[0].due, sites.get(of.every[0].site)),
        "group": dict(of.every[0].labels),
        "business_date": of.every[0].business_date.isoformat(),
        "slot": of.every[0].slot,
    }


def _absent(watch: FileWatch, occurrence: Occurrence, site: Site | None) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {
        "site": occurrence.site,
        "name": site.name if site else "",
        "path": occurrence.path,
        "due": _clock(occurrence.due, site),
    }
    if holiday := perhaps_holiday(occurrence.reason):
        said["holiday"] = holiday
    if watch.at_least > 1:
        said |= {"arrived": len(occurrence.files), "expected": watch.at_least}
    return said


def _clock(at: datetime, site: Site | None) -> str:
    return f"{at.astimezone(ZoneInfo(site.zone)) if site else at:%H:%M}"
