"""The arrival of an OK mail: for which business date it counts, and which of the expected ones it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from vigie.core.expectation import LATE_FOR
from vigie.core.mail import Mail
from vigie.core.missing_mail import DATE_GROUP, MissingMailWatch
from vigie.core.window import had_date
from vigie.core.zone import ZoneInfo

EARLY_BY = timedelta(days=1)
"""So long before its window opens a mail with a date is taken for that day; before, its date is a mistake."""

_FAR = timedelta(days=400)


class Arrival(NamedTuple):
    """One mail that counts. ``name`` is the same for mails that count as one; ``at`` is UTC."""

    business_date: date
    name: str
    at: datetime


def arrival(watch: MissingMailWatch, mail: Mail, groups: dict[str, str]) -> Arrival | str:
    """What a mail that matches the patterns counts as, or why it does not count.

    The time that decides is the server's (``received_at``); the header ``Date`` is the sender's word, and clocks
    differ.
    """
    name = mail.identity
    if watch.distinct_by is not None:
        name = watch.spelt(groups.get(watch.distinct_by, ""))
        if not name:
            return f"its {watch.distinct_by} is empty"
        if watch.expect is not None and name not in watch.expect:
            return f"its {watch.distinct_by} is {name!r}, which is not expected"
    if watch.date_format is None:
        return Arrival(_day_of(watch, mail.received_at), name, mail.received_at)
    written = groups.get(DATE_GROUP, "")[:100]
    try:
        day = datetime.strptime(written, watch.date_format).date()  # noqa: DTZ007 (a date has no zone)
    except (ValueError, OverflowError):
        return f"its {DATE_GROUP} {written!r} is no date as {watch.date_format}"
    if abs(day - mail.received_at.date()) > _FAR:  # the calendar itself ends somewhere
        return f"it is of {day}, far from the day on which it came"
    when = watch.window_of(day)
    if mail.received_at > when.deadline + LATE_FOR:
        return f"it is of {day}, which was over when it came"
    if mail.received_at < when.opens - EARLY_BY:
        return f"it is of {day}, which was not expected yet when it came"
    return Arrival(day, name, mail.received_at)


def _day_of(watch: MissingMailWatch, at: datetime) -> date:
    """The business date whose window holds this instant; between two windows the one that is over.

    It depends on nothing else, so that the order in which mails are read does not matter.
    """
    today = at.astimezone(ZoneInfo(watch.zone)).date()
    over = today
    for days in range(-3 - watch.grace.days, 2):
        day = today + timedelta(days=days)
        if not had_date(day, watch.zone):
            continue
        when = watch.window_of(day)
        if when.opens <= at <= when.deadline:
            return day
        if when.deadline < at:
            over = day
    return over
