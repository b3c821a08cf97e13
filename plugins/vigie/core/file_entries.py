"""What the logbook says of files: how each expectation ended, what came again, and what nobody expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import JsonValue

from vigie.core.arrival import Again
from vigie.core.entry import Entry
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import ArrivedFile, Occurrence
from vigie.core.stranger import Stranger

NAMED = 20
"""So many strangers of one look get an entry each; the others are counted in one."""


def ended(occurrence: Occurrence, now: datetime) -> Entry:
    """How an expectation ended, when we looked and what we saw: silence is recorded (product rule 3)."""
    arrived = f", arrived {occurrence.arrived_at:%Y-%m-%d %H:%M:%S} UTC" if occurrence.arrived_at else ""
    why = f", {occurrence.reason}" if occurrence.reason else ""
    files: list[JsonValue] = [_said(file) for file in occurrence.files[:NAMED]]
    return Entry(
        at=now,
        client=occurrence.client,
        flux=occurrence.flux,
        watch=occurrence.watch,
        kind=f"occurrence.{occurrence.status}",
        actor=f"watch:{occurrence.watch}",
        text=f"{occurrence.site} {occurrence.when}: {occurrence.status}{arrived}{why}",
        key=f"{occurrence.key}|{occurrence.status}",
        data={
            "path": occurrence.path,
            "deadline": occurrence.deadline.isoformat(),
            "looked_at": now.isoformat(),
            "files": files,
        },
    )


def not_watched(watch: FileWatch, unseen: Sequence[Occurrence], now: datetime) -> Entry:
    """What was due while nobody looked, in one line: it is not judged, and nobody is called."""
    first, last = min(each.deadline for each in unseen), max(each.deadline for each in unseen)
    due = f"{first:%Y-%m-%d %H:%M} UTC" if first == last else f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    number = f"{len(unseen)} files" if len(unseen) > 1 else f"{unseen[0].site} {unseen[0].when}"
    return Entry(
        at=now,
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        kind="occurrence.not_watched",
        actor=f"watch:{watch.id}",
        text=f"not watched, due {due}: {number}. Nobody looked in time, so nobody is called",
        data={"path": unseen[0].path, "number": len(unseen), "files": [each.path for each in unseen[:NAMED]]},
    )


def came_again(again: Again, now: datetime) -> Entry:
    """A file that was sent again or spoilt, or one more, after its occurrence was complete: its status stays."""
    occurrence, file, before, spoilt = again
    what = f"{file.name} was sent again" if before else f"one more file came, {file.name}"
    if spoilt:
        rest = f"{file.size:,} bytes" if file.size else "nothing"
        what = f"{file.name} was overwritten with {rest}"
    was: JsonValue = _said(before) if before else None
    return Entry(
        at=now,
        client=occurrence.client,
        flux=occurrence.flux,
        watch=occurrence.watch,
        kind="file.spoilt" if spoilt else "file.again",
        actor=f"watch:{occurrence.watch}",
        text=f"{occurrence.site} {occurrence.when}: {what}; it stays {occurrence.status}",
        key=f"{occurrence.key}|again|{file.name}|{file.size}|{file.modified_at.isoformat()}",
        data={"path": occurrence.path, "file": _said(file), "before": was},
    )


def unexpected(watch: FileWatch, strangers: Sequence[Stranger], now: datetime) -> Iterator[Entry]:
    """Files that fit the pattern and that nobody expects: an entry each, up to a limit, and nobody is called."""
    for stranger in strangers[:NAMED]:
        yield _unexpected(watch, now, f"{stranger.path}: unexpected, {stranger.reason}", stranger.path)
    if len(strangers) > NAMED:
        rest = strangers[NAMED:]
        text = f"{len(rest)} more unexpected files, from {rest[0].path} to {rest[-1].path}"
        data: dict[str, JsonValue] = {"folder": folder_and_name(rest[0].path)[0], "number": len(rest)}
        yield _unexpected(watch, now, text, f"{len(rest)} from {rest[0].path}", data)


def _unexpected(
    watch: FileWatch, now: datetime, text: str, named: str, more: dict[str, JsonValue] | None = None
) -> Entry:
    return Entry(
        at=now,
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        kind="occurrence.unexpected",
        actor=f"watch:{watch.id}",
        text=text,
        key=f"{watch.id}|unexpected|{named}",
        data={"path": named, **(more or {})},
    )


def no_folder(watch: FileWatch, folder: str, now: datetime) -> Entry:
    """A folder that is not there: its files are missing, and this is why."""
    return Entry(
        at=now,
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        kind="folder.absent",
        actor=f"session:{watch.source}",
        text=f"{watch.source} has no folder '{folder}'; nothing can arrive in it",
        data={"folder": folder},
    )


def slow_folder(watch: FileWatch, folder: str, lasts: str, number: int, now: datetime) -> Entry:
    """A folder that takes its time: what is missing there is noticed later, and this is why."""
    files = f" ({number:,} files)" if number else ""
    return Entry(
        at=now,
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        kind="folder.slow",
        actor=f"session:{watch.source}",
        text=f"{watch.source} takes {lasts} to list the folder '{folder}'{files}; what is missing there is noticed later",
        data={"folder": folder},
    )


def _said(file: ArrivedFile) -> dict[str, JsonValue]:
    return {"name": file.name, "size": file.size, "modified_at": file.modified_at.isoformat()}
