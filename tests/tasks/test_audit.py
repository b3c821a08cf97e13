"""The second pair of eyes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.sdk import Connection
from tests.core import ok_mails
from tests.core.ok_mails import backups
from tests.tasks.samples import NOW, file_watch, mail, mail_watch

from vigie.core.errors import Refused, TransportError
from vigie.core.watch import MailboxWatch
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.audit import Finding, audit
from vigie.tasks.file_round import FileRound
from vigie.tasks.look_round import LookRound
from vigie.tasks.mail_round import MailRound
from vigie.tasks.sessions import AnyWatch
from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone
from vigie.testing.memory_mailbox import MemoryMailbox

MAIL, FILES = mail_watch(), file_watch()
OPENS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 00:00 of 24 November in Tokyo
DEADLINE = datetime(2026, 11, 23, 21, 10, tzinfo=UTC)


class Eyes:
    """The world behind the watches; ``looked`` is how often somebody made a connection of his own."""

    def __init__(self, book: Logbook, site: Path) -> None:
        self.book = book
        self.library = Library(site)
        self.mailbox = MemoryMailbox()
        self.server = MemoryDropZone()
        self.server.make_folder("outbound")
        self.clock = HandClock(OPENS)
        self.looked = 0

    def round(self, watch: AnyWatch, *, at_once: bool) -> LookRound:
        if isinstance(watch, MailboxWatch):
            return MailRound(watch.source, lambda: self.mailbox, self.book, clock=self.clock)
        return FileRound(
            watch.source,
            lambda: self.server,
            self.book,
            self.library.sites,
            days=lambda watch: self.library.calendars.working_days(watch.client, watch.calendar),
            at_once=at_once,
            clock=self.clock,
        )

    def watch_looks(self, watch: AnyWatch, at: datetime) -> None:
        round_ = self.round(watch, at_once=False)
        round_.join(watch)
        look, _ = round_.look(at)
        self.book.record(look)

    def check(self, watch: AnyWatch, at: datetime) -> Finding:
        def make(watch: AnyWatch) -> LookRound:
            self.looked += 1
            return self.round(watch, at_once=True)

        return audit(watch, self.book, _no_vault, at, make)


def _no_vault(conn_id: str) -> Connection:
    raise TransportError(f"the vault does not answer for {conn_id}")


@pytest.fixture
def eyes(book: Logbook, site: Path) -> Eyes:
    return Eyes(book, site)


def test_a_watch_of_mail_that_looked_lately_is_believed(eyes: Eyes) -> None:
    eyes.watch_looks(MAIL, NOW)
    assert eyes.check(MAIL, NOW + timedelta(seconds=150)) == Finding(
        "quiet", "watch", (), "the watch looked: nothing is wrong"
    )
    assert eyes.looked == 0


def test_one_that_did_not_is_looked_for(eyes: Eyes) -> None:
    eyes.watch_looks(MAIL, NOW)
    eyes.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    assert eyes.check(MAIL, NOW + timedelta(seconds=151)) == Finding(
        "anomaly", "check", ("INC-1",), "the watch did not look; the check looked itself: INC-1 [KO] EOD_POS"
    )
    assert eyes.looked == 1


def test_a_watch_that_never_looked_is_looked_for_from_now_on(eyes: Eyes) -> None:
    eyes.mailbox.deliver(mail("[KO] OLD"), NOW)
    assert eyes.check(MAIL, NOW) == Finding(
        "quiet", "check", (), "the watch did not look; the check looked itself: nothing is wrong"
    )


@pytest.mark.parametrize("sight", ["paused", "broken", "gone"])
def test_a_watch_that_is_stopped_is_looked_for_however_lately_it_looked(eyes: Eyes, sight: str) -> None:
    eyes.watch_looks(MAIL, NOW)
    eyes.book.set_sight(MAIL.id, sight, "", NOW)
    assert eyes.check(MAIL, NOW).looked_by == "check"


def test_a_check_reads_every_batch(eyes: Eyes) -> None:
    eyes.watch_looks(MAIL, NOW)
    for number in range(120):
        eyes.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)
    assert len(eyes.check(MAIL, NOW + timedelta(hours=1)).incidents) == 11
    assert len(eyes.book.entries(kind_prefix="mail.claimed")) == 120


def test_a_look_before_the_deadline_is_not_enough(eyes: Eyes) -> None:
    eyes.watch_looks(FILES, OPENS)
    eyes.watch_looks(FILES, DEADLINE - timedelta(seconds=1))
    finding = eyes.check(FILES, DEADLINE + timedelta(minutes=2))
    assert (finding.outcome, finding.looked_by, eyes.looked) == ("anomaly", "check", 1)
    assert finding.text.endswith("INC-1 12 of 12 files missing (warehouse=tokyo)")


def test_a_look_after_the_deadline_that_concluded_is(eyes: Eyes) -> None:
    eyes.watch_looks(FILES, OPENS)
    eyes.watch_looks(FILES, DEADLINE + timedelta(seconds=1))
    finding = eyes.check(FILES, DEADLINE + timedelta(minutes=2))
    assert (finding.outcome, finding.looked_by, finding.incidents, eyes.looked) == ("anomaly", "watch", ("INC-1",), 0)


def test_a_missing_file_that_came_before_the_check_ends_its_incident(eyes: Eyes) -> None:
    eyes.watch_looks(FILES, OPENS)
    eyes.watch_looks(FILES, DEADLINE + timedelta(seconds=1))
    for number in range(1, 13):
        eyes.server.put(f"outbound/REPL_TYO-{number:02}_20261124.csv", 10, DEADLINE + timedelta(minutes=5))
    eyes.book.set_sight(
        FILES.id, "broken", "dags/maison-lumiere/store_replenishment.py does not load", DEADLINE + timedelta(minutes=1)
    )
    finding = eyes.check(FILES, DEADLINE + timedelta(minutes=10))
    assert (finding.outcome, finding.looked_by) == ("quiet", "check")
    (incident,) = eyes.book.incidents(statuses=("resolved",))
    assert incident.resolved_by == FILES.id


def test_a_mail_that_is_missing_is_concluded_by_a_look_after_the_deadline(eyes: Eyes) -> None:
    watch, due = backups(expect_count=None, distinct_by=None), ok_mails.DEADLINE
    eyes.clock.now = ok_mails.OPENS
    eyes.watch_looks(watch, ok_mails.OPENS)
    eyes.watch_looks(watch, due)
    finding = eyes.check(watch, due + timedelta(minutes=2))
    assert (finding.outcome, finding.looked_by, eyes.looked) == ("anomaly", "check", 1)
    assert finding.text.endswith("INC-1 The mail expected by 06:00 has not come (2026-11-24)")

    eyes.watch_looks(watch, due + timedelta(minutes=2))
    assert eyes.check(watch, due + timedelta(hours=2)).looked_by == "watch"
    assert eyes.looked == 1


def test_blind_is_an_error_of_the_task_and_an_incident_of_the_platform(eyes: Eyes) -> None:
    eyes.watch_looks(MAIL, NOW)
    eyes.mailbox.go_dark()
    for _ in range(2):  # the next check finds it blind already
        with pytest.raises(TransportError) as red:
            eyes.check(MAIL, NOW + timedelta(hours=1))
        assert str(red.value) == "memory/INBOX: the server cannot be reached"
    (incident,) = eyes.book.incidents()
    assert (incident.client, incident.count) == ("platform", 1)
    assert incident.facts["watches"] == [MAIL.id]
    (state,) = eyes.book.watch_states()
    assert (state.sight, state.detail) == ("blind", "memory/INBOX: the server cannot be reached")


def test_a_check_that_cannot_look_leaves_the_word_to_a_session_that_does(eyes: Eyes) -> None:
    eyes.watch_looks(FILES, OPENS)
    eyes.watch_looks(FILES, DEADLINE - timedelta(seconds=1))
    eyes.server.go_dark()
    with pytest.raises(TransportError):
        eyes.check(FILES, DEADLINE + timedelta(seconds=60))
    assert eyes.book.incidents() == []


def test_a_vault_that_is_away_is_blind(eyes: Eyes) -> None:
    with pytest.raises(TransportError) as red:
        audit(MAIL, eyes.book, _no_vault, NOW)
    assert str(red.value) == "the vault does not answer for nordwind_ops"
    assert eyes.book.incidents()[0].facts["reason"] == "the vault does not answer for nordwind_ops"


def test_a_connection_that_is_missing_is_said_with_its_name(eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.tasks import connections

    with pytest.raises(Refused) as red:
        audit(MAIL, eyes.book, connections.find, NOW)
    assert str(red.value) == "the vault has no connection 'nordwind_ops', or does not show it to us; put it there"
    monkeypatch.setenv("AIRFLOW_CONN_NORDWIND_OPS", json.dumps({"conn_type": "imap", "host": "127.0.0.1", "port": 1}))
    with pytest.raises(TransportError) as red:
        audit(MAIL, eyes.book, connections.find, NOW)
    assert "127.0.0.1:1/INBOX" in str(red.value)


def test_a_check_of_a_closed_day_is_quiet_and_says_why(eyes: Eyes, site: Path) -> None:
    closed = "- {on: 2026-11-24, reason: Stocktaking}"
    (site / "include/clients/maison-lumiere/calendar.yaml").write_text(
        f"stores:\n  works: every day\n  closed:\n    {closed}\n"
    )
    watch = file_watch(calendar=("stores",))
    eyes.watch_looks(watch, OPENS)
    eyes.watch_looks(watch, DEADLINE + timedelta(seconds=1))
    assert eyes.check(watch, DEADLINE + timedelta(minutes=2)) == Finding(
        "quiet", "watch", (), "the watch looked: nothing is wrong; 12 waived: closed 2026-11-24 Stocktaking"
    )


def test_a_check_records_what_is_waived_where_the_watch_did_not_look(eyes: Eyes, site: Path) -> None:
    text = "stores:\n  works: [mon, wed]\n"
    (site / "include/clients/maison-lumiere/calendar.yaml").write_text(text)
    watch = file_watch(calendar=("stores",))
    finding = eyes.check(watch, DEADLINE + timedelta(minutes=2))
    assert (finding.outcome, finding.looked_by) == ("quiet", "check")
    assert finding.text.endswith("nothing is wrong; 12 waived: no working day 2026-11-24 Tuesday")
