from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vigie.core.ko_mail import judge, problems_of
from vigie.core.mail import Mail, Origin, parse_mail
from vigie.core.mail_rule import weigh
from vigie.core.origin import QUOTING
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
RESPOND = Respond(severity="critical", template="mail_ko", procedure="relaunch-job")


WMS = {"sender": "wms@maison-lumiere.example"}


def watch(**rule: Any) -> MailWatch:
    return MailWatch(
        client="maison-lumiere",
        flux="store_replenishment",
        task_id="wms_ko",
        respond=RESPOND,
        mailbox="maison_lumiere_ops",
        **rule,
    )


DEMO = watch(
    sender="WMS@maison-lumiere.example",
    subject=r"\[KO\] (?P<job>\w+)",
    resolves=r"\[OK\] (?P<job>\w+)",
    dedup_key="{job}",
)


def mail(subject: str, text: str = "", **fields: Any) -> Mail:
    known = {
        "message_id": "<1@wms>",
        "identity": "digest",
        "sender": "wms@maison-lumiere.example",
        "recipients": (),
        "attachments": (),
        "origin": "human",
        "received_at": NOW,
        "sent_at": NOW,
        "size": 1,
    }
    return Mail(subject=subject, text=text, **(known | fields))


def test_a_ko_triggers():
    signal = judge(DEMO, mail("[KO] EOD_POS"), NOW)
    assert signal is not None
    assert signal.model_dump(exclude={"facts"}) == {
        "event": "trigger",
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": "maison-lumiere.store_replenishment.wms_ko",
        "dedup_key": "EOD_POS",
        "key": "maison-lumiere.store_replenishment.wms_ko|mail|digest",
        "seen_at": NOW,
        "title": "[KO] EOD_POS",
        "severity": "critical",
        "template": "mail_ko",
        "procedure": "relaunch-job",
        "audience": "client",
        "storm_after": 10,
        "page": True,
        "hold": timedelta(minutes=10),
    }
    assert signal.facts == {
        "job": "EOD_POS",
        "mail": {"subject": "[KO] EOD_POS", "sender": "wms@maison-lumiere.example", "message_id": "<1@wms>"},
    }


def test_an_ok_resolves_the_same_incident():
    ko, ok = judge(DEMO, mail("[KO] EOD_POS"), NOW), judge(DEMO, mail("Re: [OK] EOD_POS", identity="other"), NOW)
    assert ko is not None
    assert ok is not None
    assert (ok.event, ok.dedup_key) == ("resolve", ko.dedup_key)
    assert ok.key != ko.key


@pytest.mark.parametrize(
    ("rule", "subject", "text", "event"),
    [
        # failure is asked before success
        (DEMO, "[OK] A but [KO] B", "", "trigger"),
        (watch(body=r"\d+ failed", resolves="backup"), "backup", "1 successful, 1 failed", "trigger"),
        (watch(body=r"[1-9]\d* failed", resolves="backup", **WMS), "backup", "2 successful, 0 failed", "resolve"),
        # both patterns must match, where both are written
        (watch(subject="report", body="ORA-"), "report", "fine", None),
        (watch(subject="report", body="ORA-"), "report", "ORA-00054", "trigger"),
        (watch(subject="report", body="ORA-"), "other", "ORA-00054", None),
        # only the subject resolves
        (DEMO, "hello", "[OK] EOD_POS", None),
        (DEMO, "hello", "[KO] EOD_POS", None),
        (watch(subject="KO"), "ok", "", None),
        # case
        (DEMO, "[ko] eod_pos", "", "trigger"),
        (watch(subject="KO", ignore_case=False), "ko", "", None),
        (watch(subject="KO", resolves="OK", ignore_case=False, **WMS), "OK", "", "resolve"),
        # a flood of nothing
        (DEMO, "", "", None),
    ],
)
def test_what_a_mail_says(rule: MailWatch, subject: str, text: str, event: str | None):
    signal = judge(rule, mail(subject, text), NOW)
    assert (signal.event if signal else None) == event


