"""The count of OK mails: in the round of a mailbox, on real servers and on both logbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from tests.core.ok_mails import DEADLINE, OPENS, VMS, backups
from tests.servers.postgres import Postgres
from tests.tasks.samples import mail_watch

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.look import Look
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import Occurrence
from vigie.core.ports import Mailbox
from vigie.demo.imap_server import ImapServer
from vigie.demo.post_box import PostBox
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.mail_count import READ_BACK
from vigie.tasks.mail_round import BATCH, MailRound
from vigie.testing.memory_mailbox import MemoryMailbox

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
NAMED = backups(expect=VMS, expect_count=None)


def ok(vm: str, sender: str = "backup@nordwind.example", word: str = "OK") -> bytes:
    return f"From: {sender}\r\nSubject: [{word}] backup {vm}\r\nMessage-ID: <{vm}.{word}@nordwind>\r\n\r\nDone.\r\n".encode()


@dataclass
class Bench:
    """A mailbox, how mail comes into it, and a logbook."""

    connect: Callable[[], Mailbox]
    deliver: Callable[[bytes, datetime], object]
    book: Logbook

    def round(self, *watches: MissingMailWatch, now: datetime) -> MailRound:
        made = MailRound(NAMED.source, self.connect, self.book, clock=lambda: now)
        for watch in watches:
            made.join(watch)
        return made

    def look(self, round_: MailRound, now: datetime) -> tuple[Look, datetime]:
        while True:
            look, again = round_.look(now)
            self.book.record(look)
            round_.recorded(look)
            if again > now:
                return look, again

    @property
    def night(self) -> Occurrence:
        (found,) = self.book.occurrences(NAMED.id, since=date(2026, 11, 24))
        return found


def _real(box: PostBox, book: Logbook) -> Bench:
    def deliver(raw: bytes, at: datetime) -> None:
        with box.connect() as client:
            client.append("INBOX", raw, msg_time=at)

    def connect() -> Mailbox:
        return ImapMailbox("127.0.0.1", box.port, box.user, box.password, folder="INBOX", ssl=False, timeout=5)

    return Bench(connect, deliver, book)


@pytest.fixture
def postgres_book(postgres: Postgres) -> Iterator[Logbook]:
    address = postgres.url(postgres.create_database(), "psycopg")
    migrate(address)
    opened = Logbook(address)
    yield opened
    opened.close()


@pytest.fixture(
    params=[
        pytest.param("dovecot", marks=pytest.mark.needs("dovecot")),
        "pymap",
        "memory",
        pytest.param("postgres", marks=pytest.mark.needs("postgres")),
    ]
)
def bench(request: pytest.FixtureRequest, book: Logbook) -> Bench:
    """Each server with SQLite, and the twin with PostgreSQL."""
    if request.param == "dovecot":
        return _real(request.getfixturevalue("dovecot_box"), book)
    if request.param == "pymap":
        server: ImapServer = request.getfixturevalue("imap_server")
        return _real(PostBox(server.port, server.user, server.password), book)
    mailbox = MemoryMailbox()
    kept = request.getfixturevalue("postgres_book") if request.param == "postgres" else book
    return Bench(lambda: mailbox, mailbox.deliver, kept)


@pytest.fixture
def memory(book: Logbook) -> Bench:
    mailbox = MemoryMailbox()
    return Bench(lambda: mailbox, mailbox.deliver, book)


def test_a_night_on_a_real_server(bench: Bench) -> None:
    bench.deliver(ok("vm9"), OPENS - 30 * HOUR)
    for vm in ("vm1", "vm2"):
        bench.deliver(ok(vm), OPENS + HOUR)
    first = bench.round(NAMED, now=OPENS + 2 * HOUR)
    bench.look(first, OPENS + 2 * HOUR)
    assert bench.night.arrivals == {"vm1": OPENS + HOUR, "vm2": OPENS + HOUR}

    bench.deliver(ok("vm2", word="ok"), OPENS + 3 * HOUR)
    bench.deliver(ok("vm3"), OPENS + 3 * HOUR)
    bench.deliver(ok("vm4", sender="MAILER-DAEMON@nordwind.example"), OPENS + 3 * HOUR)
    _, again = bench.look(first, DEADLINE - 30 * SECOND)
    assert (again, bench.night.status) == (DEADLINE + SECOND, "pending")

    lost, _ = first.look(again)
    first.close()  # killed before the look was recorded
    second = bench.round(NAMED, now=again)
    look, _ = bench.look(second, again)
    assert [signal.title for signal in look.signals] == ["3 of 5 mails came; missing: vm4, vm5 (2026-11-24)"]
    assert [signal.key for signal in look.signals] == [signal.key for signal in lost.signals]
    assert bench.night.status == "missing"

    bench.deliver(ok("vm5"), DEADLINE + HOUR)
    bench.look(second, DEADLINE + HOUR)
    second.close()  # killed after
    third = bench.round(NAMED, now=DEADLINE + 2 * HOUR)
    bench.deliver(ok("vm4"), DEADLINE + 2 * HOUR)
    bench.look(third, DEADLINE + 2 * HOUR)
    third.close()

    assert (bench.night.status, bench.night.arrived_at) == ("late", DEADLINE + 2 * HOUR)
    (incident,) = bench.book.incidents(statuses=("resolved",))
    assert (incident.count, incident.resolved_by) == (1, NAMED.id)
    kinds = [entry.kind for entry in bench.book.entries(kind_prefix="occurrence.", limit=99)]
    assert sorted(set(kinds) - {"occurrence.waived"}) == ["occurrence.late", "occurrence.missing"]


def test_a_look_that_was_not_recorded_is_repeated_whole(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    memory.look(round_, OPENS)
    memory.deliver(ok("vm1"), OPENS + HOUR)
    assert round_.look(OPENS + HOUR) == round_.look(OPENS + HOUR)


def test_the_board_shows_how_far_the_count_is(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    memory.look(round_, OPENS)
    memory.deliver(ok("vm2"), OPENS + HOUR)
    look, _ = memory.look(round_, OPENS + HOUR)
    (state,) = look.states
    assert (state.kind, state.detail) == (
        "missing_mail",
        "2026-11-24: 1 of 5 mails came; missing: vm1, vm3, vm4, vm5",
    )
    for vm in VMS:
        memory.deliver(ok(vm), OPENS + 2 * HOUR)
    look, _ = memory.look(round_, OPENS + 2 * HOUR)
    assert look.states[0].detail == ""


def test_a_mail_may_be_a_ko_here_and_an_ok_there(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    round_.join(mail_watch(subject=r"backup (?P<job>vm3)", resolves=None))
    memory.look(round_, OPENS)
    memory.deliver(ok("vm3"), OPENS + HOUR)
    look, _ = memory.look(round_, OPENS + HOUR)
    assert [entry.text.partition(": ")[2] for entry in look.entries] == [
        "counts for 2026-11-24 of nordwind.backups.backups_ok, trigger nordwind.end_of_day.batch_ko"
    ]


def test_a_clock_of_the_server_that_is_ahead_makes_no_mail_of_the_future(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    memory.look(round_, OPENS)
    memory.deliver(ok("vm1"), OPENS + 20 * HOUR)
    memory.look(round_, OPENS + HOUR)
    assert memory.night.arrivals == {"vm1": OPENS + HOUR}


def test_a_new_watch_reads_back_so_many_mails_and_says_where_it_stopped(memory: Bench) -> None:
    for number in range(READ_BACK + 3):
        memory.deliver(f"Subject: {number}\r\n\r\n".encode(), OPENS)
    look, _ = memory.round(NAMED, now=OPENS + HOUR).look(OPENS + HOUR)
    assert [entry.text for entry in look.entries if entry.kind == "mail.counted"] == [
        "nordwind_ops/INBOX was read again since 2026-11-23 21:00 UTC: 0 mails count; only the first 2,000 mails were read"
    ]


def test_a_batch_that_is_full_is_not_the_end_of_the_folder(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    memory.look(round_, OPENS)
    for number in range(BATCH):
        memory.deliver(f"Subject: {number}\r\n\r\n".encode(), OPENS + HOUR)
    for vm in VMS:
        memory.deliver(ok(vm), DEADLINE)
    look, again = round_.look(DEADLINE + HOUR)
    assert (look.signals, look.occurrences, again) == ((), (), DEADLINE + HOUR)


def test_a_watch_that_leaves_is_counted_for_no_longer(memory: Bench) -> None:
    round_ = memory.round(NAMED, now=OPENS)
    memory.look(round_, OPENS)
    round_.leave(NAMED.id)
    look, _ = round_.look(DEADLINE + HOUR)
    assert (look.signals, look.occurrences) == ((), ())
