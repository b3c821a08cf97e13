"""What only the real mailbox has: a server that may misbehave."""

from __future__ import annotations

import base64
import socket
import time
from datetime import UTC, datetime

import pytest
from tests.adapters.scripted_imap import ScriptedImap, seconds
from tests.servers.dovecot import Dovecot

from vigie.adapters.imap_connection import ImapConnection
from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import Refused, TransportError
from vigie.core.ports import Mailbox
from vigie.demo.post_box import PostBox

SECRET = "s3cret-of-the-vault"
MAIL = b"Subject: [KO] EOD_POS\r\n\r\n"


def scripted(server: ScriptedImap, **more: object) -> ImapMailbox:
    return ImapMailbox("127.0.0.1", server.port, "ops", SECRET, ssl=False, **({"timeout": 1.0} | more))


def text_of(failing: Mailbox) -> tuple[str, TransportError]:
    with pytest.raises(TransportError) as failure:
        failing.position()
    assert SECRET not in repr(failure.value)
    return str(failure.value), failure.value


# --- logging in -------------------------------------------------------------------------------------------------------


@pytest.mark.needs("dovecot")
def test_a_wrong_password_is_refused_and_not_told(dovecot: Dovecot, dovecot_box: PostBox):
    text, error = text_of(ImapMailbox("127.0.0.1", dovecot.port, dovecot_box.user, SECRET, ssl=False))
    wanted = f"127.0.0.1:{dovecot.port}/INBOX: [AUTHENTICATIONFAILED] Authentication failed. (user {dovecot_box.user})"
    assert text == wanted
    assert isinstance(error, Refused)
    assert error.permanent


@pytest.mark.needs("dovecot")
def test_a_password_beyond_ascii(dovecot: Dovecot):
    box = dovecot.add_user(password="mot de passé")
    mailbox = ImapMailbox("127.0.0.1", dovecot.port, box.user, box.password, ssl=False)
    assert mailbox.position().uidnext == 1
    mailbox.close()


def test_an_access_token_logs_in_by_xoauth2():
    with ScriptedImap(AUTHENTICATE=["+ "]) as server:
        token = base64.b64encode(f"user=ops\1auth=Bearer {SECRET}\1\1".encode()).decode()
        server.answers[token] = ["{tag} OK done"]
        mailbox = scripted(server, access_token=SECRET)
        assert mailbox.position().uidnext == 42
        assert any("AUTHENTICATE XOAUTH2" in each for each in server.heard)
        assert server.count("LOGIN") == 0
        mailbox.close()


def test_a_refused_access_token():
    with ScriptedImap(AUTHENTICATE=["{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"]) as server:
        text, error = text_of(scripted(server, access_token=SECRET))
        assert isinstance(error, Refused)
        assert "Invalid credentials (Failure)" in text


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("{tag} NO LOGIN failed.", True),  # Exchange Online
        ("{tag} NO [AUTHENTICATIONFAILED] Authentication failed.", True),
        ("{tag} NO [UNAVAILABLE] Temporary authentication failure.", False),  # Dovecot, its own database is away
        ("{tag} NO [LIMIT] Too many simultaneous connections.", False),
        ("drop", False),
        ("hang", False),
    ],
)
def test_only_a_refused_credential_is_refused(answer: str, refused: bool):
    with ScriptedImap(LOGIN=[answer]) as server:
        _, error = text_of(scripted(server, timeout=0.3))
        assert isinstance(error, Refused) is refused
        assert error.permanent is refused


def test_a_server_that_repeats_the_password_does_not_make_us_repeat_it():
    with ScriptedImap(LOGIN=[f"{{tag}} NO wrong password {SECRET}"]) as server:
        text, _ = text_of(scripted(server))
        assert text == f"127.0.0.1:{server.port}/INBOX: wrong password *** (user ops)"


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    text, error = text_of(ImapMailbox("127.0.0.1", port, "ops", SECRET, ssl=False))
    assert text == f"127.0.0.1:{port}/INBOX: [Errno 111] Connection refused"
    assert not error.permanent


