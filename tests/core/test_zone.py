"""Zones whose rules changed in 2026: the machine's own database may not know it, the pinned one does."""

from __future__ import annotations

import os
import subprocess
import sys
import zoneinfo  # noqa: TID251 (what the rest of Python sees)
from datetime import UTC, date, datetime, time, timedelta

import pendulum
import pytest
import tzdata

from vigie.cli.settings import CHECKOUT
from vigie.core import zone as zones
from vigie.core.window import at_wall_clock
from vigie.core.zone import IANA_VERSION, ZoneInfo, available_timezones

CHANGED_IN_2026 = [
    ("America/Vancouver", "2026-11-30 13:00"),  # summer time for good
    ("America/Edmonton", "2026-11-30 12:00"),  # summer time for good
    ("Africa/Casablanca", "2026-11-30 06:00"),  # no more summer time
]


def test_the_machines_own_zones_are_never_read():
    assert zoneinfo.TZPATH == ()
    assert tzdata.IANA_VERSION == IANA_VERSION == zones.IANA_VERSION


@pytest.mark.parametrize(("zone", "instant"), CHANGED_IN_2026)
def test_a_zone_that_changed_in_2026(zone: str, instant: str):
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert at_wall_clock(date(2026, 11, 30), time(6), zone) == expected
    assert pendulum.datetime(2026, 11, 30, 6, tz=zone) == expected  # Airflow's own


@pytest.mark.parametrize("path", [None, "/usr/share/zoneinfo"])
def test_a_process_that_has_asked_the_machine_before_asks_no_longer(path: str | None):
    """As Airflow may have, where it runs without our settings."""
    script = (
        "import zoneinfo; early = zoneinfo.ZoneInfo('America/Vancouver')\n"
        "from vigie.core.window import at_wall_clock\n"
        "from datetime import date, time\n"
        "print(at_wall_clock(date(2026, 11, 30), time(6), 'America/Vancouver'))"
    )
    own = {name: value for name, value in os.environ.items() if name != "PYTHONTZPATH"}
    environment = own | {"PYTHONPATH": str(CHECKOUT / "plugins")} | ({"PYTHONTZPATH": path} if path else {})
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout == "2026-11-30 13:00:00+00:00\n"


def test_every_zone_of_the_list_can_be_asked():
    names = available_timezones()

    assert len(names) > 590
    for name in names:
        assert -timedelta(hours=12) <= (datetime(2026, 11, 30, tzinfo=ZoneInfo(name)).utcoffset() or timedelta())
