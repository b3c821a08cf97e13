"""Files that nobody has to act on and somebody should see: strangers, those sent again, folders that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from vigie.core.entry import Entry
from vigie.core.file_name import folder_and_name

KINDS = {
    "occurrence.unexpected": "unexpected",
    "occurrence.not_watched": "not watched",
    "file.again": "came again",
    "file.spoilt": "overwritten with nothing",
    "folder.absent": "no such folder",
    "folder.slow": "slow",
}
"""The entries that tell of them, and what it is called."""

SPAN = timedelta(days=3)
"""So long they are shown."""

NAMED = 10
"""So many of a folder are named, the newest."""


class Noticed(BaseModel):
    """What was noticed in one folder for one watch. ``texts`` name the newest of it; ``at`` is that of the first (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: str
    flux: str
    watch: str
    folder: str
    what: str
    number: int
    at: datetime
    texts: tuple[str, ...]


def noticed(entries: Iterable[Entry]) -> list[Noticed]:
    """The entries as one line for each folder and kind, the newest first; others than of ``KINDS`` are left out."""
    found: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda each: (each.at, each.seq or 0), reverse=True):
        if entry.kind in KINDS:
            found.setdefault((entry.watch or "", _folder(entry), entry.kind), []).append(entry)
    return [
        Noticed(
            client=lines[0].client,
            flux=lines[0].flux or "",
            watch=watch,
            folder=folder,
            what=KINDS[kind],
            number=sum(_number(each) for each in lines),
            at=lines[0].at,
            texts=tuple(each.text for each in lines[:NAMED]),
        )
        for (watch, folder, kind), lines in found.items()
    ]


def _folder(entry: Entry) -> str:
    written = entry.data.get("folder")
    return written if isinstance(written, str) else folder_and_name(str(entry.data.get("path", "")))[0]


def _number(entry: Entry) -> int:
    number = entry.data.get("number")
    return number if isinstance(number, int) else 1
