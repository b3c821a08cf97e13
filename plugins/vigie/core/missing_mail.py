"""The rule of an OK mail that must come: its window, and how many different ones make it whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import Field, field_validator

from vigie.core.duration import Duration
from vigie.core.pattern import group_names, matching_everything
from vigie.core.place import Place
from vigie.core.unless import wrong_exceptions
from vigie.core.wall_clock import Clock
from vigie.core.watch import DatedWatch, MailPatterns
from vigie.core.window import Window, check_zone, window

DATE_GROUP = "business_date"
"""The named group that says in the mail itself for which day it is."""

_DAYS = (date(2026, 11, 24), date(2027, 11, 24), date(2026, 10, 24), date(2026, 11, 23))
"""Days that a format tells apart only where it holds the day, the month and the year."""


_NOT_COUNTED = {"respond", "check_after", "blind_after", "calendar", "calendar_digest", "shift_policy", "country"}


class MissingMailWatch(MailPatterns, DatedWatch):
    """An OK mail, or a quorum of different ones, expected each day by a deadline. Its absence is the anomaly.

    ``opens`` and ``due`` are wall-clock times in ``zone``, from the midnight of the business date on: ``26:00`` is 02:00 on
    the day after. Where ``opens`` is later than ``due`` the window opens on the evening before. ``expect_count`` mails must come; with ``distinct_by``, a named group of the patterns, two
    with one value count as one; ``expect`` lists the values that must each come. Where the patterns have a group
    ``business_date``, written as ``date_format`` says, a mail counts for that day and no other. The holidays are those of ``country``.
    """

    kind: Literal["missing_mail"] = "missing_mail"
    opens: Clock
    due: Clock
    zone: str
    country: str = ""
    grace: Duration = timedelta(0)
    expect_count: int | None = Field(default=None, ge=1, le=1000)
    distinct_by: str | None = None
    expect: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=1000)
    date_format: str | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return check_zone(zone)

    @field_validator("expect", mode="before")
    @classmethod
    def _a_list(cls, written: object) -> object:
        if isinstance(written, str):
            raise ValueError(f"write the names as a list: ['vm1', 'vm2'] (found {written!r})")  # noqa: TRY004 (pydantic's way)
        return written

    @property
    def needed(self) -> int:
        """How many make it whole."""
        return len(self.expect) if self.expect else self.expect_count or 1

    @property
    def rule(self) -> str:
        """A digest of all that decides which mails count, and for what."""
        counted = self.model_dump_json(exclude=_NOT_COUNTED)
        return hashlib.sha256(counted.encode()).hexdigest()[:16]

    @property
    def groups(self) -> frozenset[str]:
        """The named groups of all its patterns."""
        return frozenset[str]().union(*map(group_names, self.patterns.values()))

    def spelt(self, value: str) -> str:
        """A value of ``distinct_by`` as it is counted: on one line, in one case where the case does not matter."""
        value = " ".join(value.split())[:100]
        if not self.ignore_case:
            return value
        known = {name.casefold(): name for name in self.expect or ()}
        return known.get(value.casefold(), value.casefold())

    @property
    def place(self) -> Place:
        """Where its holidays are."""
        return Place(self.country)

    def window_of(self, day: date) -> Window:
        """When the mails of a business date may come, must have come, and are missing."""
        return window(day, opens=self.opens, due=self.due, grace=self.grace, zone=self.zone)


def problems_of(watch: MissingMailWatch) -> list[str]:
    """What is wrong with the rule itself, as sentences."""
    found = [f"{watch.task_id}: {said}" for said in _problems(watch)]
    found += matching_everything(watch.task_id, watch.patterns)
    return found + wrong_exceptions(watch.task_id, "unless", watch.unless, watch.patterns)


def _problems(watch: MissingMailWatch) -> Iterator[str]:
    if not watch.patterns:
        yield "a MissingMail needs subject= or body=, a pattern that tells the OK from other mail."
    yield from _window_problems(watch)
    yield from _quorum_problems(watch)
    yield from _date_problems(watch)
    if watch.shift_policy in {"previous_business_day", "next_business_day"}:
        yield f"shift_policy '{watch.shift_policy}' would give one night the mails of two days; write 'skip' or 'still_expected'."
    if watch.respond.group_by:
        yield "group_by is for the files of several sites; a MissingMail has one incident per business date."


def _window_problems(watch: MissingMailWatch) -> Iterator[str]:
    if watch.opens == watch.due:
        yield "opens and due are the same time, so no mail could be on time; open the window earlier."
        return
    if watch.opens.days and not watch.due.days:
        early = watch.opens._replace(days=0)
        yield f"opens='{watch.opens}' is on the day after, and '{watch.due}' is not; write opens='{early}'."
    opens = watch.opens.seconds - (86400 if watch.opens > watch.due else 0)
    closed = timedelta(seconds=opens + 86400 - watch.due.seconds)
    if closed < timedelta(0):
        yield (
            f"the window lasts until {watch.due}, into the next one, which opens at {watch.opens}: a mail between would be "
            "of two days; open the window later."
        )
    elif watch.grace > closed:
        yield (
            f"the grace lasts into the next window, which opens at {watch.opens}: a mail between would be of "
            "two days; shorten the grace, or open the window later."
        )


def _quorum_problems(watch: MissingMailWatch) -> Iterator[str]:
    by, names = watch.distinct_by, watch.expect
    if by == DATE_GROUP:
        yield f"distinct_by is '{DATE_GROUP}', the same for all mails of a day; name what tells them apart."
    elif by is not None and by not in watch.groups:
        yield f"distinct_by names '{by}', which no (?P<{by}>…) of its patterns fills."
    if names is None:
        return
    if by is None:
        yield "expect lists values, and nothing says of which group; write distinct_by= with the name of the group."
    if watch.expect_count not in {None, len(names)}:
        yield f"expect lists {len(names)} mails and expect_count says {watch.expect_count}; leave expect_count out."
    for name, times in Counter(map(watch.spelt, names)).items():
        if times > 1:
            yield f"expect lists '{name}' {times} times."
        if not name:
            yield "expect lists an empty name."


def _date_problems(watch: MissingMailWatch) -> Iterator[str]:
    dated = DATE_GROUP in watch.groups
    if dated and watch.date_format is None:
        yield f"the group '{DATE_GROUP}' needs date_format=, which says how the date is written: '%Y-%m-%d'."
    if watch.date_format is None:
        return
    if not dated:
        yield f"date_format says how a date is written, and no pattern has the group (?P<{DATE_GROUP}>…)."
    if not _tells_days_apart(watch.date_format):
        yield f"date_format '{watch.date_format}' does not tell day, month and year; write one such as '%Y-%m-%d'."


def _tells_days_apart(date_format: str) -> bool:
    try:
        return all(datetime.strptime(day.strftime(date_format), date_format).date() == day for day in _DAYS)  # noqa: DTZ007
    except ValueError:
        return False
