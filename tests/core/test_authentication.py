"""Who sent a mail, as the mail server found out; and what a sender writes into the header himself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.mail_cases import ko_mail, read_mail

from vigie.core.authentication import HEADER, proof, results_of
from vigie.core.mail_rule import weigh
from vigie.core.mime_reading import read_mime

MX = "mx.mco.example"
GMAIL = f"""{MX};
       dkim=pass (2048-bit key; secure) header.i=@acme.example header.s=s1 header.b=abc;
       spf=pass (mco.example: domain of batch@acme.example designates 192.0.2.7) smtp.mailfrom=batch@acme.example;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.example"""
EXCHANGE = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=acme.example; dkim=pass (signature was verified)"
    " header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100"
)


def said(*headers: str, sender: str = "batch@acme.example", server: str = MX, authors: int = 1) -> tuple[bool, str]:
    """What the server proves. A header without a name is Authentication-Results."""
    lines = [each if each.startswith(("Received:", "From:")) else f"Authentication-Results: {each}" for each in headers]
    return proof(results_of(read_mime("\n".join([*lines, "", "x"]).encode())), server, sender, authors=authors)


@pytest.mark.parametrize(
    ("header", "sender", "method"),
    [
        (GMAIL, "batch@acme.example", "dkim"),
        (f"{MX} 1; dmarc=pass header.from=acme.example", "batch@acme.example", "dmarc"),
        (f"{MX}; dmarc=pass", "batch@acme.example", "dmarc"),  # it is about the From alone
        ("MX.MCO.Example; DKIM=Pass header.d=ACME.example", "batch@acme.example", "dkim"),
        (f"{MX}; dkim=fail header.d=other.example; dkim=pass header.d=acme.example", "batch@acme.example", "dkim"),
        (f"{MX}; dkim=pass header.d=acme.example", "batch@mail.acme.example", "dkim"),  # its domain, above it
        (f"{MX}; spf=pass smtp.mailfrom=acme.example", "batch@acme.example", "spf"),
        (f'{MX}; spf=pass smtp.mailfrom="odd name"@acme.example', "batch@acme.example", "spf"),
        (f"{MX}; dmarc=none header.from=acme.example; dkim=pass header.d=acme.example.", "batch@acme.example", "dkim"),
    ],
)
def test_a_server_that_says_who_sent_it(header: str, sender: str, method: str):
    assert said(header, sender=sender) == (True, f"{MX} says that {sender.partition('@')[2]} sent it ({method}=pass)")


NOT = f"{MX} does not say that acme.example sent it"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ((), f"no Authentication-Results of {MX} is in it"),
        (("mx.evil.example; dmarc=pass header.from=acme.example",), f"no Authentication-Results of {MX} is in it"),
        ((EXCHANGE,), f"no Authentication-Results of {MX} is in it"),
        ((f"{MX}; none",), f"no Authentication-Results of {MX} is in it"),
        (
            (f"{MX}; dmarc=fail header.from=acme.example; spf=pass smtp.mailfrom=acme.example",),
            f"{NOT} (dmarc=fail, spf=pass)",
        ),
        (
            (f"{MX}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",),
            f"{NOT} (dkim=pass, spf=pass)",
        ),
        ((f"{MX}; dmarc=pass header.from=evil.example",), f"{NOT} (dmarc=pass)"),
        ((f"{MX}; dkim=pass header.d=mail.acme.example",), f"{NOT} (dkim=pass)"),  # whoever may write below it
        ((f"{MX}; dkim=pass header.d=example",), f"{NOT} (dkim=pass)"),
        ((f"{MX}; dkim=pass",), f"{NOT} (dkim=pass)"),
        ((f"{MX}; iprev=pass policy.iprev=192.0.2.7",), f"{NOT} (it checked nothing)"),
        ((f"{MX}; spf=softfail smtp.mailfrom=acme.example; dkim=neutral",), f"{NOT} (spf=softfail, dkim=neutral)"),
    ],
)
def test_a_server_that_does_not(headers: tuple[str, ...], why: str):
    assert said(*headers) == (False, why)


FORGED = f"{MX}; dmarc=pass header.from=acme.example"
TRUE = f"{MX}; dmarc=fail header.from=acme.example"


@pytest.mark.parametrize(
    "headers",
    [
        (TRUE, FORGED),  # the sender wrote the second
        ("Received: by mx.mco.example", TRUE, FORGED),
        (TRUE, "Received: from evil.example", FORGED),
        (f'{MX}; spf=fail smtp.mailfrom="x; dmarc=pass header.from=acme.example"@evil.example',),
        (f"{MX}; spf=fail smtp.mailfrom==?utf-8?q?x=3B_dmarc=3Dpass?=@evil.example",),
        (f"{MX}; spf=fail (dmarc=pass; dmarc=pass (dkim=pass header.d=acme.example)) smtp.mailfrom=evil.example",),
        (f'{MX}; spf=fail reason="; dmarc=pass header.from=acme.example"',),
        (f"{MX}; xdmarc=pass header.from=acme.example",),
        (f"evil.example; dmarc=pass ({MX}); dmarc=pass header.from=acme.example",),
    ],
)
def test_what_a_sender_writes_himself_proves_nothing(headers: tuple[str, ...]):
    assert not said(*headers)[0]


def test_several_headers_above_the_newest_received_are_all_the_servers():
    assert said(f"{MX}; spf=none", FORGED, "Received: by mx.mco.example")[0]
    assert not said(f"{MX}; spf=none", "Received: by mx.mco.example", FORGED)[0]


@pytest.mark.parametrize("authors", [0, 2])
def test_a_from_of_several_addresses_cannot_be_checked(authors: int):
    assert not said(FORGED, authors=authors)[0]


def test_exchange_online_leaves_its_name_out():
    assert said(EXCHANGE, server="protection.outlook.com") == (
        True,
        "protection.outlook.com says that acme.example sent it (spf=pass)",
    )


@given(st.text(alphabet='ab=;()"\\ .@\n\t?é', max_size=200))
def test_any_bytes_are_read(value: str):
    said(value.replace("\n\n", "\n "))


@pytest.mark.parametrize(
    "value", ["(" * 1_900, '"' * 1_900, ";" * 1_900, "dmarc=pass " * 170, "a=b;" * 400, "\\(" * 900]
)
def test_a_hostile_header_costs_nothing(value: str):
    before = time.process_time()
    said(*[value] * 50)
    assert time.process_time() - before < 1
    assert HEADER == "authentication-results"


OK = "From: {}\nSubject: [OK] EOD_POS\n\nx"
RULE = {
    "subject": r"\[KO\] (?P<job>\w+)",
    "resolves": r"\[OK\] (?P<job>\w+)",
    "dedup_key": "{job}",
    "authenticated_by": MX,
}


@pytest.mark.parametrize(
    ("head", "event"),
    [
        (f"Authentication-Results: {FORGED}\n", "resolve"),
        (f"Authentication-Results: {TRUE}\n", None),
        ("", None),
    ],
)
def test_an_ok_ends_an_incident_where_it_is_authenticated(head: str, event: str | None):
    weighed = weigh(ko_mail(**RULE, sender="@acme.example"), read_mail(head + OK.format("batch@acme.example")))
    assert weighed.event == event
    assert weighed.ends is (event == "resolve")


def test_its_reason_says_what_the_server_found():
    passed = weigh(ko_mail(**RULE), read_mail(f"Authentication-Results: {FORGED}\n" + OK.format("batch@acme.example")))
    assert passed.tried[1].why == (
        "subject '\\[OK\\] (?P<job>\\w+)' found '[OK] EOD_POS'; mx.mco.example says that acme.example sent it (dmarc=pass)"
    )
    why = (
        weigh(ko_mail(**RULE), read_mail(f"Authentication-Results: {TRUE}\n" + OK.format("batch@acme.example")))
        .tried[1]
        .why
    )
    assert why == (
        "subject '\\[OK\\] (?P<job>\\w+)' found '[OK] EOD_POS'; but not authenticated: mx.mco.example does not say that"
        " acme.example sent it (dmarc=fail)"
    )


@pytest.mark.parametrize(
    "sender", ["batch@acme.example, evil@evil.example", "evil@evil.example\nFrom: batch@acme.example", ""]
)
def test_a_mail_of_two_senders_ends_nothing(sender: str):
    assert weigh(ko_mail(**RULE), read_mail(f"Authentication-Results: {FORGED}\n" + OK.format(sender))).event is None


def test_a_ko_is_heard_whoever_sent_it():
    """A forged KO costs a call; one that is not heard may cost a night."""
    assert weigh(ko_mail(**RULE), read_mail("From: batch@acme.example\nSubject: [KO] EOD_POS\n\nx")).event == "trigger"
