from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from imapclient.exceptions import LoginError

from vigie.demo.imap_server import ImapServer
from vigie.demo.post_box import PostBox
from vigie.demo.tcp_gate import TcpGate

MAIL = (
    b"From: wms@maison.example\r\nTo: ops@vigie.example\r\nSubject: [KO] EOD_POS\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n"
)


def test_a_delivered_mail_comes_out_as_it_went_in(imap_server: ImapServer):
    first, second = imap_server.deliver(MAIL), imap_server.deliver(MAIL)

    with imap_server.post_box.connect() as client:
        client.select_folder("INBOX", readonly=True)
        found = client.fetch([first, second], ["BODY.PEEK[]"])
    assert second == first + 1
    assert found[first][b"BODY[]"] == MAIL


def test_a_wrong_password_is_refused(imap_server: ImapServer):
    with pytest.raises(LoginError):
        PostBox(imap_server.port, imap_server.user, "wrong").connect()


def test_idle_is_pushed(imap_server: ImapServer):
    with imap_server.post_box.connect() as client:
        client.select_folder("INBOX")
        client.idle()
        imap_server.deliver(MAIL)
        pushed = client.idle_check(timeout=5)
        client.idle_done()

    assert (1, b"EXISTS") in pushed


def test_a_large_attachment(imap_server: ImapServer):
    large = MAIL + b"0123456789abcdef" * (20 * 65536)
    uid = imap_server.deliver(large)

    with imap_server.post_box.connect() as client:
        client.select_folder("INBOX", readonly=True)
        size = client.fetch([uid], ["RFC822.SIZE"])[uid][b"RFC822.SIZE"]
    assert size == len(large)


def test_mail_arrives_behind_a_closed_gate(imap_server: ImapServer, gate: Callable[[int], TcpGate]):
    door = gate(imap_server.port)
    through = PostBox(door.port, imap_server.user, imap_server.password)
    watcher = through.connect()
    watcher.select_folder("INBOX")
    watcher.idle()

    door.close()
    assert watcher.idle_check(timeout=5) == []  # imapclient hides the reset; the next command meets it
    with pytest.raises((OSError, watcher.AbortError)):
        watcher.idle_done()
    watcher.shutdown()
    with pytest.raises(ConnectionRefusedError):
        through.connect()
    uid = imap_server.deliver(MAIL)
    door.open()

    with through.connect() as again:
        again.select_folder("INBOX")
        assert again.search() == [uid]


def test_a_connection_that_ends_abruptly_leaves_no_thread():
    before = set(threading.enumerate())  # other tests of this process may have servers of their own
    with ImapServer() as server:
        for _ in range(3):
            server.post_box.connect().shutdown()
        assert server.deliver(MAIL) == 101
    assert [each.name for each in threading.enumerate() if each not in before and each.name == "ImapServer"] == []
