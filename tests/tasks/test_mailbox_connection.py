"""The connection of a mailbox becomes the mailbox, or a sentence that says what to write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection
from tests.adapters.scripted_imap import ScriptedImap
from tests.servers.certificate import make_authority
from tests.servers.dovecot import JUNK, Dovecot
from tests.servers.fixtures import skip_without
from tests.servers.token_server import CLIENT, REFRESH, SECRET, TokenStandIn

from vigie.core.errors import Refused, TransportError
from vigie.demo.post_box import PostBox
from vigie.tasks import connections


def connection(extra: dict[str, Any] | str, **more: Any) -> Connection:
    text = extra if isinstance(extra, str) else json.dumps(extra)
    fields = {"conn_id": "acme_ops", "conn_type": "imap", "host": "localhost", "login": "ops"}
    return Connection(**(fields | more), extra=text)


def to(box: PostBox, extra: dict[str, Any], port: int | None = None) -> Connection:
    return connection(extra, port=port or box.port, login=box.user, password=box.password)


def works(given: Connection) -> bool:
    mailbox = connections.mailbox(given, "INBOX")
    uidnext = mailbox.position().uidnext
    mailbox.close()
    return uidnext == 1


def wrong(given: Connection) -> TransportError:
    with pytest.raises(TransportError) as failure:
        works(given)
    return failure.value


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.mark.needs("dovecot")
def test_the_authority_as_a_text_or_as_a_file(dovecot: Dovecot, dovecot_box: PostBox, tmp_path: Path) -> None:
    pem = dovecot.authority.pem
    file = tmp_path / "ca.pem"
    file.write_text(pem)
    for extra in ({"ca_pem": pem}, {"ca_pem": pem.replace("\n", "\\n")}, {"ca_file": str(file)}):
        assert works(to(dovecot_box, extra, dovecot.tls_port))
        assert works(to(dovecot_box, extra | {"starttls": True}))
        assert works(to(dovecot_box, extra | {"starttls": "yes", "use_ssl": "false"}))


@pytest.mark.needs("dovecot")
def test_the_clear_only_where_it_is_asked_for(dovecot_box: PostBox) -> None:
    assert works(to(dovecot_box, {"use_ssl": False}))
    assert "does not begin with TLS on this port" in str(wrong(to(dovecot_box, {})))


@pytest.mark.needs("dovecot")
def test_another_authority_says_what_to_do(dovecot: Dovecot, dovecot_box: PostBox) -> None:
    error = wrong(to(dovecot_box, {"ca_pem": make_authority("Other").pem}, dovecot.tls_port))
    assert error.permanent
    assert str(error).endswith("put the authority's certificate (PEM) into the connection's extra as ca_pem")


@pytest.mark.needs("dovecot")
@pytest.mark.parametrize(
    ("extra", "folder"),
    [
        ({}, JUNK),
        ({"junk": True}, JUNK),
        ({"junk": "yes"}, JUNK),
        ({"junk": "Filtered"}, "Filtered"),
        ({"junk": False}, None),
        ({"junk": "false"}, None),
    ],
)
def test_the_junk_folder_may_be_named_or_switched_off(
    dovecot_with_junk: Dovecot, extra: dict[str, Any], folder: str | None
) -> None:
    box = dovecot_with_junk.add_user()
    with box.connect() as client:
        client.create_folder("Filtered")
    mailbox = connections.mailbox(to(box, {"use_ssl": False} | extra), "INBOX")
    found = mailbox.junk()
    mailbox.close()
    assert (found.folder if found else None) == folder


@pytest.mark.parametrize(
    ("extra", "port"),
    [
        ({}, 993),
        ({"starttls": True}, 143),
        ({"use_ssl": False}, 143),
        ({"use_ssl": "on", "ssl_context": "default"}, 993),
    ],
)
def test_the_usual_ports(extra: dict[str, Any], port: int) -> None:
    assert repr(connections.mailbox(connection(extra), "Été")) == f"ImapMailbox(localhost:{port}/Été)"


@pytest.mark.parametrize(
    ("extra", "text"),
    [
        ("{not json", "is not JSON (line 1, column 2: Expecting property name enclosed in double quotes)"),
        ("[1]", 'must be names and values in JSON, as {"starttls": true}'),
        ({"use_tls": False}, "has 'use_tls', which is nothing; is 'use_ssl' meant?"),
        ({"start_tls": True}, "has 'start_tls', which is nothing; is 'starttls' meant?"),
        ({"client-secret": "s3cret"}, "has 'client-secret', which is nothing; is 'client_secret' meant?"),
        (
            {"use_ssl": "flase", "poll_every": 0},
            (
                "cannot be read: use_ssl: Input should be a valid boolean, unable to interpret input; "
                "poll_every: Input should be greater than or equal to 1"
            ),
        ),
        (
            {"ca_file": "/nowhere/ca.pem"},
            (
                "has a ca_file that cannot be read ([Errno 2] No such file or directory); "
                "write the text from -----BEGIN CERTIFICATE----- on"
            ),
        ),
        ({"client_secret": "s3cret", "client_id": "x"}, "has client_id and client_secret without token_url"),
        ({"token_url": "https://x", "access_token": "s3cret"}, "has both access_token and token_url; write one"),
        (
            {"token_url": "https://x", "client_id": "s3cret"},
            "has a token_url; write client_id with it, and client_secret or refresh_token",
        ),
    ],
)
def test_what_cannot_be_meant(extra: dict[str, Any] | str, text: str) -> None:
    error = wrong(connection(extra))
    assert str(error) == f"the extra of the connection 'acme_ops' {text}"
    assert error.permanent


@pytest.mark.parametrize("pem", ["not a certificate", "-----BEGIN CERTIFICATE-----\nMIIB"])
def test_an_authority_that_is_none(pem: str) -> None:
    text = str(wrong(connection({"ca_pem": pem})))
    assert text.startswith("the extra of the connection 'acme_ops' has a ca_pem that cannot be read (")
    assert text.endswith("write the text from -----BEGIN CERTIFICATE----- on")


def test_a_token_server_in_the_clear() -> None:
    given = connection({"token_url": "http://login.example/token", "client_id": "x", "client_secret": "s3cret"})
    assert str(wrong(given)) == "the token_url http://login.example/token must begin with https://"


# --- signing in -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tokens() -> Iterator[TokenStandIn]:
    with TokenStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def box(tokens: TokenStandIn) -> Iterator[PostBox]:
    """A mailbox on a Dovecot that takes this server's access tokens."""
    skip_without(Dovecot.missing)
    with Dovecot(token_check=tokens.introspection_url) as server:
        box = server.add_user()
        tokens.user = box.user
        yield box


