"""The calendar that a watch of a flux asks for: its names, and the digest by which a changed one replaces the trigger."""

from __future__ import annotations

from typing import NamedTuple

from vigie.core.business_calendar import EVERY_DAY
from vigie.core.errors import InvalidDocument
from vigie.tasks.flux_body import FluxBody
from vigie.tasks.site import library


class AskedCalendar(NamedTuple):
    """``calendar`` and ``calendar_digest`` of a DatedWatch."""

    names: object
    digest: str = ""


def asked_calendar(written: object, body: FluxBody, *, has_sites: bool) -> AskedCalendar:
    """The calendars that an author wrote, a name or a list of names; the client's own where nothing is written.

    What is wrong becomes the flux's problem; what is no name at all is left to the rule to refuse. Where a watch has
    no table of sites, a calendar that goes by their countries needs that of the client.
    """
    try:
        names: object = _names(written, body.client)
    except InvalidDocument as broken:
        body.problems.extend(broken.problems)
        return AskedCalendar(())
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        return AskedCalendar(names)
    asked = tuple(name for name in names if name != EVERY_DAY)
    try:
        days = library().calendars.working_days(body.client, asked)
        if not has_sites and library().client(body.client).country is None:
            for calendar in days.calendars:
                if calendar.asks_the_country:
                    message = f"the calendar '{calendar.name}' goes by the country of a site, and here is none."
                    body.wrong(message, f"Write 'country: …' into include/clients/{body.client}/client.yaml.")
        return AskedCalendar(asked, library().calendars.digest(body.client, asked))
    except InvalidDocument as broken:
        for problem in broken.problems:
            if problem.line is None:  # no calendar of this name: the mistake is here
                body.wrong(problem.message, problem.remedy)
            else:
                body.problems.append(problem)
        return AskedCalendar(())


def _names(written: object, client: str) -> object:
    if written is None:
        own = library().client(client).calendar
        return () if own is None else (own,)
    if isinstance(written, str):
        return (written,)
    return tuple(written) if isinstance(written, list) else written
