"""The names that occurrences wait for, and whose a name is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from vigie.core.file_name import folder_and_name
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.spelling import spelling
from vigie.core.temporary_name import is_temporary


class ExpectedNames:
    """The names of many occurrences, so that a name in a folder is asked once, whatever the number of sites.

    Where a ``*`` makes a name fit several occurrences (PAR-1 and PAR-10), it is that of the longest plain text. A ``*``
    stands neither for a dot at the beginning of a name nor for the mark of a temporary one. Names in other forms of
    Unicode are the same name; with ``ignore_case`` so are those in another case.
    """

    def __init__(self, occurrences: Iterable[Occurrence], *, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        self._plain: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        self._open: defaultdict[str, _OpenNames] = defaultdict(_OpenNames)
        self._later: set[tuple[str, str]] = set()
        for occurrence in occurrences:
            key, own = occurrence.key, ""
            for path in occurrence.places:
                folder, name = folder_and_name(path)
                own = own or folder
                if folder != own:
                    self._later.add((folder, key))
                name = spelling(name, ignore_case=ignore_case)
                if "*" in name:
                    self._open[folder].add(name, key)
                else:
                    self._plain[folder].setdefault(name, []).append(key)

    def claimed(self, seen: Mapping[str, Mapping[str, FileSeen] | None]) -> dict[str, list[FileSeen]]:
        """The files that the occurrences have, by their keys. Plain names are looked up, only those with a star searched.

        In a later place than its first a file counts by its own time: it came there from where it was first.
        """
        found: defaultdict[str, list[FileSeen]] = defaultdict(list)
        for folder, plain in self._plain.items():
            files = seen.get(folder) or {}
            spelt = self._spelt(files)
            for name, keys in plain.items():
                exact = files.get(name)
                for file in spelt.get(name, ()) if spelt or exact is None else (exact,):
                    for key in keys:
                        found[key].append(self._placed(folder, key, file))
        for folder, names in self._open.items():
            plain = self._plain.get(folder, {})
            for name, file in (seen.get(folder) or {}).items():
                same = spelling(name, ignore_case=self._ignore_case)
                if same not in plain:
                    for key in names.owners(same):
                        found[key].append(self._placed(folder, key, file))
        return found

    def _placed(self, folder: str, key: str, file: FileSeen) -> FileSeen:
        if not self._later or (folder, key) not in self._later:
            return file
        return file._replace(absent_at=None, elsewhere=folder)

    def _spelt(self, files: Mapping[str, FileSeen]) -> dict[str, list[FileSeen]]:
        """The files of a folder by their spelling; empty where every name is spelt as it stands."""
        if not self._ignore_case and all(name.isascii() for name in files):
            return {}
        found: dict[str, list[FileSeen]] = {}
        for name, file in files.items():
            found.setdefault(spelling(name, ignore_case=self._ignore_case), []).append(file)
        return found

    def owners(self, folder: str, name: str) -> Sequence[str]:
        """The keys of the occurrences that a file of this name is."""
        name = spelling(name, ignore_case=self._ignore_case)
        found: Sequence[str] | None = self._plain.get(folder, {}).get(name)
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
            if end < head_size or (not head_size and name.startswith(".")):
                continue
            head, inner, tail = name[:head_size], name[head_size:end], name[end:]
            for size in self._sizes.get((head, tail), ()):
                pieces = {inner[place : place + size] for place in range(len(inner) - size + 1)} if size else {""}
                for piece in pieces:
                    for waiting in names.get((head, tail, piece), ()):
                        stars = _stars(inner, waiting.middle)
                        if stars and not is_temporary(stars, begins=not head, ends=not tail):
                            yield waiting


def _stars(text: str, middle: Iterable[str]) -> list[str]:
    """What each star stands for, where the plain pieces follow one another in the text; else nothing."""
    found, place = [], 0
    for piece in middle:
        begins = text.find(piece, place)
        if begins < 0:
            return []
        found.append(text[place:begins])
        place = begins + len(piece)
    return [*found, text[place:]]