SHOPS = ["TOKYO", "BANGKOK", "KOBE", "BROOKLYN", "OKINAWA", "KOREA", "KOLN", "KOWLOON", "KOKO", "Tokyo"]


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("words", ["stock {} received", "{}: report", "[{}] nightly", "{}"])
def test_shops_whose_names_hold_ko_or_ok_are_no_signal(shop: str, words: str):
    for rule in (DEMO, watch(subject=r"\bKO\b", resolves=r"\bOK\b")):
        assert judge(rule, mail(words.format(shop)), NOW) is None


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("words", ["stock {} received", "{}: report", "[{}] nightly", "{}"])
def test_a_plain_word_is_a_whole_word(shop: str, words: str):
    rule = watch(subject="KO", resolves="OK", body=None)
    assert judge(rule, mail(words.format(shop)), NOW) is None
    assert judge(watch(body="KO", resolves_body="OK"), mail("report", words.format(shop)), NOW) is None


@pytest.mark.parametrize(
    "subject", ["KO", "[KO]", "EOD_KO", "KO: EOD", "ko", "状態KO発生", "statut\u00a0KO", "EOD-KO.", "«KO»"]
)
def test_a_whole_word_stands_in_many_ways(subject: str):
    signal = judge(watch(subject="KO"), mail(subject), NOW)
    assert signal is not None


DOUBTS = ("its sender is mailer-daemon", "its text says 'could not be delivered'")


def test_a_doubtful_mail_raises_an_alarm_that_says_why_it_is_doubtful():
    signal = judge(DEMO, mail("[KO] EOD_POS", origin="unknown", doubts=DOUBTS), NOW)
    assert signal is not None
    assert (signal.event, signal.facts["mail"]["doubts"]) == ("trigger", list(DOUBTS))
    certain = judge(DEMO, mail("[KO] EOD_POS"), NOW)
    assert certain is not None
    assert "doubts" not in certain.facts["mail"]


@pytest.mark.parametrize(("sender", "ends"), [(DEMO.sender, True), ("@maison-lumiere.example", False), (None, False)])
def test_it_ends_one_only_where_the_rule_names_its_whole_sender(sender: str | None, ends: bool):
    ok = mail("[OK] EOD_POS", origin="unknown", doubts=DOUBTS)
    assert (judge(DEMO.model_copy(update={"sender": sender}), ok, NOW) is not None) is ends


FIELDS = {"subject": "report", "recipients": ("ops@vigie.example", "night@vigie.example"), "attachments": ("a.csv", "error_TYO.log"),
          "headers": (("X-Job-Status", "failed (EOD_POS)"), ("X-Other", "ok"))}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (watch(headers={"x-job-status": r"failed \((?P<job>\w+)\)"}, dedup_key="{job}"), "EOD_POS"),
        (watch(headers={"X-Job-Status": "failed", "X-Other": "fine"}), None),
        (watch(headers={"X-None": "failed"}), None),
        (watch(attachment=r"error_(?P<site>\w+)\.log", dedup_key="{site}"), "TYO"),
        (watch(attachment=r"\.pdf$"), None),
        (watch(subject="report", recipient="Night@vigie.example"), "report"),
        (watch(subject="report", recipient="@vigie.example"), "report"),
        (watch(subject="report", recipient="vigie.example"), None),
        (watch(subject="report", sender="@maison-lumiere.example"), "report"),
        (watch(subject="report", sender="@lumiere.example"), None),
        (
            watch(subject="report", sender="@MAISON-lumiere.example", attachment="csv", headers={"x-other": "ok"}),
            "report",
        ),
    ],
)
def test_a_rule_may_ask_any_field(rule: MailWatch, key: str | None):
    fields = dict(FIELDS)
    signal = judge(rule, mail(fields.pop("subject"), **fields), NOW)
    assert (signal.dedup_key if signal else None) == key


@pytest.mark.parametrize(
    ("rule", "subject", "text", "event"),
    [
        (watch(body="status: KO", resolves_body="status: OK", **WMS), "EOD", "status: OK", "resolve"),
        (watch(body="status: KO", resolves_body="status: OK"), "EOD", "status: KO\nstatus: OK", "trigger"),
        (watch(subject="KO", resolves="EOD", resolves_body="OK"), "EOD", "not yet", None),
        (watch(subject="KO", resolves="OK", ignores="OK", **WMS), "OK", "", "resolve"),
        (watch(subject="KO", ignores="started"), "EOD started", "", None),
    ],
)
def test_the_text_may_resolve_and_a_known_mail_says_nothing(
    rule: MailWatch, subject: str, text: str, event: str | None
):
    signal = judge(rule, mail(subject, text), NOW)
    assert (signal.event if signal else None) == event


