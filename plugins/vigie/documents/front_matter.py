"""A document with a head: fields between two lines ``---``, then the body, each with its line numbers."""

from __future__ import annotations

from typing import NamedTuple

from vigie.documents.findings import Findings
from vigie.documents.strict_yaml import Written, read_yaml

_FENCE = "---"


class FrontMatter(NamedTuple):
    """The head (None where it could not be read), the body, and the number of the body's first line."""

    head: Written | None
    body: str
    body_line: int


def read_front_matter(text: str, findings: Findings, *, example: str) -> FrontMatter:
    """Split a text into head and body. ``example`` is a first field, for the remedy."""
    lines = text.split("\n")
    remedy = f"Begin the file with a line '---', then '{example}' and the other fields, then a line '---'."
    if lines[0].rstrip() != _FENCE:
        findings.add(1, "the file has no head.", remedy)
        return FrontMatter(None, text, 1)
    ends = [number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == _FENCE]
    if not ends:
        findings.add(1, "the head has no end.", "Write a line '---' after its last field.")
        return FrontMatter(None, "", len(lines))
    head = read_yaml("\n".join(lines[1 : ends[0]]), findings, first_line=2)
    if head is not None and not isinstance(head.value, dict):
        findings.add(2, "the head is not a list of fields.", remedy)
        head = None
    return FrontMatter(head, "\n".join(lines[ends[0] + 1 :]), ends[0] + 2)
