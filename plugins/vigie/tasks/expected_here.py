"""Whether a name is expected in a folder by any watch of a connection. Made by the first question: most folders hold no link."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from vigie.core.expected_names import ExpectedNames
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence


class ExpectedHere:
    """The names that the watches of a connection wait for."""

    def __init__(self, due: Sequence[tuple[FileWatch, Sequence[Occurrence]]]) -> None:
        self._due = due

    @cached_property
    def _names(self) -> list[ExpectedNames]:
        return [ExpectedNames(found, ignore_case=watch.ignore_case) for watch, found in self._due]

    def expects(self, folder: str, name: str) -> bool:
        """Whether any of them waits for a file of this name in this folder."""
        return any(names.owners(folder, name) for names in self._names)