def test_a_name_that_nobody_knows():
    text, _ = text_of(ImapMailbox("imap.invalid", 993, "ops", SECRET, ssl=True))
    assert text.startswith("imap.invalid:993/INBOX: [Errno -")


def test_what_a_mailbox_is_called_holds_no_secret():
    assert repr(ImapMailbox("imap.example", 993, "ops", SECRET)) == "ImapMailbox(imap.example:993/INBOX)"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.needs("dovecot")
def test_reading_marks_nothing(dovecot: Dovecot, dovecot_box: PostBox):
    dovecot_box.deliver_all([MAIL, MAIL + b"x" * 5000])
    mailbox = ImapMailbox(
        "127.0.0.1", dovecot.port, dovecot_box.user, dovecot_box.password, ssl=False, limit_bytes=1000
    )
    assert len(mailbox.fetch(0, 10)) == 2
    mailbox.close()
    with dovecot_box.connect() as client:
        client.select_folder("INBOX", readonly=True)
        assert len(client.search("UNSEEN")) == 2


@pytest.mark.needs("dovecot")
def test_twenty_megabytes_are_not_read_whole(dovecot: Dovecot, dovecot_box: PostBox):
    dovecot_box.deliver_all([MAIL + b"x" * 20_000_000, MAIL])
    mailbox = ImapMailbox("127.0.0.1", dovecot.port, dovecot_box.user, dovecot_box.password, ssl=False)
    big, small = mailbox.fetch(0, 10)
    assert (len(big.raw), big.size) == (5_000_000, 20_000_000 + len(MAIL))
    assert small.raw == MAIL
    mailbox.close()


def test_commands_leave_at_once():
    with ScriptedImap() as server:
        mailbox = scripted(server)
        mailbox.position()
        assert mailbox._connection
        # imapclient writes a command in two pieces: with Nagle's algorithm each search costs 40 ms
        assert mailbox._connection.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert mailbox._connection.socket().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        mailbox.close()


def test_a_big_folder_is_searched_in_pieces():
    with ScriptedImap(EXAMINE=["* OK [UIDVALIDITY 7] -", "* OK [UIDNEXT 4000000] -", "{tag} OK done"]) as server:
        mailbox = scripted(server)
        assert list(mailbox.fetch(0, 10)) == []
        asked = [each.split(" ", 1)[1] for each in server.heard if "UID SEARCH" in each]
        assert asked[:2] == ["UID SEARCH UID 1:10000", "UID SEARCH UID 10001:30000"]
        assert asked[-1] == "UID SEARCH UID 2550001:*"
        assert len(asked) < 12
        mailbox.close()


def test_the_mails_of_the_day_before_are_told_apart_by_the_hundred():
    head = '* {uid} FETCH (UID {uid} INTERNALDATE "22-Nov-2025 03:04:05 +0000")'
    with ScriptedImap(
        EXAMINE=["* OK [UIDVALIDITY 7] -", "* OK [UIDNEXT 1001] -", "{tag} OK done"],
        UID_SEARCH=["* SEARCH " + " ".join(map(str, range(1, 1001))), "{tag} OK done"],
        UID_FETCH=[*[head.replace("{uid}", str(uid)) for uid in range(1, 1001)], "{tag} OK done"],
    ) as server:
        mailbox = scripted(server)
        assert list(mailbox.fetch_since(datetime(2025, 11, 23, 1, tzinfo=UTC), 0, 1)) == []
        assert server.count("UID FETCH") == 2
        mailbox.close()


def test_uids_of_before_mean_nothing_after_a_rebuilt_mailbox_was_reached_again():
    with ScriptedImap() as server:
        mailbox = scripted(server)
        assert mailbox.position().uidvalidity == 7
        server.drop()
        with pytest.raises(TransportError):
            mailbox.fetch(41, 10)
        server.answers["EXAMINE"] = ["* 1 EXISTS", "* OK [UIDVALIDITY 8] -", "* OK [UIDNEXT 2] -", "{tag} OK done"]
        for act in (lambda: mailbox.fetch(41, 10), lambda: mailbox.wait(1), lambda: mailbox.fetch(41, 10)):
            with pytest.raises(TransportError) as failure:
                act()
            assert str(failure.value) == (
                f"127.0.0.1:{server.port}/INBOX: the folder was rebuilt while we were away (another UIDVALIDITY)"
            )
        assert mailbox.position().uidvalidity == 8
        assert list(mailbox.fetch(0, 10)) == []
        mailbox.close()


