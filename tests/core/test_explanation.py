from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.ok_mails import OPENS, backups, ok
from tests.examples import examples

from vigie.core.explanation import Verdict, explain
from vigie.core.ko_mail import judge
from vigie.core.mail import Mail, parse_mail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)


def watch(flux: str, **rule: Any) -> MailWatch:
    return MailWatch(
        client="acme", flux=flux, task_id="ko", respond=Respond(severity="high", template="t"), mailbox="m", **rule
    )


EOD = watch(
    "eod",
    sender="batch@acme.example",
    subject=r"\[KO\] (?P<job>\w+)",
    resolves=r"\[OK\] (?P<job>\w+)",
    ignores="started",
    dedup_key="{job}",
)
STOCK = watch("stock", subject="queue stuck", body=r"ORA-\d+")


BOUNCED = "This is the mail system at host mx.example. Your message could not be delivered."


def mail(subject: str, text: str = "x", sender: str = "batch@acme.example", *headers: str) -> Mail:
    return parse_mail(
        "\n".join([f"From: {sender}", f"Subject: {subject}", *headers, "", text]).encode(), received_at=NOW
    )


@pytest.mark.parametrize(
    ("given", "verdict", "flux", "key"),
    [
        (mail("[KO] EOD_POS"), "ko", "acme.eod", "EOD_POS"),
        (mail("[OK] EOD_POS"), "ok", "acme.eod", "EOD_POS"),
        (mail("[OK] A but [KO] B"), "ko", "acme.eod", "B"),
        (mail("EOD_POS started"), "ignored", None, None),
        (mail("hello"), "unclassified", None, None),
        (mail("[KO] EOD_POS", "x", "someone@acme.example"), "unclassified", None, None),
        (mail("Queue stuck 12", "ORA-00054"), "ko", "acme.stock", "queue stuck #"),
        (mail("Undeliverable: [KO] EOD_POS", BOUNCED, "MAILER-DAEMON@mx.example"), "ignored", None, None),
        (mail("Re: [OK] EOD_POS", "x", "batch@acme.example", "Auto-Submitted: auto-replied"), "ignored", None, None),
    ],
)
def test_the_verdict(given: Mail, verdict: Verdict, flux: str | None, key: str | None):
    told = explain([EOD, STOCK], given)
    assert (told.verdict, told.flux, told.dedup_key) == (verdict, flux, key)
    assert told.origin == given.origin
    assert told.reasons


def test_each_rule_says_what_it_found_or_missed():
    told = explain([EOD, STOCK], mail("[OK] EOD_POS"))
    assert [(each.watch, each.event, each.matched, each.why) for each in told.tried] == [
        ("acme.eod.ko", "trigger", False, r"subject '\[KO\] (?P<job>\w+)' found nothing in '[OK] EOD_POS'"),
        ("acme.eod.ko", "resolve", True, r"subject '\[OK\] (?P<job>\w+)' found '[OK] EOD_POS'"),
        ("acme.stock.ko", "trigger", False, "subject 'queue stuck' found nothing in '[OK] EOD_POS'"),
    ]
    assert told.reasons == (
        "auto_generated: its sender is a program by its name (batch@acme.example)",
        r"acme.eod.ko, resolve: subject '\[OK\] (?P<job>\w+)' found '[OK] EOD_POS'",
    )


ANY = watch("any", subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}")


def test_what_is_set_aside_says_why_and_what_to_write_so_that_it_is_heard():
    told = explain([EOD, ANY], mail("Undeliverable: [KO] A", BOUNCED, "MAILER-DAEMON@mx.example"))
    assert told.verdict == "ignored"
    assert [(each.watch, each.withheld) for each in told.tried if each.withheld] == [("acme.any.ko", "set aside")]
    assert told.reasons == (
        "dsn_failed: its sender is mailer-daemon",
        "dsn_failed: it begins as only mail servers do ('This is the mail system at')",
        "dsn_failed: nothing in it says that the delivery goes on",
        r"acme.any.ko, trigger: subject '\[KO\] (?P<job>\w+)' found '[KO] A'; but set aside: what is dsn_failed quotes others' words (its sender is mailer-daemon)",
        "acme.any.ko: to hear such mails, write into include/clients/acme/client.yaml 'monitors: [{sender: mailer-daemon@mx.example}]', or trust_sender=True into this KoMail",
    )  # fmt: skip


def test_a_doubtful_mail_says_its_doubts_and_how_to_end_them():
    told = explain([ANY], mail("[KO] A", "x", "MAILER-DAEMON@mx.example", "X-Job: A"))
    assert (told.verdict, told.doubts) == ("ko", ("its sender is mailer-daemon",))
    assert told.reasons == (
        "unknown: its sender is mailer-daemon",
        "unknown: but nothing proves that it is a bounce or an automatic answer",
        "doubtful: its sender is mailer-daemon",
        r"acme.any.ko, trigger: subject '\[KO\] (?P<job>\w+)' found '[KO] A'",
        "acme.any.ko: told as doubtful; if it is a monitor's, write into include/clients/acme/client.yaml 'monitors: [{sender: mailer-daemon@mx.example, header: X-Job}]', or trust_sender=True into this KoMail",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"trust_sender": True}, "its rule says trust_sender=True"),
        ({"monitors": [{"sender": "@mx.example"}]}, "it is one of the monitors of acme (sender @mx.example)"),
        ({"monitors": [{"header": "X-Job: A"}]}, "it is one of the monitors of acme (header X-Job: A)"),
    ],
)
def test_whoever_is_trusted_is_heard_and_the_explanation_says_by_what(rule: dict[str, Any], why: str):
    trusting = watch("any", subject=r"\[KO\] (?P<job>\w+)", **rule)
    told = explain([trusting], mail("Undeliverable: [KO] A", BOUNCED, "MAILER-DAEMON@mx.example", "X-Job: A"))
    assert (told.origin, told.verdict) == ("dsn_failed", "ko")
    assert told.reasons[-1] == f"acme.any.ko: heard all the same, for {why}"


