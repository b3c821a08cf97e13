"""The calendars of a round, read and kept."""

from __future__ import annotations

from tests.tasks.samples import file_watch

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.watch import DatedWatch
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.tasks.kept_days import KeptDays


def test_what_cannot_be_read_is_as_it_was_or_waives_nothing() -> None:
    written: list[WorkingDays] = []

    def read(_: DatedWatch) -> WorkingDays:
        if not written:
            raise InvalidDocument(Problem(path="calendar.yaml", line=1, message="broken."))
        return written[-1]

    days = KeptDays(read)
    assert days(file_watch()) is EVERY_DAY
    written.append(WorkingDays())
    kept = days(file_watch())
    assert kept is written[0]
    written.clear()
    assert days(file_watch()) is kept
