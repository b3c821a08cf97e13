"""What everybody does who files mails: the real one on two servers, and its twin in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from vigie.adapters.imap_mail_filer import ImapMailFiler
from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import TransportError
from vigie.core.ports import MailFiler
from vigie.demo.post_box import PostBox
from vigie.demo.tcp_gate import TcpGate
from vigie.testing.memory_mail_filer import MemoryMailFiler
from vigie.testing.memory_mailbox import MemoryMailbox

FOLDER = "Été & co"
TARGET = "Vigie/Réglé & fait"
AT = datetime(2025, 11, 23, 3, 4, 5, tzinfo=UTC)


def mail(subject: str) -> bytes:
    return f"From: wms@maison-lumiere.example\r\nSubject: {subject}\r\n\r\nThe job ended.\r\n".encode()


@dataclass
class Bench:
    """A filer, and what its world can do and see: ``mails`` gives the subjects in a folder, None where there is none."""

    filer: MailFiler
    deliver: Callable[[str], int]
    remove: Callable[[int], object]
    renumber: Callable[[], object]
    uidvalidity: Callable[[], int]
    mails: Callable[[str], list[str] | None]
    go_dark: Callable[[], object]
    come_back: Callable[[], object]


def real(box: PostBox, gate: TcpGate) -> Bench:
    def remove(uid: int) -> None:
        with box.connect() as client:
            client.select_folder(FOLDER)
            client.delete_messages([uid])
            client.expunge()

    def renumber() -> None:
        with box.connect() as client:
            client.delete_folder(FOLDER)
            client.create_folder(FOLDER)

    def uidvalidity() -> int:
        with box.connect() as client:
            return int(client.folder_status(FOLDER, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    with box.connect() as client:
        client.create_folder(FOLDER)
    mailbox = ImapMailbox("127.0.0.1", gate.port, box.user, box.password, folder=FOLDER, ssl=False, timeout=5)
    return Bench(
        ImapMailFiler(mailbox),
        lambda subject: box.deliver(mail(subject), FOLDER),
        remove,
        renumber,
        uidvalidity,
        lambda folder: _subjects(box, folder),
        gate.close,
        gate.open,
    )


def _subjects(box: PostBox, folder: str) -> list[str] | None:
    with box.connect() as client:
        if not client.folder_exists(folder):
            return None
        client.select_folder(folder, readonly=True)
        fetched = client.fetch(client.search(), ["ENVELOPE"])
        return [fetched[uid][b"ENVELOPE"].subject.decode() for uid in sorted(fetched)]


def twin() -> Bench:
    mailbox = MemoryMailbox()
    folders: dict[str, MemoryMailbox] = {}

    def mails(folder: str) -> list[str] | None:
        there = mailbox if folder == FOLDER else folders.get(folder)
        if there is None:
            return None
        return [each.raw.decode().split("Subject: ")[1].split("\r\n")[0] for each in there.fetch(0, 100)]

    return Bench(
        MemoryMailFiler(mailbox, folders),
        lambda subject: mailbox.deliver(mail(subject), AT),
        mailbox.remove,
        mailbox.change_uidvalidity,
        lambda: mailbox.position().uidvalidity,
        mails,
        mailbox.go_dark,
        mailbox.come_back,
    )


@pytest.fixture(params=[pytest.param("dovecot", marks=pytest.mark.needs("dovecot")), "pymap", "memory"])
def bench(request: pytest.FixtureRequest):
    if request.param == "memory":
        made = twin()
    else:
        dovecot = request.param == "dovecot"
        box = request.getfixturevalue("dovecot_box" if dovecot else "imap_server")
        made = real(box if dovecot else box.post_box, request.getfixturevalue("gate")(box.port))
    yield made
    made.filer.close()


def test_mails_are_moved_and_the_others_stay(bench: Bench):
    one, _, three = (bench.deliver(subject) for subject in ("one", "two", "three"))
    moved = bench.filer.move(bench.uidvalidity(), [one, three], TARGET)
    assert moved is not None
    assert (moved.moved, moved.gone) == ({one, three}, frozenset())
    assert bench.mails(FOLDER) == ["two"]
    assert bench.mails(TARGET) == ["one", "three"]


def test_a_folder_that_is_there_is_used_again(bench: Bench):
    for subject in ("one", "two"):
        uid = bench.deliver(subject)
        moved = bench.filer.move(bench.uidvalidity(), [uid], TARGET)
        assert moved is not None
        assert moved.moved == {uid}
    assert bench.mails(TARGET) == ["one", "two"]


def test_what_is_not_there_any_more_is_said_and_the_rest_is_moved(bench: Bench):
    one, two = bench.deliver("one"), bench.deliver("two")
    bench.remove(one)
    moved = bench.filer.move(bench.uidvalidity(), [one, two], TARGET)
    assert moved is not None
    assert (moved.moved, moved.gone) == ({two}, {one})
    again = bench.filer.move(bench.uidvalidity(), [one, two], TARGET)
    assert again is not None
    assert (again.moved, again.gone) == (frozenset(), {one, two})


def test_out_of_a_folder_that_was_rebuilt_nothing_is_moved(bench: Bench):
    before = bench.uidvalidity()
    uid = bench.deliver("one")
    bench.renumber()
    uid_now = bench.deliver("another")
    assert moved_in_the_end(bench, before, [uid, uid_now]) is None
    assert "another" in (bench.mails(FOLDER) or [])
    assert not bench.mails(TARGET)


def moved_in_the_end(bench: Bench, uidvalidity: int, uids: list[int]) -> object:
    """A server may hang up on who has a folder selected that somebody else deletes."""
    try:
        return bench.filer.move(uidvalidity, uids, TARGET)
    except TransportError:
        return bench.filer.move(uidvalidity, uids, TARGET)


def test_while_it_is_dark_nothing_is_moved_and_afterwards_it_goes_on(bench: Bench):
    uid, uidvalidity = bench.deliver("one"), bench.uidvalidity()
    bench.go_dark()
    with pytest.raises(TransportError) as failure:
        bench.filer.move(uidvalidity, [uid], TARGET)
    assert not failure.value.permanent
    bench.come_back()
    assert bench.mails(FOLDER) == ["one"]
    moved = bench.filer.move(uidvalidity, [uid], TARGET)
    assert moved is not None
    assert moved.moved == {uid}


def test_a_closed_filer_opens_again(bench: Bench):
    uid, uidvalidity = bench.deliver("one"), bench.uidvalidity()
    bench.filer.close()
    moved = bench.filer.move(uidvalidity, [uid], TARGET)
    assert moved is not None
    assert moved.moved == {uid}


@pytest.mark.needs("dovecot")
def test_the_new_folder_is_subscribed_so_that_mail_programs_show_it(
    dovecot_box: PostBox, gate: Callable[[int], TcpGate]
):
    bench = real(dovecot_box, gate(dovecot_box.port))
    bench.filer.move(bench.uidvalidity(), [bench.deliver("one")], TARGET)
    with dovecot_box.connect() as client:
        assert TARGET in [name for _, _, name in client.list_sub_folders()]
    bench.filer.close()
