from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.web.night import Browser, Night

from vigie.core.channel_sight import refused_signals, signed_in_signals
from vigie.core.client import PLATFORM
from vigie.core.look import Look, WatchState
from vigie.logbook.book import Logbook


def state(name: str, night: Night, **fields: Any):
    given = {
        "watch": f"maison-lumiere.{name}.files", "client": "maison-lumiere", "flux": name, "kind": "files",
        "source": "wms", "looked_at": night.now, "look_by": night.now + timedelta(minutes=2),
    }  # fmt: skip
    return WatchState.model_validate(given | fields)


def test_trouble_first_with_file_and_line(browser: Browser, book: Logbook, night: Night) -> None:
    states = (
        state("a_fine", night),
        state("b_late", night),
        state("c_broken", night, sight="broken", detail="dags/maison-lumiere/c.py:7: invalid <syntax>"),
        state("d_blind", night, sight="blind", detail="connection refused"),
        state("e_paused", night, sight="paused"),
        state("f_gone", night, sight="gone"),
    )
    late = state("b_late", night, look_by=night.now + timedelta(seconds=30))
    book.record(Look(source="wms", at=night.now, states=(*states[:1], late, *states[2:])))
    night.passes(timedelta(minutes=1))
    page = browser().get("/vigie/board").text
    order = [page.index(name) for name in ("c_broken", "d_blind", "f_gone", "b_late", "e_paused", "a_fine")]
    assert order == sorted(order)
    assert "dags/maison-lumiere/c.py:7: invalid &lt;syntax&gt;" in page
    assert "should have looked" in page
    assert "1 min ago" in page
    assert "Watches · 6" in page


def test_vigie_itself(browser: Browser, book: Logbook, night: Night) -> None:
    assert browser().get("/vigie/board").text.count("no sign of life yet") == 2
    book.beat("desk", night.now)
    book.beat("rounds", night.now)
    book.beat("session:ops/INBOX", night.now)
    page = browser().get("/vigie/board").text
    assert page.count(">awake<") == 2
    assert "session:" not in page
    night.passes(timedelta(minutes=3, seconds=1))
    assert browser().get("/vigie/board").text.count(">silent<") == 2


def test_the_living_part_tells_when_a_watch_becomes_late(browser: Browser, book: Logbook, night: Night) -> None:
    book.record(Look(source="wms", at=night.now, states=(state("a", night),)))
    first = browser().get("/vigie/live/board").json()
    night.passes(timedelta(minutes=1))
    assert browser().get(f"/vigie/live/board?version={first['version']}").json()["html"] is None
    night.passes(timedelta(minutes=1, seconds=1))
    assert "should have looked" in browser().get(f"/vigie/live/board?version={first['version']}").json()["html"]


def test_a_channel_that_refuses_our_sign_in_is_blind_on_the_board(
    browser: Browser, book: Logbook, night: Night
) -> None:
    page = browser().get("/vigie/board").text
    assert page.count("not signed in yet") == 2
    for channel in ("slack", "mail"):
        book.beat(f"channel.{channel}.signed_in", night.now)
    assert browser().get("/vigie/board").text.count(">signed in<") == 2

    reason = "mail: the login was refused: 550 5.7.30 <not supported>"
    signals = refused_signals("mail", "credential", reason, book.incidents(client=PLATFORM), night.now)
    book.record(Look(source="rounds", at=night.now, signals=tuple(signals)))
    page = browser().get("/vigie/board").text
    assert (page.count(">blind<"), page.count(">signed in<")) == (1, 1)
    assert "550 5.7.30 &lt;not supported&gt;" in page
    assert "/vigie/incidents/INC-" in page

    night.passes(timedelta(minutes=5))
    again = signed_in_signals("mail", book.incidents(client=PLATFORM), (), night.now)
    book.record(Look(source="rounds", at=night.now, signals=tuple(again)))
    assert browser().get("/vigie/board").text.count(">signed in<") == 2