@pytest.mark.parametrize("shop", SHOPS)
def test_a_ko_of_such_a_shop_is_one(shop: str):
    ko, ok = judge(DEMO, mail(f"[KO] {shop}"), NOW), judge(DEMO, mail(f"[OK] {shop}"), NOW)
    assert ko is not None
    assert ok is not None
    assert (ko.event, ok.event) == ("trigger", "resolve")
    assert ko.dedup_key == ok.dedup_key == shop


@pytest.mark.parametrize("origin", sorted(QUOTING))
def test_words_that_others_quote_are_no_signal(origin: Origin):
    assert judge(DEMO, mail("[KO] EOD_POS", origin=origin), NOW) is None
    assert judge(DEMO, mail("[OK] EOD_POS", origin=origin), NOW) is None


@pytest.mark.parametrize("origin", ["human", "auto_generated"])
def test_a_monitor_is_automatic_and_means_it(origin: Origin):
    assert judge(DEMO, mail("[KO] EOD_POS", origin=origin), NOW) is not None


def test_the_sender_is_compared_whole():
    assert judge(DEMO, mail("[KO] A", sender="evil-wms@maison-lumiere.example"), NOW) is None
    assert judge(DEMO, mail("[KO] A", sender=""), NOW) is None
    assert judge(watch(subject="KO"), mail("[KO] A", sender="anybody@x.example"), NOW) is not None


@pytest.mark.parametrize(
    ("rule", "subject", "key"),
    [
        (watch(subject=r"(?P<job>\w+) on (?P<host>\w+)", dedup_key="{host}/{job}"), "A on B", "B/A"),
        (watch(subject=r"(?P<a>\S+) (?P<b>\S+)", dedup_key="{a}-{b}"), "{b} x", "{b}-x"),  # a value is no template
        (watch(subject=r"(?P<job>A)?KO", dedup_key="job:{job}"), "KO", "job:"),  # a group that took no part
        (watch(subject=r"(?P<job>\S+)", dedup_key="{job}"), "x" * 900, "x" * 200),
        (watch(subject="KO", dedup_key="always"), "KO", "always"),
        (watch(subject="KO"), "Re: [KO] POS 2026-11-23 05:42", "[ko] pos #"),
    ],
)
def test_the_key_of_the_incident(rule: MailWatch, subject: str, key: str):
    signal = judge(rule, mail(subject), NOW)
    assert signal is not None
    assert signal.dedup_key == key


def test_a_group_of_the_body_fills_the_key_too():
    rule = watch(subject="report", body=r"job=(?P<job>\w+)", dedup_key="{job}")
    signal = judge(rule, mail("report", "job=EOD_POS"), NOW)
    assert signal is not None
    assert (signal.dedup_key, signal.facts["job"]) == ("EOD_POS", "EOD_POS")


def test_facts_and_title_stay_small_and_a_mail_without_subject_has_a_title():
    rule = watch(body=r"(?P<all>(?s:.)*)")
    signal = judge(rule, mail("", "x" * 50_000, sender="s" * 900, message_id="m" * 900), NOW)
    assert signal is not None
    assert signal.title == "(no subject)"
    assert len(signal.model_dump_json()) < 2000


def test_the_same_mail_says_the_same_and_at_any_time():
    one, two = judge(DEMO, mail("[KO] A"), NOW), judge(DEMO, mail("[KO] A"), NOW.replace(hour=9))
    assert one is not None
    assert two is not None
    assert one.model_dump(exclude={"seen_at"}) == two.model_dump(exclude={"seen_at"})