REPORT = ("Content-Type: multipart/report; report-type=delivery-status; boundary=b",)
OURS = ("X-Vigie-Key: INC-1/page/1",)


@pytest.mark.parametrize(
    ("headers", "why"), [(REPORT, "it has the structure of a report"), (OURS, "it is our own mail, come back")]
)
def test_nothing_overrules_a_reports_structure_or_our_own_mail(headers: tuple[str, ...], why: str):
    trusting = watch("any", subject="KO", trust_sender=True, monitors=[{"sender": "@mx.example"}])
    told = explain([trusting], mail("[KO] A", "x", "noc@mx.example", *headers))
    assert told.verdict == "ignored"
    assert told.reasons[-1] == f"acme.any.ko: nothing overrules this: {why}"


def test_what_was_not_asked_says_why():
    assert (
        explain([EOD], mail("[KO] A", "x", "x@y.example")).tried[0].why
        == "its sender is x@y.example, not batch@acme.example"
    )
    assert explain([], mail("[KO] A")).reasons[-1] == "no watch reads this mail"


def test_a_mail_may_be_claimed_by_several_and_a_ko_stands_first():
    other = watch("other", subject="never", resolves=r"\[KO\]")
    told = explain([other, EOD], mail("[KO] EOD_POS"))
    assert [(claim.watch, claim.event) for claim in told.claims] == [
        ("acme.eod.ko", "trigger"),
        ("acme.other.ko", "resolve"),
    ]
    assert (told.verdict, told.flux) == ("ko", "acme.eod")


RULES = st.fixed_dictionaries({}, optional={
    name: st.sampled_from(["KO", "OK", r"\[KO\]", "(?P<job>\\w+)", ".*", "x|", "é", "."]) for name in
    ("subject", "body", "attachment", "resolves", "resolves_body", "ignores")} | {
    "headers": st.dictionaries(st.sampled_from(["Subject", "X-Job"]), st.sampled_from(["KO", "."]), max_size=2),
    "sender": st.sampled_from(["a@b.example", "@b.example", ""]), "ignore_case": st.booleans(), "dedup_key": st.sampled_from(["{job}", "x"])})  # fmt: skip


@examples(300)
@given(
    RULES,
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=60).map(
            lambda text: f"From: a@b.example\nSubject: {text}\nX-Job: KO\n\n{text}".encode("utf-8", "replace")
        ),
    ),
)
def test_the_explanation_and_the_judge_never_differ_and_never_raise(rule: dict[str, Any], raw: bytes):
    found, given = watch("eod", **rule), parse_mail(raw, received_at=NOW)
    told, signal = explain([found], given), judge(found, given, NOW)
    assert {"ko": "trigger", "ok": "resolve"}.get(told.verdict) == (signal.event if signal else None)
    assert told.dedup_key == (signal.dedup_key if signal else None)
    assert told.model_validate_json(told.model_dump_json()) == told


def test_a_mail_that_counts_as_expected_is_ok_for_its_business_date():
    told = explain([EOD, backups()], ok("[OK] backup vm1", OPENS))
    assert (told.verdict, told.flux, told.dedup_key) == ("ok", "nordwind.backups", "2026-11-24")
    assert told.reasons[-1] == (
        "nordwind.backups.backups_ok, arrive: "
        r"subject '\[OK\] backup (?P<vm>\w+)' found '[OK] backup vm1'"
    )


def test_failure_is_told_before_what_is_expected():
    alarm = watch("alarm", subject=r"backup (?P<vm>\w+)")
    told = explain([backups(), alarm], ok("[OK] backup vm1", OPENS))
    assert (told.verdict, told.flux, [each.event for each in told.claims]) == (
        "ko",
        "acme.alarm",
        ["trigger", "arrive"],
    )


def test_why_a_mail_does_not_count_is_told():
    told = explain([backups(expect=["vm1"], expect_count=None)], ok("[OK] backup vm9", OPENS))
    assert told.verdict == "unclassified"
    assert told.reasons[-1].endswith("; but its vm is 'vm9', which is not expected")


def test_an_ok_of_a_critical_rule_that_names_no_sender_says_that_it_ends_nothing():
    critical = watch("eod", subject="KO", resolves="OK").model_copy(
        update={"respond": Respond(severity="critical", template="t")}
    )
    told = explain([critical], mail("EOD_POS OK"))
    assert (told.verdict, told.dedup_key) == ("ok", "eod_pos")
    assert told.reasons[-1] == (
        "acme.eod.ko, resolve: subject 'OK' found 'OK'; it ends nothing by itself, for the incident is critical and anybody"
        " can write such a mail; name its whole address in sender=, or the server that checks senders in authenticated_by="
    )
    assert judge(critical, mail("EOD_POS OK"), NOW) is None
