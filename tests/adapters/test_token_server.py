"""A token server that answers, refuses, or is not what it should be."""

from __future__ import annotations

import logging
import socket
import ssl
from pathlib import Path

import pytest
from tests.servers.certificate import make_authority, make_certificate
from tests.servers.token_server import CLIENT, REFRESH, SECRET, TokenStandIn

from vigie.adapters.token_server import TokenServer
from vigie.core.errors import Refused, TransportError


def ours(stand_in: TokenStandIn, **more: str) -> TokenServer:
    return TokenServer(stand_in.url, CLIENT, **({"client_secret": SECRET} | more))


def trouble(server: TokenServer) -> TransportError:
    with pytest.raises(TransportError) as failure:
        server.fetch()
    assert SECRET not in str(failure.value)
    assert REFRESH not in str(failure.value)
    return failure.value


def test_the_client_s_own_credentials_give_a_token():
    with TokenStandIn() as stand_in:
        token = ours(stand_in, scope="https://outlook.office365.com/.default").fetch()
        assert (token.text in stand_in.tokens, token.seconds) == (True, 3600)
        assert stand_in.heard == [
            {
                "grant_type": "client_credentials",
                "client_id": CLIENT,
                "client_secret": SECRET,
                "scope": "https://outlook.office365.com/.default",
            }
        ]


def test_a_refresh_token_gives_a_token_and_the_one_that_replaces_it_the_next():
    with TokenStandIn() as stand_in:
        stand_in.rotates = True
        server = ours(stand_in, refresh_token=REFRESH)
        first, second = server.fetch(), server.fetch()
        assert first.text != second.text
        assert [each["grant_type"] for each in stand_in.heard] == ["refresh_token"] * 2
        assert stand_in.heard[0]["refresh_token"] == REFRESH
        assert stand_in.heard[1]["refresh_token"] not in {REFRESH, stand_in.refresh_token}


@pytest.mark.parametrize("written", [b'"60"', b"60", b"60.0"])
def test_how_long_a_token_lives_may_be_written_as_text(written: bytes):
    with TokenStandIn() as stand_in:
        stand_in.says = (200, {}, b'{"access_token": "x", "expires_in": ' + written + b"}")
        assert ours(stand_in).fetch().seconds == 60


@pytest.mark.parametrize("written", [b"null", b'"soon"', b"-1", b"0", b"1e300", b"[]"])
def test_a_lifetime_that_is_none_is_not_known(written: bytes):
    with TokenStandIn() as stand_in:
        stand_in.says = (200, {}, b'{"access_token": "x", "expires_in": ' + written + b"}")
        assert ours(stand_in).fetch().seconds is None


def test_a_wrong_secret_is_refused_and_not_told():
    with TokenStandIn() as stand_in:
        error = trouble(TokenServer(stand_in.url, CLIENT, client_secret="wr0ng"))
        assert isinstance(error, Refused)
        assert str(error) == f"the token server {stand_in.url} refuses client 'vigie': invalid_client: *** is wrong"


def test_a_refresh_token_that_was_revoked_is_refused_and_not_told():
    with TokenStandIn() as stand_in:
        error = trouble(ours(stand_in, refresh_token="0ld"))
        assert isinstance(error, Refused)
        assert str(error).endswith("refuses client 'vigie': invalid_grant: the token *** was revoked")


@pytest.mark.parametrize(
    ("says", "text", "permanent", "retry_after"),
    [
        ((503, {}, b"busy"), "answers 503", False, None),
        ((503, {"Retry-After": "20"}, b""), "answers 503", False, 20),
        ((429, {}, b""), "answers 429", False, 15),
        ((429, {"Retry-After": "99999"}, b""), "answers 429", False, 1800),
        ((400, {}, b'{"error": "temporarily_unavailable"}'), "answers 400: temporarily_unavailable", False, None),
        ((404, {}, b"<html>"), "answers 404 and no token; is that address the token_url?", True, None),
        ((302, {"Location": "/sign-in"}, b""), "answers 302 and no token; is that address the token_url?", False, None),
        ((200, {}, b"<html>"), "answers 200 and no token; is that address the token_url?", False, None),
        ((200, {}, b"[" * 100_000), "answers 200 and no token; is that address the token_url?", False, None),
        ((200, {}, b'{"access_token": 7}'), "answers 200 and no token; is that address the token_url?", False, None),
    ],
)
def test_a_server_that_gives_none(
    says: tuple[int, dict[str, str], bytes], text: str, permanent: bool, retry_after: float | None
):
    with TokenStandIn() as stand_in:
        stand_in.says = says
        error = trouble(ours(stand_in))
        assert str(error) == f"the token server {stand_in.url} {text}"
        assert (type(error), error.permanent, error.retry_after) == (TransportError, permanent, retry_after)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as once:
        url = f"http://127.0.0.1:{once.getsockname()[1]}/token"
    error = trouble(TokenServer(url, CLIENT, client_secret=SECRET))
    assert str(error) == f"the token server {url} does not answer (ConnectError)"
    assert not error.permanent


def test_a_server_that_hangs():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/token"
        error = trouble(TokenServer(url, CLIENT, client_secret=SECRET, timeout=0.1))
    assert str(error) == f"the token server {url} does not answer (ReadTimeout)"


def test_a_private_authority(tmp_path: Path):
    authority = make_authority()
    with TokenStandIn(certificate=make_certificate(tmp_path, authority)) as stand_in:
        trust = ssl.create_default_context(cadata=authority.pem)
        assert TokenServer(stand_in.url, CLIENT, client_secret=SECRET, trust=trust).fetch().text in stand_in.tokens
        error = trouble(ours(stand_in))
        assert error.permanent
        assert str(error) == (
            f"the certificate of the token server {stand_in.url} is not accepted; if an authority of your own signed it, "
            "put the authority's certificate (PEM) into the connection's extra as ca_pem"
        )


def test_a_secret_is_not_sent_in_the_clear():
    with pytest.raises(TransportError) as failure:
        TokenServer("http://user:pw@login.example/token?x=1", CLIENT, client_secret=SECRET)
    assert str(failure.value) == "the token_url http://login.example/token must begin with https://"
    assert failure.value.permanent


def test_no_log_and_no_name_holds_a_secret(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with TokenStandIn() as stand_in:
        server = ours(stand_in, refresh_token=REFRESH)
        token = server.fetch()
        heard = caplog.text + repr(server) + repr(token)
    assert not [each for each in (SECRET, REFRESH, token.text) if each in heard]