@pytest.mark.parametrize(
    ("rule", "problems"),
    [
        (DEMO, []),
        (watch(subject="KO"), []),
        (watch(body="KO", dedup_key="always"), []),
        (watch(), ["wms_ko: a KoMail needs subject= or body=, a pattern that tells a KO from other mail."]),
        (
            watch(resolves="OK"),
            ["wms_ko: a KoMail needs subject= or body=, a pattern that tells a KO from other mail."],
        ),
        (
            watch(subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] \w+", dedup_key="{job}"),
            ["wms_ko: dedup_key names {job}, which no (?P<job>…) of resolves fills."],
        ),
        (
            watch(subject="KO", resolves="OK", dedup_key="{host}/{job}"),
            [
                "wms_ko: dedup_key names {host}, which no (?P<host>…) of subject fills.",
                "wms_ko: dedup_key names {job}, which no (?P<job>…) of subject fills.",
                "wms_ko: dedup_key names {host}, which no (?P<host>…) of resolves fills.",
                "wms_ko: dedup_key names {job}, which no (?P<job>…) of resolves fills.",
            ],
        ),
        (watch(subject="KO", body=r"(?P<job>\w+)", dedup_key="{job}"), []),
        (watch(headers={"X-Job": r"(?P<job>\w+)"}, dedup_key="{job}"), []),
        (
            watch(subject="KO|", attachment=".*", resolves="", ignores="(x)?"),
            [
                "wms_ko: the pattern 'KO|' of subject matches an empty text, and so every mail.",
                "wms_ko: the pattern '.*' of attachment matches an empty text, and so every mail.",
                "wms_ko: the pattern '' of resolves matches an empty text, and so every mail.",
                "wms_ko: the pattern '(x)?' of ignores matches an empty text, and so every mail.",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_rule(rule: MailWatch, problems: list[str]):
    assert problems_of(rule) == problems


NOBODY_IN_PARTICULAR = DEMO.model_copy(update={"sender": None})
PLAIN = watch(subject="KO", resolves="OK")


@cache
def bounces(corpus: Path) -> dict[str, Mail]:
    paths = sorted((corpus / "mail/bounces").glob("*.eml"))
    return {path.name: parse_mail(path.read_bytes(), received_at=NOW) for path in paths}


RULES = pytest.mark.parametrize(
    "rule", [NOBODY_IN_PARTICULAR, PLAIN, watch(body="KO", resolves_body="OK")], ids=["demo", "plain", "body"]
)


@pytest.mark.needs("corpus")
@RULES
def test_no_real_bounce_triggers_or_resolves(corpus: Path, rule: MailWatch):
    found = bounces(corpus)
    assert len(found) == 367
    assert {name for name, each in found.items() if judge(rule, each, NOW) is not None} == set()


@pytest.mark.needs("corpus")
@RULES
@pytest.mark.parametrize("subject", ["[KO] EOD_POS", "Undeliverable: [OK] EOD_POS", "Re: OK", "[OK] EOD_POS", "OK"])
def test_none_resolves_whatever_it_quotes_and_the_few_that_nothing_proves_are_told_as_doubtful(
    corpus: Path, rule: MailWatch, subject: str
):
    told = {}
    for name, each in bounces(corpus).items():
        signal = judge(rule, each.model_copy(update={"subject": subject}), NOW)
        assert signal is None or signal.event == "trigger", name
        if signal is not None:
            told[name] = signal.facts["mail"]["doubts"]
    assert len(told) <= 0.02 * 367
    assert all(told.values())


@pytest.mark.needs("corpus")
def test_every_real_notice_can_be_a_ko_but_those_that_a_person_forwards(corpus: Path):
    told = {}
    for path in sorted((corpus / "mail/notices").glob("*.eml")):
        found = parse_mail(path.read_bytes(), received_at=NOW)
        rule = watch(subject="(?i)maintenance|testing|notification|work")
        told[path.name] = judge(rule, found, NOW) is not None
        assert told[path.name] or (found.repeats and weigh(rule, found).withholds("repeated")), path.name
    assert sum(told.values()) == 13


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ({"sender": None}, None),
        ({"sender": "@maison-lumiere.example"}, None),
        (WMS, "resolve"),
        ({"sender": None, "respond": RESPOND.model_copy(update={"severity": "high"})}, "resolve"),
    ],
)
def test_an_ok_ends_a_critical_incident_only_where_its_whole_sender_is_named(rule: dict[str, Any], event: str | None):
    signal = judge(DEMO.model_copy(update=rule), mail("[OK] EOD_POS"), NOW)
    assert (signal.event if signal else None) == event
    assert judge(DEMO.model_copy(update=rule), mail("[KO] EOD_POS"), NOW) is not None


def test_proof_is_asked_of_an_ok():
    assert problems_of(watch(subject="KO", authenticated_by="mx.example")) == [
        "wms_ko: authenticated_by is asked of an OK; write resolves= or resolves_body= with it."
    ]
