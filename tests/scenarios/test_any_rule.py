"""Rules, zones, calendars and arrivals drawn by lot: the live session, `expect` and `replay` agree on each."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.scenarios.three_ways import Asked, Comes, Ends, Situation

from vigie.cli.site_watches import quiet_airflow, site_watches

PLACES = [
    ("Europe/Paris", "FR"),
    ("Europe/Dublin", "IE"),
    ("America/New_York", "US"),
    ("America/St_Johns", "CA"),
    ("America/Vancouver", "CA"),
    ("America/Santiago", "CL"),
    ("Africa/Casablanca", "MA"),
    ("Africa/Cairo", "EG"),
    ("Asia/Kathmandu", "NP"),
    ("Asia/Tokyo", "JP"),
    ("Australia/Lord_Howe", "AU"),
    ("Pacific/Auckland", "NZ"),
    ("Pacific/Apia", "WS"),
    ("Pacific/Kiritimati", "KI"),
    ("Pacific/Pago_Pago", "AS"),
]
BEGINNINGS = [
    "2026-03-27",
    "2026-04-03",
    "2026-09-04",
    "2026-10-23",
    "2026-11-20",
    "2026-12-23",
    "2027-02-26",
    "2027-03-06",
    "2028-02-27",
]
"""Days before clock changes, holidays, ends of months and years, and a leap day."""


class Lot:
    """A situation drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self.by = random.Random(seed)
        first = date.fromisoformat(self.by.choice(BEGINNINGS))
        self.days = [(first + timedelta(days=n)).isoformat() for n in range(self.by.randint(2, 5))]
        chosen = self.by.sample(range(len(PLACES)), self.by.randint(1, 3))
        self.sites = [f"code: S-{n}, zone: {PLACES[n][0]}, country: {PLACES[n][1]}" for n in chosen]
        self.calendar = ""
        self.rule = self._rule() | self._days()

    def _at(self, first: int, last: int) -> str:
        return f"{self.by.randint(first, last):02}:{self.by.choice([0, 15, 30, 45]):02}"

    def _rule(self) -> dict[str, object]:
        path = "out/R_{site.code}_{business_date:%Y%m%d}.csv"
        rules: list[dict[str, object]] = [
            {"path": path, "opens": "00:00", "due": self._at(1, 23)},
            {"path": path, "opens": self._at(18, 23), "due": self._at(0, 9)},
            {"path": path, "opens": self._at(12, 23), "due": self._at(24, 32)},
            {
                "path": path.replace(".csv", "_{slot}.csv"),
                "opens": "20:00",
                "slots": {"a": self._at(21, 22), "b": self._at(23, 23), "c": self._at(1, 4)},
            },
            {
                "path": path,
                "opens": "00:00",
                "due": self._at(1, 23),
                "days": self.by.choice(["mon-fri", ["sat", "sun"], "last", "1"]),
            },
        ]
        return self.by.choice(rules) | self.by.choice([{}, {"grace": "10 min"}, {"grace": "2 h"}])

    def _days(self) -> dict[str, object]:
        if self.by.random() < 0.5:
            return {}
        works = self.by.choice(["every day", "[mon, tue, wed, thu, fri]", "country"])
        self.calendar = f"shops:\n  works: {works}\n  holidays: {self.by.choice(['country', 'none'])}\n"
        if self.by.random() < 0.4:
            self.calendar += f"  closed: [{{on: {self.days[1]}, reason: x}}]\n"
        policies = ["skip", "previous_business_day", "next_business_day", "still_expected"]
        return {"shift_policy": self.by.choice(policies)}

    def situation(self, ends: Ends, comes: list[Comes]) -> Situation:
        return Situation(self.rule, self.sites, self.days, ends, comes, calendar=self.calendar)

    def arrival(self, path: str, opens: datetime, deadline: datetime) -> tuple[str, list[Comes]]:
        """How a file is to end, and when it comes for that."""
        end = self.by.choice(["early", "on_time", "late", "missing"])
        within = max(1, int((deadline - opens).total_seconds()) - 61)
        at = {
            "early": opens - timedelta(seconds=self.by.randint(61, 600)),
            "on_time": opens + timedelta(seconds=self.by.choice([1, self.by.randint(1, within), within])),
            "late": deadline + timedelta(seconds=self.by.randint(61, 90_000)),
        }
        return end, [Comes(path, at[end])] if end in at else []


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.usefixtures("no_traces")
def test_whatever_the_rule_all_three_say_the_same(seed: int, tmp_path: Path):
    for name in "ab":
        (tmp_path / name).mkdir()
    lot = Lot(seed)
    asked = Asked(lot.situation({}, []), tmp_path / "a")
    with quiet_airflow(asked.site):
        watches, broken = site_watches("nordwind", "stores")
    assert not broken
    expected = {
        (each["site"], "/".join(filter(None, (each["business_date"], each["slot"])))): each for each in asked.expect()
    }
    ends: Ends = {}
    comes: list[Comes] = []
    for key, each in expected.items():
        ends[key] = "waived"
        if each["status"] != "waived":
            opens, deadline = (datetime.fromisoformat(each[name]) for name in ("window_open", "deadline"))
            ends[key], files = lot.arrival(each["path"], opens, deadline)
            comes += files

    asked = Asked(lot.situation(ends, comes), tmp_path / "b")
    known, _ = asked.live(watches[0])
    assert {key: each.status for key, each in known.items()} == ends
    for key, each in expected.items():
        one = known[key]
        times = (f"{one.due:%Y-%m-%dT%H:%M:%SZ}", f"{one.deadline:%Y-%m-%dT%H:%M:%SZ}")
        assert (each["path"], each["due"], each["deadline"]) == (one.path, *times)
    counts, ways = asked.replay(), Counter(ends.values())
    assert {name: counts[name] for name in ("occurrences", "on_time", "late", "missing", "waived")} == {
        "occurrences": len(ends),
        "on_time": ways["on_time"] + ways["early"],
        "late": ways["late"],
        "missing": ways["missing"],
        "waived": ways["waived"],
    }
