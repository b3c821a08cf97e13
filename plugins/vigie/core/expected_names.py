"""The names that occurrences wait for, and whose a name is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from vigie.core.file_name import folder_and_name
from vigie.core.occurrence import FileSeen, Occurrence


class ExpectedNames:
    """The names of many occurrences, so that a name in a folder is asked once, whatever the number of sites.

    Where a ``*`` makes a name fit several occurrences (PAR-1 and PAR-10), it is that of the longest plain text.
    """

    def __init__(self, occurrences: Iterable[Occurrence]) -> None:
        self._plain: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._open: defaultdict[str, _OpenNames] = defaultdict(_OpenNames)
        for occurrence in occurrences:
            folder, name = folder_and_name(occurrence.path)
            if "*" in name:
                self._open[folder].add(name, occurrence.key)
            else:
                self._plain[folder, name].append(occurrence.key)

    def claimed(self, seen: Mapping[str, Mapping[str, FileSeen] | None]) -> dict[str, list[FileSeen]]:
        """The files that the occurrences have, by their keys. Plain names are looked up, only those with a star searched."""
        found: defaultdict[str, list[FileSeen]] = defaultdict(list)
        for (folder, name), keys in self._plain.items():
            file = (seen.get(folder) or {}).get(name)
            if file is not None:
                for key in keys:
                    found[key].append(file)
        for folder, names in self._open.items():
            for name, file in (seen.get(folder) or {}).items():
                if (folder, name) not in self._plain:
                    for key in names.owners(name):
                        found[key].append(file)
        return found

    def owners(self, folder: str, name: str) -> Sequence[str]:
        """The keys of the occurrences that a file of this name is."""
        found = self._plain.get((folder, name))
        if found is None and folder in self._open:
            found = self._open[folder].owners(name)
        return found or ()


class _Open(NamedTuple):
    """A name with stars: the plain text between the first and the last of them, and whose it is."""

    middle: tuple[str, ...]
    key: str
    plain: int


class _OpenNames:
    """Names with stars, found by the text before the first, after the last, and the longest piece between."""

    def __init__(self) -> None:
        self._ends: defaultdict[tuple[int, int], defaultdict[tuple[str, str, str], list[_Open]]]
        self._ends = defaultdict(lambda: defaultdict(list))
        self._sizes: defaultdict[tuple[str, str], set[int]] = defaultdict(set)

    def add(self, name: str, key: str) -> None:
        head, *middle, tail = name.split("*")
        longest = max(middle, key=len, default="")
        waiting = _Open(tuple(middle), key, len(name) - name.count("*"))
        self._ends[len(head), len(tail)][head, tail, longest].append(waiting)
        self._sizes[head, tail].add(len(longest))

    def owners(self, name: str) -> list[str]:
        fitting = list(self._fitting(name))
        best = max((waiting.plain for waiting in fitting), default=0)
        return [waiting.key for waiting in fitting if waiting.plain == best]

    def _fitting(self, name: str) -> Iterator[_Open]:
        for (head_size, tail_size), names in self._ends.items():
            end = len(name) - tail_size
            if end < head_size:
                continue
            head, inner, tail = name[:head_size], name[head_size:end], name[end:]
            for size in self._sizes.get((head, tail), ()):
                pieces = {inner[place : place + size] for place in range(len(inner) - size + 1)} if size else {""}
                for piece in pieces:
                    for waiting in names.get((head, tail, piece), ()):
                        if _holds(inner, waiting.middle):
                            yield waiting


def _holds(text: str, middle: Iterable[str]) -> bool:
    place = 0
    for piece in middle:
        place = text.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return True
