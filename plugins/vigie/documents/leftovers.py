"""What somebody meant to come back to, in a text that others read at night: a merge half done, a TODO, a link to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from vigie.core.errors import Problem

FOLDERS = {"include/procedures": ("*/*.md",), "include/templates": ("*.md.j2", "*/*.md.j2")}
"""The texts that people are shown, by their folder."""

_MARKER = re.compile(r"<{7} .|={7}$|>{7} .|\|{7} .")
_TO_DO = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|À COMPLÉTER|A COMPLETER)\b")
_REMARK = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_SCRIPT = re.compile(
    r"(?:\]\(|\]:|<|\bhref\s*=\s*[\"']?)\s*(?P<scheme>javascript|vbscript|data|file)\s*:", re.IGNORECASE
)


def is_readme(path: Path) -> bool:
    """Whether it is there for whoever looks into the folder, and read by nothing."""
    return path.name.upper().partition(".")[0] == "README"


def leftovers(root: Path) -> Iterator[Problem]:
    """One problem for each line of the texts of a site. Remarks are their author's own."""
    for folder, patterns in FOLDERS.items():
        for path in sorted(found for pattern in patterns for found in (root / folder).glob(pattern)):
            if is_readme(path):
                continue
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue  # told as the file's own problem
            yield from _of(path.relative_to(root).as_posix(), _without_remarks(text).split("\n"))


def _without_remarks(text: str) -> str:
    return _REMARK.sub(lambda remark: "\n" * remark[0].count("\n"), text)


def _of(path: str, lines: Iterable[str]) -> Iterator[Problem]:
    merging = False
    for number, line in enumerate(lines, start=1):
        if _MARKER.match(line):
            if not merging:
                message = f"a merge is half done: '{line[:40]}'."
                yield Problem(
                    path=path, line=number, message=message, remedy="Keep one of the two texts, and take the marks out."
                )
            merging = True
            continue
        if found := _TO_DO.search(line):
            message = f"'{found[0]}' is left in a text that people follow or read."
            yield Problem(path=path, line=number, message=message, remedy="Write what is missing, or take it out.")
        if found := _SCRIPT.search(line):
            message = f"a link leads to '{found['scheme'].lower()}:', and would be shown as plain text."
            yield Problem(
                path=path,
                line=number,
                message=message,
                remedy="Link to 'https://…', 'mailto:…', or a step ('#heading').",
            )