def test_the_last_mail_of_all_is_not_a_new_one():
    with ScriptedImap(UID_SEARCH=["* SEARCH 41", "{tag} OK done"]) as server:
        mailbox = scripted(server)
        assert list(mailbox.fetch(41, 10)) == []
        assert server.count("UID FETCH") == 0
        mailbox.close()


def test_a_server_that_leaves_out_uidnext_is_asked_for_it():
    with ScriptedImap(
        EXAMINE=["* 0 EXISTS", "* OK [UIDVALIDITY 7] -", "{tag} OK done"],
        STATUS=['* STATUS "INBOX" (UIDVALIDITY 7 UIDNEXT 43)', "{tag} OK done"],
    ) as server:
        mailbox = scripted(server)
        assert mailbox.position().uidnext == 43
        mailbox.close()


def test_an_answer_that_is_no_imap_is_a_transport_error():
    with ScriptedImap(EXAMINE=["<html>", "{tag} OK done"]) as server:
        text, _ = text_of(scripted(server))
        assert text.startswith(f"127.0.0.1:{server.port}/INBOX: ")


# --- waiting ----------------------------------------------------------------------------------------------------------


def waiting(server: ScriptedImap, **more: object) -> ImapMailbox:
    """A mailbox that has read everything."""
    mailbox = scripted(server, **more)
    mailbox.fetch(41, 10)
    return mailbox


def test_idle_stays_open_from_one_wait_to_the_next():
    with ScriptedImap() as server:
        mailbox = waiting(server)
        assert not any(mailbox.wait(0.02) for _ in range(10))
        assert (server.count("IDLE"), server.count("DONE"), server.count("NOOP")) == (1, 0, 1)
        mailbox.fetch(41, 10)
        assert server.count("DONE") == 1
        mailbox.close()


def test_news_in_the_same_packet_as_the_answer_to_idle():
    with ScriptedImap(IDLE=["+ idling", "* 2 EXISTS"]) as server:
        mailbox = waiting(server)
        assert seconds(lambda: mailbox.wait(5)) < 2
        assert server.count("IDLE") == 1
        mailbox.close()


def test_news_before_the_answer_to_idle():
    with ScriptedImap(IDLE=["* 2 EXISTS", "+ idling"]) as server:
        mailbox = waiting(server)
        assert mailbox.wait(5) is True
        mailbox.close()


def test_news_at_the_end_of_the_answer_to_a_search():
    with ScriptedImap(UID_SEARCH=["* SEARCH", "* 2 EXISTS", "{tag} OK done"]) as server:
        mailbox = waiting(server)
        assert mailbox.wait(0) is True
        mailbox.close()


def test_what_is_no_mail_is_no_news():
    with ScriptedImap() as server:
        mailbox = waiting(server)
        mailbox.wait(0.02)
        server.push("* OK Still here\r\n* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")
        assert mailbox.wait(0.1) is False
        server.push("* 1 EX")
        server.push("ISTS\r\n")
        assert mailbox.wait(5) is True
        mailbox.close()


def test_half_a_line_is_waited_for():
    with ScriptedImap() as server:
        mailbox = waiting(server, timeout=0.3)
        mailbox.wait(0.02)
        server.push("* 2 EXI")
        with pytest.raises(TransportError):  # the rest never comes
            mailbox.wait(0.1)
        mailbox.close()


