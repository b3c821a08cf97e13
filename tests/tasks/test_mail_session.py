"""Sessions on a real Dovecot: whole nights of a mailbox, from the server's side to the logbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import skip_without
from tests.tasks.samples import eventually, mail, mail_watch

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.watch import MailWatch
from vigie.demo.post_box import PostBox
from vigie.demo.tcp_gate import TcpGate
from vigie.logbook.book import Logbook
from vigie.tasks.mail_round import MailRound
from vigie.tasks.session import Session

pytestmark = pytest.mark.needs("dovecot")

Watch = Callable[..., MailWatch]


@pytest.fixture
def watch(book: Logbook) -> Iterator[Watch]:
    """`watch(box, folder)` starts a session for that folder and waits until it looks; it ends with the test."""
    sessions: list[Session] = []

    def start(box: PostBox, folder: str = "INBOX", *, port: int | None = None, **more: object) -> MailWatch:
        rule = mail_watch(f"ko_{len(sessions)}", folder=folder, blind_after=timedelta(minutes=2))

        def connect() -> ImapMailbox:
            where = port or box.port
            return ImapMailbox("127.0.0.1", where, box.user, box.password, folder=folder, ssl=False, timeout=5, **more)

        session = Session(MailRound(rule.source, connect, book), book, book.record, (0.05, 0.1))
        session.join_watch(rule)
        session.start()
        sessions.append(session)
        eventually(lambda: rule.id in [state.watch for state in book.watch_states() if state.sight == "watching"])
        return rule

    yield start
    for session in sessions:
        session.end()
    for session in sessions:
        session.join(10)
        assert not session.is_alive()


def keys(book: Logbook, rule: MailWatch | None = None) -> dict[str, int]:
    """How often each job was told, of one watch or of all."""
    found = book.incidents(statuses=("open", "acknowledged", "resolved"), limit=1000)
    return {each.dedup_key: each.count for each in found if rule is None or each.watch == rule.id}


def unseen(box: PostBox, folder: str = "INBOX") -> int:
    with box.connect() as client:
        client.select_folder(folder, readonly=True)
        return len(client.search("UNSEEN"))


def test_several_folders_of_one_mailbox_each_with_a_session_of_its_own(
    dovecot_box: PostBox, book: Logbook, watch: Watch
) -> None:
    folders = ["INBOX", "Été & co", "受信", "Prod/Nuit"]
    with dovecot_box.connect() as client:
        for folder in folders[1:]:
            client.create_folder(folder)
    rules = {folder: watch(dovecot_box, folder.replace("/", ".")) for folder in folders}
    for number, folder in enumerate(folders):
        dovecot_box.deliver(mail(f"[KO] JOB_{number}", number), folder)
    eventually(lambda: len(keys(book)) == 4)
    assert [keys(book, rule) for rule in rules.values()] == [{f"JOB_{number}": 1} for number in range(4)]
    assert [unseen(dovecot_box, folder) for folder in folders] == [1] * 4


def test_a_server_that_ends_the_connection_is_reached_again_and_nobody_is_told(
    dovecot_box: PostBox, book: Logbook, watch: Watch, gate: Callable[[int], TcpGate]
) -> None:
    door = gate(dovecot_box.port)
    watch(dovecot_box, port=door.port)
    for number in range(3):
        door.close()
        dovecot_box.deliver(mail(f"[KO] JOB_{number}", number))
        door.open()
        eventually(lambda number=number: f"JOB_{number}" in keys(book))
    assert keys(book) == {"JOB_0": 1, "JOB_1": 1, "JOB_2": 1}
    assert len(book.entries(kind_prefix="mail.")) == 3


def test_a_server_without_idle_is_polled(book: Logbook, watch: Watch) -> None:
    skip_without(Dovecot.missing)
    with Dovecot("imap_capability = IMAP4rev1 LITERAL+ UIDPLUS\n") as server:
        box = server.add_user()
        with box.connect() as client:
            assert not client.has_capability("IDLE")
        watch(box, poll_every=0.2)
        box.deliver(mail("[KO] EOD_POS"))
        eventually(lambda: keys(book) == {"EOD_POS": 1})


def test_a_server_whose_idle_is_not_trusted_is_polled(dovecot_box: PostBox, book: Logbook, watch: Watch) -> None:
    watch(dovecot_box, poll_every=0.2)
    dovecot_box.deliver(mail("[KO] EOD_POS"))
    eventually(lambda: keys(book) == {"EOD_POS": 1})


def rebuild(box: PostBox, folder: str, mails: list[bytes]) -> None:
    """The folder is made anew with these mails: another UIDVALIDITY, as after a restore."""
    with box.connect() as client:
        client.rename_folder(folder, f"{folder} (damaged)")
        client.create_folder(folder)
        for raw in mails:
            client.append(folder, raw)


def test_a_mailbox_that_is_rebuilt_while_we_are_away(
    dovecot_box: PostBox, book: Logbook, watch: Watch, gate: Callable[[int], TcpGate]
) -> None:
    door = gate(dovecot_box.port)
    with dovecot_box.connect() as client:
        client.create_folder("Prod")
    rule = watch(dovecot_box, "Prod", port=door.port)
    before = [mail(f"[KO] JOB_{number}", number) for number in range(3)]
    for raw in before:
        dovecot_box.deliver(raw, "Prod")
    eventually(lambda: len(keys(book)) == 3)
    old = book.cursors(rule.source)[rule.id]

    door.close()
    rebuild(dovecot_box, "Prod", [*before[1:], mail("[KO] JOB_9", 9)])
    door.open()

    eventually(lambda: "JOB_9" in keys(book))
    assert keys(book) == {"JOB_0": 1, "JOB_1": 1, "JOB_2": 1, "JOB_9": 1}
    assert book.cursors(rule.source)[rule.id].uidvalidity != old.uidvalidity
    assert [each.text for each in book.entries(kind_prefix="mailbox.rebuilt")] == [
        f"{rule.source} was rebuilt: read again from mail 1"
    ]


def test_a_mailbox_that_is_rebuilt_while_the_server_lets_us_stay(dovecot_box: PostBox, book: Logbook) -> None:
    with dovecot_box.connect() as client:
        client.create_folder("Prod")
    mailbox = ImapMailbox(
        "127.0.0.1", dovecot_box.port, dovecot_box.user, dovecot_box.password, folder="Prod", ssl=False, timeout=5
    )
    rule = mail_watch(folder="Prod")
    round_ = MailRound(rule.source, lambda: mailbox, book)
    round_.join(rule)

    def look(seconds: float) -> None:
        seen, _ = round_.look(datetime.now(UTC) + timedelta(seconds=seconds))
        book.record(seen)
        round_.recorded(seen)

    look(0)
    dovecot_box.deliver(mail("[KO] JOB_1", 1), "Prod")
    look(1)
    connection = mailbox._connection
    rebuild(dovecot_box, "Prod", [mail("[KO] JOB_1", 1), mail("[KO] JOB_2", 2)])
    look(61)
    assert mailbox._connection is connection
    assert keys(book) == {"JOB_1": 1, "JOB_2": 1}
    mailbox.close()


ALARM = b"From: batch@nordwind.example\r\nSubject: [KO] EOD_POS\r\nMessage-ID: <alert@nordwind.example>\r\n\r\nIt failed.\r\n"
"""What a careless batch sends each night, without a date."""


@pytest.mark.parametrize("kept", [True, False], ids=["dates kept", "dates changed"])
def test_a_mail_that_is_the_same_each_night_is_told_each_night_and_never_for_a_restore(
    dovecot_box: PostBox, book: Logbook, kept: bool
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    nights = [now - timedelta(hours=hours) for hours in (20, 10)]
    mailbox = ImapMailbox(
        "127.0.0.1", dovecot_box.port, dovecot_box.user, dovecot_box.password, folder="Prod", ssl=False, timeout=5
    )
    rule = mail_watch(folder="Prod")
    looks = MailRound(rule.source, lambda: mailbox, book)
    looks.join(rule)

    def look(minutes: int) -> None:
        seen, _ = looks.look(now + timedelta(seconds=61 * minutes))
        book.record(seen)
        looks.recorded(seen)

    with dovecot_box.connect() as client:
        client.create_folder("Prod")
        client.create_folder("Archive")
        look(0)
        for night in nights:
            client.append("Prod", ALARM, msg_time=night)
        look(1)
        assert keys(book) == {"EOD_POS": 2}

        client.select_folder("Prod")  # a person moves the second one away, and back
        client.move([2], "Archive")
        client.select_folder("Archive")
        client.move([1], "Prod")
        look(2)
        assert keys(book) == {"EOD_POS": 2}

        client.rename_folder("Prod", "Prod (damaged)")
        client.create_folder("Prod")
        for night in nights:
            client.append("Prod", ALARM, msg_time=night if kept else now)
        look(3)
        assert keys(book) == {"EOD_POS": 2}
        assert [each.text for each in book.entries(kind_prefix="mailbox.rebuilt")] != []

        client.append("Prod", ALARM, msg_time=now + timedelta(seconds=200))  # the third night
        look(4)
        assert keys(book) == {"EOD_POS": 3}
    mailbox.close()
