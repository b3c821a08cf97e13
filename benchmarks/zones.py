"""Deadlines in every zone of the IANA list in two years, against a second computation from the same data: each quarter of
an hour of the days on which the clocks change and of those beside them, each six hours of all others.

The second one reads the package's TZif files itself (RFC 9636) and finds the instants by trying offsets; it shares no
code with `zoneinfo`. Any difference is printed; the exit code is then 1.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/zones.py`
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
import time
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from importlib.resources import files
from pathlib import Path

from report import Report

from vigie.core.window import at_wall_clock
from vigie.core.zone import IANA_VERSION, available_timezones

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86400


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, nargs=2, default=(2026, 2027), metavar=("FIRST", "LAST"))
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("zones", options.json)
    began = time.monotonic()
    first, last = date(options.years[0], 1, 1), date(options.years[1], 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    asked = different = 0
    names = sorted(available_timezones())
    for name in names:
        second = Tzif(name)
        for day in days:
            midnight = (day - date(1970, 1, 1)).days * DAY
            changes = len({second.offset(midnight + shift * DAY) for shift in (-2, -1, 0, 1, 2, 3)}) > 1
            for minute in range(0, 1440, 15 if changes else 360):
                found = at_wall_clock(day, clock(minute // 60, minute % 60), name)
                wall = midnight + minute * 60
                asked += 1
                if (found - EPOCH).total_seconds() != second.instant(wall):
                    different += 1
                    if different <= 50:
                        print(f"{name} {day} {minute // 60:02}:{minute % 60:02}: {found}, and {second.instant(wall)}")
    seconds = time.monotonic() - began
    report.figures |= {"zones": len(names), "asked": asked, "different": different, "iana": IANA_VERSION}
    report.table(
        f"Wall-clock times from {first} to {last}, IANA {IANA_VERSION}",
        ["zones", "times", "differences", "seconds"],
        [[len(names), f"{asked:,}", different, f"{seconds:.0f}"]],
    )
    report.goal("differences", 0, different)
    report.finish()
    return 1 if different else 0


class Tzif:
    """The second 64-bit block of a TZif file, and its footer for what comes after the last transition."""

    def __init__(self, name: str) -> None:
        data = (files("tzdata") / "zoneinfo").joinpath(*name.split("/")).read_bytes()
        counts = struct.unpack(">6l", data[20:44])
        isut, isstd, leap, times, types, chars = counts
        start = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut  # behind the block of version 1
        isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[start + 20 : start + 44])
        place = start + 44
        self.at = struct.unpack(f">{times}q", data[place : place + 8 * times])
        kinds = data[place + 8 * times : place + 9 * times]
        place += 9 * times
        offsets = [struct.unpack(">l", data[place + 6 * n : place + 6 * n + 4])[0] for n in range(types)]
        self.offsets = [offsets[kind] for kind in kinds]
        self.first = offsets[0]
        place += 6 * types + chars + leap * 12 + isstd + isut
        footer = data[place:].decode("ascii").strip("\n")
        self.rule = Rule(footer) if footer else None
        self._years: dict[int, list[tuple[int, int]]] = {}

    def offset(self, at: int) -> int:
        """Seconds east of Greenwich at an instant (seconds since 1970)."""
        if (self.at and at < self.at[-1]) or self.rule is None:
            number = bisect_right(self.at, at)
            return self.offsets[number - 1] if number else self.first
        return self.rule.offset(at)

    def instant(self, wall: int) -> int:
        """When the clocks show this (seconds since 1970 as if they were UTC): the first time; if never, PEP 495."""
        near = sorted({self.offset(wall + shift) for shift in (-DAY, DAY)} | {self.offset(wall)}, reverse=True)
        shown = [wall - each for each in near if self.offset(wall - each) == each]
        return min(shown) if shown else wall - self.offset(wall - max(near) - 1)


class Rule:
    """POSIX TZ, as in ``EST5EDT,M3.2.0,M11.1.0``."""

    def __init__(self, text: str) -> None:
        name = r"(?:[A-Za-z]+|<[^>]+>)"
        clock_ = r"[+-]?\d+(?::\d+){0,2}"
        parts = re.fullmatch(rf"{name}({clock_})(?:{name}({clock_})?(?:,([^,]+),([^,]+))?)?", text)
        if parts is None:
            raise ValueError(text)
        self.standard = -_seconds(parts[1])
        self.summer = None if parts[3] is None else (-_seconds(parts[2]) if parts[2] else self.standard + 3600)
        self.begins, self.ends = parts[3], parts[4]

    def offset(self, at: int) -> int:
        if self.summer is None:
            return self.standard
        year = (EPOCH + timedelta(seconds=at + self.standard)).year
        for each in (year - 1, year, year + 1):
            begin = _day_of(self.begins, each) - self.standard
            end = _day_of(self.ends, each) - self.summer
            if end < begin:
                end = _day_of(self.ends, each + 1) - self.summer
            if begin <= at < end:
                return self.summer
        return self.standard


def _day_of(rule: str, year: int) -> int:
    """The wall-clock second at which a rule counts in a year."""
    day, _, at = rule.partition("/")
    after = _seconds(at) if at else 7200
    if day.startswith("M"):
        month, week, weekday = map(int, day[1:].split("."))
        first = date(year, month, 1)
        found = first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (week - 1))
        if found.month != month:
            found -= timedelta(days=7)
    elif day.startswith("J"):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        number = int(day[1:])
        found = date(year, 1, 1) + timedelta(days=number - 1 + (leap and number >= 60))
    else:
        found = date(year, 1, 1) + timedelta(days=int(day))
    return (found - date(1970, 1, 1)).days * DAY + after


def _seconds(written: str) -> int:
    sign = -1 if written.startswith("-") else 1
    parts = [int(each) for each in written.lstrip("+-").split(":")]
    return sign * sum(each * 60 ** (2 - place) for place, each in enumerate(parts))


if __name__ == "__main__":
    sys.exit(main())
