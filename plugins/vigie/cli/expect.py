"""`./vigie expect`: what is expected of a client on a day, by when, and what is waived, and why."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

from vigie.cli.incomplete_rows import incomplete_rows
from vigie.cli.remedy import RemedyError
from vigie.cli.site_watches import asked_for, quiet_airflow, site_watches
from vigie.core.clock_changes import clock_changes
from vigie.core.duration import format_duration
from vigie.core.errors import InvalidDocument
from vigie.core.expected_day import Gathered, expected_on, gathered
from vigie.core.file_watch import FileWatch
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import Occurrence
from vigie.core.quorum import expected_mail_of
from vigie.core.site import Site
from vigie.core.site_table import sites_of
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library

ZONE = "Europe/Paris"
"""The reader's zone where none is asked for."""

YEARS = range(1970, 2101)
"""Those of which a date may be."""

SHOWN = 8
"""So many sites of a line are named, unless all are asked for."""


class Expected(NamedTuple):
    """A watch, its sites by their codes, and what it expects on the day."""

    watch: FileWatch | MissingMailWatch
    sites: Mapping[str, Site]
    occurrences: Sequence[Occurrence]


def main(argv: list[str]) -> int:
    """Run the command: 0 where every flux of the client, and every row of its tables, could be read, 1 else."""
    arguments = _arguments(argv)
    zone = _zone(arguments.zone)
    day = _day(arguments.date) if arguments.date else datetime.now(zone).date()
    with quiet_airflow(arguments.site):
        from vigie.tasks.site import library

        asked_for(arguments.client, arguments.flux)
        watches, broken = site_watches(arguments.client, arguments.flux)
        dated = [watch for watch in watches if isinstance(watch, (FileWatch, MissingMailWatch))]
        incomplete = incomplete_rows(library(), dated)
        try:
            found = [_expected(watch, library(), day) for watch in dated]
            name = library().client(arguments.client).name
        except InvalidDocument as invalid:
            print(invalid, file=sys.stderr)
            return 1
    for problem in (*broken, *incomplete):
        print(problem, file=sys.stderr)
    if arguments.json:
        occurrences = [_data(one, each.sites, zone) for each in found for one in each.occurrences]
        print(json.dumps({"client": arguments.client, "date": day.isoformat(), "occurrences": occurrences}))
    else:
        width = max(30, shutil.get_terminal_size().columns)
        for line in _told(f"{name}, {day:%A %-d %B %Y}", found, day, zone, width, whole=arguments.all):
            print(line)
    return 1 if broken or incomplete else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./vigie expect",
        description="What is expected of a client on a day, until when, and what is waived, and why.",
    )
    parser.add_argument("client", metavar="CLIENT")
    parser.add_argument("--date", metavar="DATE", help="the sites' business date, as 2026-11-23 (default: today)")
    parser.add_argument("--flux", metavar="FLUX", help="only this flux")
    parser.add_argument("--zone", default=ZONE, help=f"tell the hours on these clocks too (default: {ZONE})")
    parser.add_argument("--all", action="store_true", help="name every site")
    parser.add_argument("--json", action="store_true", help="one object, with each occurrence of each site")
    parser.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    return parser.parse_args(argv)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RemedyError(f"--zone: '{name}' is not a time zone.", "Write an IANA name, as 'Asia/Tokyo'.") from None


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise RemedyError(f"--date: '{written}' is no date.", "Write it as 2026-11-23.") from None
    if day.year not in YEARS:
        raise RemedyError(f"--date: '{written}' is not of our time.", f"Write a year from {YEARS[0]} to {YEARS[-1]}.")
    return day


def _expected(watch: FileWatch | MissingMailWatch, library: Library, day: date) -> Expected:
    days = library.calendars.working_days(watch.client, watch.calendar)
    if isinstance(watch, MissingMailWatch):
        nowhere = Site(code="", zone=watch.zone, country=watch.country)
        return Expected(watch, {"": nowhere}, expected_mail_of(watch, day, days))
    sites = sites_of(watch, library.site_table(watch.client, watch.sites)).usable
    return Expected(watch, {site.code: site for site in sites}, expected_on(watch, sites, day, days))


def _data(one: Occurrence, sites: Mapping[str, Site], reader: ZoneInfo) -> dict[str, Any]:
    zone = ZoneInfo(sites[one.site].zone)
    instants = {"window_open": one.window_open, "due": one.due, "deadline": one.deadline}
    return {
        "watch": one.watch,
        "site": one.site,
        "business_date": one.business_date.isoformat(),
        "slot": one.slot,
        "path": one.path,
        **({"also": list(one.also)} if one.also else {}),
        "zone": zone.key,
        **{name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in instants.items()},
        **{f"{name}_site": at.astimezone(zone).isoformat() for name, at in instants.items()},
        **{f"{name}_reader": at.astimezone(reader).isoformat() for name, at in instants.items()},
        "status": one.status,
        "reason": one.reason,
    }


def _told(
    title: str, found: Sequence[Expected], day: date, zone: ZoneInfo, width: int, *, whole: bool
) -> Iterator[str]:
    yield title
    every = [one for each in found for one in each.occurrences]
    for expected in found:
        yield ""
        yield f"{expected.watch.flux} / {expected.watch.task_id}"
        if not expected.occurrences and isinstance(expected.watch, FileWatch):
            yield f"  Nothing on this day: expected on {', '.join(expected.watch.days)}."
        zones = {code: site.zone for code, site in expected.sites.items()}
        for line in gathered(expected.occurrences, zones):
            yield from _block(line, expected.watch, day, zone, width, whole=whole)
        if isinstance(expected.watch, FileWatch):
            for sentence in clock_changes(expected.watch, expected.sites.values(), expected.occurrences):
                yield f"  clocks: {sentence}"
    waived = sum(one.status == "waived" for one in every)
    yield ""
    yield (
        f"{len(every) - waived} expected, {waived} waived."
        if every
        else "Nothing is expected: no watch of files or mails."
    )


def _block(
    line: Gathered, watch: FileWatch | MissingMailWatch, day: date, zone: ZoneInfo, width: int, *, whole: bool
) -> Iterator[str]:
    first, codes = line.first, [one.site for one in line.occurrences]
    number, what = len(codes), "site"
    if isinstance(watch, MissingMailWatch):
        codes, number, what = list(watch.expect or ()), watch.needed, "mail"
    fate = first.status if first.status == "waived" else "expected"
    head = f"{', '.join(line.zones)}: {number:,} {what}{'s' if number > 1 else ''} {fate}"
    if first.when != day.isoformat():
        head += f", of {first.when}"
    yield from wrap(
        f"{head}: {first.reason}" if first.reason else head, width, initial_indent="  ", subsequent_indent="    "
    )
    clocks: list[tuple[str, tzinfo]] = [("site", ZoneInfo(line.zones[0])), (zone.key, zone), ("UTC", UTC)]
    for name, clock in clocks:
        grace = f" (+{format_duration(watch.grace)})" if watch.grace and name == "site" else ""
        yield f"    {_at(first.window_open, clock, day)} - {_at(first.due, clock, day)}{grace} {name}"
    shown = codes if whole or number <= SHOWN + 1 else [*codes[:SHOWN], f"and {number - SHOWN:,} more"]
    for text in wrap(", ".join(shown), width - 4, break_on_hyphens=False, break_long_words=False):
        yield f"    {text}"


def _at(instant: datetime, clock: tzinfo, day: date) -> str:
    local = instant.astimezone(clock)
    return f"{local:%H:%M}" if local.date() == day else f"{local:%a %-d %b %H:%M}"
