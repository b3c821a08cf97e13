"""On which days something is expected, and when what belongs to another day is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple

from vigie.core.business_calendar import Calendar, Day
from vigie.core.business_day import MONDAY_TO_FRIDAY, BusinessDays
from vigie.core.chosen_days import EVERY_DATE, ChosenDays
from vigie.core.place import Place
from vigie.core.site import Site

ShiftPolicy = Literal["skip", "previous_business_day", "next_business_day", "still_expected"]
"""What becomes of what is expected on a holiday or a closed day. A day of rest of the week is always waived, but where
the days were chosen: then it is an exception as a holiday is."""

REACH = 31
"""So many days a shift goes at most; what finds no working day within them is waived."""

_STEPS = {"previous_business_day": -1, "next_business_day": 1}


class Planned(NamedTuple):
    """When what belongs to a business date is due; None where it is waived. ``reason`` is why, or what moved it."""

    on: date | None
    reason: str = ""


class WorkingDays:
    """Several calendars together: a day works where it works in all of them, so non-working wins.

    Without a calendar every day works. Answers are kept, so that five thousand sites cost one look for each place.
    """

    def __init__(self, *calendars: Calendar) -> None:
        self.calendars = calendars
        self._named = frozenset[str]().union(*(calendar.sites for calendar in calendars))
        self._days: dict[tuple[date, Place], Day] = {}
        self._due: dict[tuple[date, ShiftPolicy, Place, ChosenDays], tuple[tuple[date, Planned], ...]] = {}

    def place_of(self, site: Site) -> Place:
        """Where a site is, by its table: ``country``, and the column ``subdivision`` where there is one."""
        code = site.code if site.code in self._named else ""
        return Place.of(site.country, site.attributes.get("subdivision", ""), code)

    def business_days(self, site: Site) -> BusinessDays:
        """The business days of a site, by which dates some days away are counted."""
        return _BusinessDaysAt(self, self.place_of(site)) if self.calendars else MONDAY_TO_FRIDAY

    def day(self, day: date, place: Place) -> Day:
        """What this day is at a place."""
        known = self._days.get((day, place))
        if known is None:
            known = self._days[day, place] = self._asked(day, place)
        return known

    def waived_reason(self, day: date, place: Place, policy: ShiftPolicy = "skip") -> str | None:
        """Why what belongs to this day is not expected at all; None where it is, on this day or another."""
        planned = self.planned(day, policy, place)
        return planned.reason if planned.on is None else None

    def planned(
        self, business_date: date, policy: ShiftPolicy, place: Place, chosen: ChosenDays = EVERY_DATE
    ) -> Planned:
        """On which day what belongs to this business date, one of those chosen, is due."""
        day = self.day(business_date, place)
        if day.works:
            return Planned(business_date, day.reason)
        if policy == "skip" or (day.kind == "rest" and chosen == EVERY_DATE):
            return Planned(None, day.reason)
        if policy == "still_expected":
            return Planned(business_date, f"{day.reason}, still expected")
        days = (business_date + timedelta(days=_STEPS[policy] * far) for far in range(1, REACH + 1))
        found = next((each for each in days if self.day(each, place).works), None)
        if found is None:
            return Planned(None, f"{day.reason}, no working day within {REACH} days")
        return Planned(found, f"{day.reason}, due on {found}")

    def due_on(
        self, day: date, policy: ShiftPolicy, place: Place, chosen: ChosenDays = EVERY_DATE
    ) -> tuple[tuple[date, Planned], ...]:
        """The business dates whose files are due on this day, and the day's own where it is waived."""
        asked = (day, policy, place, chosen)
        if asked not in self._due:
            dates = [day]
            while policy in _STEPS and len(dates) <= REACH:
                further = dates[-1] - timedelta(days=_STEPS[policy])
                if self.day(further, place).works:
                    break
                dates.append(further)
            planned = [(each, self.planned(each, policy, place, chosen)) for each in sorted(dates) if chosen.hold(each)]
            self._due[asked] = tuple(each for each in planned if (each[1].on or each[0]) == day)
        return self._due[asked]

    def _asked(self, day: date, place: Place) -> Day:
        said = [calendar.day(day, place) for calendar in self.calendars]
        ranked = [
            each for kinds in (("rest",), ("closed", "holiday"), ("open",)) for each in said if each.kind in kinds
        ]
        return ranked[0] if ranked else next((each for each in said if each.reason), Day("work"))


class _BusinessDaysAt(NamedTuple):
    days: WorkingDays
    place: Place

    def is_business_day(self, day: date) -> bool:
        return self.days.day(day, self.place).works


EVERY_DAY = WorkingDays()
"""Nothing is ever waived."""
