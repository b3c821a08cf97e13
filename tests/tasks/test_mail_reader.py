"""A mail may kill its reader: once the process, twice the mail is passed, told, and the folder goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from tests.tasks.deadly_reader import CHECKOUT, DEADLY, WATCH, apart, delivered, look
from tests.tasks.samples import NOW, mail

from vigie.adapters.apart_reader import ReaderDied, read_apart
from vigie.core.look import Look
from vigie.core.mail import Mail, parse_mail
from vigie.core.ports import MailboxPosition
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.readings import Reading
from vigie.tasks.audit import audit
from vigie.tasks.mail_desk import MailDesk
from vigie.tasks.mail_reader import MailReader, read_here
from vigie.tasks.mail_round import MailRound
from vigie.testing.memory_mailbox import MemoryMailbox


def begin(book: Logbook) -> None:
    """The watch begins in an empty folder."""
    look(book, MemoryMailbox(), MailReader(book))


def run(book_file: Path) -> subprocess.CompletedProcess[bytes]:
    """A process that looks into the folder with the deadly mail."""
    environment = os.environ | {"PYTHONPATH": f"{CHECKOUT / 'plugins'}{os.pathsep}{CHECKOUT}"}
    command = [sys.executable, "-m", "tests.tasks.deadly_reader", f"sqlite:///{book_file}"]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, check=False)


def fates(book: Logbook) -> dict[str, str]:
    return {seen.subject: seen.fate for seen in book.mails()}


def test_a_mail_that_kills_its_reader_twice_is_told_and_passed(book: Logbook, tmp_path: Path, site: Path):
    begin(book)
    first = run(tmp_path / "logbook.db")
    assert first.returncode == -signal.SIGKILL  # it took the process with it, and nothing was recorded
    assert fates(book) == {}

    second = run(tmp_path / "logbook.db")
    assert (second.returncode, second.stdout) == (0, b"read\n")
    assert fates(book) == {"[KO] BEFORE": "claimed", "[KO] DEADLY_JOB": "unreadable", "[KO] BEHIND": "claimed"}
    (cursor,) = book.cursors(WATCH.source).values()
    assert cursor.uid == 3

    incidents = {each.dedup_key: each for each in book.incidents()}
    assert incidents.keys() == {"BEFORE", "DEADLY_JOB", "BEHIND", "unreadable"}  # its subject is a KO, and was heard
    ours = incidents["unreadable"]
    assert (ours.client, ours.severity, ours.template) == ("platform", "critical", "mail_unreadable")
    assert ours.facts["reason"] == (
        "[KO] DEADLY_JOB from batch@nordwind.example: its reader died of it twice: it was killed by signal 9"
    )
    (entry,) = [each for each in book.entries() if each.kind == "mail.unreadable"]
    assert entry.text == (
        "[KO] DEADLY_JOB from batch@nordwind.example: unreadable, its reader died of it twice: it was killed by"
        " signal 9; by its head alone: trigger nordwind.end_of_day.batch_ko"
    )

    assert MailDesk(book, Library(site)).tell(NOW) == 1
    (told,) = [each for each in book.outbox() if each.key.startswith("mail-desk/")]
    assert "[KO] DEADLY_JOB" in told.message.text
    assert "its reader died of it twice" in told.message.text

    third = run(tmp_path / "logbook.db")  # and whoever looks next reads nothing again
    assert third.returncode == 0
    assert len(book.mails()) == 3


def test_the_check_on_a_worker_passes_it_as_well(book: Logbook, site: Path):
    """The triggerer died of it: its note is there when the check looks itself."""
    begin(book)
    book.begin_reading(Reading(WATCH.source, 1, 1, 3, "a triggerer that was killed", NOW))
    looks = MailRound(WATCH.source, delivered, book, reader=MailReader(book, apart=apart()))
    finding = audit(WATCH, book, lambda name: None, NOW.replace(hour=3), make_round=lambda watch: looks)
    assert finding.outcome == "anomaly"
    assert fates(book)["[KO] DEADLY_JOB"] == "unreadable"
    assert fates(book)["[KO] BEHIND"] == "claimed"


def test_an_ok_that_nobody_could_read_ends_nothing(book: Logbook):
    begin(book)
    look(book, delivered(), MailReader(book))
    ok = mail("[OK] BEFORE", 4) + b"DEADLY\n"
    mailbox = delivered()
    mailbox.deliver(ok, NOW)
    book.begin_reading(Reading(WATCH.source, 1, 4, 4, "killed", NOW))
    look(book, mailbox, MailReader(book, apart=apart()))
    assert fates(book)["[OK] BEFORE"] == "unreadable"
    assert {each.dedup_key for each in book.incidents()} >= {"BEFORE", "unreadable"}


def test_a_reader_that_was_killed_for_another_reason_costs_no_mail_its_reader(book: Logbook):
    begin(book)
    book.begin_reading(Reading(WATCH.source, 1, 1, 2, "killed by an operator", NOW))
    mailbox = MemoryMailbox()
    mailbox.deliver(mail("[KO] A", 1), NOW)
    mailbox.deliver(mail("Lunch?", 2), NOW)
    look(book, mailbox, MailReader(book))
    assert fates(book) == {"[KO] A": "claimed", "Lunch?": "unclassified"}


class Broken:
    """Raises at a deadly mail: here each time, in processes of their own where it is told to."""

    def __init__(self, failure: Exception, *, apart: bool) -> None:
        self.failure = failure
        self.both = apart

    def read(self, raw: bytes, received_at: datetime, size: int) -> Mail:
        if b"DEADLY\n" in raw:
            raise self.failure
        return read_here(raw, received_at, size)

    def read_apart(self, raw: bytes, received_at: datetime, size: int) -> Mail:
        if self.both and b"DEADLY\n" in raw:
            raise ReaderDied("its memory did not suffice")
        return read_here(raw, received_at, size)


@pytest.mark.parametrize("failure", [MemoryError(), RecursionError("too deep"), KeyError("a fault of ours")])
@pytest.mark.parametrize(("apart_too", "fate"), [(False, "claimed"), (True, "unreadable")])
def test_a_mail_at_which_the_reader_raises_blinds_no_folder(
    book: Logbook, failure: Exception, apart_too: bool, fate: str
):
    begin(book)
    broken = Broken(failure, apart=apart_too)
    look(book, delivered(), MailReader(book, here=broken.read, apart=broken.read_apart))
    assert fates(book) == {"[KO] BEFORE": "claimed", "[KO] DEADLY_JOB": fate, "[KO] BEHIND": "claimed"}
    assert {each.dedup_key for each in book.incidents()} >= {"BEFORE", "DEADLY_JOB", "BEHIND"}
    assert any(each.kind == "mail.unreadable" for each in book.entries()) == apart_too


class Counting:
    """Counts what is read here, and what apart."""

    def __init__(self) -> None:
        self.here = self.apart = 0

    def read(self, raw: bytes, received_at: object, size: int) -> Mail:
        self.here += 1
        return read_here(raw, NOW, size)

    def read_apart(self, raw: bytes, received_at: object, size: int) -> Mail:
        self.apart += 1
        return read_here(raw, NOW, size)


def test_what_is_read_is_noted_until_it_is_recorded(book: Logbook):
    begin(book)
    count = Counting()
    looks = MailRound(WATCH.source, delivered, book, reader=MailReader(book, here=count.read, apart=count.read_apart))
    looks.join(WATCH)
    lost, _ = looks.look(NOW)  # the logbook did not take it
    noted = book.begin_reading(Reading(WATCH.source, 1, 1, 3, "another", NOW))
    assert noted is not None
    assert (noted.uidvalidity, noted.first_uid, noted.last_uid) == (1, 1, 3)
    book.record(lost)
    assert book.begin_reading(Reading(WATCH.source, 1, 4, 4, "another", NOW)) is None


def test_a_look_that_is_repeated_is_no_death(book: Logbook):
    begin(book)
    count = Counting()
    looks = MailRound(WATCH.source, delivered, book, reader=MailReader(book, here=count.read, apart=count.read_apart))
    looks.join(WATCH)
    for _ in range(3):
        found, _ = looks.look(NOW)
    assert (count.here, count.apart) == (9, 0)
    assert len(found.signals) == 3


@pytest.mark.parametrize(
    ("uidvalidity", "first", "last", "apart_"), [(1, 3, 9, 3), (1, 1, 1, 3), (1, 4, 9, 0), (2, 1, 3, 0)]
)
def test_only_what_a_dead_reader_had_begun_is_read_apart(
    book: Logbook, uidvalidity: int, first: int, last: int, apart_: int
):
    begin(book)
    count = Counting()
    book.begin_reading(Reading(WATCH.source, uidvalidity, first, last, "dead", NOW))
    look(book, delivered(), MailReader(book, here=count.read, apart=count.read_apart))
    assert (count.here, count.apart) == (3 - apart_, apart_)


def test_the_note_costs_one_transaction_for_a_batch(book: Logbook):
    begin(book)
    reader = MailReader(book)
    raws = delivered().fetch(0, 25)
    assert [mail.subject for _, mail in reader.read("m/INBOX", 1, raws, NOW)] == [
        "[KO] BEFORE",
        "[KO] DEADLY_JOB",
        "[KO] BEHIND",
    ]
    assert book.begin_reading(Reading("m/INBOX", 1, 1, 1, "x", NOW)) is not None
    assert reader.read("m/INBOX", 1, [], NOW) == []
    book.record(Look(source="m/INBOX", at=NOW))  # a look without cursors says nothing of what was read
    assert book.begin_reading(Reading("m/INBOX", 1, 1, 1, "x", NOW)) is not None
    assert MailboxPosition(uidvalidity=1, uidnext=1)


def test_a_mail_is_read_apart_as_it_is_read_here():
    raw = "Subject: [KO] Échec\nFrom: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>é</p>".encode()
    assert read_apart(raw, NOW, len(raw)) == parse_mail(raw, received_at=NOW)


@pytest.mark.parametrize(
    ("limits", "how"),
    [
        ({"megabytes": 20}, "its memory did not suffice"),
        ({"seconds": 0.01}, "it did not end within 0.01 s"),
        ({"command": (sys.executable, "-c", "import os; os.kill(os.getpid(), 11)")}, "it was killed by signal 11"),
        ({"command": (sys.executable, "-c", "print('no mail')")}, "its answer was not whole"),
        ({"command": (sys.executable, "-c", "raise SystemExit('it is full')")}, "it is full"),
        ({"command": (sys.executable, "-c", "")}, "it ended with 0"),
    ],
)
def test_how_a_reader_died_is_told(limits: dict[str, object], how: str):
    with pytest.raises(ReaderDied) as died:
        read_apart(DEADLY, NOW, len(DEADLY), **limits)
    assert str(died.value) == how


def test_the_process_of_a_reader_has_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW__SECRETS", "token")
    with pytest.raises(ReaderDied) as died:
        read_apart(
            b"", NOW, 0, command=(sys.executable, "-c", "import os, sys; sys.exit(' '.join(sorted(os.environ)))")
        )
    assert {"AIRFLOW__SECRETS", "HOME"}.isdisjoint(str(died.value).split())
