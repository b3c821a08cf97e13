"""A folder with 100,000 mails, on a real Dovecot: what a start, a look and a second reading cost."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import skip_without

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.demo.post_box import PostBox

pytestmark = pytest.mark.needs("dovecot")

MAILS = 100_000
RECENT = 50
"""So many of them came within the last two days."""

NOW = datetime.now(UTC)
RAW = b"From: batch@acme.example\r\nSubject: [OK] EOD_POS\r\n\r\nThe batch ended.\r\n"


@pytest.fixture(scope="module")
def big_box() -> Iterator[PostBox]:
    """The mailbox, appended in one command (RFC 3502)."""
    skip_without(Dovecot.missing)
    with Dovecot("mail_location = mdbox:~/mdbox\nmail_fsync = never\n") as server:
        box = server.add_user()
        with box.connect() as client:
            sock = client.socket()
            sock.settimeout(60)
            sock.sendall(b"big APPEND INBOX")
            for days, number in ((30, MAILS - RECENT), (0, RECENT)):
                at = f"{NOW - timedelta(days=days):%d-%b-%Y %H:%M:%S +0000}"
                sock.sendall(f' "{at}" {{{len(RAW)}+}}\r\n'.encode().join([b"", *[RAW] * number]))
            sock.sendall(b"\r\n")
            answer = b""
            while b"big OK" not in answer:
                assert b"big NO" not in answer
                answer += sock.recv(4096)
        yield box


@pytest.fixture
def mailbox(big_box: PostBox) -> Iterator[ImapMailbox]:
    opened = ImapMailbox("127.0.0.1", big_box.port, big_box.user, big_box.password, ssl=False)
    yield opened
    opened.close()


def cost(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and MB of Python's own memory at the most."""
    tracemalloc.start()
    begun = time.monotonic()
    act()
    passed = time.monotonic() - begun
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return passed, peak


def test_at_the_start_a_hundred_thousand_mails_are_not_read(mailbox: ImapMailbox, big_box: PostBox):
    passed, peak = cost(mailbox.position)
    assert mailbox.position().uidnext == MAILS + 1
    assert (passed < 5, peak < 2) == (True, True), (passed, peak)

    passed, peak = cost(lambda: mailbox.fetch(MAILS, 25))
    assert (passed < 5, peak < 2) == (True, True), (passed, peak)

    big_box.deliver(RAW)
    assert mailbox.wait(5) is True
    assert [each.uid for each in mailbox.fetch(MAILS, 25)] == [MAILS + 1]


def test_reading_the_last_two_days_again_reads_only_them(mailbox: ImapMailbox):
    found: list[int] = []

    def read() -> None:
        while mails := mailbox.fetch_since(NOW - timedelta(days=2), found[-1] if found else 0, 25):
            found.extend(each.uid for each in mails)

    passed, peak = cost(read)
    assert found[:RECENT] == list(range(MAILS - RECENT + 1, MAILS + 1))
    assert (passed < 15, peak < 10) == (True, True), (passed, peak)


def test_a_watch_that_is_a_hundred_thousand_mails_behind_reads_a_batch_at_a_time(mailbox: ImapMailbox):
    passed, peak = cost(lambda: mailbox.fetch(0, 25))
    assert (passed < 5, peak < 10) == (True, True), (passed, peak)
