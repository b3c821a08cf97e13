"""In jeopardy: so long before the deadline, too little of a set is there."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from vigie.core.duration import format_duration
from vigie.core.file_set import FileSet, file_sets, file_signal, lacking, set_facts
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.respond import Respond
from vigie.core.signal import Event, Signal
from vigie.core.site import Site

WARNING = Respond(severity="low", template="file_jeopardy", page=False)
"""How a set in jeopardy is told where its author says nothing: in the channel, and nobody is paged."""

_KIND = "jeopardy"


def is_warning(signal: Signal) -> bool:
    """Whether a signal about files is of a set in jeopardy, and not of one that misses files."""
    return signal.dedup_key.rpartition("|")[2].startswith(f"{_KIND} ")


def warned(
    watch: FileWatch, occurrences: Sequence[Occurrence], now: datetime, unseen: Collection[str] = ()
) -> list[Occurrence]:
    """The occurrences, those marked of which a warning has to be given now (UTC). Nothing in ``unseen`` is warned of."""
    if watch.jeopardy is None:
        return list(occurrences)
    ahead = watch.jeopardy
    marked = [
        each.model_copy(update={"warned_at": now})
        if each.status == "pending"
        and each.warned_at is None
        and each.deadline - ahead <= now <= each.deadline
        and not any(folder in unseen for folder in each.folders)
        else each
        for each in occurrences
    ]
    found = {each.key: each for each in occurrences}
    for of in _with_one_deadline(file_sets(occurrences, marked)):
        if _too_few(watch, of.after):
            found |= {each.key: each for each in of.after}
    return [found[each.key] for each in occurrences]


def jeopardy_signals(
    watch: FileWatch, sets: Iterable[FileSet], now: datetime, sites: Mapping[str, Site]
) -> Iterator[Signal]:
    """A signal for each set that is in jeopardy, is less so, or is not any more."""
    if watch.jeopardy is None:
        return
    for of in _with_one_deadline(sets):
        was, waiting = _in_jeopardy(watch, of.before), _in_jeopardy(watch, of.after)
        if {each.site: lacking(watch, each) for each in was} == {each.site: lacking(watch, each) for each in waiting}:
            continue
        event: Event = "resolve" if not waiting else "update" if was else "trigger"
        facts = set_facts(watch, of, waiting, sites)
        passed = any(each.status == "missing" for each in of.after)
        facts |= {"before": format_duration(watch.jeopardy), "deadline_passed": passed}
        if waiting:
            title = f"In jeopardy: {facts['arrived']} of {facts['expected']} files are there ({of.about})"
        elif passed:
            title = f"The deadline has passed ({of.about})"
        else:
            title = f"{facts['arrived']} of {facts['expected']} files are there ({of.about})"
        yield file_signal(
            watch,
            event,
            of,
            kind=f"{_KIND} {of.after[0].deadline:%Y-%m-%dT%H:%MZ}",
            title=title,
            respond=watch.jeopardy_respond or WARNING,
            facts=facts,
            now=now,
        )


def _with_one_deadline(sets: Iterable[FileSet]) -> Iterator[FileSet]:
    """The sets, each parted by the deadlines of its sites: Tokyo is in jeopardy long before Paris."""
    for of in sets:
        pairs = sorted(zip(of.before, of.after, strict=True), key=lambda pair: (pair[1].deadline, pair[1].site))
        for _, members in groupby(pairs, key=lambda pair: pair[1].deadline):
            together = list(members)
            yield FileSet(of.name, tuple(old for old, _ in together), tuple(new for _, new in together))


def _too_few(watch: FileWatch, occurrences: Sequence[Occurrence]) -> bool:
    expected = len(occurrences) * watch.at_least
    arrived = expected - sum(lacking(watch, each) for each in occurrences)
    return arrived < math.ceil(expected * watch.jeopardy_below - 1e-9)


def _in_jeopardy(watch: FileWatch, occurrences: Sequence[Occurrence]) -> list[Occurrence]:
    waiting = [each for each in occurrences if each.status == "pending" and each.warned_at is not None]
    return waiting if waiting and _too_few(watch, occurrences) else []
