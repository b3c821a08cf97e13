"""What becomes of a mail, in words: nothing that the rule of a KO matches is silently ignored."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.mail_cases import ko_mail, read_mail

from vigie.tasks.mail_fate import Claim, Fated, fate_of

BOUNCE = "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: {}\n\nYour message could not be delivered."
ANSWER = "From: Jean Martin <jean@acme.example>\nSubject: RE: {}\n\nC'est corrigé."
RULE = {"subject": r"\[KO\] (?P<job>\w+)", "ignores": "started"}


def fate(written: str, **rule: Any) -> Fated:
    return fate_of(read_mail(written), [ko_mail(**RULE | rule)], [])


def test_a_ko_that_is_proved_to_be_a_bounce_is_set_aside_and_says_from_which_watch_and_why():
    assert fate(BOUNCE.format("Undeliverable: [KO] EOD")) == (
        "set_aside",
        ("acme.jobs.ko",),
        "set aside from acme.jobs.ko, dsn_failed: its sender is mailer-daemon",
    )


@pytest.mark.parametrize("subject", ["Undeliverable: hello", "Undeliverable: [OK] EOD"])
def test_any_other_bounce_is_ignored(subject: str):
    assert fate(BOUNCE.format(subject)) == (
        "ignored",
        ("dsn_failed",),
        "ignored, dsn_failed: it quotes others' words",
    )


def test_a_ko_of_our_own_that_comes_back_is_set_aside_too():
    assert fate("X-Vigie-Key: INC-1/page/1\nSubject: [KO] EOD\n\nx").fate == "set_aside"


def test_what_a_person_answers_or_forwards_is_a_line_that_says_of_what():
    assert fate(ANSWER.format("[KO] EOD")) == (
        "unclassified",
        (),
        "unclassified, a KO of acme.jobs.ko repeated by a person: it answers a mail (RE:)",
    )
    assert fate(ANSWER.format("hello")) == ("unclassified", (), "unclassified, no rule claims it")
    assert fate(ANSWER.format("[KO] EOD started")).fate == "ignored"


def test_what_a_watch_claims_is_claimed_whatever_it_looks_like():
    mail = read_mail(BOUNCE.format("[KO] EOD"))
    assert fate_of(mail, [ko_mail(**RULE, trust_sender=True)], [Claim("acme.jobs.ko", "trigger acme.jobs.ko")]) == (
        "claimed",
        ("acme.jobs.ko",),
        "trigger acme.jobs.ko",
    )
