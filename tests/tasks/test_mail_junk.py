"""The junk folder of a watched mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.servers.dovecot import JUNK, Dovecot
from tests.tasks.samples import NOW, eventually, mail, mail_watch

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch
from vigie.logbook.book import Logbook
from vigie.tasks.mail_junk import BATCH, EVERY
from vigie.tasks.mail_round import MailRound
from vigie.testing.memory_mailbox import MemoryMailbox

WATCH = mail_watch(sender="batch@nordwind.example")
SOURCE = WATCH.source


class RefusingMailbox(MemoryMailbox):
    """A mailbox whose server may not show its junk folder."""

    refuses = False

    def fetch_junk(self, *asked: object, **more: object):  # type: ignore[no-untyped-def,override]
        if self.refuses:
            raise TransportError("memory/Junk: not today")
        return super().fetch_junk(*asked, **more)  # type: ignore[arg-type]


class Rounds:
    """A round, its mailbox with a junk folder, and its logbook."""

    def __init__(self, book: Logbook, *watches: MailWatch, mailbox: MemoryMailbox | None = None) -> None:
        self.mailbox = mailbox or RefusingMailbox(junk="Junk")
        assert self.mailbox.junk_folder is not None
        self.junk = self.mailbox.junk_folder
        self.book = book
        self.restart(*watches or (WATCH,))

    def restart(self, *watches: MailWatch) -> None:
        self.round = MailRound(SOURCE, lambda: self.mailbox, self.book)
        for watch in watches:
            self.round.join(watch)

    def look(self, minutes: float = 0) -> Look:
        look, self.again = self.round.look(NOW + timedelta(minutes=minutes))
        self.book.record(look)
        self.round.recorded(look)
        return look


def junk_entries(look: Look) -> list[str]:
    return [entry.text for entry in look.entries if "unk folder" in entry.text]


def test_a_ko_in_it_is_an_incident_that_says_where_it_lay(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.junk.deliver(mail("[KO] EOD_POS"), NOW)
    look = rounds.look(1)
    (signal,) = look.signals
    assert (signal.event, signal.dedup_key) == ("trigger", "EOD_POS")
    assert signal.facts["mail"] == {
        "subject": "[KO] EOD_POS",
        "sender": "batch@nordwind.example",
        "message_id": "<1@nordwind.example>",
        "junk": "Junk",
    }
    assert junk_entries(look) == [
        "[KO] EOD_POS from batch@nordwind.example: trigger nordwind.end_of_day.batch_ko, from the junk folder 'Junk'"
    ]
    assert [(seen.source, seen.fate) for seen in look.mails] == [("nordwind_ops/Junk", "claimed")]
    assert rounds.look(2).signals == ()


def test_an_ok_in_it_ends_nothing_and_is_told_to_a_person(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.mailbox.deliver(mail("[KO] EOD_POS", 1), NOW)
    rounds.look(1)
    rounds.junk.deliver(mail("[OK] EOD_POS", 2), NOW)
    look = rounds.look(2)
    assert look.signals == ()
    assert junk_entries(look) == [
        (
            "[OK] EOD_POS from batch@nordwind.example: unclassified, an OK of nordwind.end_of_day.batch_ko in the junk folder"
            " 'Junk', where it ends nothing"
        )
    ]
    assert len(book.incidents()) == 1


def test_a_person_who_moves_a_mail_out_of_it_opens_no_second_incident_and_an_ok_counts_then(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.junk.deliver(mail("[KO] EOD_POS", 1), NOW)
    rounds.junk.deliver(mail("[OK] EOD_POS", 2), NOW)
    rounds.look(1)
    rounds.mailbox.deliver(mail("[KO] EOD_POS", 1), NOW)
    rounds.look(2)
    assert [incident.count for incident in book.incidents()] == [1]
    rounds.mailbox.deliver(mail("[OK] EOD_POS", 2), NOW)
    rounds.look(3)
    assert [incident.status for incident in book.incidents(statuses=["open", "resolved"])] == ["resolved"]
    rounds.mailbox.deliver(mail("[KO] EOD_POS", 1), NOW)  # and what is moved after its end opens none
    rounds.look(4)
    assert len(book.incidents(statuses=["open", "resolved"])) == 1


def test_spam_leaves_no_trace(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    for number in range(3):
        rounds.junk.deliver(mail("Cheap watches!", number), NOW)
    look = rounds.look(1)
    assert (look.signals, look.mails, junk_entries(look)) == ((), (), [])
    assert book.cursors("nordwind_ops/Junk")[WATCH.id].uid == 3


def test_it_is_looked_into_once_a_minute_and_to_its_end(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    for number in range(BATCH + 3):
        rounds.junk.deliver(mail(f"[KO] JOB_{number}", number), NOW)
    assert rounds.look(0.5).signals == ()
    assert len(rounds.look(1).signals) == BATCH
    assert rounds.again == NOW + timedelta(minutes=1)
    assert len(rounds.look(1.01).signals) == 3
    assert timedelta(minutes=1) == EVERY


def test_what_lay_in_it_before_the_first_look_is_not_read(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.junk.deliver(mail("[KO] OLD"), NOW)
    look = rounds.look()
    assert (look.signals, junk_entries(look)) == ((), ["begins after mail 1 of nordwind_ops/Junk, the junk folder"])


def test_what_came_while_nobody_looked_is_read(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.junk.deliver(mail("[KO] EOD_POS"), NOW)
    rounds.restart(WATCH)
    assert [signal.dedup_key for signal in rounds.look(30).signals] == ["EOD_POS"]


def test_a_watch_that_joins_later_begins_at_once(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.round.join(mail_watch("other", subject="stuck", resolves=None, dedup_key=None))
    rounds.look(0.1)
    rounds.junk.deliver(mail("queue stuck"), NOW)
    assert [signal.watch for signal in rounds.look(1.2).signals] == ["nordwind.end_of_day.other"]


def test_a_rebuilt_folder_is_read_two_days_back(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.junk.deliver(mail("[KO] OLD", 1), NOW - timedelta(days=5))
    rounds.junk.deliver(mail("[KO] EOD_POS", 2), NOW)
    rounds.look(1)
    rounds.junk.deliver(mail("[KO] EOD_STK", 3), NOW)
    rounds.junk.change_uidvalidity()
    look = rounds.look(2)
    assert [signal.dedup_key for signal in look.signals] == ["EOD_POS", "EOD_STK"]
    assert len(book.incidents()) == 3  # OLD, POS and STK: what is known is not told twice
    assert "nordwind_ops/Junk was rebuilt: read again from mail 2" in [entry.text for entry in look.entries]


def test_who_is_blind_in_it_sees_the_inbox_and_says_so(book: Logbook) -> None:
    rounds = Rounds(book)
    assert isinstance(rounds.mailbox, RefusingMailbox)
    rounds.look()
    rounds.mailbox.refuses = True
    rounds.junk.deliver(mail("[KO] IN_JUNK", 1), NOW)
    rounds.mailbox.deliver(mail("[KO] EOD_POS", 2), NOW)
    look = rounds.look(1)
    assert [signal.dedup_key for signal in look.signals] == ["EOD_POS"]
    assert [state.sight for state in look.states] == ["watching"]
    (blind,) = rounds.look(2).signals
    assert (blind.event, blind.client, blind.title) == (
        "trigger",
        "platform",
        "Blind: nordwind_ops:junk cannot be watched",
    )
    assert blind.facts["reason"] == "memory/Junk: not today"
    rounds.mailbox.refuses = False
    assert [(signal.event, signal.dedup_key) for signal in rounds.look(3).signals] == [
        ("trigger", "IN_JUNK"),
        ("resolve", "blind"),
    ]


def test_a_look_that_was_not_recorded_is_repeated_whole(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look()
    rounds.junk.deliver(mail("[KO] EOD_POS"), NOW)
    lost, _ = rounds.round.look(NOW + EVERY)
    again, _ = rounds.round.look(NOW + EVERY)
    assert lost == again
    assert len(again.signals) == 1


def test_a_mailbox_without_one_is_watched_as_before(book: Logbook) -> None:
    mailbox = MemoryMailbox()
    round_ = MailRound(SOURCE, lambda: mailbox, book)
    round_.join(WATCH)
    look, _ = round_.look(NOW)
    assert (look.signals, [cursor.source for cursor in look.cursors]) == ((), [SOURCE])


@pytest.mark.needs("dovecot")
def test_on_a_real_server_a_filtered_ko_is_found_over_the_same_connection(
    dovecot_with_junk: Dovecot, book: Logbook
) -> None:
    box = dovecot_with_junk.add_user()
    mailbox = ImapMailbox("127.0.0.1", box.port, box.user, box.password, ssl=False)
    round_ = MailRound(SOURCE, lambda: mailbox, book)
    round_.join(mail_watch(respond=Respond(severity="high", template="mail_ko")))

    def look(minutes: int) -> list[tuple[str, str]]:
        found, _ = round_.look(NOW + timedelta(minutes=minutes))
        book.record(found)
        round_.recorded(found)
        return [(signal.event, signal.dedup_key) for signal in found.signals]

    assert look(0) == []
    box.deliver(mail("[KO] EOD_POS", 1), JUNK)
    box.deliver(mail("[KO] EOD_STK", 2))
    assert look(1) == [("trigger", "EOD_STK"), ("trigger", "EOD_POS")]
    with box.connect() as client:  # a person moves it into the inbox
        client.select_folder(JUNK)
        client.move([1], "INBOX")
    assert look(2) == [("trigger", "EOD_POS")]  # and the logbook knows it: the key is that of the mail
    assert sorted(incident.count for incident in book.incidents()) == [1, 1]
    box.deliver(mail("[OK] EOD_STK", 3))
    eventually(lambda: mailbox.wait(0.1))
    assert look(3) == [("resolve", "EOD_STK")]
    logins = dovecot_with_junk.log.count(f"Login: user=<{box.user}>")
    round_.close()
    assert logins == 5  # the round's own, and four of the test
