"""Mails that were made to cost much: they are read in bounded time and memory, and what was left unread is told."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from encodings.aliases import aliases
from pathlib import Path

import pytest
from tests.core.mail_bombs import BOMBS, HEAD, packed

from vigie.core.mail import parse_mail

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
CHECKOUT = Path(__file__).resolve().parents[2]

SECONDS = 2
MEGABYTES = 200
"""Of the whole process, which has some 40 when it begins, the mail itself included."""


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, object]]:
    """What each costs, each in a process of its own."""
    command = [sys.executable, "-m", "tests.core.bomb_costs"]
    environment = os.environ | {"PYTHONPATH": f"{CHECKOUT / 'plugins'}{os.pathsep}{CHECKOUT}"}
    told = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True, text=True).stdout
    return {row["name"]: row for row in map(json.loads, told.splitlines())}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_bomb_costs_little_and_what_is_left_unread_is_told(costs: dict[str, dict[str, object]], name: str):
    cost = costs[name]
    assert "died" not in cost
    assert cost["seconds"] < SECONDS
    assert cost["megabytes"] < MEGABYTES
    assert str(cost["subject"]).startswith("[KO] A")
    told = BOMBS[name].told
    assert any(told in sentence for sentence in cost["curtailed"]) if told else True
    assert cost["size"] < 2_000_000


PACKED = zlib.compress(b"KO" * 1_000_000)


def test_a_charset_that_is_no_charset_unpacks_nothing():
    """Python knows codecs that unpack, and some that run for long: a mail may name any of them."""
    before = time.process_time()
    for name in sorted({*aliases.values(), "idna", "punycode", "undefined", "unicode_escape", "../x", "a\0b"}):
        mail = parse_mail(packed(f'text/plain; charset="{name}"', PACKED), received_at=NOW)
        word = f"Subject: =?{name}?b?{base64.b64encode(PACKED[:1_000]).decode()}?=\n\nx".encode()
        assert len(mail.text) <= len(PACKED)
        assert len(parse_mail(word, received_at=NOW).subject) <= 2_000
        mail.model_dump_json()
    assert time.process_time() - before < 4


def test_a_flood_of_headers_hides_no_subject():
    mail = parse_mail(b"A:\n" * 30_000 + HEAD + b"\nx", received_at=NOW)
    assert (mail.subject, mail.sender) == ("[KO] A", "batch@client.example")
    assert mail.curtailed == ("of 30,002 lines of headers the first 2,000 were read",)
