"""What is said of missing files: one incident per set, which shrinks as they come and ends with the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from vigie.core.arrival import Seen
from vigie.core.file_name import folder_and_name
from vigie.core.file_set import FileSet, file_signal, lacking, set_facts
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import ARRIVED, Occurrence
from vigie.core.signal import Event, Signal
from vigie.core.site import Site

NAMED_STRANGERS = 10


def missing_signals(
    watch: FileWatch,
    sets: Iterable[FileSet],
    seen: Seen,
    now: datetime,
    sites: Mapping[str, Site],
    strangers: Sequence[str] = (),
) -> Iterable[Signal]:
    """A signal for each set of which another file is missing, or one less. ``strangers`` may be the missing ones."""
    for of in sets:
        was = {each.site: lacking(watch, each) for each in of.before if each.status == "missing"}
        missing = [each for each in of.after if each.status == "missing"]
        now_missing = {each.site: lacking(watch, each) for each in missing}
        if now_missing == was:
            continue
        event: Event = "trigger" if now_missing.keys() - was.keys() else "update" if missing else "resolve"
        facts = set_facts(watch, of, missing, sites) | _hints(missing, seen, strangers)
        title = _title(of, facts)
        yield file_signal(watch, event, of, kind="files", title=title, respond=watch.respond, facts=facts, now=now)


def _title(of: FileSet, facts: Mapping[str, JsonValue]) -> str:
    if facts["missing"]:
        return f"{facts['missing_count']} of {facts['expected']} files missing ({of.about})"
    if all(each.status in ARRIVED for each in of.after):
        return f"All files are there ({of.about})"
    return f"No file is missing any more ({of.about})"


def _hints(missing: Sequence[Occurrence], seen: Seen, strangers: Sequence[str]) -> dict[str, JsonValue]:
    """What may explain the gap: a folder that is not there, or a file that came under a name of nobody."""
    folders = sorted({folder_and_name(each.path)[0] for each in missing})
    absent: list[JsonValue] = [folder for folder in folders if seen.get(folder, {}) is None]
    near: list[JsonValue] = [path for path in strangers if folder_and_name(path)[0] in folders]
    return {"absent_folders": absent, "unexpected": near[:NAMED_STRANGERS]}
