"""A time on the clocks of a site, counted from the midnight with which a business date begins: ``26:00``."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer, PlainValidator

_WRITTEN = re.compile(r"([0-3]\d|4[0-7]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class WallClock(NamedTuple):
    """A time of day, so many days after the business date: ``26:00`` is 02:00 of the next day.

    So timetables write what belongs to a day and comes after midnight (GTFS, stop_times.txt). It is no duration: on the night
    of a clock change 26:00 is 02:00 on the clocks all the same.
    """

    days: int
    time: time

    @classmethod
    def read(cls, written: object) -> WallClock:
        """The time written as ``06:00``, ``06:00:30`` or ``26:00``. ValueError with a sentence that says what to write."""
        if isinstance(written, WallClock):
            return written
        if isinstance(written, time) and written.tzinfo is None:
            return cls(0, written)
        found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
        if found is None:
            raise ValueError(f"write a time of day as '06:00' (found {written!r})")
        hour, minute, second = (int(part or 0) for part in found.groups())
        return cls(hour // 24, time(hour % 24, minute, second))

    def __str__(self) -> str:
        """As an author writes it."""
        hour = self.time.hour + 24 * self.days
        seconds = f":{self.time.second:02}" if self.time.second else ""
        return f"{hour:02}:{self.time.minute:02}{seconds}"

    @property
    def seconds(self) -> int:
        """Seconds on the clock since the midnight of the business date."""
        return self.days * 86400 + self.time.hour * 3600 + self.time.minute * 60 + self.time.second


Clock = Annotated[WallClock, PlainValidator(WallClock.read), PlainSerializer(str, return_type=str)]
"""A field of a rule; in plain data it is the text that an author writes."""
