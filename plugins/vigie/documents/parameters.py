"""The lines of a fenced block: ``name: value``, and what is indented continues the value.

Not YAML: there ``on_failure: #relaunch`` is a comment, ``job: {{ facts.job }}`` a mapping, and SQL needs quotes.
Every value is text, and says what it says.
"""

from __future__ import annotations

import re
import textwrap

from vigie.documents.findings import Findings

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,39})[ \t]*:(?:[ \t]+(.*)|)", re.DOTALL)
_QUOTED = re.compile(r"(['\"])(.*)\1")
_BLOCK_SIGNS = {"|", ">", "|-", ">-"}
"""What YAML needs before a value of several lines; here it is not needed, and does no harm."""


def read_parameters(text: str, first_line: int, findings: Findings) -> dict[str, str] | None:
    """Read the lines of a block, None (and every problem noted) where one of them cannot be read."""
    before = len(findings.problems)
    values: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    name = ""
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=first_line):
        if not line.strip() or line[0] in " \t":
            if name:
                values[name].append(line)
            elif line.strip():
                findings.add(number, "an indented line continues a value, and none stands before it.", "Unindent it.")
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            name = ""
            shown = line if len(line) <= 60 else f"{line[:60]}…"
            findings.add(number, f"'{shown}' is not a line 'name: value'.", "Indent it where it continues a value.")
            continue
        name = found[1]
        if name in values:
            findings.add(number, f"'{name}' stands twice (first on line {lines[name]}).", "Keep one.")
        values[name] = [] if (found[2] or "") in _BLOCK_SIGNS else [found[2] or ""]
        lines[name] = number
    read = {name: _value(written) for name, written in values.items()}
    for empty in (name for name, value in read.items() if not value):
        findings.add(lines[empty], f"'{empty}' has no value.", "Write one, or delete the line.")
    return read if len(findings.problems) == before else None


def _value(written: list[str]) -> str:
    whole = "\n".join([*written[:1], textwrap.dedent("\n".join(written[1:]))]).strip()
    quoted = _QUOTED.fullmatch(whole)
    return quoted[2] if quoted else whole
