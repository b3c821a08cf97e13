"""Which file is whose, and whether it is whole: by the key in its name, never by recency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import ArrivedFile, FileSeen, Occurrence
from vigie.core.spelling import spelling

Seen = Mapping[str, Mapping[str, FileSeen] | None]
"""What the looks saw: by folder, then by name; None for a folder that is not there."""

KEPT_FILES = 200
"""So many files are remembered of one occurrence; of more than that nothing is said."""


class Arrival(NamedTuple):
    """What has come of an occurrence: whole files, and when the last one needed came (None: not all are there).

    ``coming`` is true while enough are there, and not all of them are whole; ``came_in_time`` says that by their own
    times they were there before the deadline, and we saw them too late to know. ``unproved``: one of them was gone before
    it was proved whole.
    """

    files: tuple[ArrivedFile, ...]
    at: datetime | None
    coming: bool
    came_in_time: bool
    unproved: bool = False


NOTHING = Arrival((), None, coming=False, came_in_time=False)


def arrival(watch: FileWatch, occurrence: Occurrence, files: Sequence[FileSeen], now: datetime) -> Arrival:
    """Judge the files of one occurrence. ``now`` is UTC."""
    if watch.at_least > 1:
        files = _with_known(occurrence, files)
    if not files:
        return NOTHING
    good = [file for file in files if file.size >= watch.min_size and _is_of_this_time(watch, occurrence, file)]
    good.sort(key=lambda file: (file.modified_at, file.name))
    whole = [file for file in good if file.gone or now - file.unchanged_since >= watch.stable_for]
    came = _first(watch, whole, now)
    if watch.at_least > 1 or watch.also:
        whole = _once(watch, whole)
        good = whole + [file for file in _once(watch, good) if file.name not in {each.name for each in whole}]
        good.sort(key=lambda file: (file.modified_at, file.name))
    needed = watch.at_least
    return Arrival(
        tuple(_kept(file) for file in whole[:KEPT_FILES]),
        came[needed - 1] if len(came) >= needed else None,
        len(good) >= needed > len(whole),
        len(good) >= needed
        and good[needed - 1].modified_at <= occurrence.deadline
        and all(_is_new_to_us(watch, file, now) for file in good if file not in whole),
        any(file.gone and file.name not in {known.name for known in occurrence.files} for file in whole),
    )


def _first(watch: FileWatch, files: Sequence[FileSeen], now: datetime) -> list[datetime]:
    """When each of the files came, to whichever of its places first; the earliest first."""
    found: dict[str, datetime] = {}
    for number, file in enumerate(files):
        name = spelling(file.name, ignore_case=watch.ignore_case) if watch.also or file.gone else str(number)
        found[name] = min(_came(file, now), found.get(name, datetime.max.replace(tzinfo=UTC)))
    return sorted(found.values())


def _once(watch: FileWatch, files: Sequence[FileSeen]) -> list[FileSeen]:
    """Each file once, though it was seen in several places, or lies in one and is gone from another."""
    found: list[FileSeen] = []
    placed: dict[str, tuple[str, bool]] = {}
    for file in sorted(files, key=lambda each: (each.gone, bool(each.elsewhere))):
        name, place = spelling(file.name, ignore_case=watch.ignore_case), (file.elsewhere, file.gone)
        if placed.setdefault(name, place) == place:
            found.append(file)
    return sorted(found, key=lambda each: (each.modified_at, each.name))


def _with_known(occurrence: Occurrence, files: Sequence[FileSeen]) -> Sequence[FileSeen]:
    """The files, and those that were whole at an earlier look and have been taken away since."""
    there = {file.name for file in files}
    return [
        *files,
        *(
            FileSeen(each.name, each.size, each.modified_at, each.modified_at, gone=True)
            for each in occurrence.files
            if each.name not in there
        ),
    ]


def _is_new_to_us(watch: FileWatch, file: FileSeen, now: datetime) -> bool:
    """Whether we could not have seen it whole yet. What grows on and on keeps nobody waiting, whatever its time says."""
    return now - (file.first_seen_at or file.unchanged_since) <= 2 * watch.stable_for


def _came(file: FileSeen, now: datetime) -> datetime:
    """When it came: by the server's clock, but not before we saw that it was absent, nor after we saw it."""
    return min(max(file.modified_at, file.absent_at or file.modified_at), file.seen_at or now)


def _is_of_this_time(watch: FileWatch, occurrence: Occurrence, file: FileSeen) -> bool:
    if watch.max_age is None:
        return True
    oldest, again = occurrence.due - watch.max_age, watch.recurrence
    # A name that comes again is that of several days: a file is that of the one day whose due is next after its age.
    return file.modified_at >= oldest and (again is None or file.modified_at < oldest + again.after)


Uncounted = Literal["empty", "small", "growing", "old", "later", "gone"]
"""Why a file that lies there under its name has not arrived; ``later``: by its own time it is that of the next date;
``gone``: it lies there no longer."""


def uncounted(watch: FileWatch, occurrence: Occurrence, file: FileSeen, now: datetime) -> Uncounted | None:
    """Why a file of an occurrence does not count now (UTC); None where it does."""
    if file.size < watch.min_size:
        return "small" if file.size else "empty"
    if not _is_of_this_time(watch, occurrence, file):
        return "old" if file.modified_at < occurrence.due else "later"
    return "growing" if now - file.unchanged_since < watch.stable_for else None


def _kept(file: FileSeen) -> ArrivedFile:
    return ArrivedFile(name=file.name, size=file.size, modified_at=file.modified_at)


class Again(NamedTuple):
    """A file that came after its occurrence was complete: sent again, where it was known as ``before``.

    ``spoilt``: it was overwritten, and is now smaller than a file that arrives may be.
    """

    occurrence: Occurrence
    file: ArrivedFile
    before: ArrivedFile | None
    spoilt: bool = False


def sent_again(
    watch: FileWatch, occurrence: Occurrence, files: Sequence[FileSeen], now: datetime
) -> tuple[Occurrence, list[Again]]:
    """The occurrence with its files as they are now, and those that changed or came after it was complete.

    Its status stays. Nothing is said of an occurrence whose files are not known (an older Vigie kept none).
    """
    files = [file for file in files if not file.elsewhere]  # what lies in an archive is a consumer's copy
    known = {file.name: file for file in occurrence.files}
    if not known or not any(_differs(file, known.get(file.name)) for file in files):
        return occurrence, []
    news = [file for file in arrival(watch, occurrence, files, now).files if known.get(file.name) != file]
    spoilt = [
        _kept(file)
        for file in files
        if file.size < watch.min_size and file.name in known and now - file.unchanged_since >= watch.stable_for
    ]
    news += [file for file in spoilt if known[file.name] != file]
    as_it_is = known | {file.name: file for file in news if file.name in known or len(known) < KEPT_FILES}
    again = occurrence.model_copy(update={"files": tuple(as_it_is.values())})
    told = [
        Again(again, file, known.get(file.name), file.size < watch.min_size)
        for file in news
        if as_it_is.get(file.name) == file
    ]
    return (again, told) if told else (occurrence, [])


def _differs(file: FileSeen, known: ArrivedFile | None) -> bool:
    return known is None or (file.size, file.modified_at) != (known.size, known.modified_at)
