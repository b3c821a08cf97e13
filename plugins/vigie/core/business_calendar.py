"""A client's calendar: the days on which something is expected, as people wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

from vigie.core.place import Place
from vigie.core.public_holidays import is_rest_day, public_holiday

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Week = tuple[Weekday, ...] | Literal["country"]
"""The working days of a week; ``country``: those of the site's own country."""

EVERY_DAY = "every_day"
"""The reserved name of the calendar on which nothing is ever waived."""


_PERHAPS, _UNCONFIRMED = "perhaps a holiday: ", ", estimated and not confirmed"


def perhaps_holiday(reason: str) -> str:
    """Of a day on which something is expected: the estimated holiday that it may be; empty where it is none."""
    return reason.removeprefix(_PERHAPS).removesuffix(_UNCONFIRMED) if reason.startswith(_PERHAPS) else ""


class Day(NamedTuple):
    """What a calendar says of a day. ``reason`` is why it does not work, why it does all the same, or why it may not.

    ``rest`` is a day of the week without work, ``holiday`` and ``closed`` are exceptions, which a ``shift_policy``
    may move; ``open`` is an exceptional opening.
    """

    kind: Literal["work", "open", "rest", "holiday", "closed"]
    reason: str = ""

    @property
    def works(self) -> bool:
        """Whether something is expected."""
        return self.kind in {"work", "open"}


class Days(BaseModel):
    """Days with a reason, both ends included; where countries or sites are named, for these only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    reason: str
    countries: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def hold(self, day: date, place: Place) -> bool:
        """Whether they count for this day and place."""
        if not self.first <= day <= self.last:
            return False
        return (not self.countries or place.country in self.countries) and (not self.sites or place.site in self.sites)

    def meet(self, other: Days) -> date | None:
        """The first day that is of both, whatever the site; whose country a site is in, only its table knows."""
        first = max(self.first, other.first)
        if first > min(self.last, other.last):
            return None
        sides = [(self.countries, other.countries), (self.sites, other.sites)]
        if any(mine and others and not set(mine) & set(others) for mine, others in sides):
            return None
        one_by_sites = bool(self.sites) != bool(other.sites)
        one_by_countries = bool(self.countries) != bool(other.countries)
        return None if one_by_sites and one_by_countries and not self._wider(other) else first

    def _wider(self, other: Days) -> bool:
        """Whether one of the two holds everywhere that the other does."""
        return any(not each.countries and not each.sites for each in (self, other))


class Period(BaseModel):
    """Another week for a while, both days included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    works: Week


class Calendar(BaseModel):
    """Working days of the week, public holidays, and the client's own closed days and exceptional openings.

    ``holidays`` are those of the site's country and subdivision, or of the places written (none: no holidays);
    ``places`` gives a site another place than its table does. ``language`` is that of the holidays' names. A holiday
    whose date is only estimated counts on the days that are ``confirmed``; on others something is expected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    language: str = "en"
    works: Week
    holidays: tuple[str, ...] | Literal["country"] = "country"
    places: dict[str, str] = {}
    periods: tuple[Period, ...] = ()
    closed: tuple[Days, ...] = ()
    open: tuple[Days, ...] = ()
    confirmed: tuple[Days, ...] = ()

    @property
    def asks_the_country(self) -> bool:
        """Whether what it says depends on the country of a site."""
        weeks = [self.works, *(period.works for period in self.periods)]
        return self.holidays == "country" or "country" in weeks

    @property
    def sites(self) -> frozenset[str]:
        """The sites that it names."""
        return frozenset(self.places).union(*(days.sites for days in (*self.closed, *self.open, *self.confirmed)))

    def day(self, day: date, place: Place) -> Day:
        """What this day is at a place. A closed day beats an opening, an opening the week and the holidays."""
        if place.site in self.places:
            place = Place.read(self.places[place.site])._replace(site=place.site)
        if closed := _first(self.closed, day, place):
            return Day("closed", f"closed {day} {closed.reason}")
        if opened := _first(self.open, day, place):
            return Day("open", f"open {day} {opened.reason}")
        if not self._is_of_the_week(day, place):
            return Day("rest", f"no working day {day} {day:%A}")
        perhaps = ""
        for where in self.places_of(place):
            holiday = public_holiday(where.country, where.subdivision, day, self.language, where.categories)
            if holiday is None:
                continue
            if not holiday.estimated or _first(self.confirmed, day, place):
                return Day("holiday", f"holiday {where.code} {day} {holiday.name}")
            perhaps = f"{_PERHAPS}{where.code} {day} {holiday.name}{_UNCONFIRMED}"
        return Day("work", perhaps)

    def places_of(self, place: Place) -> tuple[Place, ...]:
        """The places whose holidays count at a place."""
        return (place,) if self.holidays == "country" else tuple(map(Place.read, self.holidays))

    def _is_of_the_week(self, day: date, place: Place) -> bool:
        week = next((period.works for period in self.periods if period.first <= day <= period.last), self.works)
        if week == "country":
            return not is_rest_day(place.country, day)
        return WEEKDAYS[day.weekday()] in week


def country_calendar(place: str, language: str = "en") -> Calendar:
    """Every day but the public holidays of a country, ``FR``, or of a part of one, ``FR-57``."""
    return Calendar(name=place, language=language, works=WEEKDAYS, holidays=(place,))


def _first(exceptions: Iterable[Days], day: date, place: Place) -> Days | None:
    return next((each for each in exceptions if each.hold(day, place)), None)
