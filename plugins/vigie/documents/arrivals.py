"""A log of arrivals, as a table in CSV: which file of which business date came when."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from vigie.core.errors import Problem
from vigie.core.replay import Arrival
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.text_file import read_text

COLUMNS = ("business_date", "file_name", "arrived_at")
LIMIT = 200_000_000
"""How large a log may be, in bytes."""


class ArrivalLog(NamedTuple):
    """The arrivals in the order of their times, and what is worth a remark: rows that were taken for one."""

    arrivals: tuple[Arrival, ...]
    remarks: tuple[Problem, ...]


def read_arrivals(path: str, data: bytes) -> ArrivalLog:
    """Read a log of arrivals. Raises InvalidDocument with every row that cannot be read; none is left out in silence.

    Rows may stand in any order; further columns are not read. A row without ``arrived_at`` is a file that never came.
    """
    findings, remarks = Findings(path), Findings(path)
    text = read_text(data, findings, LIMIT)
    found: dict[tuple[date, str, datetime | None], Arrival] = {}
    for line, row in _rows(text, findings):
        arrival = _arrival(line, row, findings)
        if arrival is None:
            continue
        known = found.setdefault(arrival[:3], arrival)
        if known is not arrival:
            remarks.add(line, f"this row says the same as line {known.line}; it counts once.")
    if not found and not findings.problems:
        findings.add(None, "there are no arrivals in it.", f"Write one row a file, below '{','.join(COLUMNS)}'.")
    findings.raise_any()
    ordered = sorted(found.values(), key=lambda each: (each.at or datetime.max.replace(tzinfo=UTC), each.line))
    return ArrivalLog(tuple(ordered), tuple(remarks.problems))


def _rows(text: str, findings: Findings) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line; the columns by their names."""
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    head: Sequence[str] | None = None
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as wrong:
            findings.add(lines.line_num, f"not valid CSV: {wrong}.", "Put a text that holds a comma in quotes.")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if head is None:
            head = [cell.strip() for cell in cells]
            if not _check_head(head, lines.line_num, findings):
                return
        elif len(cells) != len(head):
            message = f"this row has {len(cells)} columns, the first line {len(head)}."
            findings.add(lines.line_num, message, "Write one cell for each column.")
        else:
            yield lines.line_num, dict(zip(head, (cell.strip() for cell in cells), strict=True))


def _check_head(head: Sequence[str], line: int, findings: Findings) -> bool:
    missing = [name for name in COLUMNS if name not in head]
    if len(head) == 1 and any(mark in head[0] for mark in ";\t"):
        findings.add(line, "the columns are not separated by commas.", f"Write the first line '{','.join(COLUMNS)}'.")
        return False
    for name in missing:
        findings.add(line, f"the column '{name}' is missing.", did_you_mean(name, set(head) - set(COLUMNS) - {""}))
    for name in sorted({name for name in head if name in COLUMNS and head.count(name) > 1}):
        findings.add(line, f"the column '{name}' stands twice.", "Keep one.")
    return not findings.problems


def _arrival(line: int, row: dict[str, str], findings: Findings) -> Arrival | None:
    before = len(findings.problems)
    day, name, at = row["business_date"], row["file_name"], row["arrived_at"]
    business_date, arrived = _day(day), None
    if business_date is None:
        findings.add(line, f"business_date: '{day}' is no date.", "Write it as 2026-11-23.")
    if not name:
        findings.add(line, "file_name: there is no name.", "Write the name of the file.")
    if at:
        try:
            arrived = datetime.fromisoformat(at)
        except ValueError:
            findings.add(line, f"arrived_at: '{at}' is no time.", "Write it as 2026-11-23T18:07:05Z.")
        else:
            if arrived.tzinfo is None:
                remedy = f"Write '{at}Z' for UTC, or '{at}+01:00'."
                findings.add(line, f"arrived_at: '{at}' does not say of which zone it is.", remedy)
    if business_date is None or len(findings.problems) > before:
        return None
    return Arrival(business_date, name, arrived.astimezone(UTC) if arrived else None, line)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == 10 else None
    except ValueError:
        return None
