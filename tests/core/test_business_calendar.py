from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from vigie.core.business_calendar import WEEKDAYS, Calendar, Day, Days, Period, country_calendar
from vigie.core.place import Place
from vigie.core.working_days import WorkingDays

GINZA, OPERA, STRASBOURG = Place("JP", "", "TYO-1"), Place("FR", "", "PAR-1"), Place("FR", "57", "STR-1")
WEEK = ("mon", "tue", "wed", "thu", "fri")


def calendar(**written: Any) -> Calendar:
    return Calendar(**({"name": "stores", "works": WEEKDAYS} | written))


def days(first: str, last: str = "", reason: str = "Stocktaking", **limits: Any) -> Days:
    return Days(first=date.fromisoformat(first), last=date.fromisoformat(last or first), reason=reason, **limits)


def on(day: str, asked: Calendar, place: Place = OPERA) -> Day:
    return asked.day(date.fromisoformat(day), place)


def test_a_public_holiday_of_the_sites_country_is_not_worked():
    assert on("2026-11-23", calendar(), GINZA) == Day("holiday", "holiday JP 2026-11-23 Labor Thanksgiving Day")
    assert on("2026-11-23", calendar(), OPERA) == Day("work")
    assert on("2026-12-26", calendar(language="fr"), STRASBOURG) == Day(
        "holiday", "holiday FR-57 2026-12-26 Saint-Étienne"
    )
    assert on("2026-12-26", calendar(), OPERA).works


def test_the_holidays_of_other_places_or_of_none():
    assert on("2026-11-23", calendar(holidays=("FR", "JP")), OPERA).reason.startswith("holiday JP 2026-11-23")
    assert on("2026-12-25", calendar(holidays=()), OPERA).works


def test_a_site_may_be_given_another_place_than_its_table_says():
    moved = calendar(places={"PAR-1": "FR-57"})
    assert on("2026-12-26", moved, OPERA).kind == "holiday"
    assert moved.sites == {"PAR-1"}


def test_the_week_is_written_or_the_countrys_own():
    assert on("2026-11-28", calendar(works=WEEK)) == Day("rest", "no working day 2026-11-28 Saturday")
    assert on("2026-11-29", calendar()).works  # luxury stores open on Sundays
    own = calendar(works="country")
    riyadh = Place("SA", "", "RUH-1")
    assert [on(f"2026-11-{n}", own, riyadh).works for n in (26, 27, 28, 29)] == [True, False, False, True]
    assert [on(f"2026-11-{n}", own, OPERA).works for n in (26, 27, 28, 29)] == [True, True, False, False]


def test_another_week_for_a_while_both_ends_included():
    summer = Period(first=date(2026, 7, 1), last=date(2026, 8, 31), works=WEEK)
    asked = calendar(periods=(summer,))
    assert [on(day, asked).kind for day in ("2026-06-28", "2026-07-04", "2026-08-30", "2026-09-05")] == [
        "work", "rest", "rest", "work",
    ]  # fmt: skip


def test_a_closed_day_beats_an_opening_and_an_opening_the_holiday_and_the_week():
    luxury = days("2026-11-23", reason="Luxury week", countries=("JP",))
    asked = calendar(works=WEEK, open=(luxury, days("2026-11-28")), closed=(days("2026-11-24", "2026-11-25"),))
    assert on("2026-11-23", asked, GINZA) == Day("open", "open 2026-11-23 Luxury week")
    assert on("2026-11-28", asked) == Day("open", "open 2026-11-28 Stocktaking")
    assert on("2026-11-25", asked) == Day("closed", "closed 2026-11-25 Stocktaking")
    both = calendar(open=(days("2026-11-24"),), closed=(days("2026-11-24"),))
    assert not on("2026-11-24", both).works


def test_an_exception_may_be_for_some_countries_or_sites_only():
    asked = calendar(closed=(days("2026-11-24", countries=("FR",), sites=("PAR-1", "TYO-1")),))
    assert [on("2026-11-24", asked, place).works for place in (OPERA, GINZA, STRASBOURG)] == [False, True, True]


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (days("2026-11-24"), days("2026-11-20", "2026-11-24"), True),
        (days("2026-11-24"), days("2026-11-25"), False),
        (days("2026-11-24", countries=("FR",)), days("2026-11-24", countries=("JP", "FR")), True),
        (days("2026-11-24", countries=("FR",)), days("2026-11-24", countries=("JP",)), False),
        (days("2026-11-24", sites=("A",)), days("2026-11-24", sites=("B",)), False),
        (days("2026-11-24", sites=("A",)), days("2026-11-24", countries=("FR",)), False),  # the table knows
        (days("2026-11-24", sites=("A",)), days("2026-11-24"), True),
        (days("2026-11-24", sites=("A",), countries=("FR",)), days("2026-11-24", countries=("FR",)), True),
    ],
)
def test_whether_two_exceptions_meet(one: Days, other: Days, meet: bool):
    assert one.meet(other) == other.meet(one) == (date(2026, 11, 24) if meet else None)


