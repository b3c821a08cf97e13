"""The connection that sends mail: by password, by token, or a sentence that says what to write."""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection
from tests.servers.certificate import make_authority, make_certificate
from tests.servers.token_server import CLIENT, REFRESH, SECRET, TokenStandIn
from tests.servers.token_smtp import TokenSmtp

from vigie.core.errors import Refused, TransportError
from vigie.core.message import Message, Outbound
from vigie.demo.smtp_capture import SmtpCapture
from vigie.tasks import connections, smtp_connection

USER = "vigie@acme.example"
PLAIN = {"disable_ssl": True, "disable_tls": True, "timeout": 5}


@pytest.fixture
def tokens() -> Iterator[TokenStandIn]:
    with TokenStandIn(USER) as stand_in:
        yield stand_in


@pytest.fixture
def server(tokens: TokenStandIn) -> Iterator[TokenSmtp]:
    with TokenSmtp(tokens) as capture:
        yield capture


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(port: int, extra: dict[str, Any], **more: Any) -> None:
        fields = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "login": USER, "extra": PLAIN | extra}
        monkeypatch.setenv("AIRFLOW_CONN_VIGIE_SMTP", json.dumps(fields | more))

    return put


def by_secret(tokens: TokenStandIn, **more: Any) -> dict[str, Any]:
    return {"token_url": tokens.url, "client_id": CLIENT, "client_secret": SECRET} | more


def mail(number: int = 1) -> Outbound:
    return Outbound(
        key=f"INC-1|page|{number}", incident="INC-1", client="acme", channel="mail", purpose="page",
        recipient="anna@vigie.example", message=Message(subject=f"call {number}", text="Now."),
        claimed_at=datetime.now(UTC),
    )  # fmt: skip


def sends(number: int = 1) -> str:
    return connections.smtp_messenger().send(mail(number))


def failure(number: int = 1) -> TransportError:
    with pytest.raises(TransportError) as raised:
        sends(number)
    return raised.value


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_mail_goes_out_by_xoauth2_and_one_token_serves_many(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, by_secret(tokens))
    for number in (1, 2, 3):
        sends(number)
    assert [each.subject for each in server.mails] == ["call 1", "call 2", "call 3"]
    assert {each.mail_from for each in server.mails} == {USER}
    assert [each["grant_type"] for each in tokens.heard] == ["client_credentials"]
    assert len(set(server.shown)) == 1


def test_a_password_beside_the_token_is_not_used(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, by_secret(tokens), password="old-secret")
    sends()
    assert len(server.mails) == 1


def test_a_refresh_token_and_a_scope(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, {"token_url": tokens.url, "client_id": CLIENT, "refresh_token": REFRESH, "scope": "smtp"})
    sends()
    assert tokens.heard == [
        {"grant_type": "refresh_token", "refresh_token": REFRESH, "client_id": CLIENT, "scope": "smtp"}
    ]


