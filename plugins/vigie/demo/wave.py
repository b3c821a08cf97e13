"""The wave of the night: the deadlines of Tokyo, Paris and New York one after the other, within a minute."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from vigie.core.site import Site
from vigie.core.zone import ZoneInfo
from vigie.demo.holiday import Holiday, holiday_somewhere
from vigie.documents.tables import read_sites

JEOPARDY = timedelta(seconds=40)
"""So long before its deadline Paris is warned of."""

_STEP = timedelta(seconds=20)
_CLIENT = Path("include/clients/maison-lumiere")
_PROCEDURES = Path("include/procedures/maison-lumiere")
_WATCH = re.compile(r"^    MissingFile\(\n.*?^    \)\n", re.MULTILINE | re.DOTALL)
_WARNING = re.compile(r"^        jeopardy\w*=.*\n", re.MULTILINE)


class Deadline(NamedTuple):
    """A watch of the wave: its table of sites, and when their files are due (UTC), on the clocks of which zone."""

    table: str
    zone: str
    due: datetime

    @property
    def watch(self) -> str:
        """The watch's name in its flux."""
        return f"{self.table}_files"

    @property
    def day(self) -> str:
        """The business date, as it stands in the files' names."""
        return f"{self.due.astimezone(ZoneInfo(self.zone)):%Y%m%d}"

    def is_due_then(self, site: Site) -> bool:
        """Whether the clocks of a site show the same time then; in the others of its table it is later or earlier."""
        return (
            self.due.astimezone(ZoneInfo(site.zone)).utcoffset() == self.due.astimezone(ZoneInfo(self.zone)).utcoffset()
        )


class Wave(NamedTuple):
    """The three deadlines, and the store that has a holiday."""

    tokyo: Deadline
    airport: Deadline
    paris: Deadline
    newyork: Deadline
    holiday: Holiday


def plan(first: datetime, language: str, countries: Collection[str]) -> Wave:
    """The deadlines from ``first`` on (UTC), to the second. The holiday is best in none of the stores' ``countries``."""
    paris = first + timedelta(seconds=5) + JEOPARDY
    holiday = holiday_somewhere(first + _STEP, language, elsewhere_than=countries)
    return Wave(
        Deadline("tokyo", "Asia/Tokyo", first),
        Deadline("airport", holiday.zone, first + _STEP),
        Deadline("paris", "Europe/Paris", paris),
        Deadline("newyork", "America/New_York", paris + _STEP),
        holiday,
    )


def raise_wave(site: Path, flux: str, wave: Wave) -> None:
    """In the stage's copy: one watch and one table for each deadline, in place of the one for all stores.

    The calendar opens all other stores on this day: it may be a holiday of theirs. A procedure that waits for the
    watch waits for the first of them.
    """
    table = (site / _CLIENT / "stores.yaml").read_text("utf-8")
    for name in ("tokyo", "paris", "newyork"):
        rows = [line for line in table.splitlines() if f"warehouse: {name}}}" in line]
        (site / _CLIENT / f"{name}.yaml").write_text("\n".join(rows) + "\n", "utf-8")
    holiday = wave.holiday
    row = f"code: {holiday.code}, name: {holiday.town} airport, zone: {holiday.zone}, country: {holiday.country}"
    (site / _CLIENT / "airport.yaml").write_text(f"- {{{row}, warehouse: airports}}\n", "utf-8")
    calendar = site / _CLIENT / "calendar.yaml"
    night = f"from: {holiday.day - timedelta(days=2)}, to: {holiday.day + timedelta(days=2)}"
    opened = f"  open:\n    - {{{night}, reason: the night of the demo}}\n"
    closed = f"airports:\n  works: every day\n  closed:\n    - {{on: {holiday.day}, reason: the shop is painted}}\n"
    calendar.write_text(f"{calendar.read_text('utf-8').rstrip()}\n{opened}\n{closed}", "utf-8")
    for procedure in sorted((site / _PROCEDURES).glob("*.md")):
        text = procedure.read_text("utf-8")
        procedure.write_text(text.replace(".store_files\n", f".{wave.tokyo.watch}\n"), "utf-8")
    path = site / flux
    text = path.read_text("utf-8")
    path.write_text(_WATCH.sub(lambda found: "".join(_watches(found[0], wave)), text, count=1), "utf-8")


def _watches(written: str, wave: Wave) -> list[str]:
    made = []
    for deadline in (wave.tokyo, wave.airport, wave.paris, wave.newyork):
        due = deadline.due.astimezone(ZoneInfo(deadline.zone))
        text = written.replace('"store_files"', f'"{deadline.watch}"').replace('"stores"', f'"{deadline.table}"')
        text = text.replace('due="06:00"', f'due="{due:%H:%M:%S}"')
        text = text.replace('opens="00:00"', f'opens="{due - timedelta(hours=6):%H:%M:%S}"')
        if deadline is wave.paris:
            text = text.replace('jeopardy="30 min"', f'jeopardy="{JEOPARDY.seconds} s"')
        else:
            text = _WARNING.sub("", text)
        if deadline is wave.airport:
            calendar = wave.holiday.country if wave.holiday.name else "airports"
            text = text.replace("        grace=", f'        calendar="{calendar}",\n        grace=')
        made.append(text)
    return made


def stores_of(site: Path, table: str) -> list[Site]:
    """The stores of a table of the wave."""
    path = _CLIENT / f"{table}.yaml"
    return list(read_sites(str(path), (site / path).read_bytes()))
