"""Cases from the field that other tools got wrong, each with the place where its users reported it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.core.ok_mails import DEADLINE, OPENS, VMS, backups, ok

from vigie.core.explanation import explain
from vigie.core.mail import parse_mail
from vigie.core.mail_arrival import Arrival
from vigie.core.mail_key import dedup_key
from vigie.core.mail_rule import counted, weigh
from vigie.core.occurrence import Occurrence
from vigie.core.origin import QUOTING
from vigie.core.quorum import TOLD_IN, judge_mails
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)


def watch(**rule: Any) -> MailWatch:
    respond = Respond(severity="critical", template="mail_ko")
    return MailWatch(client="acme", flux="jobs", task_id="ko", mailbox="m", respond=respond, **rule)


def test_healthchecks_533_one_backup_that_failed_beside_one_that_did_not():
    """A KO: failure is asked before success."""
    rule = watch(subject="failed", resolves="successful")
    mail = parse_mail(
        b"From: b@acme.example\nSubject: 1 Successful Backup, 1 Failed Offsite Copy\n\nx", received_at=NOW
    )
    assert [(each.event, each.matched) for each in weigh(rule, mail).tried] == [("trigger", True)]
    assert explain([rule], mail).verdict == "ko"


def test_healthchecks_653_eighty_one_mails_of_one_subject_whose_codes_are_in_their_text():
    """One success, and each failure known by the code in its text."""
    expected = backups(subject="Backup report", body=r"Exit code: 0\b", expect_count=1, distinct_by=None)
    failing = watch(subject="Backup report", body=r"Exit code: (?P<code>[1-9]\d*)", dedup_key="{code}")
    codes = {27: 3, 54: 12}
    mails = [
        ok("Backup report", OPENS + timedelta(seconds=number), text=f"Exit code: {codes.get(number, 0)}\n")
        for number in range(81)
    ]
    came = [arrival for mail in mails if (arrival := counted(expected, mail))]
    known: dict[str, Occurrence] = {}
    signals = []
    for now, arrivals in [
        (OPENS, ()),
        *((OPENS + timedelta(minutes=2), [one]) for one in came),
        (DEADLINE + TOLD_IN, ()),
    ]:
        found = judge_mails(expected, known, arrivals, now, read_to_the_end=True)
        known |= {each.key: each for each in found.changed}
        signals += found.signals
    tonight = [each for each in known.values() if each.business_date.isoformat() == "2026-11-24"]
    assert [each.status for each in tonight] == ["on_time"]
    assert signals == []
    kos = [mail for mail in mails if weigh(failing, mail).event == "trigger"]
    assert sorted(dedup_key(failing, mail, weigh(failing, mail).groups) for mail in kos) == ["12", "3"]
    assert len(came) + len(kos) == 81


def test_healthchecks_954_four_of_five_machines_are_not_all_of_them():
    """Incomplete, told as four of five, with the name of the one that is missing."""
    rule = backups(expect=VMS, expect_count=None)
    came = [Arrival(DEADLINE.date(), vm, OPENS) for vm in VMS if vm != "vm4"]
    known = {each.key: each for each in judge_mails(rule, {}, came, OPENS, read_to_the_end=True).changed}
    found = judge_mails(rule, known, [], DEADLINE + TOLD_IN, read_to_the_end=True)
    titles = [signal.title for signal in found.signals if signal.dedup_key == "2026-11-24"]
    assert titles == ["4 of 5 mails came; missing: vm4 (2026-11-24)"]


NAGIOS = """\
Return-Path: <nagios-bounces@mon.example>
X-Auto-Response-Suppress: All
Sender: nagios-bounces@mon.example
Errors-To: nagios-bounces@mon.example
List-Id: <nagios.mon.example>
Precedence: {precedence}
From: nagios@mon.example
To: nagios@list.mon.example
Subject: [Nagios] ** PROBLEM Service Alert: db1/ORACLE is CRITICAL **

***** Nagios *****

Notification Type: PROBLEM
State: CRITICAL
"""


@pytest.mark.parametrize("precedence", ["bulk", "list", "junk"])
def test_a_nagios_problem_that_looks_automatic_in_every_way_is_a_ko(precedence: str):
    """Others delete what has Precedence: bulk; of real providers' notices a quarter has it."""
    mail = parse_mail(NAGIOS.format(precedence=precedence).encode(), received_at=NOW)
    assert mail.origin not in QUOTING
    told = explain([watch(subject=r"PROBLEM .*CRITICAL", resolves="RECOVERY")], mail)
    assert (told.verdict, told.dedup_key) == ("ko", "** problem service alert: db1/oracle is critical **")


@pytest.mark.parametrize("shop", ["TOKYO", "BROOKLYN", "OKINAWA", "KOBE", "KOREA", "KOLN", "KOWLOON", "BANGKOK"])
@pytest.mark.parametrize("where", [{"subject": "KO", "resolves": "OK"}, {"body": "KO", "resolves_body": "OK"}])
def test_a_shop_is_neither_ok_nor_ko(shop: str, where: dict[str, str]):
    mail = parse_mail(
        f"From: b@acme.example\nSubject: Report {shop}\n\n{shop} has sent 12 files\n".encode(), received_at=NOW
    )
    assert explain([watch(**where)], mail).verdict == "unclassified"
