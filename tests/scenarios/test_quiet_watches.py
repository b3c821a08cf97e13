"""``Respond(page=False)``: whatever the watch, its channel is told, and nobody is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vigie.testing.control_room import ControlRoom

BERLIN = "Europe/Berlin"


def _ko_mail(room: ControlRoom) -> None:
    room.reads("dags/nordwind/end_of_day.py")
    room.mail_comes("[KO] EOD_POS", to="nordwind_ops", sender="batch@nordwind.example")


def _missing_mail(room: ControlRoom) -> None:
    room.clock.strikes("21:30", BERLIN)
    room.reads("dags/nordwind/backups.py")
    room.clock.strikes("06:11", BERLIN)


def _missing_file(room: ControlRoom) -> None:
    room.clock.strikes("23:30", "Asia/Tokyo")
    room.server("maison_lumiere_wms").make_folder("outbound")
    room.reads("dags/maison-lumiere/store_replenishment.py")
    room.clock.strikes("06:11", "Asia/Tokyo")


def _jeopardy(room: ControlRoom) -> None:
    flux = room.site / "dags/maison-lumiere/store_replenishment.py"
    flux.write_text(flux.read_text().replace('grace="10 min",', 'grace="10 min", jeopardy="30 min",'))
    room.clock.strikes("23:30", "Asia/Tokyo")
    room.server("maison_lumiere_wms").make_folder("outbound")
    room.reads("dags/maison-lumiere/store_replenishment.py")
    room.clock.strikes("05:45", "Asia/Tokyo")


@pytest.mark.parametrize("happens", [_ko_mail, _missing_mail, _missing_file, _jeopardy])
def test_what_is_to_page_nobody_pages_nobody(room: ControlRoom, happens: Callable[[ControlRoom], None]) -> None:
    for flux in (room.site / "dags").glob("*/*.py"):
        flux.write_text(flux.read_text().replace("respond=Respond(", "respond=Respond(page=False, "))
    happens(room)
    room.clock.advances("3 min")

    assert room.incidents
    assert [each.page for each in room.incidents] == [False] * len(room.incidents)
    assert room.mail_messenger.sent == []
    posts = room.slack(room.library.client(room.incident.client).slack_channel).posts
    assert [post.outbound.purpose for post in posts] == ["note"] * len(room.incidents)
    assert [post.outbound.mentions for post in posts] == [()] * len(room.incidents)
