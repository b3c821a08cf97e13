"""Which DAG files must be parsed anew because something beside them has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

Stamp = tuple[int, int, int]
"""A file's time of change (not of its content: a file put back with its old time has changed too), size and inode."""


class AuthoredChanges:
    """Remembers the stamps of what a DAG file reads or imports; nothing has changed at the first look.

    ``dags`` is the folder of DAG files, ``include`` that of the documents which they read.
    """

    def __init__(self, dags: Path, include: Path) -> None:
        self._dags = dags
        self._include = include
        self._known: dict[str, Stamp] | None = None

    def changed(self) -> set[PurePosixPath]:
        """What has come, gone or changed since the last look, as ``include/clients/nordwind/stores.yaml``."""
        now = dict(_stamps(self._include, "include")) | dict(_stamps(self._dags, "dags", "*.py"))
        before, self._known = self._known, now
        if before is None:
            return set()
        return {PurePosixPath(path) for path in before.keys() | now.keys() if before.get(path) != now.get(path)}


def files_to_parse(changed: Iterable[PurePosixPath], files: Mapping[str, bool], broken: Iterable[str]) -> set[str]:
    """Of the DAG files (paths below ``dags/``; whether each makes a DAG), those that read what has changed.

    A flux ``<client>/<flux>.py`` reads the client's own tables; what lies outside a client's folder reads everything,
    and so may a file that does not load. A module without a DAG is imported by its neighbours. A changed DAG file is
    left out: Airflow sees that by itself.
    """
    found: set[str] = set()
    for path in changed:
        top, *rest = path.parts
        if top == "dags":
            module = "/".join(rest)
            if not files.get(module, False):
                folder = module.rpartition("/")[0]
                found |= {each for each in files if each != module and (not folder or each.startswith(f"{folder}/"))}
            continue
        found |= set(broken)
        client = rest[1] if len(rest) > 2 and rest[0] in {"clients", "procedures", "templates"} else None
        found |= {each for each in files if "/" not in each or client in {None, each.partition("/")[0]}}
    return found


def _stamps(root: Path, name: str, pattern: str = "*") -> Iterator[tuple[str, Stamp]]:
    for path in root.rglob(pattern):
        try:
            stat = path.stat()
        except OSError:  # gone meanwhile, or a link that leads nowhere
            continue
        if path.is_file():
            yield f"{name}/{path.relative_to(root).as_posix()}", (stat.st_ctime_ns, stat.st_size, stat.st_ino)
