"""A folder of this machine as a file server."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from vigie.core.errors import FolderUnreadable, TransportError
from vigie.core.ports import Follow, ListedFile
from vigie.core.spelling import forms

_NOWHERE = "a link that leads nowhere"


class LocalDropZone:
    r"""The files below ``root``, which is left by no ``..`` and no link; a leading ``/`` means the root.

    A link is listed where its name is expected and it leads to a file below the root. A name that is not UTF-8 is shown with ``\xNN`` for what cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __repr__(self) -> str:
        return f"LocalDropZone({self._root})"

    def listing(self, folder: str, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """The files of a folder below the root; None where the folder is not there."""
        for form in forms(folder):
            found = self._listing(form, follow)
            if found is not None:
                return found
        return None

    def _listing(self, folder: str, follow: Follow | None) -> list[ListedFile] | None:
        root = os.path.realpath(self._root)
        if not os.path.isdir(root):  # noqa: PTH112  # an unmounted disk is not an empty one
            raise TransportError(f"{self._root}: the folder is not there")
        try:
            asked = os.path.join(root, folder.lstrip("/"))  # noqa: PTH118  # keeps odd names
            path = os.path.realpath(asked)
            if os.path.commonpath([root, path]) != root:
                raise TransportError(f"{self._root}: the folder {folder!r} is outside", permanent=True)
            with os.scandir(os.fsencode(path)) as entries:
                return list(_files(entries, root, follow))
        except (FileNotFoundError, NotADirectoryError):
            if os.path.islink(asked) and not os.path.exists(asked):  # noqa: PTH110, PTH114
                raise FolderUnreadable(f"{self._root}: the folder {folder!r} cannot be read: {_NOWHERE}") from None
            return None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = error.strerror if isinstance(error, OSError) else error
            raise FolderUnreadable(f"{self._root}: the folder {folder!r} cannot be read: {reason}") from error

    def close(self) -> None:
        """Nothing is open."""


def _files(entries: Iterator[os.DirEntry[bytes]], root: str, follow: Follow | None) -> Iterator[ListedFile]:
    for entry in entries:
        name = entry.name.decode("utf-8", "backslashreplace")
        try:
            seen = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # gone since the folder was opened
            continue
        modified = seen.st_mtime
        if stat.S_ISLNK(seen.st_mode) and follow is not None and follow(name):
            seen = _target(entry, os.fsencode(root)) or seen
        if stat.S_ISREG(seen.st_mode):
            at = datetime.fromtimestamp(max(modified, seen.st_mtime), UTC)
            yield ListedFile(name=name, size=seen.st_size, modified_at=at)


def _target(link: os.DirEntry[bytes], root: bytes) -> os.stat_result | None:
    """What a link leads to below the root; None where it leads nowhere, in a circle, or out of it."""
    try:
        if os.path.commonpath([root, os.path.realpath(link.path)]) == root:
            return link.stat()
    except OSError:
        return None
    return None
