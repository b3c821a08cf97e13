"""Rules whose OK can never end what their KO opens."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.mail_cases import ko_mail

from vigie.core.closing import never_ends, unproved

JOB = r"(?P<job>\w+)"
WRITE = "take what names the job into a group of both patterns, (?P<job>…), and write dedup_key='{job}'."


def keys(ko: str, ok: str, remedy: str = WRITE) -> str:
    return (
        f"ko: no OK ever ends its incident: without dedup_key the key is the subject, and it is '{ko}' for the KO and"
        f" '{ok}' for the OK; {remedy}"
    )


def first(subject: str) -> str:
    return (
        f"ko: no OK ever ends its incident: what resolves finds is a KO by subject first, as in '{subject}';"
        " narrow subject=, or take the OK back with unless=."
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"subject": "K.?O", "resolves": "OK"}, keys("ko", "ok")),
        ({"subject": "KO|FAILED", "resolves": "OK|DONE"}, keys("ko", "ok")),
        ({"subject": "PROBLEM .*CRITICAL", "resolves": "RECOVERY"}, keys("problem critical", "recovery")),
        (
            {"subject": rf"\[KO\] {JOB}", "resolves": rf"\[OK\] {JOB}"},
            keys("[ko] q", "[ok] q", "write dedup_key='{job}'."),
        ),
        ({"subject": "KO", "resolves": "KO"}, first("KO")),
        ({"subject": "job", "resolves": "job done"}, first("job done")),
        ({"subject": JOB, "resolves": rf"\[OK\] {JOB}", "dedup_key": "{job}"}, first("[OK] q")),
        ({"subject": "EOD", "resolves": "EOD", "resolves_body": "OK"}, first("EOD")),
    ],
)
def test_what_can_never_close_is_told(rule: dict[str, Any], says: str):
    assert never_ends(ko_mail(**rule)) == says


@pytest.mark.parametrize(
    "rule",
    [
        {"subject": "KO"},
        {"subject": "KO", "resolves": "OK"},
        {"subject": r"\bKO\b", "resolves": "OK"},
        {"subject": "^KO", "resolves": "OK$"},
        {"subject": "KO", "resolves": "ok", "ignore_case": False},
        {"subject": "error", "resolves": "no error"},
        {"subject": "job", "resolves": "job done", "unless": ["job done"]},
        {"subject": r"[1-9]\d* errors", "resolves": "0 errors"},
        {"subject": "KO", "resolves_body": "OK"},
        {"body": "KO", "resolves_body": "OK"},
        {"body": "KO", "resolves": "OK"},
        {"headers": {"X-Job": "failed"}, "resolves": "OK"},
        {"subject": "Report .*", "body": "KO", "resolves": "Report .*", "resolves_body": "OK"},
        {"subject": "KO", "resolves": "EOD", "resolves_body": "OK"},
        {"subject": "K.?O", "resolves": "O.?K", "dedup_key": "always"},
        {"subject": rf"\[KO\] {JOB}", "resolves": rf"\[OK\] {JOB}", "dedup_key": "{job}"},
        {"subject": rf"{JOB} (stuck|stopped)", "resolves": rf"{JOB} (running|empty)", "dedup_key": "{job}"},
        {"subject": r"\pL+ KO", "resolves": r"[[:alpha:]]+\C OK"},  # nobody knows
    ],
)
def test_what_can_close_is_not(rule: dict[str, Any]):
    assert never_ends(ko_mail(**rule)) is None


def test_the_sender_does_not_matter():
    assert never_ends(ko_mail(subject="KO", resolves="OK", sender="@Acme.example", recipient="ops@mco.example")) is None


@pytest.mark.parametrize(
    ("sender", "who"), [(None, "whatever writes it"), ("@acme.example", "whatever writes as @acme.example")]
)
def test_an_author_of_a_critical_rule_is_told_who_ends_it(sender: str | None, who: str):
    assert unproved(ko_mail(subject="KO", resolves="OK", sender=sender)) == (
        f"ko: its incident is critical, and an OK does not end it, {who}: a person does. Name its whole address in"
        " sender=, or the mail server that checks senders in authenticated_by=."
    )
    for more in ({"sender": "a@acme.example"}, {"authenticated_by": "mx.example"}, {"resolves": None}):
        assert unproved(ko_mail(**({"subject": "KO", "resolves": "OK", "sender": sender} | more))) is None
    assert never_ends(ko_mail(subject="KO", resolves="OK", sender=sender, authenticated_by="mx.example")) is None
