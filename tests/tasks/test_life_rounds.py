"""The rounds look after incidents, steps and calls: what would fall silent, and what the desk fails at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests.scenarios.site import write_site

from vigie.core.errors import TransportError
from vigie.core.message import Outbound
from vigie.tasks.life_rounds import LifeRounds
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_messenger import MemoryMessenger

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
MINUTE = timedelta(minutes=1)


class Night:
    """A control room whose rounds are walked each minute."""

    def __init__(self, room: ControlRoom) -> None:
        self.room = room
        self.told: list[str] = []
        self.texts: list[str] = []
        self.deaf = False

    def tell(self, subject: str, text: str) -> None:
        if self.deaf:
            raise TransportError("no mail server")
        self.told.append(subject)
        self.texts.append(text)

    def passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.room.clock.advances("1 min")
            LifeRounds(self.room.logbook, self.room.library, self.tell).walk(self.room.clock.now)

    def tears(self, table: str) -> None:
        engine = create_engine(f"sqlite:///{self.room.site.parent / 'logbook.db'}")
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET next_action_at = NULL"))  # noqa: S608
        engine.dispose()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    site = write_site(tmp_path / "site")
    with ControlRoom(tmp_path, site=site, at=datetime(2026, 11, 24, 1, tzinfo=UTC)) as room:
        room.reads("dags/nordwind/end_of_day.py")
        yield Night(room)


def test_all_is_well(night: Night) -> None:
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    night.passes(90)
    assert night.told == []


def test_an_incident_without_a_next_action_is_put_right_and_told_by_the_rounds_own_path(night: Night) -> None:
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    night.tears("incident")
    night.passes(1)
    assert night.told == ["Vigie: INC-1 had no next action"]
    assert night.texts[0].endswith("- INC-1: it has no next action")

    night.passes(10)
    assert len(night.told) == 1
    assert len(night.room.mailbox_of("bruno").mails) == 1  # whose turn it was


def test_an_open_step_without_one_too(night: Night) -> None:
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    night.room.takes_it("anna")
    night.tears("step")
    night.passes(1)
    assert night.told == ["Vigie: STEP-1 had no next action"]
    night.passes(15)
    assert len(night.room.mailbox_of("bruno").got("Sans réponse")) == 1


class Broken(MemoryMessenger):
    """Fails at what says this, by an error of ours."""

    words = "EOD_POS"

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        if self.words and self.words in outbound.message.subject:
            raise ZeroDivisionError("division by zero")
        return super().send(outbound, reply_ref=reply_ref)


def breaks_the_words_of(room: ControlRoom) -> None:
    """The client's zone is gone from every table: a mistake that no file's check could have seen."""
    room.desks = [Stumbling(room)]


class Stumbling:
    """The desk, of which an error of ours takes each decision about one incident."""

    def __init__(self, room: ControlRoom) -> None:
        self.desk = room.desk("desk")
        self.library = room.library
        self.room = room

    def act(self, now: datetime) -> int:
        whole = self.library.client
        try:
            self.library.client = self._client  # type: ignore[method-assign]
            return self.desk.act(now)
        finally:
            self.library.client = whole  # type: ignore[method-assign]

    def _client(self, name: str) -> object:
        raise KeyError(name)


def test_an_error_that_repeats_is_told_within_two_minutes_once_with_reminders_and_ends(night: Night) -> None:
    desks = night.room.desks
    breaks_the_words_of(night.room)
    night.room.mails_come(["[KO] EOD_POS", "[KO] EOD_CASH"], **BATCH)
    night.passes(2)
    assert night.told == ["Vigie: the desk fails at INC-1 and 1 more"]
    assert "KeyError in _client" in night.texts[0]
    assert "'nordwind'" in night.texts[0]
    night.passes(28)
    assert len(night.told) == 1
    night.passes(1)
    assert len(night.told) == 2

    night.room.desks = desks
    night.passes(2)
    assert night.told[2:] == ["Vigie: the desk works again"]
    assert len(night.room.mailbox_of("anna").got("EOD_POS, page")) == 1
    assert night.room.logbook.errors() == []
    assert [entry.kind for entry in night.room.entries("desk.")][-1] == "desk.works"


def test_an_error_at_a_message_is_told_too(night: Night) -> None:
    night.room.mail_messenger = Broken(can_tell=False)
    night.room.desks = [night.room.desk("desk")]
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    night.passes(2)
    assert night.told == ["Vigie: the desk fails at INC-1/page/1/mail/anna"]


def test_an_error_that_passes_is_not_told(night: Night) -> None:
    night.room.mail_messenger = broken = Broken(can_tell=False)
    night.room.desks = [night.room.desk("desk")]
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    broken.words = ""
    night.passes(10)
    assert night.told == []
    assert night.room.logbook.errors() == []


def test_what_nobody_heard_is_told_in_the_next_round(night: Night) -> None:
    breaks_the_words_of(night.room)
    night.room.mail_comes("[KO] EOD_POS", **BATCH)
    night.deaf = True
    night.passes(3)
    night.deaf = False
    night.passes(1)
    assert night.told == ["Vigie: the desk fails at INC-1"]


def test_a_rota_that_lacks_a_policy_is_an_incident_of_the_platform_until_it_is_there(night: Night) -> None:
    rota = night.room.site / "include/rota/team.yaml"
    whole = rota.read_text("utf-8")
    rota.write_text(whole.replace("  duty:", "  night_duty:"), "utf-8")
    night.passes(3)
    (fault,) = night.room.incidents
    assert (fault.client, fault.dedup_key, fault.status) == ("platform", "policy duty", "open")

    rota.write_text(whole, "utf-8")
    night.passes(1)
    assert [each.status for each in night.room.incidents] == ["resolved"]
    assert night.told == []
