"""Signing in: TLS, passwords and access tokens, against a real Dovecot."""

from __future__ import annotations

import base64
import datetime as dt
import logging
import ssl
import time
from collections.abc import Iterator

import pytest
from tests.adapters.scripted_imap import ScriptedImap
from tests.servers.certificate import make_authority, make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import skip_without
from tests.servers.token_server import CLIENT, SECRET, TokenStandIn

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.adapters.token_server import TokenServer
from vigie.core.errors import Refused, TransportError
from vigie.demo.post_box import PostBox

pytestmark = pytest.mark.needs("dovecot")

MAIL = b"Subject: [KO] EOD_POS\r\n\r\n"


def trouble(mailbox: ImapMailbox) -> TransportError:
    with pytest.raises(TransportError) as failure:
        mailbox.position()
    return failure.value


def trusting(pem: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem)


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("starttls", [False, True], ids=["tls", "starttls"])
def test_tls_with_a_private_authority(dovecot: Dovecot, dovecot_box: PostBox, starttls: bool):
    dovecot_box.deliver(MAIL)
    mailbox = ImapMailbox(
        "localhost",
        dovecot.port if starttls else dovecot.tls_port,
        dovecot_box.user,
        dovecot_box.password,
        ssl=trusting(dovecot.authority.pem),
        starttls=starttls,
    )
    assert [each.raw for each in mailbox.fetch(0, 10)] == [MAIL]
    assert mailbox._connection
    assert isinstance(mailbox._connection.socket(), ssl.SSLSocket)
    assert mailbox.wait(0.05) is False
    dovecot_box.deliver(MAIL)
    assert mailbox.wait(5) is True
    mailbox.close()


@pytest.mark.parametrize("starttls", [False, True], ids=["tls", "starttls"])
def test_a_certificate_of_somebody_else_s_authority(dovecot: Dovecot, starttls: bool):
    port = dovecot.port if starttls else dovecot.tls_port
    other = trusting(make_authority("Somebody else").pem)
    error = trouble(ImapMailbox("localhost", port, "ops", SECRET, ssl=other, starttls=starttls))
    assert (type(error), error.permanent) == (TransportError, True)
    assert str(error) == (
        f"localhost:{port}/INBOX: the server's certificate is not accepted: unable to get local issuer certificate; if "
        "an authority of your own signed it, put the authority's certificate (PEM) into the connection's extra as ca_pem"
    )


def test_without_an_authority_of_its_own_the_system_s_count(dovecot: Dovecot):
    error = trouble(ImapMailbox("localhost", dovecot.tls_port, "ops", SECRET))
    assert "unable to get local issuer certificate; if an authority of your own" in str(error)


