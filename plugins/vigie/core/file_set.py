"""A set of files told as one: those of one date, one slot and the same labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import ARRIVED, Occurrence
from vigie.core.respond import Respond
from vigie.core.signal import Event, Signal
from vigie.core.site import Site
from vigie.core.zone import ZoneInfo

LISTED = 50
"""So many files are named in a message; of the others it says how many there are."""


class FileSet(NamedTuple):
    """The occurrences of a set that are not waived, as they were and as they are, in the order of their sites."""

    name: tuple[str, ...]
    before: tuple[Occurrence, ...]
    after: tuple[Occurrence, ...]

    @property
    def about(self) -> str:
        """The set in a title: its labels, or its date."""
        when = self.after[0].when
        slot = f"slot {self.after[0].slot}" if self.after[0].slot else ""
        return ", ".join(filter(None, (*self.name[1:], slot))) or when


def file_sets(before: Sequence[Occurrence], after: Sequence[Occurrence]) -> Iterator[FileSet]:
    """The sets of occurrences that are told together; of which nothing changed, nothing is to be told."""
    changed = {set_name(new) for old, new in zip(before, after, strict=True) if new is not old}
    if not changed:
        return
    named = [(set_name(new), old, new) for old, new in zip(before, after, strict=True)]
    pairs = sorted((each for each in named if each[0] in changed), key=lambda each: (each[0], each[2].site))
    for name, members in groupby(pairs, key=lambda each: each[0]):
        together = [(old, new) for _, old, new in members if new.status != "waived"]
        if together:
            yield FileSet(name, tuple(old for old, _ in together), tuple(new for _, new in together))


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
    more = watch.at_least > 1
    states = ",".join(f"{one.site}={one.status}{len(one.files) if more else ''}" for one in of.after)
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
    watch: FileWatch, of: FileSet, absent: Sequence[Occurrence], sites: Mapping[str, Site]
) -> dict[str, JsonValue]:
    """What may be said of a set and of those of it that are not there. Counts are of files."""
    missing = sum(lacking(watch, each) for each in absent)
    waiting = sum(lacking(watch, each) for each in of.after)
    expected = len(of.after) * watch.at_least
    return {
        "expected": expected,
        "arrived": expected - waiting,
        "missing": [_absent(watch, each, sites.get(each.site)) for each in absent[:LISTED]],
        "missing_count": missing,
        "more": max(0, len(absent) - LISTED),
        "due": _clock(of.after[0].due, sites.get(of.after[0].site)),
        "group": dict(of.after[0].labels),
        "business_date": of.after[0].business_date.isoformat(),
        "slot": of.after[0].slot,
    }


def _absent(watch: FileWatch, occurrence: Occurrence, site: Site | None) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {
        "site": occurrence.site,
        "name": site.name if site else "",
        "path": occurrence.path,
        "due": _clock(occurrence.due, site),
    }
    if watch.at_least > 1:
        said |= {"arrived": len(occurrence.files), "expected": watch.at_least}
    return said


def _clock(at: datetime, site: Site | None) -> str:
    return f"{at.astimezone(ZoneInfo(site.zone)) if site else at:%H:%M}"
