"""Who is a monitor of a client, and what is refused as one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vigie.core.monitor import Monitor

HEADERS = {"x-job-server": ["prod-2"], "from": ["Nagios <nagios@acme.example>"]}


def said(monitor: Monitor, sender: str = "nagios@acme.example") -> bool:
    return monitor.said_by(sender, lambda name: HEADERS.get(name.lower(), []))


@pytest.mark.parametrize(
    ("entry", "is_one"),
    [
        ({"sender": "nagios@acme.example"}, True),
        ({"sender": "Nagios@ACME.example"}, True),
        ({"sender": "@acme.example"}, True),
        ({"sender": "@example"}, False),  # another domain than acme.example
        ({"sender": "agios@acme.example"}, False),
        ({"header": "X-Job-Server"}, True),
        ({"header": "X-Job-Server: prod"}, True),
        ({"header": {"X-Job-Server": "prod"}}, True),
        ({"header": "X-Job-Server: test"}, False),
        ({"header": "X-Other"}, False),
        ({"sender": "@acme.example", "header": "X-Job-Server: prod"}, True),
        ({"sender": "@other.example", "header": "X-Job-Server: prod"}, False),
        ({"sender": "@acme.example", "header": "X-Other"}, False),
        ({}, False),
    ],
)
def test_all_that_is_written_must_be_so(entry: dict[str, object], is_one: bool):
    assert said(Monitor.model_validate(entry)) is is_one


@pytest.mark.parametrize(
    "entry",
    [
        {"sender": "root@db1"},
        {"sender": "batch+eod@acme.example"},
        {"header": "X-Nagios-Notification"},
        {"header": "From: Nagios <"},
        {"header": "Return-Path: nagios"},
        {"header": "X-Job-Server: ^prod-\\d+$"},
    ],
)
def test_what_names_somebody_is_right(entry: dict[str, object]):
    assert Monitor.model_validate(entry).wrong() == []


@pytest.mark.parametrize(
    "entry",
    [
        {},
        *({"sender": sender} for sender in ["", "@", "*", "*@*", "@*", ".*", "*@acme.example", "?", "a b@acme.example", "nagios"]),
        *({"header": header} for header in ["", ":", "Received", "from", "Message-ID", "MIME-Version", "X Y", "Subject: .*"]),
        *({"header": f"X-Job: {pattern}"} for pattern in [".", ".*", ".+", "\\S", "\\w", "[^z]", "KO|", "(KO)?", "(", "q|7|a|b"]),
        *({"header": f"From: {pattern}"} for pattern in ["@", "\\w+@\\w+", "."]),
    ],
)  # fmt: skip
def test_what_would_match_every_mail_is_refused(entry: dict[str, object]):
    (wrong,) = Monitor.model_validate(entry).wrong()
    assert wrong.message.endswith(".")
    assert wrong.remedy.startswith("Write ")


@pytest.mark.parametrize("entry", [{"sender": 7}, {"header": {"A": "x", "B": "y"}}, {"from": "a@b.example"}])
def test_another_form_is_refused(entry: dict[str, object]):
    with pytest.raises(ValidationError):
        Monitor.model_validate(entry)
