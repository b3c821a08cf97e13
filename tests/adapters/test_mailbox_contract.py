"""What every mailbox does: the real one on two servers, and its twin in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from imapclient import IMAPClient

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import Refused, TransportError
from vigie.core.ports import Mailbox, MailboxPosition
from vigie.demo.post_box import PostBox
from vigie.demo.tcp_gate import TcpGate
from vigie.testing.memory_mailbox import MemoryMailbox

FOLDER = "Été & co"
LIMIT_BYTES = 2_000
AT = datetime(2025, 11, 23, 3, 4, 5, tzinfo=UTC)


@dataclass
class Bench:
    """A mailbox, and what its world can do to it."""

    mailbox: Mailbox
    deliver: Callable[[bytes, datetime], object]
    remove: Callable[[int], object]
    renumber: Callable[[], object]
    go_dark: Callable[[], object]
    come_back: Callable[[], object]


def mail(subject: str, size: int = 0) -> bytes:
    raw = f"From: wms@maison-lumiere.example\r\nSubject: {subject}\r\n\r\nThe job ended.\r\n".encode()
    return raw + b"x" * max(0, size - len(raw) - 2) + b"\r\n"


def real(box: PostBox, gate: TcpGate) -> Bench:
    def as_user(act: Callable[[IMAPClient], object]) -> None:
        with box.connect() as client:
            act(client)

    def remove(uid: int) -> None:
        def expunge(client: IMAPClient) -> None:
            client.select_folder(FOLDER)
            client.delete_messages([uid])
            client.expunge()

        as_user(expunge)

    def renumber() -> None:
        as_user(lambda client: client.delete_folder(FOLDER))
        as_user(lambda client: client.create_folder(FOLDER))

    as_user(lambda client: client.create_folder(FOLDER))
    return Bench(
        ImapMailbox(
            "127.0.0.1",
            gate.port,
            box.user,
            box.password,
            folder=FOLDER,
            ssl=False,
            timeout=5,
            limit_bytes=LIMIT_BYTES,
        ),
        lambda raw, at: as_user(lambda client: client.append(FOLDER, raw, msg_time=at)),
        remove,
        renumber,
        gate.close,
        gate.open,
    )


@pytest.fixture(params=[pytest.param("dovecot", marks=pytest.mark.needs("dovecot")), "pymap", "memory"])
def bench(request: pytest.FixtureRequest):
    if request.param == "memory":
        twin = MemoryMailbox(limit_bytes=LIMIT_BYTES)
        made = Bench(twin, twin.deliver, twin.remove, twin.change_uidvalidity, twin.go_dark, twin.come_back)
    else:
        dovecot = request.param == "dovecot"
        box = request.getfixturevalue("dovecot_box" if dovecot else "imap_server")
        made = real(box if dovecot else box.post_box, request.getfixturevalue("gate")(box.port))
    yield made
    made.mailbox.close()


def test_an_empty_folder_has_a_position_and_no_mail(bench: Bench):
    position = bench.mailbox.position()
    assert position.uidnext >= 1
    assert bench.mailbox.position() == position
    assert list(bench.mailbox.fetch(0, 10)) == []


def test_mails_come_in_order_as_they_are_with_the_time_of_their_arrival_in_utc(bench: Bench):
    tokyo = timezone(timedelta(hours=9))
    bench.deliver(mail("[KO] one"), AT.astimezone(tokyo))
    bench.deliver(b"\xff\xfe no header at all \x00\r\n", AT + timedelta(minutes=1))
    first, second = bench.mailbox.fetch(0, 10)
    assert first.raw == mail("[KO] one")
    assert first.size == len(first.raw)
    assert first.received_at == AT
    assert first.received_at.tzinfo is UTC
    assert second.received_at == AT + timedelta(minutes=1)
    assert first.uid < second.uid < bench.mailbox.position().uidnext


def test_a_fetch_begins_after_the_uid_and_ends_at_the_limit(bench: Bench):
    for number in range(5):
        bench.deliver(mail(str(number)), AT)
    uids = [each.uid for each in bench.mailbox.fetch(0, 10)]
    assert len(uids) == 5
    assert [each.uid for each in bench.mailbox.fetch(uids[1], 2)] == uids[2:4]
    assert list(bench.mailbox.fetch(uids[-1], 10)) == []  # the server answers "n:*" with its last mail


def test_a_mail_that_was_removed_leaves_a_gap(bench: Bench):
    for number in range(3):
        bench.deliver(mail(str(number)), AT)
    uids = [each.uid for each in bench.mailbox.fetch(0, 10)]
    bench.remove(uids[1])
    assert [each.uid for each in bench.mailbox.fetch(0, 2)] == [uids[0], uids[2]]


def test_a_big_mail_is_cut_and_says_its_whole_size(bench: Bench):
    bench.deliver(mail("small"), AT)
    bench.deliver(mail("big", size=50_000), AT)
    bench.deliver(mail("exact", size=LIMIT_BYTES), AT)
    small, big, exact = bench.mailbox.fetch(0, 10)
    assert small.raw == mail("small")
    assert big.raw == mail("big", size=50_000)[:LIMIT_BYTES]
    assert big.size == 50_000
    assert exact.raw == mail("exact", size=LIMIT_BYTES)


def test_fetch_since_begins_with_the_utc_day(bench: Bench):
    west = timezone(timedelta(hours=-10))
    bench.deliver(mail("the day before"), datetime(2025, 11, 22, 23, 59, 59, tzinfo=UTC))
    bench.deliver(mail("first second, written as the day before"), datetime(2025, 11, 23, tzinfo=UTC).astimezone(west))
    bench.deliver(mail("the day after"), datetime(2025, 11, 24, 1, 0, tzinfo=UTC))
    found = bench.mailbox.fetch_since(AT, 0, 10)
    assert [each.received_at.day for each in found] == [23, 24]
    assert [each.uid for each in bench.mailbox.fetch_since(AT, found[0].uid, 10)] == [found[1].uid]
    assert [each.uid for each in bench.mailbox.fetch_since(AT, 0, 1)] == [found[0].uid]


def test_wait_ends_without_news(bench: Bench):
    bench.deliver(mail("old"), AT)
    bench.mailbox.position()
    bench.mailbox.fetch(0, 10)
    started = time.monotonic()
    assert bench.mailbox.wait(0.2) is False
    assert 0.1 < time.monotonic() - started < 1.0


def test_wait_ends_when_a_mail_comes(bench: Bench):
    bench.mailbox.fetch(0, 10)
    assert bench.mailbox.wait(0.05) is False
    delivery = threading.Timer(0.1, bench.deliver, (mail("[KO] new"), AT))
    delivery.start()
    started = time.monotonic()
    assert bench.mailbox.wait(10) is True
    assert time.monotonic() - started < 3  # Dovecot speaks after half a second
    delivery.join()
    assert [each.raw for each in bench.mailbox.fetch(0, 10)] == [mail("[KO] new")]
    assert bench.mailbox.wait(0.05) is False


def test_a_mail_that_came_before_the_wait_is_news(bench: Bench):
    bench.mailbox.fetch(0, 10)
    bench.deliver(mail("[KO] between"), AT)
    assert bench.mailbox.wait(5) is True


def test_a_mail_that_came_between_two_waits_is_news(bench: Bench):
    bench.mailbox.fetch(0, 10)
    assert bench.mailbox.wait(0.05) is False
    bench.deliver(mail("[KO] between"), AT)
    assert bench.mailbox.wait(5) is True


def test_what_a_position_found_is_news_until_it_is_fetched(bench: Bench):
    bench.mailbox.fetch(0, 10)
    bench.deliver(mail("[KO] seen by position only"), AT)
    bench.mailbox.position()
    assert bench.mailbox.wait(5) is True


def test_a_new_uidvalidity_is_noticed_by_the_next_position(bench: Bench):
    bench.deliver(mail("one"), AT)
    before = bench.mailbox.position()
    assert len(bench.mailbox.fetch(0, 10)) == 1
    bench.renumber()
    assert position_in_the_end(bench.mailbox).uidvalidity != before.uidvalidity


def position_in_the_end(mailbox: Mailbox) -> MailboxPosition:
    """A server may hang up on who has a folder selected that somebody else deletes."""
    try:
        return mailbox.position()
    except TransportError:
        return mailbox.position()


def test_while_it_is_dark_everything_fails_and_what_came_meanwhile_is_there_afterwards(bench: Bench):
    bench.mailbox.fetch(0, 10)
    assert bench.mailbox.wait(0.05) is False
    bench.go_dark()
    with pytest.raises(TransportError) as failure:
        bench.mailbox.wait(5)
    assert not failure.value.permanent
    with pytest.raises(TransportError):
        bench.mailbox.position()
    with pytest.raises(TransportError):
        bench.mailbox.fetch(0, 10)
    bench.deliver(mail("[KO] meanwhile"), AT)
    bench.come_back()
    assert bench.mailbox.wait(5) is True
    assert [each.raw for each in bench.mailbox.fetch(0, 10)] == [mail("[KO] meanwhile")]


def test_a_closed_mailbox_opens_again(bench: Bench):
    bench.deliver(mail("one"), AT)
    bench.mailbox.close()
    assert len(bench.mailbox.fetch(0, 10)) == 1
    bench.mailbox.wait(0.05)
    bench.mailbox.close()
    bench.mailbox.close()


def test_the_twin_refuses_a_login_as_the_real_one_does():
    twin = MemoryMailbox()
    twin.go_dark(refused=True)
    with pytest.raises(Refused):
        twin.position()
