"""06:10 in Berlin: the OK mails of some backups have not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import Occurrence
from vigie.core.respond import Respond
from vigie.core.zone import ZoneInfo
from vigie.testing.control_room import ControlRoom

WATCH = "nordwind.backups.backups_ok"
BERLIN = "Europe/Berlin"


@pytest.fixture
def backups(room: ControlRoom) -> ControlRoom:
    """The room at 21:30 in Berlin, with the backups of the coming night on watch."""
    room.clock.strikes("21:30", BERLIN)
    room.reads("dags/nordwind/backups.py")
    room.clock.strikes("22:30", BERLIN)
    return room


def come(room: ControlRoom, *vms: str, word: str = "OK", sender: str = "backup@nordwind.example") -> None:
    room.mails_come([f"[{word}] backup {vm}" for vm in vms], to="nordwind_ops", sender=sender)


def night(room: ControlRoom, day: int = 25) -> Occurrence:
    (found,) = room.logbook.occurrences(WATCH, since=date(2026, 11, day))
    return found


def test_four_of_five_at_the_deadline_are_one_incident_until_the_fifth_comes(backups: ControlRoom) -> None:
    come(backups, "vm1", "vm2")
    backups.clock.strikes("03:00", BERLIN)
    come(backups, "vm4", "vm3", "vm3")
    backups.clock.strikes("06:10", BERLIN)
    assert (backups.incidents, night(backups).status) == ([], "pending")

    backups.clock.advances("2 s")

    (incident,) = backups.incidents
    assert incident.title == "4 of 5 mails came; missing: vm5 (2026-11-25)"
    (post,) = backups.slack("nordwind").posts
    assert "Nordwind Logistik: 4 of 5 mails, page" in post.text
    assert "• vm1 came at 22:30\n• vm2 came at 22:30\n• vm3 came at 03:00" in post.text
    assert backups.takes_it("anna").result == "done"

    come(backups, "vm2", "vm9")
    assert backups.incident.status == "acknowledged"
    backups.clock.strikes("07:30", BERLIN)
    come(backups, "vm5")

    (incident,) = backups.incidents
    assert (incident.status, incident.resolved_by) == ("resolved", WATCH)
    (post,) = backups.slack("nordwind").posts
    assert post.thread[-1].text.startswith("Resolved at 07:30, after 79 min, by itself.")
    ended = night(backups)
    assert (ended.status, ended.arrived_at) == ("late", datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    assert [entry.text for entry in backups.entries("occurrence.") if entry.key and "11-25" in entry.key] == [
        "2026-11-25: missing, 4 of 5 mails came; missing: vm5",
        "2026-11-25: late, 5 of 5 mails came, the last at 2026-11-25 06:30:00 UTC",
    ]


def test_each_late_mail_changes_the_message_in_place(backups: ControlRoom) -> None:
    come(backups, "vm1", "vm2", "vm3")
    backups.clock.strikes("06:11", BERLIN)
    assert backups.incident.title == "3 of 5 mails came; missing: vm4, vm5 (2026-11-25)"
    come(backups, "vm5")
    (post,) = backups.slack("nordwind").posts
    assert "4 of 5 mails came; missing: vm4 (2026-11-25)" in post.text
    assert backups.incident.count == 1


def test_a_good_night_is_silent_and_in_the_record(backups: ControlRoom) -> None:
    come(backups, "vm5", "vm4", "vm3", "vm2", "vm1")
    for clock in ("06:11", "12:00", "21:59"):
        backups.clock.strikes(clock, BERLIN)
    assert (backups.incidents, backups.slack("nordwind").posts) == ([], [])
    assert night(backups).status == "on_time"
    assert [entry.text for entry in backups.entries("occurrence.on_time")] == [
        "2026-11-25: on_time, 5 of 5 mails came, the last at 2026-11-24 21:30:00 UTC"
    ]
    assert len(backups.entries("mail.claimed")) == 5
    assert backups.entries("mail.unclassified") == []


def test_the_fate_of_each_mail_is_told(backups: ControlRoom) -> None:
    come(backups, "vm1")
    come(backups, "vm7")
    come(backups, "vm2", sender="MAILER-DAEMON@nordwind.example")
    come(backups, "vm3", word="KO")
    said = {entry.text.partition(" from")[0]: entry.text.partition(": ")[2] for entry in backups.entries("mail.")}
    assert said == {
        "[OK] backup vm1": f"counts for 2026-11-25 of {WATCH}",
        "[OK] backup vm7": "unclassified, no rule claims it",
        "[OK] backup vm2": "unclassified, no rule claims it (its sender is mailer-daemon)",
        "[KO] backup vm3": "unclassified, no rule claims it",
    }
    assert night(backups).arrivals.keys() == {"vm1"}


def test_every_night_has_its_own_incident(backups: ControlRoom) -> None:
    backups.clock.strikes("06:11", BERLIN)
    backups.clock.strikes("22:30", BERLIN)
    come(backups, "vm1", "vm2", "vm3", "vm4", "vm5")
    backups.clock.strikes("06:11", BERLIN)
    backups.clock.strikes("22:30", BERLIN)
    backups.clock.strikes("06:11", BERLIN)
    assert [(each.dedup_key, each.status) for each in backups.incidents if each.client == "nordwind"] == [
        ("2026-11-25", "open"),
        ("2026-11-27", "open"),
    ]
    found = backups.logbook.occurrences(WATCH, since=date(2026, 11, 25))
    assert [each.status for each in found] == ["missing", "on_time", "missing"]


def test_a_mailbox_that_is_dark_at_the_deadline_is_our_trouble_and_no_missing_mail(backups: ControlRoom) -> None:
    come(backups, "vm1", "vm2", "vm3", "vm4")
    backups.clock.strikes("05:50", BERLIN)
    backups.goes_dark("nordwind_ops")
    come(backups, "vm5")
    backups.clock.strikes("06:30", BERLIN)
    assert [each.client for each in backups.incidents] == ["platform"]
    with pytest.raises(TransportError):
        backups.check(WATCH)
    assert night(backups).status == "pending"

    backups.comes_back("nordwind_ops")
    backups.clock.advances("1 min")

    assert [(each.client, each.status) for each in backups.incidents] == [("platform", "resolved")]
    ended = night(backups)
    assert (ended.status, ended.arrived_at) == ("on_time", datetime(2026, 11, 25, 4, 50, tzinfo=UTC))


def test_after_sight_again_what_is_absent_is_told(backups: ControlRoom) -> None:
    backups.clock.strikes("06:00", BERLIN)
    backups.goes_dark("nordwind_ops")
    backups.clock.strikes("06:30", BERLIN)
    come(backups, "vm1", "vm2", "vm3", "vm4")
    backups.comes_back("nordwind_ops")
    backups.clock.advances("1 min")
    assert backups.incident.title == "4 of 5 mails came; missing: vm5 (2026-11-25)"


def _dies_before(room: ControlRoom, look: Look) -> None:
    raise ZeroDivisionError


def _dies_after(room: ControlRoom, look: Look) -> None:
    room.logbook.record(look)
    raise ZeroDivisionError


@pytest.mark.parametrize("dies", [_dies_before, _dies_after])
def test_killed_between_the_mails_nothing_is_lost_or_counted_twice(
    backups: ControlRoom, dies: Callable[[ControlRoom, Look], None]
) -> None:
    come(backups, "vm1", "vm2")
    backups.triggerer_dies()
    come(backups, "vm3", "vm3", "vm1")
    dying = backups.session(WATCH, lambda look: dies(backups, look))
    with pytest.raises(ZeroDivisionError):
        dying.step()
    backups.triggerer_restarts()
    assert night(backups).arrivals.keys() == {"vm1", "vm2", "vm3"}

    backups.clock.strikes("06:05", BERLIN)
    backups.triggerer_dies()
    backups.clock.strikes("06:12", BERLIN)
    dying = backups.session(WATCH, lambda look: dies(backups, look))
    with pytest.raises(ZeroDivisionError):
        dying.step()
    backups.triggerer_restarts()

    (incident,) = backups.incidents
    assert (incident.title, incident.count) == ("3 of 5 mails came; missing: vm4, vm5 (2026-11-25)", 1)
    assert len(backups.entries("occurrence.missing")) == 1
    come(backups, "vm4", "vm5")
    assert backups.incident.status == "resolved"


def test_the_check_agrees_with_the_watch_and_looks_where_it_is_dead(backups: ControlRoom) -> None:
    come(backups, "vm1", "vm2", "vm3")
    backups.clock.strikes("06:13", BERLIN)
    found = backups.check(WATCH)
    assert (found.outcome, found.looked_by, found.incidents) == ("anomaly", "watch", ("INC-1",))

    come(backups, "vm4", "vm5")
    backups.clock.strikes("22:30", BERLIN)
    come(backups, "vm1", "vm2", "vm3", "vm4")
    backups.triggerer_dies()
    backups.clock.strikes("06:13", BERLIN)
    found = backups.check(WATCH)
    assert (found.outcome, found.looked_by, found.incidents) == ("anomaly", "check", ("INC-2",))
    assert backups.incident.title == "4 of 5 mails came; missing: vm5 (2026-11-26)"


def test_a_watch_that_begins_in_its_window_counts_what_has_come(room: ControlRoom) -> None:
    room.clock.strikes("22:30", BERLIN)
    come(room, "vm1", "vm2", "vm3", "vm4")
    room.clock.strikes("02:00", BERLIN)
    room.reads("dags/nordwind/backups.py")
    come(room, "vm5")
    assert night(room).status == "on_time"
    assert room.entries("mail.unclassified") == []
    assert [entry.text for entry in room.entries("mail.counted")] == [
        "nordwind_ops/INBOX was read again since 2026-11-24 21:00 UTC: 4 mails count"
    ]


def test_a_watch_that_begins_after_its_deadline_waits_for_the_next_night(room: ControlRoom) -> None:
    room.clock.strikes("07:00", BERLIN)
    room.reads("dags/nordwind/backups.py")
    room.clock.strikes("21:00", BERLIN)
    assert room.incidents == []
    assert {each.status for each in room.logbook.occurrences(WATCH, since=date(2026, 11, 1))} == {"waived"}


def test_a_rule_that_is_mended_at_night_counts_what_it_had_overlooked(backups: ControlRoom) -> None:
    backups.triggerer_dies()
    flux = backups.site / "dags/nordwind/backups.py"
    good = flux.read_text()
    flux.write_text(good.replace("backup (?P", "bakup (?P"))
    backups.reads("dags/nordwind/backups.py")
    come(backups, "vm1", "vm2", "vm3", "vm4", "vm5")
    backups.clock.strikes("06:15", BERLIN)
    assert backups.incident.title == "0 of 5 mails came; missing: vm1, vm2, vm3, vm4, vm5 (2026-11-25)"

    flux.write_text(good)
    backups.reads("dags/nordwind/backups.py")

    assert (backups.incident.status, night(backups).status) == ("resolved", "on_time")


def test_a_rebuilt_mailbox_is_read_again_and_counts_the_same(backups: ControlRoom) -> None:
    come(backups, "vm1", "vm2", "vm3")
    before = night(backups)
    backups.mailbox("nordwind_ops").change_uidvalidity()
    backups.triggerer_restarts()
    assert night(backups).arrivals == before.arrivals


def test_more_mails_than_a_batch_at_the_deadline_are_all_read_before_anything_is_missing(backups: ControlRoom) -> None:
    backups.clock.strikes("06:09", BERLIN)
    backups.goes_dark("nordwind_ops")
    come(backups, *(f"other{number}" for number in range(60)), "vm1", "vm2", "vm3", "vm4", "vm5")
    backups.clock.advances("90 s")
    backups.comes_back("nordwind_ops")
    backups.clock.advances("1 min")
    assert (backups.incidents, night(backups).status) == ([], "on_time")


@pytest.mark.parametrize(
    ("zone", "at", "deadline"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 20, 0, tzinfo=UTC), datetime(2026, 3, 29, 4, 10, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 19, 0, tzinfo=UTC), datetime(2026, 10, 25, 5, 10, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 24, 16, 0, tzinfo=UTC), datetime(2026, 11, 25, 0, 40, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 11, 0, tzinfo=UTC), datetime(2026, 10, 3, 19, 10, tzinfo=UTC)),
    ],
)
def test_absence_is_told_at_the_deadline_by_itself_on_every_night_of_every_zone(
    tmp_path: Path, zone: str, at: datetime, deadline: datetime
) -> None:
    with ControlRoom(tmp_path, site=write_site(tmp_path / "site"), at=at) as room:
        room.watches(
            MissingMailWatch(
                client="nordwind",
                flux="backups",
                task_id="backups_ok",
                mailbox="nordwind_ops",
                subject=r"\[OK\]",
                opens="22:00",
                due="06:00",
                grace="10 min",
                zone=zone,
                respond=Respond(severity="high", template="mail_missing"),
            )
        )
        room.clock.strikes("06:09", zone)
        assert room.incidents == []
        room.clock.advances("2 min")
        (incident,) = room.incidents
        assert (
            incident.title == f"The mail expected by 06:00 has not come ({deadline.astimezone(ZoneInfo(zone)).date()})"
        )
        assert (incident.opened_at - deadline).total_seconds() == 1


def test_a_night_that_the_calendar_waives_is_recorded_and_nobody_is_called(room: ControlRoom) -> None:
    flux = room.site / "dags/nordwind/backups.py"
    flux.write_text(flux.read_text().replace('due="06:00"', 'due="06:00", calendar="DE"'))
    room.clock.now = datetime(2026, 12, 23, 20, 30, tzinfo=UTC)
    room.reads("dags/nordwind/backups.py")
    for clock in ("22:30", "06:30", "22:30", "06:30", "22:30"):
        room.clock.strikes(clock, BERLIN)
    found = {
        each.business_date.day: (each.status, each.reason)
        for each in room.logbook.occurrences(WATCH, since=date(2026, 12, 24))
    }
    assert found == {
        24: ("missing", ""),
        25: ("waived", "holiday DE 2026-12-25 Christmas Day"),
    }
    assert [each.dedup_key for each in room.incidents if each.client == "nordwind"] == ["2026-12-24"]
    assert room.check(WATCH).text.endswith("(2026-12-24); 1 waived: holiday DE 2026-12-25 Christmas Day")
    assert [entry.text for entry in room.entries("occurrence.waived")][-1] == (
        "2026-12-25: waived, holiday DE 2026-12-25 Christmas Day"
    )


@pytest.fixture
def dated(backups: ControlRoom) -> Iterator[ControlRoom]:
    """The room, with backups whose mails say for which day they are."""
    backups.triggerer_dies()
    flux = backups.site / "dags/nordwind/backups.py"
    flux.write_text(
        flux.read_text()
        .replace("(?P<vm>\\w+)", "(?P<vm>\\w+) of (?P<business_date>[\\d-]+)")
        .replace('distinct_by="vm"', 'date_format="%Y-%m-%d", distinct_by="vm"')
    )
    backups.reads("dags/nordwind/backups.py")
    return backups


def test_an_old_ok_that_is_sent_again_never_turns_today_green(dated: ControlRoom) -> None:
    come(dated, *(f"vm{number} of 2026-11-24" for number in range(1, 6)))
    come(dated, *(f"vm{number} of 2026-11-25" for number in range(1, 5)))
    dated.clock.strikes("06:11", BERLIN)
    assert dated.incident.title == "4 of 5 mails came; missing: vm5 (2026-11-25)"
    come(dated, "vm5 of 2026-11-25")
    assert dated.incident.status == "resolved"
