"""Filing: what every watch has passed is moved; whatever fails is told, and holds nobody else up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.logbook.test_mails import seen
from tests.tasks.samples import NOW, mail, mail_watch

from vigie.core.errors import TransportError
from vigie.core.look import Cursor, Look
from vigie.core.ports import MailFiler
from vigie.core.watch import MailWatch
from vigie.demo.imap_server import ImapServer
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.mail_desk_task import MailDeskOperator
from vigie.tasks.mail_filing import AT_ONCE, BATCH, MailFiling
from vigie.tasks.mail_round import MailRound
from vigie.testing.memory_mail_filer import MemoryMailFiler
from vigie.testing.memory_mailbox import MemoryMailbox

KO = mail_watch()
RULES = """\
filing:
  nordwind_ops:
    after: 1 d
    claimed: Vigie/Claimed
    settled: Vigie/Settled
"""
LATER = NOW + timedelta(days=1, minutes=1)


class Office:
    """One client's mailbox, its watches, and the mail desk that files it."""

    def __init__(self, book: Logbook, site: Path) -> None:
        self.book = book
        self.site = site
        self.library = Library(site)
        self.mailbox = MemoryMailbox()
        self.folders: dict[str, MemoryMailbox] = {}
        self.filers: dict[str, MailFiler] = {"nordwind_ops/INBOX": MemoryMailFiler(self.mailbox, self.folders)}
        self.connected: list[str] = []
        self.rules(RULES)

    def rules(self, text: str) -> None:
        (self.site / "include/mail_desk.yaml").write_text(text, "utf-8")

    def round(self, *watches: MailWatch, mailbox: MemoryMailbox | None = None) -> MailRound:
        made = MailRound(watches[0].source, lambda: mailbox or self.mailbox, self.book)
        for watch in watches:
            made.join(watch)
        return made

    def look(self, looking: MailRound, after: float = 0) -> list[str]:
        """Look until nothing is new; the subjects of the new signals."""
        said = []
        while True:
            look, again = looking.look(NOW + timedelta(seconds=after))
            self.book.record(look)
            looking.recorded(look)
            said += [signal.title for signal in look.signals]
            if again > look.at:
                return said

    def connect(self, mailbox: str, folder: str) -> MailFiler:
        self.connected.append(f"{mailbox}/{folder}")
        if f"{mailbox}/{folder}" not in self.filers:
            raise TransportError(f"the vault has no connection '{mailbox}'")
        return self.filers[f"{mailbox}/{folder}"]

    def file(self, after: timedelta = timedelta(0)) -> int:
        return MailFiling(self.book, self.library, self.connect).file(LATER + after)

    def there(self, folder: str = "INBOX") -> list[str]:
        """The subjects in a folder."""
        mailbox = self.mailbox if folder == "INBOX" else self.folders.get(folder, MemoryMailbox())
        return [each.raw.decode().split("Subject: ")[1].split("\n")[0] for each in mailbox.fetch(0, 10_000)]

    def told(self, kind: str = "mail.filed") -> list[str]:
        return [line.text for line in self.book.entries(kind_prefix=kind)]


@pytest.fixture
def office(book: Logbook, site: Path) -> Office:
    return Office(book, site)


def test_what_is_done_with_goes_and_what_waits_for_a_person_stays(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    for number, subject in enumerate(("[KO] ONE", "Lunch?", "[KO] TWO"), start=1):
        office.mailbox.deliver(mail(subject, number), NOW)
    office.look(looking)

    assert office.file(after=-timedelta(hours=1)) == 0
    assert office.connected == []
    assert office.file() == 2
    assert office.there() == ["Lunch?"]
    assert office.there("Vigie/Claimed") == ["[KO] ONE", "[KO] TWO"]
    assert office.told() == ["2 mails of nordwind_ops/INBOX filed into Vigie/Claimed"]

    (waiting,) = office.book.unsettled_mails()
    office.book.settle_mail(waiting.key, "camille", LATER, "page", "a private mail")
    assert office.file() == 0
    assert office.file(after=timedelta(days=1)) == 1
    assert office.there("Vigie/Settled") == ["Lunch?"]
    assert office.there() == []


def test_a_watch_that_is_behind_holds_what_it_has_not_read_until_it_is_gone(office: Office) -> None:
    behind = mail_watch("behind", flux="stock")
    looking = office.round(KO, behind)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] BOTH", 1), NOW)
    office.look(looking)
    looking.leave(behind.id)
    office.mailbox.deliver(mail("[KO] ONE_OF_THEM", 2), NOW)
    office.look(looking)
    office.book.set_sight(behind.id, "paused", "its flux is paused in Airflow", NOW + timedelta(minutes=1))

    assert office.file() == 1
    assert office.there() == ["[KO] ONE_OF_THEM"]
    office.book.set_sight(behind.id, "gone", "it was taken out of its flux", NOW + timedelta(minutes=2))
    assert office.file() == 1
    assert office.there() == []