def test_the_calendar_of_a_country_is_every_day_but_its_holidays():
    asked = country_calendar("FR-57", "fr")
    assert on("2026-12-26", asked, GINZA) == Day("holiday", "holiday FR-57 2026-12-26 Saint-Étienne")
    assert on("2026-11-29", asked, GINZA).works


def test_whether_it_depends_on_where_a_site_is():
    assert calendar().asks_the_country
    assert calendar(holidays=(), works="country").asks_the_country
    assert not calendar(holidays=("FR",)).asks_the_country
    summer = Period(first=date(2026, 7, 1), last=date(2026, 8, 31), works="country")
    assert calendar(holidays=(), periods=(summer,)).asks_the_country


@pytest.mark.parametrize("written", ["FR", "FR-57"])
def test_a_place_is_read_as_it_is_written(written: str):
    assert Place.read(written).code == written


# --- holidays that are only estimated ----------------------------------------------------------------------------

EID = date(2027, 3, 9)
DUBAI, RABAT, SINGAPORE = Place("AE", "", "DXB-1"), Place("MA", "", "RBA-1"), Place("SG", "", "SIN-1")


def test_an_estimated_holiday_waives_nothing_before_somebody_confirms_it():
    plain = Calendar(name="stores", works=WEEKDAYS)
    perhaps = "perhaps a holiday: AE 2027-03-09 Eid al-Fitr, estimated and not confirmed"
    assert plain.day(EID, DUBAI) == Day("work", perhaps)
    assert country_calendar("AE").day(EID, Place()) == Day("work", perhaps)
    confirmed = Days(first=EID, last=EID, reason="the moon was seen", countries=("AE",))
    sure = Calendar(name="stores", works=WEEKDAYS, confirmed=(confirmed,))
    assert sure.day(EID, DUBAI) == Day("holiday", "holiday AE 2027-03-09 Eid al-Fitr")
    assert sure.day(EID, RABAT).kind == "work"
    assert sure.day(date(2027, 3, 10), DUBAI).kind == "work"  # the second day is confirmed for itself
    assert sure.day(date(2027, 3, 10), SINGAPORE).kind == "holiday"  # announced, so in the library


def test_a_confirmation_makes_no_holiday_of_another_day():
    day = date(2027, 4, 1)
    confirmed = Days(first=day, last=day, reason="a mistake")
    assert Calendar(name="stores", works=WEEKDAYS, confirmed=(confirmed,)).day(day, DUBAI) == Day("work")


def test_what_is_else_said_of_an_estimated_day_counts():
    closed = Days(first=EID, last=EID, reason="closed anyway")
    assert Calendar(name="stores", works=WEEKDAYS, closed=(closed,)).day(EID, DUBAI).kind == "closed"
    assert Calendar(name="stores", works=("mon",)).day(EID, DUBAI).kind == "rest"  # a Tuesday
    both = WorkingDays(Calendar(name="a", works=WEEKDAYS), Calendar(name="b", works=WEEKDAYS, holidays=()))
    assert both.day(EID, DUBAI).reason.startswith("perhaps a holiday")
    sure = Calendar(name="c", works=WEEKDAYS, holidays=("SG",))
    assert WorkingDays(Calendar(name="a", works=WEEKDAYS), sure).day(date(2027, 3, 10), DUBAI).kind == "holiday"


def test_a_town_and_a_sort_of_holidays():
    munich, day = Place("DE", "BY", "MUC-1"), date(2025, 8, 15)
    assert Calendar(name="stores", works=WEEKDAYS).day(day, munich) == Day("work")
    catholic = Calendar(name="stores", works=WEEKDAYS, places={"MUC-1": "DE-BY catholic"})
    assert catholic.day(day, munich) == Day("holiday", "holiday DE-BY catholic 2025-08-15 Assumption Day")
    assert Calendar(name="x", works=WEEKDAYS, holidays=("DE-Bayern catholic",)).day(day, munich).kind == "holiday"
    assert country_calendar("DE-Bayern catholic").day(day, Place()).kind == "holiday"
