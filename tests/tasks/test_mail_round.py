"""The round of a mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.tasks.samples import NOW, file_watch, mail, mail_watch

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.watch import MailWatch
from vigie.logbook.book import Logbook
from vigie.tasks.mail_round import BATCH, MailRound
from vigie.testing.memory_mailbox import MemoryMailbox

WATCH = mail_watch()
SOURCE = WATCH.source


class Rounds:
    """A round, its mailbox and its logbook."""

    def __init__(self, book: Logbook, *watches: MailWatch, mailbox: MemoryMailbox | None = None) -> None:
        self.mailbox = mailbox or MemoryMailbox()
        self.book = book
        self.round = MailRound(SOURCE, lambda: self.mailbox, book)
        for watch in watches:
            self.round.join(watch)

    def look(self, after: float = 0) -> Look:
        look, self.again = self.round.look(NOW + timedelta(seconds=after))
        self.book.record(look)
        self.round.recorded(look)
        return look


def test_it_begins_after_what_is_there(book: Logbook) -> None:
    mailbox = MemoryMailbox()
    mailbox.deliver(mail("[KO] OLD"), NOW)
    rounds = Rounds(book, WATCH, mailbox=mailbox)
    look = rounds.look()
    assert (look.signals, look.cursors[0].uid) == ((), 1)
    assert [entry.text for entry in look.entries] == ["begins after mail 1 of nordwind_ops/INBOX"]


def test_a_batch_is_followed_by_the_next_at_once(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    for number in range(BATCH + 2):
        rounds.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)

    assert len(rounds.look(1).signals) == BATCH
    assert rounds.again == NOW + timedelta(seconds=1)
    assert len(rounds.look(1).signals) == 2
    assert rounds.again == NOW + timedelta(seconds=61)
    assert rounds.look(1).signals == ()


def test_a_look_that_was_not_recorded_is_repeated_whole(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    rounds.mailbox.deliver(mail("[KO] EOD_POS"), NOW)

    lost, _ = rounds.round.look(NOW)
    again, _ = rounds.round.look(NOW)

    assert lost == again
    assert len(again.signals) == 1


def test_an_ok_that_speaks_as_a_bounce_does_is_left_to_a_person_who_reads_why(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    rounds.mailbox.deliver(mail("[OK] EOD_POS") + b"0 mails could not be delivered.\n", NOW)
    look = rounds.look()
    assert look.signals == ()
    (entry,) = (each for each in look.entries if each.kind == "mail.unclassified")
    assert entry.text.endswith("unclassified, no rule claims it (its text says 'could not be deliver')")
    assert entry.data["doubts"] == ["its text says 'could not be deliver'"]


def test_the_heartbeat_comes_each_minute_and_with_each_mail(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    assert len(rounds.look().states) == 1
    assert rounds.look(30).states == ()
    assert rounds.look(60).states[0].look_by == NOW + timedelta(seconds=60 + 150)
    rounds.mailbox.deliver(mail("Lunch?"), NOW)
    assert len(rounds.look(70).states) == 1
    rounds.round.join(mail_watch("other"))
    assert len(rounds.look(75).states) == 2


def test_each_mail_is_one_entry_that_says_what_became_of_it(book: Logbook) -> None:
    rounds = Rounds(book, WATCH, mail_watch("any", subject="EOD", resolves=None, dedup_key=None))
    rounds.look()
    rounds.mailbox.deliver(mail("[KO] EOD_POS", 1), NOW)
    rounds.mailbox.deliver(mail("Lunch?", 2), NOW)
    look = rounds.look()

    claimed, unclassified = look.entries
    assert claimed.kind == "mail.claimed"
    assert claimed.text == (
        "[KO] EOD_POS from batch@nordwind.example: "
        "trigger nordwind.end_of_day.batch_ko, trigger nordwind.end_of_day.any"
    )
    assert claimed.data["message_id"] == "<1@nordwind.example>"
    assert (unclassified.kind, unclassified.client) == ("mail.unclassified", "nordwind")
    assert len(look.signals) == 2


def test_a_mailbox_of_two_clients_is_the_platforms(book: Logbook) -> None:
    rounds = Rounds(book, WATCH, mail_watch(client="maison-lumiere", flux="prices"))
    rounds.look()
    rounds.mailbox.deliver(mail("Lunch?"), NOW)
    (entry,) = rounds.look().entries
    assert entry.client == "platform"


def test_a_huge_mail_is_cut_and_says_so(book: Logbook) -> None:
    rounds = Rounds(book, WATCH, mailbox=MemoryMailbox(limit_bytes=1000))
    rounds.look()
    rounds.mailbox.deliver(mail("[KO] EOD_POS") + b"x" * 20_000, NOW)
    look = rounds.look()
    assert len(look.signals) == 1
    assert look.entries[0].data["truncated"] is True
    assert look.entries[0].data["size"] > 20_000


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe not a mail",
        b"Subject: =?no-such-charset?B?//8=?=\n\n",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n--a",
        b"Subject: " + b"a" * 100_000 + b"\n\n",
    ],
)
def test_a_malformed_mail_is_an_entry_and_the_watch_goes_on(book: Logbook, raw: bytes) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    rounds.mailbox.deliver(raw, NOW)
    rounds.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    look = rounds.look()
    assert [entry.kind for entry in look.entries] == ["mail.unclassified", "mail.claimed"]
    assert [each.title for each in book.incidents()] == ["[KO] EOD_POS"]


def test_a_watch_goes_on_where_the_logbook_says_it_stood(book: Logbook) -> None:
    first = Rounds(book, WATCH)
    first.look()
    for number in range(3):
        first.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)

    second = Rounds(book, WATCH, mailbox=first.mailbox)
    assert len(second.look().signals) == 3


def test_a_watch_that_joins_a_running_round_begins_now(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    rounds.mailbox.deliver(mail("[KO] EARLIER", 1), NOW)
    rounds.look()
    rounds.round.join(mail_watch("other"))

    assert rounds.look().signals == ()
    rounds.mailbox.deliver(mail("[KO] LATER", 2), NOW)
    assert len(rounds.look().signals) == 2


def test_a_watch_behind_the_others_reads_what_it_missed_and_they_hear_nothing_twice(book: Logbook) -> None:
    behind = mail_watch("behind")
    rounds = Rounds(book, WATCH, behind)
    rounds.look()
    rounds.round.leave(behind.id)
    rounds.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    assert [signal.watch for signal in rounds.look().signals] == [WATCH.id]

    rounds.round.join(behind)
    assert [signal.watch for signal in rounds.look().signals] == [behind.id]
    assert rounds.look().signals == ()


def test_a_failure_closes_the_connection_and_the_next_look_makes_another(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    rounds.mailbox.go_dark()
    with pytest.raises(TransportError):
        rounds.round.look(NOW)
    assert rounds.mailbox.closed
    rounds.mailbox.come_back()
    rounds.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    assert len(rounds.look().signals) == 1


def test_a_rebuilt_mailbox_is_read_again_from_two_days_back(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    for days, job in ((40, "OLD"), (1, "NEW")):
        rounds.mailbox.deliver(mail(f"[KO] {job}", days), NOW - timedelta(days=days))
    rounds.look()
    rounds.round.close()
    rounds.mailbox.change_uidvalidity()

    look = rounds.look()

    assert [entry.text for entry in look.entries if entry.kind == "mailbox.rebuilt"] == [
        "nordwind_ops/INBOX was rebuilt: read again from mail 2"
    ]
    assert [signal.dedup_key for signal in look.signals] == ["NEW"]
    assert {each.dedup_key: each.count for each in book.incidents()} == {"OLD": 1, "NEW": 1}


def test_a_mailbox_that_is_rebuilt_while_we_are_connected_is_noticed_within_a_minute(book: Logbook) -> None:
    rounds = Rounds(book, WATCH)
    rounds.look()
    for number in range(3):
        rounds.mailbox.deliver(mail(f"[KO] JOB_{number}", number), NOW)
        rounds.look()
    rounds.mailbox.change_uidvalidity()
    rounds.mailbox.remove(1)
    rounds.mailbox.deliver(mail("[KO] JOB_3", 3), NOW)

    assert rounds.look(60).entries[0].kind == "mailbox.rebuilt"
    assert {each.dedup_key: each.count for each in book.incidents()} == {f"JOB_{number}": 1 for number in range(4)}


def test_a_watch_of_files_is_a_mistake_of_ours(book: Logbook) -> None:
    with pytest.raises(TypeError) as wrong:
        Rounds(book).round.join(file_watch())
    assert str(wrong.value) == "maison-lumiere.store_replenishment.store_files is not a watch of mail"
