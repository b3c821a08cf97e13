"""Invitations, what becomes of them, and calendars that are none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.mail_cases import ko_mail, read_mail
from tests.core.ok_mails import OPENS, backups

from vigie.core.explanation import explain
from vigie.core.mail import Mail
from vigie.core.mail_rule import counted, weigh

RULE: dict[str, Any] = {"subject": r"\[KO\] (?P<job>\w+)", "resolves": r"\[OK\] (?P<job>\w+)", "dedup_key": "{job}"}
EVENT = "BEGIN:VCALENDAR\nMETHOD:{}\nBEGIN:VEVENT\nSUMMARY:Point\nEND:VEVENT\nEND:VCALENDAR\n"


def alone(method: str, *, named: bool = True) -> str:
    parameter = f"; method={method}" if named else ""
    return f"Content-Type: text/calendar{parameter}; charset=utf-8\n\n{EVENT.format(method)}"


def beside(method: str, kind: str = "alternative", head: str = "") -> str:
    return (
        f"Content-Type: multipart/{kind}; boundary=b\n\n--b\nContent-Type: text/plain\n\nPoint sur le [KO] EOD_POS\n\n--b\n"
        f"Content-Type: text/calendar; method={method}\n{head}\n{EVENT.format(method)}\n--b--\n"
    )


def mail(subject: str, rest: str, sender: str = "Jean <jean@acme.example>") -> Mail:
    return read_mail(f"From: {sender}\nTo: ops@mco.example\nSubject: {subject}\nMIME-Version: 1.0\n{rest}")


INVITATIONS = {
    "cancelled": mail("Annulé : Point [KO] EOD_POS", alone("CANCEL")),
    "without its parameter": mail("Point [KO] EOD_POS", alone("REQUEST", named=False)),
    "as a form of the text": mail("Invitation: Point [KO] EOD_POS", beside("REQUEST")),
    "beside the text": mail("Point [KO] EOD_POS", beside("REQUEST", "mixed")),
    "with a file's name": mail(
        "[KO] EOD_POS", beside("REQUEST", head="Content-Disposition: inline; filename=invite.ics\n")
    ),
    "accepted": mail("Accepted: Point [KO] EOD_POS", beside("REPLY")),
    "another time proposed": mail("Nouvelle heure proposée : [KO] EOD_POS", beside("COUNTER")),
    "by a program": mail(
        "Invitation: [KO] EOD_POS", beside("REQUEST"), "Google Calendar <calendar-notification@google.com>"
    ),
    "of Outlook": mail(
        "[KO] EOD_POS", "Content-Class: urn:content-classes:calendarmessage\nContent-Type: text/plain\n\nPoint"
    ),
    "in Japanese": mail("招待: [KO] EOD_POS 対応会議", beside("REQUEST")),
    "in capitals": mail("[KO] EOD_POS", "CONTENT-TYPE: TEXT/CALENDAR; METHOD=REQUEST\n\nx"),
}


@pytest.mark.parametrize("invitation", INVITATIONS.values(), ids=INVITATIONS)
def test_an_invitation_raises_nothing_and_is_told_as_a_line(invitation: Mail):
    told = explain([ko_mail(**RULE)], invitation)
    assert told.verdict in {"unclassified", "ignored"}
    assert any("invitation" in reason or "calendar" in reason for reason in told.reasons)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_nor_does_it_end_or_count_for_anything(method: str):
    said = weigh(ko_mail(**RULE), mail("[OK] EOD_POS", alone(method)))
    assert said.event is None
    assert said.tried[-1].why == (
        "subject '\\[OK\\] (?P<job>\\w+)' found '[OK] EOD_POS'; but an invitation: a calendar's"
        f" message (METHOD:{method}, RFC 5546)"
    )
    arrived = mail("[OK] backup vm1", alone(method)).model_copy(update={"received_at": OPENS})
    assert counted(backups(), arrived) is None


def test_its_author_may_know_that_it_means_nothing():
    assert weigh(ko_mail(**RULE, ignores="^Point"), mail("Point [KO] EOD_POS", alone("REQUEST"))).event == "ignore"


def test_a_system_that_its_rule_trusts_is_heard():
    assert weigh(ko_mail(**RULE, trust_sender=True), mail("[KO] EOD_POS", alone("REQUEST"))).event == "trigger"


ALARMS = {
    "a calendar that is attached": mail("[KO] EOD_POS", beside("REQUEST", "mixed", "Content-Disposition: attachment; filename=a.ics\n")),
    "one that is published": mail("[KO] EOD_POS", beside("PUBLISH", "mixed")),
    "a notice of a provider": mail("[KO] EOD_POS", alone("REQUEST").replace("SUMMARY", "X-MAINTNOTE-STATUS:CONFIRMED\nSUMMARY")),
    "a file of a calendar": mail("[KO] EOD_POS", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/calendar; name=a.ics\n\nMETHOD:REQUEST\n--b--\n"),
    "a word": mail("[KO] EOD_POS", "Content-Type: text/plain\n\nMETHOD:REQUEST failed"),
}  # fmt: skip


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_what_is_none_is_heard(alarm: Mail):
    assert weigh(ko_mail(**RULE), alarm).event == "trigger"
