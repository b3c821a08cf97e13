"""From a wall-clock time in a site's zone to instants: computed once per occurrence, in UTC from then on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple

from vigie.core.wall_clock import WallClock
from vigie.core.zone import ZoneInfo


def check_zone(zone: str) -> str:
    """Return the name of a time zone, or raise ValueError with a sentence that says what to write."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{zone}' is not a time zone; write an IANA name such as 'Asia/Tokyo'") from None
    return zone


def shown(wall: datetime, zone: tzinfo) -> Literal["once", "twice", "never"]:
    """How often the clocks of a zone show this time (naive), where they are changed."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return "once"
    back = first.astimezone(UTC).astimezone(zone)
    return "twice" if back.replace(tzinfo=None, fold=0) == wall.replace(fold=0) else "never"


class Window(NamedTuple):
    """When a file or a mail may come, must have come, and is missing. All UTC."""

    opens: datetime
    due: datetime
    deadline: datetime


def at_wall_clock(day: date, clock: time, zone: str) -> datetime:
    """The UTC instant at which the clocks of this zone show this time.

    A time that a change to summer time leaps over means as much later (PEP 495, fold 0);
    a time that comes twice means the first.
    """
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def window(business_date: date, *, opens: WallClock, due: WallClock, grace: timedelta, zone: str) -> Window:
    """The window of a business date: the site's date at ``due``, or the day before where that is written as ``26:00``.

    Where ``opens`` is later than ``due`` the window opens the evening before. The grace is added in UTC, so that
    ten minutes are ten minutes on the night of a clock change too; a window whose opening is leapt over that night
    opens at ``due`` at the latest.
    """
    opening_day = business_date - timedelta(days=1) if opens > due else business_date
    due_at = _instant(business_date, due, zone)
    return Window(min(_instant(opening_day, opens, zone), due_at), due_at, due_at + grace)


def _instant(business_date: date, clock: WallClock, zone: str) -> datetime:
    return at_wall_clock(business_date + timedelta(days=clock.days), clock.time, zone)


def had_date(day: date, zone: str) -> bool:
    """Whether the place had this day. Samoa leapt over 30 December 2011, and others over a day before."""
    return at_wall_clock(day, time(12), zone).astimezone(ZoneInfo(zone)).date() == day


def next_wall_clock(after: datetime, clock: time, zone: str) -> datetime:
    """The first UTC instant later than ``after`` at which the clocks of this zone show this time."""
    day = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    while (instant := at_wall_clock(day, clock, zone)) <= after:
        day += timedelta(days=1)
    return instant
