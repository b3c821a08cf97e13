"""What servers say when they do not want us, in their own words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.adapters.scripted_imap import ScriptedImap
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import skip_without

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import Refused, TransportError

LIMITED = "(the server limits us: it is left alone for a while)"


def trouble(mailbox: ImapMailbox) -> TransportError:
    with pytest.raises(TransportError) as failure:
        mailbox.position()
    return failure.value


@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        ("{tag} NO [LIMIT] Too many logins.", 15),
        ("{tag} NO [ALERT] Too many simultaneous connections. (Failure)", 15),  # Gmail
        ("{tag} NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded", 15),  # Dovecot
        ("{tag} NO [THROTTLED] Account exceeded command or bandwidth limits.", 15),  # Gmail
        ("{tag} BAD Request is throttled. Suggested Backoff Time: 87463 milliseconds", 87.463),  # Exchange Online
        ("{tag} BAD Request is throttled. Suggested Backoff Time: 999999999999 milliseconds", 1800),
        ("{tag} BAD Request is throttled. Suggested Backoff Time: 0 milliseconds", 1),
        ("* BYE [ALERT] Too many connections, slow down", 15),
    ],
)
def test_a_limit_says_how_long_we_stay_away(answer: str, retry_after: float):
    with ScriptedImap(LOGIN=[answer, "drop"] if answer.startswith("*") else [answer]) as server:
        error = trouble(ImapMailbox("127.0.0.1", server.port, "ops", "s3cret", ssl=False, timeout=1))
        assert (type(error), error.permanent, error.retry_after) == (TransportError, False, retry_after)
        assert str(error).startswith(f"127.0.0.1:{server.port}/INBOX: ")
        assert str(error).endswith(LIMITED)


@pytest.mark.parametrize("command", ["EXAMINE", "UID SEARCH", "NOOP"])
def test_a_limit_in_the_middle_of_the_work(command: str):
    answers = {command.replace(" ", "_"): ["{tag} NO [LIMIT] Request is throttled."]}
    with ScriptedImap(**answers) as server:
        mailbox = ImapMailbox("127.0.0.1", server.port, "ops", "s3cret", ssl=False, timeout=1)
        with pytest.raises(TransportError) as failure:
            mailbox.fetch(41, 10), mailbox.wait(0.1), mailbox.wait(0.1)
        assert failure.value.retry_after == 15
        mailbox.close()


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "SERVERBUG"])
def test_a_server_in_trouble_is_neither_a_limit_nor_a_refusal(code: str):
    with ScriptedImap(LOGIN=[f"{{tag}} NO [{code}] Try later."]) as server:
        error = trouble(ImapMailbox("127.0.0.1", server.port, "ops", "s3cret", ssl=False, timeout=1))
        assert (type(error), error.permanent, error.retry_after) == (TransportError, False, None)
        assert str(error) == f"127.0.0.1:{server.port}/INBOX: [{code}] Try later."


@pytest.mark.parametrize("line", ["* BYE Too many connections", "* BYE [UNAVAILABLE] Server is busy"])
def test_a_greeting_that_is_a_goodbye(line: str):
    with ScriptedImap(greeting=[line]) as server:
        error = trouble(ImapMailbox("127.0.0.1", server.port, "ops", "s3cret", ssl=False, timeout=1))
        assert not isinstance(error, Refused)
        assert line in str(error)
        assert (error.retry_after == 15) == ("Too many" in line)


@pytest.fixture(scope="module")
def for_one() -> Iterator[Dovecot]:
    """A Dovecot that lets each user in once."""
    skip_without(Dovecot.missing)
    with Dovecot("mail_max_userip_connections = 1\n") as server:
        yield server


@pytest.mark.needs("dovecot")
def test_one_connection_too_many(for_one: Dovecot):
    box = for_one.add_user()
    with box.connect():
        error = trouble(ImapMailbox("127.0.0.1", box.port, box.user, box.password, ssl=False, timeout=5))
    assert "Maximum number of connections from user+IP exceeded" in str(error)
    assert (type(error), error.permanent, error.retry_after) == (TransportError, False, 15)