def test_a_token_that_ends_between_two_mails_is_renewed(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    tokens.lives = 0.05
    vault(server.port, by_secret(tokens))
    sends(1)
    first = server.shown[-1]
    tokens.tokens[first] = 0.0
    while connections_token(tokens) == first:
        pass
    sends(2)
    assert len(server.mails) == 2
    assert server.answers == []  # no refusal was needed


def connections_token(tokens: TokenStandIn) -> str:
    """The token that the next mail would show."""
    source = smtp_connection._token(connections.find("vigie_smtp"), smtp_extra())
    assert not isinstance(source, str | None)
    return source.fetch().text


def smtp_extra() -> smtp_connection.SmtpExtra:
    return smtp_connection.read_extra(connections.find("vigie_smtp"), smtp_connection.SmtpExtra)


def test_a_token_that_was_revoked_before_its_time_is_renewed_too(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, by_secret(tokens))
    sends(1)
    tokens.tokens.clear()
    sends(2)
    assert len(server.mails) == 2
    assert len(tokens.heard) == 2
    assert server.answers == [b""]  # the JSON of a refusal wants an empty answer, not the token again


def test_a_mailbox_that_refuses_every_token_is_a_sign_in_that_is_refused(
    tokens: TokenStandIn, server: TokenSmtp, vault: Any
):
    vault(server.port, by_secret(tokens))
    server.says = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant"
    error = failure()
    assert isinstance(error, Refused)
    assert str(error) == (
        "mail to anna@vigie.example: the login was refused: 535 5.7.139 Authentication unsuccessful, "
        "SmtpClientAuthentication is disabled for the Tenant (status 401)"
    )
    tried = len(server.shown)
    assert str(failure()).startswith("mail: the login was refused: 535 5.7.139 ")
    assert len(server.shown) == tried  # the same is not tried again at once


def test_a_token_server_that_refuses_us_is_a_sign_in_that_is_refused(
    tokens: TokenStandIn, server: TokenSmtp, vault: Any
):
    vault(server.port, by_secret(tokens, client_secret="ended"))
    error = failure()
    assert isinstance(error, Refused)
    assert str(error) == f"the token server {tokens.url} refuses client 'vigie': invalid_client: *** is wrong"


def test_a_token_server_that_is_away_is_none(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, by_secret(tokens))
    tokens.says = (503, {"Retry-After": "7"}, b"")
    error = failure()
    assert (type(error), error.permanent, error.retry_after) == (TransportError, False, 7.0)


def test_a_good_credential_counts_at_once(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, by_secret(tokens, client_secret="ended"))
    failure()
    vault(server.port, by_secret(tokens))
    sends()
    assert len(server.mails) == 1


def test_a_token_of_ones_own(tokens: TokenStandIn, server: TokenSmtp, vault: Any):
    vault(server.port, {"access_token": tokens.give()})
    sends()
    assert len(server.mails) == 1


def test_over_tls_with_an_authority_of_ones_own(tokens: TokenStandIn, tmp_path: Path, vault: Any):
    authority = make_authority()
    offered = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    offered.load_cert_chain(*make_certificate(tmp_path, authority))
    with TokenSmtp(tokens, tls=offered) as server:
        vault(server.port, by_secret(tokens, ca_pem=authority.pem, disable_tls=False))
        sends()
        assert len(server.mails) == 1
        vault(server.port, by_secret(tokens, disable_tls=False))
        assert "CERTIFICATE_VERIFY_FAILED" in str(failure())


def test_no_log_holds_a_token_or_a_secret(
    tokens: TokenStandIn, server: TokenSmtp, vault: Any, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    vault(server.port, by_secret(tokens))
    sends()
    server.says = "535 5.7.3 no"
    failure(2)
    for secret in (SECRET, *server.shown):
        assert secret not in caplog.text


# --- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["smtp-secret", "schlüssel €"])
def test_a_password(vault: Any, password: str):
    with SmtpCapture(user=USER, password=password) as server:
        vault(server.port, {}, password=password)
        sends()
        assert len(server.mails) == 1
        vault(server.port, {}, password=f"not {password}")
        error = failure(2)
        assert isinstance(error, Refused)
        assert "the login was refused: 535 5.7.8" in str(error)


def test_no_password_is_no_sign_in(vault: Any):
    with SmtpCapture() as server:
        vault(server.port, {})
        sends()
        assert len(server.mails) == 1


def test_a_server_that_takes_no_password_any_more_refuses_our_sign_in(tokens: TokenStandIn, vault: Any):
    with TokenSmtp(tokens) as server:
        vault(server.port, {}, password="smtp-secret")
        error = failure()
    assert isinstance(error, Refused)
    assert str(error) == (
        "mail to anna@vigie.example: the login was refused: 504 the server takes no sign-in by password: it offers XOAUTH2"
    )


def test_a_server_without_xoauth2_refuses_our_sign_in(tokens: TokenStandIn, vault: Any):
    with SmtpCapture(user=USER, password="x") as server:
        vault(server.port, by_secret(tokens))
        error = failure()
    assert isinstance(error, Refused)
    assert str(error) == (
        "mail to anna@vigie.example: the login was refused: 504 the server takes no sign-in by access token (XOAUTH2): "
        "it offers LOGIN, PLAIN"
    )


# --- what is written ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (
            {"auth_type": "oauth2"},
            "says auth_type 'oauth2' and has no token; write token_url, client_id and client_secret",
        ),
        ({"client_id": "vigie"}, "has client_id without token_url"),
        (
            {"token_url": "https://login.example/token"},
            "has a token_url; write client_id with it, and client_secret or refresh_token",
        ),
        ({"token_uri": "https://login.example/token"}, "has 'token_uri', which is nothing; is 'token_url' meant?"),
        ([], 'must be names and values in JSON, as {"from_email": "vigie@acme.example"}'),
    ],
)
def test_an_extra_that_cannot_be_meant_so(extra: Any, said: str):
    given = Connection(conn_id="vigie_smtp", conn_type="smtp", host="127.0.0.1", login=USER, extra=json.dumps(extra))
    with pytest.raises(TransportError) as wrong:
        smtp_connection.open_smtp(given)
    assert str(wrong.value) == f"the extra of the connection 'vigie_smtp' {said}"
    assert isinstance(wrong.value, Refused)  # or the call would be given up as one that its recipient refuses


def test_a_token_without_a_login():
    extra = json.dumps({"access_token": "x"})
    given = Connection(conn_id="vigie_smtp", conn_type="smtp", host="127.0.0.1", extra=extra)
    with pytest.raises(TransportError) as wrong:
        smtp_connection.open_smtp(given)
    assert str(wrong.value) == "the connection 'vigie_smtp' has a token and no login; write the mailbox's address"


def test_airflows_own_keys_mean_microsofts_token_server():
    extra = {"auth_type": "oauth2", "tenant_id": "acme", "client_id": "a", "client_secret": "b"}
    given = Connection(conn_id="vigie_smtp", conn_type="smtp", login=USER, extra=json.dumps(extra))
    source = smtp_connection._token(given, smtp_connection.read_extra(given, smtp_connection.SmtpExtra))
    assert repr(source) == "KeptToken(TokenServer(https://login.microsoftonline.com/acme/oauth2/v2.0/token))"


def test_the_hook_still_leaves_the_sign_in_to_us():
    given = Connection(conn_id="vigie_smtp", conn_type="smtp", host="127.0.0.1", login=USER, password="x")
    hook = smtp_connection.UnsignedHook(given, None)
    assert hook.smtp_password == ""
    assert issubclass(smtplib.SMTP_SSL, smtplib.SMTP)
