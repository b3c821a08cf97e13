from __future__ import annotations

from datetime import date

from vigie.core.business_calendar import Calendar
from vigie.core.expected_day import expected_on, gathered
from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays

SITES = [
    Site(code="TYO-1", zone="Asia/Tokyo", country="JP"),
    Site(code="TYO-2", zone="Asia/Tokyo", country="JP"),
    Site(code="PAR-1", zone="Europe/Paris", country="FR"),
    Site(code="BER-1", zone="Europe/Berlin", country="DE"),
    Site(code="LON-1", zone="Europe/London", country="GB"),
]
ZONES = {site.code: site.zone for site in SITES}
WEEK = WorkingDays(Calendar(name="stores", works=("mon", "tue", "wed", "thu", "fri")))
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def watch(policy: str = "skip", **rule: object) -> FileWatch:
    known = {
        "client": "acme", "flux": "stores", "task_id": "files", "where": "acme", "sites": "stores",
        "path": "{site.code}_{business_date}.csv", "opens": "00:00", "due": "06:00", "shift_policy": policy,
        "respond": Respond(severity="high", template="file_missing"),
    }  # fmt: skip
    return FileWatch.model_validate(known | rule)


def test_a_day_is_each_sites_own_and_what_a_holiday_moved_to_it_is_beside_its_own():
    found = expected_on(watch("next_business_day"), SITES[:1], TUESDAY, WEEK)
    assert [(each.when, each.status) for each in found] == [("2026-11-23", "pending"), ("2026-11-24", "pending")]
    (moved,) = expected_on(watch("next_business_day"), SITES[:1], MONDAY, WEEK)
    assert (moved.due, moved.reason[-17:]) == (found[1].due, "due on 2026-11-24")


def test_sites_that_share_a_window_and_a_fate_are_one_line_whatever_their_zones_are_called():
    lines = gathered(expected_on(watch(), SITES, MONDAY, WEEK), ZONES)
    assert [(line.zones, [one.site for one in line.occurrences], line.first.status) for line in lines] == [
        (("Asia/Tokyo",), ["TYO-1", "TYO-2"], "waived"),
        (("Europe/Berlin", "Europe/Paris"), ["PAR-1", "BER-1"], "pending"),
        (("Europe/London",), ["LON-1"], "pending"),
    ]


def test_slots_are_lines_of_their_own():
    rule = watch(due=None, slots={"06": "06:00", "12": "12:00"}, path="{site.code}_{business_date}_{slot}.csv")
    lines = gathered(expected_on(rule, SITES[2:3], TUESDAY, WEEK), ZONES)
    assert [line.first.when for line in lines] == ["2026-11-24/06", "2026-11-24/12"]


def test_five_thousand_rows_are_a_few_lines():
    many = [SITES[n % 5].model_copy(update={"code": f"S{n}"}) for n in range(5000)]
    lines = gathered(expected_on(watch(), many, TUESDAY, WEEK), {site.code: site.zone for site in many})
    assert [len(line.occurrences) for line in lines] == [2000, 2000, 1000]
