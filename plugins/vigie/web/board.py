"""The board: whether every watch is looking, whether people can be reached, and whether Vigie itself is awake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from vigie.core.channel_sight import channel_sights
from vigie.core.client import PLATFORM
from vigie.core.look import WatchState
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.page import Live, Page
from vigie.web.permissions import may_read, readable
from vigie.web.sign_in import ApiUserDep, PageUserDep

router = APIRouter()

_WORST_FIRST = ("broken", "blind", "gone", "late", "paused", "watching")
_PULSES = {"desk": "Pages and messages", "rounds": "Vigie's check of itself"}
SILENT_AFTER = timedelta(minutes=3)
"""How long one of Vigie's own parts may say nothing before the board shows it in red."""


class Line(NamedTuple):
    """One watch on the board. ``sight`` is its state, or ``late`` where it should have looked and did not."""

    state: WatchState
    sight: str


class Pulse(NamedTuple):
    """One of Vigie's own parts, and when it last gave a sign of life (UTC; None: never)."""

    name: str
    at: datetime | None
    silent: bool


def lines(states: list[WatchState], now: datetime) -> list[Line]:
    """The watches, those in trouble first. ``now`` is UTC."""
    found = [Line(state, _sight(state, now)) for state in states]
    return sorted(found, key=lambda line: (_WORST_FIRST.index(line.sight), line.state.watch))


def _sight(state: WatchState, now: datetime) -> str:
    late = state.sight == "watching" and state.look_by is not None and state.look_by < now
    return "late" if late else state.sight


def pulses(beats: Mapping[str, datetime], now: datetime) -> list[Pulse]:
    """The parts of Vigie that must beat, also those that never did. ``now`` is UTC."""
    return [
        Pulse(told, beats.get(name), name not in beats or beats[name] < now - SILENT_AFTER)
        for name, told in _PULSES.items()
    ]


def _page(request: Request, room: ControlRoom, user: BaseUser) -> Page:
    book, now = room.logbook(), room.now()
    watches = lines(list(readable(user, book.watch_states())), now)
    beats = book.beats()
    parts, ways = pulses(beats, now), channel_sights(book.incidents(client=PLATFORM), beats)
    told = [way.incident.id for way in ways if way.incident is not None and may_read(user, way.incident)]
    return Page(
        request, room, user, "board.html", (watches, parts, ways), lines=watches, pulses=parts, ways=ways, told=told, words=room.lexicon(),
        title="Board",
    )  # fmt: skip


@router.get("/board", response_class=HTMLResponse)
def board(request: Request, room: RoomDep, user: PageUserDep) -> HTMLResponse:
    """Every watch and what it sees, each channel, and Vigie's own pulse."""
    return _page(request, room, user).whole()


@router.get("/live/board")
def live_board(request: Request, room: RoomDep, user: ApiUserDep, version: str = "") -> Live:
    """What has changed on the board."""
    return _page(request, room, user).live("Board", version)