@pytest.fixture
def odd_certificate(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A Dovecot with another certificate, of its own authority."""
    skip_without(Dovecot.missing)
    server = Dovecot()
    certificate, key = make_certificate(server.certificate.parent, server.authority, **request.param)
    server.own(certificate, key)
    with server:
        yield server


@pytest.mark.parametrize(
    ("odd_certificate", "text"),
    [
        (
            {"names": ("imap.elsewhere.example",)},
            "Hostname mismatch, certificate is not valid for 'localhost'.; write the name that it was made for as host",
        ),
        ({"ends": dt.timedelta(hours=-1)}, "certificate has expired; the server's owner must renew it"),
    ],
    indirect=["odd_certificate"],
)
def test_a_certificate_that_is_not_good(odd_certificate: Dovecot, text: str):
    trust = trusting(odd_certificate.authority.pem)
    error = trouble(ImapMailbox("localhost", odd_certificate.tls_port, "ops", SECRET, ssl=trust))
    where = f"localhost:{odd_certificate.tls_port}/INBOX"
    assert str(error) == f"{where}: the server's certificate is not accepted: {text}"
    assert error.permanent


def test_a_port_without_tls_is_said_as_such(dovecot: Dovecot):
    error = trouble(ImapMailbox("localhost", dovecot.port, "ops", SECRET))
    assert str(error) == (
        f"localhost:{dovecot.port}/INBOX: the server does not begin with TLS on this port; "
        "port 993 usually does, port 143 wants starttls: true"
    )


def test_starttls_that_the_server_does_not_have_sends_no_password():
    with ScriptedImap(CAPABILITY=["* CAPABILITY IMAP4rev1", "{tag} OK done"]) as server:
        error = trouble(ImapMailbox("127.0.0.1", server.port, "ops", SECRET, starttls=True, timeout=1))
        assert str(error) == (
            f"127.0.0.1:{server.port}/INBOX: the server has no STARTTLS on this port; "
            "without starttls Vigie speaks TLS at once"
        )
        assert not [each for each in server.heard if SECRET in each or "LOGIN" in each]


def test_a_server_that_wants_tls_gets_no_password_without():
    with ScriptedImap(CAPABILITY=["* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "{tag} OK done"]) as server:
        error = trouble(ImapMailbox("127.0.0.1", server.port, "ops", SECRET, ssl=False, timeout=1))
        assert str(error) == (
            f"127.0.0.1:{server.port}/INBOX: the server takes no password without TLS; "
            "write starttls: true into the connection's extra"
        )
        assert error.permanent
        assert not [each for each in server.heard if SECRET in each]


# --- access tokens ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenStandIn]:
    with TokenStandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def checking(tokens: TokenStandIn) -> Iterator[Dovecot]:
    """A Dovecot that asks the token server of each access token whether it counts."""
    skip_without(Dovecot.missing)
    with Dovecot(token_check=tokens.introspection_url) as server:
        yield server


@pytest.fixture
def box(checking: Dovecot, tokens: TokenStandIn) -> PostBox:
    box = checking.add_user()
    tokens.user, tokens.lives, tokens.says = box.user, 3600, None
    return box


def by_token(box: PostBox, token: str | TokenServer, **more: object) -> ImapMailbox:
    return ImapMailbox("127.0.0.1", box.port, box.user, ssl=False, access_token=token, **({"timeout": 5} | more))


def test_an_access_token_that_counts(box: PostBox, tokens: TokenStandIn):
    box.deliver(MAIL)
    mailbox = by_token(box, tokens.give())
    assert [each.raw for each in mailbox.fetch(0, 10)] == [MAIL]
    mailbox.close()


def test_an_access_token_that_does_not_count_is_refused_and_not_told(box: PostBox):
    heard: list[Refused | None] = []
    token = "tok_of-yesterday"
    error = trouble(by_token(box, token, login_ended=heard.append))
    assert str(error) == (
        f"127.0.0.1:{box.port}/INBOX: [AUTHENTICATIONFAILED] Authentication failed. (status 401) (user {box.user})"
    )
    assert isinstance(error, Refused)
    assert heard == [error]


def test_the_token_of_another_mailbox_is_refused(box: PostBox, checking: Dovecot, tokens: TokenStandIn):
    other = checking.add_user()
    assert isinstance(trouble(by_token(other, tokens.give())), Refused)


def test_a_check_of_tokens_that_is_away_is_no_refusal(box: PostBox, tokens: TokenStandIn):
    with TokenStandIn() as gone:
        pass
    with Dovecot(token_check=gone.introspection_url) as server:
        error = trouble(by_token(server.add_user(), "any", timeout=10))
    assert "Temporary authentication failure" in str(error)
    assert (type(error), error.permanent) == (TransportError, False)


def test_each_login_fetches_a_token(box: PostBox, tokens: TokenStandIn):
    before = len(tokens.heard)
    mailbox = by_token(box, TokenServer(tokens.url, CLIENT, client_secret=SECRET))
    assert mailbox.position().uidnext == 1
    mailbox.close()
    assert mailbox.position().uidnext == 1
    assert len(tokens.heard) == before + 2
    mailbox.close()


def test_a_login_is_renewed_before_its_token_ends_and_nothing_is_missed(box: PostBox, tokens: TokenStandIn):
    tokens.lives = 0.5
    before = len(tokens.heard)
    mailbox = by_token(box, TokenServer(tokens.url, CLIENT, client_secret=SECRET))
    mailbox.fetch(0, 10)
    first = mailbox._connection
    mailbox.wait(0.05)
    box.deliver(MAIL)
    end = time.monotonic() + 10
    told = False
    while mailbox._connection is first or not told:
        told |= mailbox.wait(0.05)
        assert time.monotonic() < end
    assert len(tokens.heard) == before + 2
    assert len(mailbox.fetch(0, 10)) == 1
    mailbox.close()


def test_while_the_token_server_is_away_the_connection_goes_on(box: PostBox, tokens: TokenStandIn):
    tokens.lives = 0.1
    mailbox = by_token(box, TokenServer(tokens.url, CLIENT, client_secret=SECRET))
    mailbox.fetch(0, 10)
    first = mailbox._connection
    tokens.says = (503, {}, b"")
    asked = len(tokens.heard)
    while len(tokens.heard) == asked:
        mailbox.wait(0.05)
    box.deliver(MAIL)
    assert mailbox.wait(5) is True
    assert mailbox._connection is first
    assert len(tokens.heard) == asked + 1  # and it is not asked again at once
    mailbox.close()
    error = trouble(mailbox)
    assert str(error) == f"the token server {tokens.url} answers 503"
    assert not error.permanent


def test_a_grant_that_is_refused_meanwhile_is_told_at_once(box: PostBox, tokens: TokenStandIn):
    tokens.lives = 0.1
    heard: list[Refused | None] = []
    source = TokenServer(tokens.url, CLIENT, client_secret=SECRET)
    mailbox = by_token(box, source, login_ended=heard.append)
    mailbox.fetch(0, 10)
    tokens.says = (401, {}, b'{"error": "invalid_client", "error_description": "The secret has expired."}')
    with pytest.raises(Refused) as failure:
        any(mailbox.wait(0.05) for _ in range(200))
    assert str(failure.value).endswith("refuses client 'vigie': invalid_client: The secret has expired.")
    assert heard == [None, failure.value]


def test_no_log_holds_a_token_or_a_password(box: PostBox, tokens: TokenStandIn, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    token = tokens.give()
    for mailbox in (
        by_token(box, token),
        by_token(box, "tok_of-yesterday"),
        ImapMailbox("127.0.0.1", box.port, box.user, box.password, ssl=False),
        ImapMailbox("127.0.0.1", box.port, box.user, "pässword", ssl=False),
    ):
        try:
            mailbox.position()
        except Refused:
            continue
        mailbox.close()
    assert "imapclient" in caplog.text
    for secret in (token, "tok_of-yesterday", box.password, "pässword"):
        assert secret not in caplog.text
        assert base64.b64encode(secret.encode()).decode()[4:-4] not in caplog.text
