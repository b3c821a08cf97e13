"""What is said of missing files: one incident per set, which shrinks as they come and ends with the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from vigie.core.arrival import Seen
from vigie.core.file_name import folder_and_name
from vigie.core.file_set import FileSet, file_signal, lacking, set_facts, set_name
from vigie.core.file_watch import FileWatch
from vigie.core.found_files import FoundFiles
from vigie.core.occurrence import Occurrence
from vigie.core.signal import Event, Signal
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays

NAMED_STRANGERS = 10


def missing_signals(
    watch: FileWatch,
    sets: Iterable[FileSet],
    seen: Seen,
    now: datetime,
    sites: Mapping[str, Site],
    strangers: Sequence[str] = (),
    days: WorkingDays | None = None,
    found: FoundFiles | None = None,
) -> Iterable[Signal]:
    """A signal for each set of which another file is missing, or one less.

    ``strangers`` may be the missing ones, ``found`` knows what lies there in their place.

    A set is all that is expected of it by ``sites`` and ``days``, also what is not due yet.
    """
    for of in sets:
        was = {each.site: lacking(watch, each) for each in (*of.before, *of.others) if each.status == "missing"}
        missing = of.missing
        now_missing = {each.site: lacking(watch, each) for each in missing}
        if now_missing == was:
            continue
        event: Event = "trigger" if now_missing.keys() - was.keys() else "update" if missing else "resolve"
        later = _later(watch, of, sites, days)
        facts = set_facts(watch, of, missing, sites, later=later) | _hints(missing, seen, strangers, found)
        title = _title(of, facts)
        yield file_signal(watch, event, of, kind="files", title=title, respond=watch.respond, facts=facts, now=now)


def given_up_signals(
    watch: FileWatch,
    known: Iterable[Occurrence],
    now: datetime,
    sites: Mapping[str, Site],
) -> Iterator[Signal]:
    """A last word on each set of which a file never came, once nobody looks for it any more: the incident stays open.

    ``known`` are occurrences of sets that nobody follows any more.
    """
    by_set: dict[tuple[str, ...], list[Occurrence]] = {}
    for each in known:
        if each.status != "waived":
            by_set.setdefault(set_name(each), []).append(each)
    for name, members in sorted(by_set.items()):
        every = tuple(sorted(members, key=lambda each: each.site))
        of = FileSet(name, every, every)
        missing = of.missing
        if not missing:
            continue
        facts = set_facts(watch, of, missing, sites) | _hints((), {}, (), None)
        title = f"{facts['missing_count']} of {facts['expected']} files never came ({of.about})"
        facts["given_up"] = True
        last = file_signal(watch, "update", of, kind="files", title=title, respond=watch.respond, facts=facts, now=now)
        yield last.model_copy(update={"key": f"{last.key}|given up"})


def _later(watch: FileWatch, of: FileSet, sites: Mapping[str, Site], days: WorkingDays | None) -> int:
    """How many sites of a set have no occurrence yet, because their windows are not open."""
    if days is None:
        return 0
    one = of.every[0]
    return sum(
        code not in of.known
        and all(site.attribute(name) == one.labels.get(name) for name in watch.respond.group_by)
        and days.planned(one.business_date, watch.shift_policy, days.place_of(site), watch.chosen).on is not None
        for code, site in sites.items()
    )


def _title(of: FileSet, facts: Mapping[str, JsonValue]) -> str:
    if facts["missing"]:
        return f"{facts['missing_count']} of {facts['expected']} files missing ({of.about})"
    if facts["arrived"] == facts["expected"]:
        return f"All files are there ({of.about})"
    return f"No file is missing any more ({of.about})"


def _hints(
    missing: Sequence[Occurrence], seen: Seen, strangers: Sequence[str], found: FoundFiles | None
) -> dict[str, JsonValue]:
    """What may explain the gap: a folder that is not there, files that do not count, and those under names of nobody."""
    folders = sorted({folder for each in missing for folder in each.folders})
    absent: list[JsonValue] = [folder for folder in folders if seen.get(folder, {}) is None]
    lying = found.of(missing) if found is not None else []
    named = {each.path for each in lying}
    near: list[JsonValue] = [path for path in strangers if folder_and_name(path)[0] in folders and path not in named]
    return {
        "absent_folders": absent,
        "unexpected": near[:NAMED_STRANGERS],
        "found": [each.fact() for each in lying],
    }