def test_a_server_without_idle_is_asked():
    with ScriptedImap(CAPABILITY=["* CAPABILITY IMAP4rev1", "{tag} OK done"]) as server:
        mailbox = waiting(server)
        assert mailbox.wait(0.05) is False
        assert mailbox.wait(0.05) is False
        assert (server.count("NOOP"), server.count("IDLE")) == (1, 0)
        mailbox.close()
        server.answers["NOOP"] = ["* 2 EXISTS", "{tag} OK done"]
        mailbox.fetch(41, 10)
        assert mailbox.wait(5) is True
        mailbox.close()


def test_where_idle_is_not_trusted_it_is_never_used():
    with ScriptedImap() as server:
        mailbox = waiting(server, poll_every=0.05)
        assert mailbox.wait(0.3) is False
        assert (server.count("NOOP") >= 3, server.count("IDLE")) == (True, 0)
        server.answers["NOOP"] = ["* 2 EXISTS", "{tag} OK done"]
        assert mailbox.wait(5) is True
        mailbox.close()


def test_an_idle_is_renewed_in_time_although_the_server_is_not_silent():
    with ScriptedImap() as server:
        connection = ImapConnection("127.0.0.1", server.port, secure=False, timeout=1)
        connection.re_idle_after = 0.2
        connection.login("ops", SECRET)
        connection.select_folder("INBOX", readonly=True)
        connection.exists_came()
        end = time.monotonic() + 5
        while server.count("IDLE") < 3:
            assert connection.listen(0.02, quiet_after=60) is False
            if connection._idle_since is not None:
                server.push("* OK Still here\r\n")
            assert time.monotonic() < end
        assert server.count("DONE") >= 2
        connection.end(polite=True)


def test_silence_is_asked_for_a_sign_of_life():
    with ScriptedImap() as server:
        mailbox = waiting(server, quiet_after=0.05)
        assert mailbox.wait(0.5) is False
        assert server.count("DONE") >= 2
        assert server.count("IDLE") >= 2
        mailbox.close()


def test_a_peer_that_gives_no_sign_of_life_is_gone():
    with ScriptedImap(DONE=["hang"]) as server:
        mailbox = waiting(server, quiet_after=0.05, timeout=0.2)
        with pytest.raises(TransportError) as failure:
            mailbox.wait(5)
        assert str(failure.value) == f"127.0.0.1:{server.port}/INBOX: timed out"


def test_a_connection_that_the_server_ends_is_noticed_at_once():
    with ScriptedImap() as server:
        mailbox = waiting(server)
        mailbox.wait(0.02)
        server.drop()
        with pytest.raises(TransportError) as failure:
            mailbox.wait(5)
        assert str(failure.value) == f"127.0.0.1:{server.port}/INBOX: the server closed the connection"
        assert mailbox.position().uidnext == 42  # the next call connects again
        mailbox.close()


def test_a_server_that_says_goodbye():
    with ScriptedImap() as server:
        mailbox = waiting(server)
        mailbox.wait(0.02)
        server.push("* BYE Server shutting down.\r\n")
        with pytest.raises(TransportError) as failure:
            mailbox.wait(5)
        assert str(failure.value) == f"127.0.0.1:{server.port}/INBOX: BYE Server shutting down."


def test_a_server_that_ends_the_idle_itself_is_told_to_idle_again():
    with ScriptedImap() as server:
        mailbox = waiting(server)
        mailbox.wait(0.02)
        tag = next(each.split()[0] for each in server.heard if each.endswith(" IDLE"))
        server.push(f"{tag} OK IDLE expired\r\n")
        assert mailbox.wait(0.1) is False
        mailbox.wait(0.02)
        assert server.count("IDLE") == 2
        mailbox.close()


def test_a_refused_idle_is_a_transport_error():
    with ScriptedImap(IDLE=["{tag} NO not now"]) as server:
        mailbox = waiting(server)
        with pytest.raises(TransportError, match="IDLE was refused"):
            mailbox.wait(5)


@pytest.mark.parametrize("command", ["DONE", "LOGOUT"])
def test_close_does_not_wait_for_a_server_that_hangs(command: str):
    with ScriptedImap(**{command: ["hang"]}) as server:
        mailbox = waiting(server, timeout=30.0)
        mailbox.wait(0.02)
        assert seconds(mailbox.close) < 3
