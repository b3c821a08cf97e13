"""The rule by which a log of arrivals is judged: that of a flux, or one written in the command."""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple, NoReturn

from pydantic import ValidationError

from vigie.cli.remedy import RemedyError
from vigie.cli.site_watches import quiet_airflow, site_watches
from vigie.core.business_calendar import EVERY_DAY
from vigie.core.errors import InvalidDocument
from vigie.core.file_watch import FileWatch
from vigie.core.place import Place
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.site_table import sites_of
from vigie.core.working_days import WorkingDays
from vigie.core.zone import ZoneInfo
from vigie.documents.calendars import PLACE
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library
from vigie.documents.places import nearest_place, why_unknown_place


class Rule(NamedTuple):
    """What the log is judged by. ``zone`` is that in which its hours are told."""

    watch: FileWatch
    sites: tuple[Site, ...]
    days: WorkingDays
    zone: ZoneInfo


def _library(arguments: argparse.Namespace) -> Library:
    from vigie.cli.settings import CHECKOUT

    return Library(arguments.site or CHECKOUT)


def written_rule(arguments: argparse.Namespace) -> Rule:
    """The rule of ``--due`` and its companions: one file a day, whatever its name."""
    place = Place.read(arguments.country or "")
    if place.country and (unknown := why_unknown_place(place)):
        raise RemedyError(f"--country: {unknown}.", nearest_place(arguments.country))
    subdivision = " ".join(filter(None, (place.subdivision, *place.categories)))
    try:
        site = Site(code="file", zone=arguments.tz, country=place.country, attributes={"subdivision": subdivision})
        watch = FileWatch(
            client="replay",
            flux="replay",
            task_id="file",
            where="log",
            path="{business_date:%Y-%m-%d}",
            opens=arguments.opens or ("12:00" if arguments.due.startswith("00:00") else "00:00"),
            due=arguments.due,
            days=tuple(arguments.days.split(",")) if arguments.days else (),
            grace=arguments.grace or "0 s",
            shift_policy=arguments.shift_policy or "skip",
            respond=Respond(severity="high", template="file_missing"),
        )
    except ValidationError as refused:
        _refuse(refused)
    return Rule(watch, (site,), _calendar(arguments), ZoneInfo(site.zone))


def _refuse(refused: ValidationError) -> NoReturn:
    error = refused.errors()[0]
    word = str(error["loc"][-1]).replace("_", "-") if error["loc"] else "opens"
    said = error["msg"].removeprefix("Value error, ")
    raise RemedyError(f"--{'tz' if word == 'zone' else word}: {said}.", "./vigie replay --help says more.")


def _calendar(arguments: argparse.Namespace) -> WorkingDays:
    written = arguments.calendar
    if written is None or written == EVERY_DAY:
        return WorkingDays()
    library = _library(arguments)
    client, _, name = written.rpartition("/")
    if client and client not in library.client_ids():
        raise RemedyError(f"--calendar: there is no client '{client}'.", did_you_mean(client, library.client_ids()))
    if not client and not PLACE.fullmatch(name):
        raise RemedyError(f"--calendar: '{written}' is no place.", "Write IT or FR-57, or a client's: acme/stores.")
    if PLACE.fullmatch(name) and (unknown := why_unknown_place(Place.read(name))):
        raise RemedyError(f"--calendar: {unknown}.", nearest_place(name))
    found = library.calendars.named(client, name)
    if found.asks_the_country and not arguments.country:
        raise RemedyError(f"--calendar: '{written}' goes by countries.", "Say which: --country IT.")
    return WorkingDays(found)


def flux_rule(arguments: argparse.Namespace) -> Rule:
    """The rule of the watch that the arguments name. Raises InvalidDocument where its table has not what it needs."""
    client, _, rest = arguments.flux.partition(".")
    flux, _, task_id = rest.partition(".")
    with quiet_airflow(arguments.site):
        watches, broken = site_watches(client, flux)
        for sentence in broken:
            print(sentence, file=sys.stderr)
        files = [each for each in watches if isinstance(each, FileWatch) and task_id in {"", each.task_id}]
        if len(files) != 1:
            known = [each.id for each in files or site_watches().watches if isinstance(each, FileWatch)]
            which = (
                f"'{arguments.flux}' has several watches of files."
                if files
                else f"no watch of files is '{arguments.flux}'."
            )
            raise RemedyError(
                which, did_you_mean(arguments.flux, known) if not files else f"Name one: {', '.join(known)}."
            )
        library = _library(arguments)
        watch = files[0]
        zone = ZoneInfo(library.client(client).zone)
        sites = sites_of(watch, library.sites(client, watch.sites))
        if sites.problems:
            raise InvalidDocument(*sites.problems)
        return Rule(watch, sites.usable, library.calendars.working_days(client, watch.calendar), zone)
