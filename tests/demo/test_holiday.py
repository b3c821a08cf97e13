from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from vigie.core.public_holidays import public_holiday
from vigie.demo.holiday import Holiday, holiday_somewhere


def test_a_holiday_of_today_where_it_is_today():
    labor = holiday_somewhere(datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "en")  # the 23rd in Tokyo
    assert labor == Holiday("JP", "Asia/Tokyo", date(2026, 11, 23), "Labor Thanksgiving Day")
    assert (labor.town, labor.code) == ("Tokyo", "TOK-AIRPORT")


def test_a_country_of_its_own_stores_comes_last():
    at = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
    assert holiday_somewhere(at, "en").country == "US"
    assert holiday_somewhere(at, "en", elsewhere_than={"US", "JP"}).country not in {"US", "JP"}
    everywhere = {each: holiday_somewhere(at, "en", elsewhere_than={each}) for each in ("US", "JP")}
    assert all(each.name for each in everywhere.values())


def test_nearly_every_day_of_a_year_has_one_and_a_day_without_says_so():
    found = [
        holiday_somewhere(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=n), "en") for n in range(0, 365, 7)
    ]
    assert sum(bool(each.name) for each in found) > 40
    for each in found:
        found = public_holiday(each.country, "", each.day)
        assert (found.name if found and not found.estimated else "") == each.name
    none = holiday_somewhere(datetime(2026, 8, 22, 12, tzinfo=UTC), "en")
    assert (none.country, none.name) == ("FR", "")
