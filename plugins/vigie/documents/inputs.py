"""What a step asks to be filled in: a table whose first column is called *Fill in*."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vigie.core.procedure import Input, InputKind
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.outline import Block, rows
from vigie.documents.procedure_words import COLUMNS, FILL_IN, KINDS, OPTIONAL, is_one_of

LABEL_LIMIT = 100
LIMIT = 10
"""Inputs of one step: what a form in Slack and in Airflow still shows well."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def is_inputs(block: Block) -> bool:
    """Whether this block is such a table."""
    return block.kind == "table" and is_one_of(rows(block)[0].cells[0], FILL_IN)


def read_inputs(block: Block, first: int, findings: Findings) -> tuple[Input, ...]:
    """The inputs of a table, every problem noted. ``first`` is the number of the page's first line."""
    head, *body = rows(block)
    line = first + head.line
    expected = [english for english, _ in COLUMNS]
    if len(head.cells) != len(COLUMNS) or not all(map(is_one_of, head.cells, COLUMNS)):
        findings.add(
            line, f"a table to fill in has the columns {', '.join(expected)}.", f"Write '| {' | '.join(expected)} |'."
        )
        return ()
    if not 0 < len(body) <= LIMIT:
        findings.add(
            line, f"a table to fill in has 1 to {LIMIT} rows (found {len(body)}).", "Make a step of each part."
        )
    inputs: dict[str, Input] = {}
    for row in body:
        read = _input(row.cells, first + row.line, findings)
        if read and read.name in inputs:
            findings.add(read.line, f"the name '{read.name}' stands twice.", "Give each its own.")
        elif read:
            inputs[read.name] = read
    return tuple(inputs.values())


def _input(cells: Sequence[str], line: int, findings: Findings) -> Input | None:
    label, kind, name = cells
    if not 0 < len(label) <= LABEL_LIMIT:
        findings.add(line, f"what is to be filled in has 1 to {LABEL_LIMIT} characters.")
    if not _NAME.fullmatch(name) or name.startswith("check_"):  # the boxes of a form are called check_1, check_2…
        findings.add(line, f"'{name}' cannot be a name.", "Use small letters, digits and '_', as 'run_number'.")
    if "{{" in label + kind:
        findings.add(line, "a table to fill in holds no facts.", "Write them into the text above it.")
    words, _, listed = kind.partition(":")
    listed, required = _without_optional(listed or words)
    words = words if ":" in kind else listed
    found: InputKind | None = next((each for each, names in KINDS.items() if is_one_of(words, names)), None)
    if found is None:
        known = [name for names in KINDS.values() for name in names]
        findings.add(line, f"'{words.strip()}' is not a kind of input.", did_you_mean(words.strip(), known))
        return None
    options = tuple(part.strip() for part in listed.split(",")) if ":" in kind else ()
    if (found == "one_of") != bool(options) or len(set(options)) != len(options) or not all(options):
        findings.add(line, f"'{kind}': the options of a choice do not fit.", "Write 'one of: A, B, C', or 'text'.")
        return None
    return Input(name=name, label=label, kind=found, line=line, options=options, required=required)


def _without_optional(written: str) -> tuple[str, bool]:
    """The words without a last *optional*, and whether something must be filled in."""
    before, comma, last = written.rpartition(",")
    return (before, False) if comma and is_one_of(last, OPTIONAL) else (written, True)
