"""Files read once: each is read again only when it has changed on disk."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Generic, TypeVar

from vigie.core.errors import InvalidDocument, Problem

Stamp = tuple[int, int, int]
"""A file's time, size and inode: one of them changes when it is written or replaced."""

Read = TypeVar("Read")


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file, None where there is none."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


class Shelf(Generic[Read]):
    """What was made of files, or why it could not be; by path."""

    def __init__(self, read: Callable[[Path, bytes, Any], Read]) -> None:
        self._read = read
        self._kept: dict[Path, tuple[object, Read | InvalidDocument]] = {}

    def get(self, path: Path, around: Hashable = None) -> Read | None:
        """What the file says now, None where there is none. Raises InvalidDocument.

        ``around`` is what else the reading depends on; it is handed on to the reader.
        """
        stamp = stamp_of(path)
        if stamp is None:
            self._kept.pop(path, None)
            return None
        kept = self._kept.get(path)
        if kept is None or kept[0] != (stamp, around):
            kept = ((stamp, around), self._fresh(path, around))
            self._kept[path] = kept
        if isinstance(kept[1], InvalidDocument):
            raise InvalidDocument(*kept[1].problems)
        return kept[1]

    def _fresh(self, path: Path, around: Hashable) -> Read | InvalidDocument:
        try:
            return self._read(path, path.read_bytes(), around)
        except InvalidDocument as invalid:
            return invalid
        except OSError as failed:
            said = f"the file cannot be read: {failed.strerror}."
            told = f"{path.parent.name}/{path.name}"
            return InvalidDocument(Problem(path=told, line=None, message=said, remedy="Let Vigie's user read it."))
