from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from vigie.core.public_holidays import public_holiday
from vigie.demo.holiday import Holiday, holiday_somewhere


def test_a_holiday_of_today_where_it_is_today():
    labor = holiday_somewhere(datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "en")  # the 23rd in Tokyo
    assert labor == Holiday("JP", "Asia/Tokyo", date(2026, 11, 23), "Labor Thanksgiving Day")
    assert (labor.town, labor.code) == ("Tokyo", "TOK-AIRPORT")


def test_nearly_every_day_of_a_year_has_one_and_a_day_without_says_so():
    found = [
        holiday_somewhere(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=n), "en") for n in range(0, 365, 7)
    ]
    assert sum(bool(each.name) for each in found) > 40
    for each in found:
        assert (public_holiday(each.country, "", each.day) or "") == each.name
    none = holiday_somewhere(datetime(2026, 8, 22, 12, tzinfo=UTC), "en")
    assert (none.country, none.name) == ("FR", "")