def test_after_a_crash_between_the_move_and_the_note_it_goes_on(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    for number in (1, 2, 3):
        office.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)
    office.look(looking)
    uidvalidity = office.mailbox.position().uidvalidity
    office.filers["nordwind_ops/INBOX"].move(uidvalidity, [1, 2], "Vigie/Claimed")  # and killed

    assert office.file() == 1
    assert office.there("Vigie/Claimed") == ["[KO] JOB_1", "[KO] JOB_2", "[KO] JOB_3"]
    assert office.told() == ["1 mail of nordwind_ops/INBOX filed into Vigie/Claimed; 2 mails not there any more"]
    assert office.file() == 0
    assert all(seen.filed_at for seen in office.book.mails())


def test_a_mail_that_a_person_took_away_is_no_reason_to_stop(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    office.mailbox.remove(1)
    assert office.file() == 0
    assert office.told() == ["0 mails of nordwind_ops/INBOX filed into Vigie/Claimed; 1 mail not there any more"]
    assert office.book.mails()[0].filed_to is None
    assert office.file() == 0
    assert len(office.told()) == 1


def test_in_a_rebuilt_mailbox_nothing_moves_until_it_was_read_again_and_then_the_right_mails(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    for number, subject in enumerate(("Lunch?", "[KO] ONE"), start=1):
        office.mailbox.deliver(mail(subject, number), NOW)
    office.look(looking)
    office.mailbox.remove(1)
    office.mailbox.change_uidvalidity()
    office.mailbox.deliver(mail("Dinner?", 3), NOW)  # it has the number that the KO had

    assert office.file() == 0
    assert office.there() == ["[KO] ONE", "Dinner?"]
    looking.close()
    assert office.look(looking, 60) == ["[KO] ONE"]
    assert {incident.count for incident in office.book.incidents()} == {1}
    assert office.file(after=timedelta(hours=1)) == 1
    assert office.there() == ["Dinner?"]


def test_a_mail_that_was_filed_is_never_new_again(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    target = office.folders["Vigie/Claimed"] = MemoryMailbox()
    unwise = mail_watch("unwise", folder="Vigie.Claimed")
    reading = office.round(unwise, mailbox=target)
    office.look(reading)
    office.book.set_sight(unwise.id, "gone", "it was taken out of its flux", NOW + timedelta(seconds=1))
    assert office.file() == 1

    def entered() -> int:
        return len(office.book.entries(kind_prefix="mail.claimed"))

    assert office.look(reading, 61) == []  # the target is read
    target.change_uidvalidity()
    reading.close()
    assert office.look(reading, 122) == []  # it is rebuilt, and read again
    office.mailbox.change_uidvalidity()
    looking.close()
    assert office.look(looking, 183) == []  # the mailbox is rebuilt
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking, 184)  # somebody puts the mail back
    assert entered() == 1
    assert [incident.count for incident in office.book.incidents()] == [1]
    assert office.file(after=timedelta(days=2)) == 0
    target.deliver(mail("[KO] ANOTHER", 2), NOW)
    assert office.look(reading, 185) == ["[KO] ANOTHER"]  # what was not filed there is new


def test_a_mailbox_that_fails_is_told_once_a_day_and_the_others_are_filed(office: Office) -> None:
    office.rules(RULES + "  another_ops: {claimed: Done}\n")
    another = MemoryMailbox()
    looking, elsewhere = office.round(KO), office.round(mail_watch("far", mailbox="another_ops"), mailbox=another)
    office.look(looking)
    office.look(elsewhere)
    for mailbox in (office.mailbox, another):
        mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    office.look(elsewhere)

    assert office.file() == 1
    assert office.file() == 0
    assert office.told() == ["1 mail of nordwind_ops/INBOX filed into Vigie/Claimed"]
    reason = "another_ops/INBOX: nothing is filed: the vault has no connection 'another_ops'"
    assert office.told("mail.not_filed") == [reason]
    office.file(after=timedelta(days=1))
    assert office.told("mail.not_filed") == [reason] * 2
    assert {state.sight for state in office.book.watch_states()} == {"watching"}
    assert {incident.client for incident in office.book.incidents()} == {"nordwind"}
    assert [line.client for line in office.book.entries(kind_prefix="mail.not_filed")] == ["nordwind"] * 2


def test_a_server_that_cannot_move_is_said_and_everything_stays(office: Office) -> None:
    office.filers["nordwind_ops/INBOX"] = MemoryMailFiler(office.mailbox, office.folders, can_move=False)
    looking = office.round(KO)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    assert office.file() == 0
    assert office.there() == ["[KO] ONE"]
    (said,) = office.told("mail.not_filed")
    assert said == "nordwind_ops/INBOX: nothing is filed: memory/INBOX: the server cannot move mails (RFC 6851)"


def test_a_folder_that_somebody_watches_receives_nothing(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    office.look(office.round(mail_watch("unwise", folder="Vigie/Claimed"), mailbox=MemoryMailbox()))
    assert office.file() == 0
    assert office.connected == []
    assert office.told("mail.not_filed")[0] == (
        "nordwind_ops/INBOX: nothing is filed: the folder 'Vigie/Claimed' is watched by nordwind.end_of_day.unwise; "
        "what is filed there would be seen as new"
    )


def test_without_rules_or_with_broken_ones_nothing_moves(office: Office) -> None:
    looking = office.round(KO)
    office.look(looking)
    office.mailbox.deliver(mail("[KO] ONE", 1), NOW)
    office.look(looking)
    for rules in ("quiet: 30 min\n", "filing: [nordwind_ops]\n"):
        office.rules(rules)
        assert office.file() == 0
    assert office.connected == []


def test_many_mails_go_in_batches_and_not_all_at_once(office: Office) -> None:
    office.look(office.round(KO))
    mails = []
    for number in range(1, AT_ONCE + BATCH + 2):
        office.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)
        mails.append(seen(number, source=KO.source, fate="claimed", seen_at=NOW, received_at=NOW))
    cursor = Cursor(watch=KO.id, source=KO.source, uidvalidity=1, uid=len(mails))
    office.book.record(Look(source=KO.source, at=NOW, mails=tuple(mails), cursors=(cursor,)))

    assert office.file() == AT_ONCE
    assert office.told() == [f"{BATCH} mails of nordwind_ops/INBOX filed into Vigie/Claimed"] * (AT_ONCE // BATCH)
    assert office.file() == BATCH + 1
    assert office.connected == ["nordwind_ops/INBOX"] * 2
    assert office.there() == []


@pytest.fixture
def vault(book: Logbook, tmp_path: Path, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections as Airflow finds them: here in its environment."""
    box = imap_server.post_box
    mailbox = {"conn_type": "imap", "host": "127.0.0.1", "port": box.port, "login": box.user, "password": box.password}
    found = {
        "VIGIE_LOGBOOK": {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")},
        "NORDWIND_OPS": mailbox | {"extra": {"use_ssl": False}},
    }
    for name, connection in found.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    connections._logbook_address.cache_clear()
    yield
    connections._logbook_address.cache_clear()


@pytest.mark.usefixtures("vault")
def test_the_mail_desk_files_by_the_connection_of_the_watches(office: Office, imap_server: ImapServer) -> None:
    then = utc_now() - timedelta(days=2)
    looking = MailRound(KO.source, lambda: connections.mailbox(connections.find("nordwind_ops"), "INBOX"), office.book)
    looking.join(KO)
    for subject in ("", "[KO] ONE"):
        if subject:
            imap_server.deliver(mail(subject))
        look, _ = looking.look(then)
        office.book.record(look)
        looking.recorded(look)
        looking.close()

    MailDeskOperator(task_id="mail", watch=None).execute({})

    assert office.told() == ["1 mail of nordwind_ops/INBOX filed into Vigie/Claimed"]
    with imap_server.post_box.connect() as client:
        assert client.select_folder("Vigie/Claimed", readonly=True)[b"EXISTS"] == 1
