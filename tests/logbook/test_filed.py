"""Mails that are moved out of the folder where they were read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.logbook.samples import MAILBOX, MINUTE, NOON, cursor, look
from tests.logbook.test_mails import seen

from vigie.core.mail_filing import Passed
from vigie.core.seen_mail import Fate, SeenMail
from vigie.logbook.book import Logbook

FATES: tuple[Fate, ...] = ("claimed", "unclassified")
LATER = NOON + timedelta(days=1)
TARGET = "Vigie/Claimed"
NAME = MAILBOX.partition("/")[0]


def claimed(number: int, **other: Any) -> SeenMail:
    return seen(number, fate="claimed", **other)


FIRST_LIFE = Passed(1, 99)


def unfiled(book: Logbook, passed: Passed = FIRST_LIFE, **other: Any) -> list[int]:
    asked = {"after_uid": 0, "limit": 100, **other}
    return [mail.uid for mail in book.unfiled_mails(MAILBOX, passed, FATES, NOON, **asked)]


def test_what_may_be_filed_is_passed_ripe_and_waits_for_nobody(book: Logbook) -> None:
    book.record(
        look(
            mails=(
                claimed(1),
                seen(2),
                seen(3),
                seen(4, fate="ignored"),
                claimed(5, seen_at=NOON + MINUTE),
                claimed(6, uidvalidity=2),
                claimed(7, source=f"{NAME}/Alerts"),
                claimed(8),
            )
        )
    )
    book.settle_mail(seen(3).key, "camille", NOON, "page", "known")
    assert unfiled(book) == [1, 3, 8]
    assert unfiled(book, Passed(1, 7)) == [1, 3]
    assert unfiled(book, Passed(2, 99)) == [6]
    assert unfiled(book, limit=2) == [1, 3]
    assert unfiled(book, after_uid=3) == [8]


def test_a_batch_that_was_filed_is_one_entry_and_is_not_filed_again(book: Logbook) -> None:
    mails = [claimed(number) for number in range(1, 4)]
    book.record(look(mails=tuple(mails)))
    assert book.file_mails(mails[:2], mails[2:], TARGET, LATER) == 2
    assert book.file_mails(mails[:2], mails[2:], TARGET, LATER + MINUTE) == 0
    assert unfiled(book) == []
    (line,) = book.entries(kind_prefix="mail.filed")
    assert (line.client, line.actor) == ("maison-lumiere", "mail_desk")
    assert line.text == f"2 mails of {MAILBOX} filed into {TARGET}; 1 mail not there any more"
    assert line.data == {"source": MAILBOX, "folder": TARGET, "mails": 2, "gone": 1}
    assert [(mail.filed_at, mail.filed_to) for mail in book.mails()] == [
        (LATER, None),
        (LATER, TARGET),
        (LATER, TARGET),
    ]


def test_the_mails_of_two_clients_are_the_platforms_entry(book: Logbook) -> None:
    mails = [claimed(1), claimed(2, client="nordwind")]
    book.record(look(mails=tuple(mails)))
    assert book.file_mails(mails, [], TARGET, LATER) == 2
    assert [line.client for line in book.entries(kind_prefix="mail.filed")] == ["platform"]


def test_more_mails_than_a_statement_takes(book: Logbook) -> None:
    mails = [claimed(number) for number in range(1, 1202)]
    book.record(look(mails=tuple(mails)))
    assert book.file_mails(mails, [], TARGET, LATER) == 1201


def test_a_mail_that_was_read_again_in_the_rebuilt_folder_is_another_one_there(book: Logbook) -> None:
    book.record(look(mails=(claimed(1),)))
    book.record(look(mails=(claimed(1, uidvalidity=2, uid=50),)))
    assert book.file_mails([claimed(1)], [], TARGET, LATER) == 0
    assert book.entries(kind_prefix="mail.filed") == []
    assert unfiled(book, Passed(2, 99)) == [50]


def test_a_mail_that_somebody_put_back_stays_filed(book: Logbook) -> None:
    book.record(look(mails=(claimed(1),)))
    book.file_mails([claimed(1)], [], TARGET, LATER)
    book.record(look(mails=(claimed(1, uid=77),)))
    assert unfiled(book) == []
    (mail,) = book.mails()
    assert (mail.uid, mail.filed_to) == (77, TARGET)


def test_the_folder_that_they_went_to_knows_them(book: Logbook) -> None:
    mails = [claimed(number) for number in (1, 2, 3)]
    book.record(look(mails=tuple(mails), cursors=(cursor(3),)))
    book.file_mails(mails[:2], mails[2:], TARGET, LATER)
    identities = ["1", "2", "3", "4"]
    assert book.filed_here(f"{NAME}/Vigie.Claimed", identities) == {"1", "2"}
    assert book.filed_here(f"{NAME}/Vigie/Ignored", identities) == set()
    assert book.filed_here(MAILBOX, identities) == set()
    assert book.filed_here(f"other_{NAME}/{TARGET}", identities) == set()
    assert book.filed_here(f"{NAME}/{TARGET}", []) == set()
