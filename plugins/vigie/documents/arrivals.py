"""A log of arrivals, as a table in CSV: which file of which business date came when."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple

from vigie.core.errors import Problem
from vigie.core.replay import Arrival
from vigie.core.window import shown
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.text_file import read_text

COLUMNS = ("business_date", "file_name", "arrived_at")
_MARKS = ",;\t"
_YEARS = range(1970, 2101)
_UTC = re.compile(r"\s*(z|utc|gmt)$", re.IGNORECASE)
"""As databases and mail servers write UTC."""

LIMIT = 200_000_000
"""How large a log may be, in bytes."""


class ArrivalLog(NamedTuple):
    """The arrivals in the order of their times, and what is worth a remark: rows that were taken for one."""

    arrivals: tuple[Arrival, ...]
    remarks: tuple[Problem, ...]


def read_arrivals(path: str, data: bytes, zone: tzinfo | None = None) -> ArrivalLog:
    """Read a log of arrivals. Raises InvalidDocument with every row that cannot be read; none is left out in silence.

    Rows may stand in any order; further columns are not read. A row without ``arrived_at`` is a file that never came.
    A time that does not say its zone is of ``zone``, and refused where there is none; of one that came twice on a night
    of a clock change the first is taken, one that never was is as much later, and both are remarked. What separates the columns, ``,`` ``;`` or a tabulator, the first line shows.
    """
    findings, remarks = Findings(path), Findings(path)
    text = read_text(data, findings, LIMIT)
    found: dict[tuple[date, str, datetime | None], Arrival] = {}
    for line, row in _rows(text, findings):
        arrival = _arrival(line, row, zone, findings, remarks)
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
    written = text.splitlines(keepends=True)
    lines = csv.reader(written, delimiter=_mark(written), strict=True)
    head: Sequence[str] | None = None
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as wrong:
            findings.add(lines.line_num, f"not valid CSV: {wrong}.", "Put a text that holds a comma in quotes.")
            continue
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


def _mark(written: Sequence[str]) -> str:
    """What separates the columns: that which parts the first line into the names of columns."""
    first = next((line.strip() for line in written if line.strip(_MARKS + " \n")), "")
    return max(_MARKS, key=lambda mark: sum(cell.strip(' "') in COLUMNS for cell in first.split(mark)))


def _check_head(head: Sequence[str], line: int, findings: Findings) -> bool:
    for name in (name for name in COLUMNS if name not in head):
        findings.add(line, f"the column '{name}' is missing.", did_you_mean(name, set(head) - set(COLUMNS) - {""}))
    for name in sorted({name for name in head if name in COLUMNS and head.count(name) > 1}):
        findings.add(line, f"the column '{name}' stands twice.", "Keep one.")
    return not findings.problems


def _arrival(
    line: int, row: dict[str, str], zone: tzinfo | None, findings: Findings, remarks: Findings
) -> Arrival | None:
    before = len(findings.problems)
    day, name, at = row["business_date"], row["file_name"], row["arrived_at"]
    business_date = _day(day)
    if business_date is None:
        findings.add(line, f"business_date: '{day}' is no date.", "Write it as 2026-11-23.")
    elif business_date.year not in _YEARS:
        findings.add(line, f"business_date: '{day}' is not of our time.", "Write it as 2026-11-23.")
    if not name:
        findings.add(line, "file_name: there is no name.", "Write the name of the file.")
    arrived = _time(line, at, zone, findings, remarks) if at else None
    if business_date is None or len(findings.problems) > before:
        return None
    return Arrival(business_date, name, arrived, line)


def _time(line: int, at: str, zone: tzinfo | None, findings: Findings, remarks: Findings) -> datetime | None:
    try:
        arrived = datetime.fromisoformat(_UTC.sub("Z", at))
    except ValueError:
        findings.add(line, f"arrived_at: '{at}' is no time.", "Write it as 2026-11-23T18:07:05Z.")
        return None
    if arrived.year not in _YEARS:
        findings.add(line, f"arrived_at: '{at}' is not of our time.", "Write it as 2026-11-23T18:07:05Z.")
        return None
    if arrived.tzinfo is None and zone is None:
        remedy = f"Write '{at}Z' for UTC, or '{at}+01:00', or say for all of them --log-tz Europe/Rome."
        findings.add(line, f"arrived_at: '{at}' does not say of which zone it is.", remedy)
        return None
    if arrived.tzinfo is None and zone is not None:
        return _local(line, at, arrived, zone, remarks)
    return arrived.astimezone(UTC)


def _local(line: int, at: str, arrived: datetime, zone: tzinfo, remarks: Findings) -> datetime:
    """A time on the clocks of a zone; what a clock change makes of it is remarked."""
    instant = arrived.replace(tzinfo=zone).astimezone(UTC)
    how_often = shown(arrived, zone)
    if how_often == "twice":
        message = f"arrived_at: '{at}' came twice in {zone}; the first is taken, {instant:%H:%M} UTC."
        remarks.add(line, message, "Write its offset, as '+01:00'.")
    elif how_often == "never":
        message = (
            f"arrived_at: '{at}' never was in {zone}: the clocks went on; {instant.astimezone(zone):%H:%M} is taken."
        )
        remarks.add(line, message, "Write its offset, as '+01:00'.")
    return instant


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == 10 else None
    except ValueError:
        return None