@pytest.mark.needs("dovecot")
def test_the_three_ways_to_an_access_token(box: PostBox, tokens: TokenStandIn) -> None:
    clear = {"use_ssl": False}
    assert works(to(box, clear | {"access_token": tokens.give()}))
    grant = clear | {"token_url": tokens.url, "client_id": CLIENT, "scope": "mail"}
    assert works(to(box, grant | {"client_secret": SECRET}))
    tokens.rotates = True
    for _ in range(2):  # the second is the one that replaced it, although the vault still has the first
        assert works(to(box, grant | {"refresh_token": REFRESH}))
    assert [each["grant_type"] for each in tokens.heard] == ["client_credentials", "refresh_token", "refresh_token"]


def test_a_refused_credential_is_not_tried_again_until_it_changes() -> None:
    with ScriptedImap(LOGIN=["{tag} NO LOGIN failed."]) as server:

        def refusal(password: str, folder: str = "INBOX") -> str:
            given = connection({"use_ssl": False}, host="127.0.0.1", port=server.port, password=password)
            with pytest.raises(Refused) as failure:
                connections.mailbox(given, folder).position()
            return str(failure.value)

        first = f"127.0.0.1:{server.port}/INBOX: LOGIN failed. (user ops)"
        assert refusal("wr0ng") == first
        assert refusal("wr0ng", folder="Another").startswith(f"{first}; the same is not tried again for 1")
        assert server.count("LOGIN") == 1
        assert refusal("wr0ng too") == first
        assert server.count("LOGIN") == 2
        server.answers["LOGIN"] = ["{tag} OK done"]
        mended = connections.mailbox(connection({"use_ssl": False}, host="127.0.0.1", port=server.port), "INBOX")
        assert mended.position().uidnext == 42
        mended.close()
