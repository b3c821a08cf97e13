"""The names of the files in a folder, listed again only when the folder has changed."""

from __future__ import annotations

import time
from pathlib import Path

SETTLED = 1_000_000_000
"""Nanoseconds after which a folder's time of change is trusted: two changes within one tick of the clock have one time."""


class FolderNames:
    """Lists folders. A folder that does not exist, or is none, has no files."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[tuple[int, int], tuple[str, ...]]] = {}

    def __call__(self, folder: Path) -> tuple[str, ...]:
        """The names in the folder, sorted; hidden ones and those of its folders too."""
        try:
            stat = folder.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            kept = self._kept.get(folder)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            names = tuple(sorted(path.name for path in folder.iterdir()))
        except OSError:
            return ()
        if time.time_ns() - stat.st_mtime_ns > SETTLED:
            self._kept[folder] = (stamp, names)
        return names
