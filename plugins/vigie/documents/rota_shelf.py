"""The rota's files, read once until they change; and what to call people by while they cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from vigie.core.client import Rota
from vigie.core.errors import InvalidDocument, Problem
from vigie.documents.rotas import Reading, readable_rota
from vigie.documents.shelf import stamp_of


class RotaShelf:
    """The rota of a folder. ``told`` is how a file is called in problems."""

    def __init__(self, folder: Path, told: Callable[[Path], str]) -> None:
        self._folder = folder
        self._told = told
        self._kept: tuple[Hashable, Reading] | None = None
        self._last_whole: Rota | None = None

    def whole(self) -> Rota:
        """The rota. Raises InvalidDocument, with every problem, where its files cannot be read whole."""
        reading = self._read()
        if reading.problems:
            raise InvalidDocument(*reading.problems)
        return reading.rota

    def readable(self) -> Rota:
        """The rota; where its files cannot be read whole (``unreadable``) the last one that this process could read.

        A process that never read a whole one takes what can be read. Raises nothing.
        """
        reading = self._read()
        if reading.problems and self._last_whole is not None:
            return self._last_whole.model_copy(update={"unreadable": True})
        return reading.rota

    def _read(self) -> Reading:
        files = sorted(self._folder.glob("*.yaml"))
        stamps = tuple((path, stamp_of(path)) for path in files)
        if self._kept is None or self._kept[0] != stamps:
            self._kept = (stamps, self._fresh(files))
        reading = self._kept[1]
        if not reading.problems:
            self._last_whole = reading.rota
        return reading

    def _fresh(self, files: list[Path]) -> Reading:
        read: dict[str, bytes] = {}
        away: list[Problem] = []
        for path in files:
            try:
                read[self._told(path)] = path.read_bytes()
            except OSError as failed:
                said = f"the file cannot be read: {failed.strerror}."
                away.append(Problem(path=self._told(path), line=None, message=said, remedy="Let Vigie's user read it."))
        reading = readable_rota(read)
        if not away:
            return reading
        return Reading(reading.rota.model_copy(update={"unreadable": True}), (*away, *reading.problems))
