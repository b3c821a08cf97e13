"""What is expected now and ended lately: of each watch its sites, until when, how it ended, and why it is waived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.core.expected_day import gathered
from vigie.core.noticed_files import KINDS, Noticed, noticed
from vigie.core.noticed_files import SPAN as NOTICED_FOR
from vigie.core.occurrence import Occurrence
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.page import Live, Page
from vigie.web.permissions import readable
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import ApiUserDep, PageUserDep

router = APIRouter()

SPAN = timedelta(hours=24)
"""So long after its deadline an occurrence is shown, and so long before it."""

SHOWN = 40
"""So many sites of a line are named."""

_WORST_FIRST = ("missing", "pending", "late", "unexpected", "waived", "early", "on_time")


class Line(NamedTuple):
    """The sites of a watch that share a window and a fate. ``due`` is on their own clocks."""

    first: Occurrence
    due: str
    zones: str
    sites: tuple[str, ...]
    number: int

    @property
    def more(self) -> int:
        """How many sites are not named."""
        return self.number - len(self.sites) if self.sites else 0


def lines(occurrences: Sequence[Occurrence], zones: Mapping[str, str], now: datetime) -> list[Line]:
    """The occurrences of a client as lines: what is missing first, then what is awaited. ``now`` is UTC."""
    near = [one for one in occurrences if abs(one.deadline - now) <= SPAN]
    found = []
    for _, members in groupby(sorted(near, key=lambda one: (one.watch, one.site)), key=lambda one: one.watch):
        for line in gathered(members, zones):
            due = line.first.due.astimezone(ZoneInfo(line.zones[0]))
            names = tuple(one.site for one in line.occurrences if one.site)
            found.append(
                Line(line.first, f"{due:%a %d %b %H:%M}", ", ".join(line.zones), names[:SHOWN], len(line.occurrences))
            )
    return sorted(
        found, key=lambda line: (_WORST_FIRST.index(line.first.status), line.first.deadline, line.first.watch)
    )


def zones_of(library: Library, client: str) -> dict[str, str]:
    """The zone of each site of a client; a table that cannot be read leaves its sites in UTC."""
    found: dict[str, str] = {}
    with suppress(VigieError, OSError):
        # Where there is no table the client is the only site; a watch of mails has none.
        found[client] = found[""] = library.client(client).zone
    for table in library.tables(client):
        try:
            found |= {site.code: site.zone for site in library.site_table(client, table)}
        except (VigieError, OSError):
            continue
    return found


class Shown(NamedTuple):
    """What the page says, of one client or of all that the user may see; ``clients`` are all of these."""

    lines: Sequence[Line]
    noticed: Sequence[Noticed]
    clients: Sequence[str]


def shown_to(user: BaseUser, room: ControlRoom, client: str) -> Shown:
    """The occurrences of now, and the files of the last days that somebody should see.

    Raises HTTPException 404 for a client of whom the user may see no watch: the same whether there is one or not.
    """
    book, now = room.logbook(), room.now()
    known = book.watch_states()
    readable_states = readable(user, known)
    if client and client not in {state.client for state in readable_states}:
        if client in {state.client for state in known}:
            enter_refusal(room, user, f"what is expected of {client}")
        raise HTTPException(404, f"There is no client {client[:60]} of whom you may see a watch.")
    states = [state for state in readable_states if client in {"", state.client}]
    since = (now - SPAN - timedelta(days=33)).date()  # a holiday may have moved what is older
    found: list[Line] = []
    entries: list[Entry] = []
    for name in sorted({state.client for state in states}):
        watches = [state.watch for state in states if state.client == name]
        found += lines(
            book.occurrences_of(watches, since=since, due_after=now - SPAN), zones_of(room.library(), name), now
        )
        entries += [each for each in book.newest(name, KINDS, since=now - NOTICED_FOR) if each.watch in watches]
    found.sort(key=lambda line: (_WORST_FIRST.index(line.first.status), line.first.deadline, line.first.watch))
    return Shown(found, noticed(entries), sorted({state.client for state in readable_states}))


def _page(request: Request, room: ControlRoom, user: BaseUser, client: str) -> Page:
    shown = shown_to(user, room, client)
    return Page(
        request, room, user, "expected.html", shown, lines=shown.lines, noticed=shown.noticed, clients=shown.clients,
        client=client, words=room.lexicon(), title="Expected",
    )  # fmt: skip


@router.get("/expected", response_class=HTMLResponse)
def expected(request: Request, room: RoomDep, user: PageUserDep, client: str = "") -> HTMLResponse:
    """What is expected of all clients whose fluxes the user may see, or of one."""
    return _page(request, room, user, client).whole()


@router.get("/live/expected")
def live_expected(request: Request, room: RoomDep, user: ApiUserDep, client: str = "", version: str = "") -> Live:
    """What has changed there."""
    return _page(request, room, user, client).live("Expected", version)
