"""What a mailbox has beside the watched folder, the junk folder and its limits: the real one, and its twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from tests.servers.dovecot import JUNK, QUOTA_KIB, Dovecot

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.ports import Mailbox, QuotaUse
from vigie.demo.post_box import PostBox
from vigie.testing.memory_mailbox import MemoryMailbox

AT = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)
KO = b"From: batch@nordwind.example\r\nSubject: [KO] EOD_POS\r\n\r\nx\r\n"


@dataclass
class Bench:
    """A mailbox with a junk folder, and what its world can do to it."""

    mailbox: Mailbox
    deliver: Callable[[bytes, datetime], object]
    deliver_to_junk: Callable[[bytes, datetime], object]


def put(box: PostBox, folder: str, raw: bytes, at: datetime) -> None:
    with box.connect() as client:
        client.append(folder, raw, msg_time=at)


def opened(box: PostBox, **more: object) -> ImapMailbox:
    return ImapMailbox("127.0.0.1", box.port, box.user, box.password, ssl=False, **({"timeout": 5.0} | more))


@pytest.fixture(params=[pytest.param("dovecot", marks=pytest.mark.needs("dovecot")), "memory"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "memory":
        twin = MemoryMailbox(junk=JUNK)
        assert twin.junk_folder is not None
        yield Bench(twin, twin.deliver, twin.junk_folder.deliver)
        return
    box = request.getfixturevalue("dovecot_with_junk").add_user()
    mailbox = opened(box)
    yield Bench(mailbox, lambda raw, at: put(box, "INBOX", raw, at), lambda raw, at: put(box, JUNK, raw, at))
    mailbox.close()


def test_the_junk_folder_has_a_name_and_a_position(bench: Bench):
    before = bench.mailbox.junk()
    assert before is not None
    assert before.folder == JUNK
    assert bench.mailbox.junk() == before
    bench.deliver_to_junk(KO, AT)
    after = bench.mailbox.junk()
    assert after is not None
    assert (after.uidvalidity, after.uidnext) == (before.uidvalidity, before.uidnext + 1)


def test_its_mails_are_read_after_a_uid_and_since_a_day(bench: Bench):
    for days in (9, 1, 0):
        bench.deliver_to_junk(KO, AT - timedelta(days=days))
    assert bench.mailbox.junk() is not None
    uids = [mail.uid for mail in bench.mailbox.fetch_junk(0, 10)]
    assert len(uids) == 3
    assert [mail.uid for mail in bench.mailbox.fetch_junk(uids[0], 1)] == [uids[1]]
    assert [mail.uid for mail in bench.mailbox.fetch_junk(0, 10, AT - timedelta(days=1))] == uids[1:]
    assert bench.mailbox.fetch_junk(uids[2], 10) == []
    assert bench.mailbox.fetch_junk(0, 1)[0].raw == KO


def test_the_watched_folder_is_read_on_and_its_news_are_not_lost(bench: Bench):
    bench.mailbox.position()
    assert bench.mailbox.fetch(0, 10) == []
    bench.deliver_to_junk(KO, AT)
    assert bench.mailbox.junk() is not None
    bench.deliver(KO.replace(b"POS", b"STK"), AT)
    assert [mail.raw for mail in bench.mailbox.fetch_junk(0, 10)] == [KO]
    assert bench.mailbox.wait(5)
    assert [mail.raw for mail in bench.mailbox.fetch(0, 10)] == [KO.replace(b"POS", b"STK")]


def test_a_mailbox_without_a_limit_says_nothing(bench: Bench):
    if isinstance(bench.mailbox, MemoryMailbox):
        assert bench.mailbox.quota() == []


@pytest.mark.needs("dovecot")
def test_how_full_it_is(dovecot_with_junk: Dovecot):
    box = dovecot_with_junk.add_user()
    mailbox = opened(box)
    assert mailbox.quota() == [QuotaUse(root="User quota", resource="STORAGE", used=0, limit=QUOTA_KIB)]
    put(box, "INBOX", KO + b"x" * 92_000, AT)
    assert [each.used for each in mailbox.quota()] == [90]
    mailbox.position()
    assert mailbox.fetch(0, 1)[0].size > 92_000
    mailbox.close()


@pytest.mark.needs("dovecot")
def test_a_junk_folder_may_be_named_or_not_wanted(dovecot_with_junk: Dovecot):
    box = dovecot_with_junk.add_user()
    with box.connect() as client:
        client.create_folder("Filtered")
    named = opened(box, junk="Filtered")
    found = named.junk()
    assert found is not None
    assert found.folder == "Filtered"
    unwanted = opened(box, junk=False)
    assert unwanted.junk() is None
    assert unwanted.fetch_junk(0, 10) == []
    watched = opened(box, folder=JUNK)
    watched.position()
    assert watched.junk() is None  # it is watched as it is
    for each in (named, unwanted, watched):
        each.close()


@pytest.mark.needs("dovecot")
def test_a_server_without_either_says_so(dovecot_box: PostBox):
    mailbox = opened(dovecot_box)
    assert (mailbox.junk(), mailbox.quota()) == (None, [])
    mailbox.close()
