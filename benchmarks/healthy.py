"""*All is healthy* -> a KO mail appended at that moment -> its call in Slack: healthy means that a mail is called now.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/healthy.py --times 5 --fluxes 10`
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

from bench_room import BenchRoom, Page, add_options
from report import Report, spread

from vigie.cli.component import Health

_WATCHED_FOR = 30.0
"""Seconds after the word in which no component may lose its health."""


class Start(NamedTuple):
    """Seconds after the start until *healthy* was said; from the first mail after it to its call, and of a second one."""

    healthy: float
    first: float | None
    second: float | None
    ill: int
    """How often a component was seen without health in the time after the word."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    add_options(parser, fluxes=10)
    options = parser.parse_args()
    report = Report("healthy", options.json)
    starts = [_start(options) for _ in range(options.times)]
    first = spread([each.first for each in starts if each.first is not None])
    report.figures = {"starts": [each._asdict() for each in starts], "first": first}
    report.table(
        f"Seconds, {options.fluxes} fluxes",
        ["healthy is said after", "first KO mail -> call", "second", "components seen without health in 30 s"],
        [["not seen" if each is None else each for each in start] for start in starts],
    )
    lost = sum(each.first is None for each in starts)
    report.goal("first KO mail after healthy -> call, the slowest", 1, None if lost else first.get("max"), " s")
    report.goal("components without health after the word", 0, sum(each.ill for each in starts))
    report.finish()
    return 0


class FirstMail(BenchRoom):
    """A room whose first mail comes in the moment in which it says that it is healthy."""

    def _wait_until_all_look(self, within: float) -> None:
        flux = self.site.fluxes[0]
        self.sent = [self.append(flux, "FIRST")]
        self.ill = 0
        end = time.monotonic() + _WATCHED_FOR
        while time.monotonic() < end or (len(self.sent) < 2 and time.monotonic() < end + within):
            self.ill += sum(each.health is not Health.HEALTHY for each in self.control.supervisor.status())
            if len(self.sent) == 1 and self.pages():
                time.sleep(2.0)
                self.sent.append(self.append(flux, "SECOND"))
            time.sleep(0.5)


def _start(options: argparse.Namespace) -> Start:
    with FirstMail(options) as room:
        room.wait_for_pages(2, 60)
        pages = room.pages()
        return Start(room.began["healthy"], _between(room.sent, pages, 0), _between(room.sent, pages, 1), room.ill)


def _between(sent: list[float], pages: list[Page], number: int) -> float | None:
    return pages[number].at - sent[number] if number < min(len(sent), len(pages)) else None


if __name__ == "__main__":
    raise SystemExit(main())
