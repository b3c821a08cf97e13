"""A folder of this machine as a file server."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from vigie.core.errors import FolderUnreadable, TransportError
from vigie.core.ports import ListedFile

_NOWHERE = "a link that leads nowhere"


class LocalDropZone:
    r"""The files below ``root``, which is left by no ``..`` and no link; a leading ``/`` means the root.

    Links are not listed. A name that is not UTF-8 is shown with ``\xNN`` for what cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __repr__(self) -> str:
        return f"LocalDropZone({self._root})"

    def listing(self, folder: str) -> Sequence[ListedFile] | None:
        """The files of a folder below the root; None where the folder is not there."""
        root = os.path.realpath(self._root)
        if not os.path.isdir(root):  # noqa: PTH112  # an unmounted disk is not an empty one
            raise TransportError(f"{self._root}: the folder is not there")
        try:
            asked = os.path.join(root, folder.lstrip("/"))  # noqa: PTH118  # keeps odd names
            path = os.path.realpath(asked)
            if os.path.commonpath([root, path]) != root:
                raise TransportError(f"{self._root}: the folder {folder!r} is outside", permanent=True)
            with os.scandir(os.fsencode(path)) as entries:
                return list(_files(entries))
        except (FileNotFoundError, NotADirectoryError):
            if os.path.islink(asked) and not os.path.exists(asked):  # noqa: PTH110, PTH114
                raise FolderUnreadable(f"{self._root}: the folder {folder!r} cannot be read: {_NOWHERE}") from None
            return None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = error.strerror if isinstance(error, OSError) else error
            raise FolderUnreadable(f"{self._root}: the folder {folder!r} cannot be read: {reason}") from error

    def close(self) -> None:
        """Nothing is open."""


def _files(entries: Iterator[os.DirEntry[bytes]]) -> Iterator[ListedFile]:
    for entry in entries:
        try:
            seen = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # gone since the folder was opened
            continue
        if stat.S_ISREG(seen.st_mode):
            yield ListedFile(
                name=entry.name.decode("utf-8", "backslashreplace"),
                size=seen.st_size,
                modified_at=datetime.fromtimestamp(seen.st_mtime, UTC),
            )
