"""Mails that were bent: real-looking ones with bytes, headers, boundaries, charsets and nesting changed, and plain noise.

Whatever comes, each step from the bytes to the record's notes ends, quickly, and with something that can be stored.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.core.ok_mails import backups
from tests.examples import examples

from vigie.core.bounce import bounce_of
from vigie.core.explanation import explain
from vigie.core.ko_mail import judge
from vigie.core.mail import parse_mail
from vigie.core.mail_arrival import Arrival
from vigie.core.mail_rule import counted, weigh
from vigie.core.origin import QUOTING
from vigie.core.ports import MailboxPosition, RawMail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch
from vigie.tasks.mail_fate import MailNotes, notes_of

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
POSITION = MailboxPosition(uidvalidity=1, uidnext=2)

PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
KO = (
    "From: Chaîne <batch@client.example>\nTo: ops@vigie.example\nSubject: [KO] EOD_POS\nMessage-ID: <1@client.example>\n"
    "Date: Mon, 23 Nov 2026 05:41:00 +0100\nX-Job: EOD_POS\nMIME-Version: 1.0\n"
)
REPORT = (
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: ops@vigie.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n{plain}Your message could not be"
    " delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822;"
    " depot@client.example\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown\n\n--b\n"
    "Content-Type: message/rfc822\n\nX-Vigie-Key: INC-7/page/1/mail/a@b.example\n{ko}{plain}Please look.\n--b--\n"
)
MAILS = {
    "ko": f"{KO}{PLAIN}La chaîne s'est arrêtée à 02:10.\n",
    "ok": f"{KO}{PLAIN}[OK] backup vm1\n".replace("[KO] EOD_POS", "[OK] backup vm1 2026-11-24"),
    "ko, html": f"{KO}Content-Type: text/html; charset=iso-8859-1\n\n<table><tr><td>EOD</td><td>KO</td></tr></table>",
    "ko, ja": f"{KO}{PLAIN}在庫連携が停止しました。\n".replace("EOD_POS", "=?iso-2022-jp?b?GyRCRWw1fhsoQg==?="),
    "notice": f"{KO}Content-Type: multipart/alternative; boundary=b\n\n--b\n{PLAIN}Wartung München\n--b\n"
    "Content-Type: text/html; charset=utf-8\n\n<p>Wartung <b>München</b></p>\n--b\n"
    "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nSUMMARY:Wartung\nEND:VCALENDAR\n--b--\n",
    "failed": REPORT.format(plain=PLAIN, ko=KO, action="failed"),
    "delayed": REPORT.format(plain=PLAIN, ko=KO, action="delayed"),
    "absence": f"Auto-Submitted: auto-replied\n{KO}{PLAIN}Je suis absente.\n".replace("[KO]", "Réponse automatique : [KO]"),
    "reply": f"In-Reply-To: <1@x>\n{KO}{PLAIN}Ich schaue.\n\nAm 23.11.2026 um 05:41 schrieb WMS:\n> KO\n-- \nAnn\n",
    "attachment": f"{KO}Content-Type: multipart/mixed; boundary=b\n\n--b\n{PLAIN}see\n--b\nContent-Type: text/csv;"
    " name*=utf-8''r%C3%A9sum%C3%A9.csv\nContent-Transfer-Encoding: base64\n\nS087MTI=\n--b--\n",
}  # fmt: skip

SWAPS = (
    (b"utf-8", b"utf-7"), (b"utf-8", b"no-such-charset"), (b"utf-8", b"utf-16"), (b"utf-8", b"\xff"), (b"8bit", b"base64"),
    (b"8bit", b"quoted-printable"), (b"8bit", b"x-uuencode"), (b"boundary=b", b"boundary="), (b"boundary=b", b'boundary="b'),
    (b"boundary=b", b"boundary*0=b; boundary*1=c"), (b"--b--", b""), (b"--b\n", b"--b"), (b"\n", b"\r"), (b"\n", b"\r\n"),
    (b"\n\n", b"\n"), (b": ", b":"), (b"From:", b"From :"), (b"Date: Mon", b"Date: 99"), (b"+0100", b"+9999"),
    (b"2026", b"99999999999"), (b"<1@client.example>", b"<" * 200), (b"rfc822", b"rfc822; x=\x00"), (b"text/plain", b"message/rfc822"),
    (b"text/", b"multipart/"), (b"[KO]", b"=?utf-8?b?W0tPXQ=?="), (b"Subject", b"\xe9Subject"), (b"multipart/", b"message/"),
    (b"failed", b"delayed"), (b"Action", b"Action\n failed\nAction"), (b"5.1.1", b"5.\xff"), (b"delivery-status", b"disposition-notification"),
)  # fmt: skip
HEADERS = st.builds(
    lambda name, value: name + b": " + value + b"\n",
    st.sampled_from(
        [b"Subject", b"From", b"To", b"Date", b"Message-ID", b"Content-Type", b"Content-Transfer-Encoding", b"X-Vigie-Key",
         b"Auto-Submitted", b"Return-Path", b"List-Id", b"Precedence", b"X-Failed-Recipients", b"References", b"X-Job"]
    )
    | st.binary(max_size=8),
    st.binary(max_size=60),
)  # fmt: skip


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """One of our mails, bent several times."""
    raw = MAILS[draw(st.sampled_from(sorted(MAILS)))].encode()
    for _ in range(draw(st.integers(1, 5))):
        where = draw(st.integers(0, len(raw)))
        match draw(st.sampled_from(["swap", "swap", "header", "byte", "gone", "twice", "cut", "nest", "between"])):
            case "swap":
                raw = raw.replace(*draw(st.sampled_from(SWAPS)))
            case "header":
                raw = draw(HEADERS) + raw
            case "byte":
                raw = raw[:where] + draw(st.binary(min_size=1, max_size=4)) + raw[where + 1 :]
            case "gone":
                raw = raw[:where] + raw[where + draw(st.integers(1, 80)) :]
            case "twice":
                raw = raw[:where] + raw[max(0, where - 200) : where] * draw(st.integers(2, 20)) + raw[where:]
            case "cut":
                raw = raw[:where]
            case "nest":
                raw = b"Content-Type: message/rfc822\n\n" * draw(st.integers(1, 30)) + raw
            case _:
                raw = b"Content-Type: multipart/mixed; boundary=c\n\n--c\n" + raw + b"\n--c\n" + raw
    return raw


ANY = st.binary(max_size=300) | st.builds(
    bytes.__add__, st.lists(HEADERS, max_size=8).map(b"".join), st.binary(max_size=99)
)


def watch(task_id: str, **rule: Any) -> MailWatch:
    respond = Respond(severity="high", template="t")
    return MailWatch(client="nordwind", flux="eod", task_id=task_id, mailbox="nordwind_ops", respond=respond, **rule)


RULES = (
    watch("ko", subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}"),
    watch("words", body="KO", resolves_body="OK", ignores="Wartung"),
    watch("fields", subject="KO", headers={"X-Job": "."}, sender="@client.example", recipient="ops@vigie.example"),
    watch("file", attachment=r"\.csv$", body=r"(?s).*", ignore_case=False),
)
EXPECTED = (
    backups(),
    backups(expect_count=None, distinct_by=None, subject=None, body="OK"),
    backups(subject=r"(?P<vm>\S*) (?P<business_date>.*)", date_format="%Y-%m-%d", expect_count=2),
)

SECONDS = 2
"""Of processor time for one mail of a few kilobytes: a thousand times what one takes."""


def through(raw: bytes) -> MailNotes:
    """The whole way of a mail that no watch has claimed yet; its claims and its fate never disagree."""
    before = time.process_time()
    mail = parse_mail(raw, received_at=NOW)
    signals = [judge(rule, mail, NOW) for rule in RULES]
    arrivals = [counted(rule, mail) for rule in EXPECTED]
    told = explain([*RULES, *EXPECTED], mail)
    notes = notes_of(
        mail,
        RawMail(uid=1, raw=raw, size=len(raw), received_at=NOW),
        "nordwind_ops/INBOX",
        POSITION,
        {rule.id: rule for rule in (*RULES, *EXPECTED)},
        [],
        NOW,
    )
    assert time.process_time() - before < SECONDS
    assert [signal.event if signal else None for signal in signals] == [
        event if event != "ignore" else None for event in (weigh(rule, mail).event for rule in RULES)
    ]
    assert [isinstance(each, Arrival) for each in arrivals] == [
        weigh(rule, mail).event == "arrive" for rule in EXPECTED
    ]
    if mail.origin in QUOTING:
        assert not any(signals)
        assert not any(arrivals)
        assert told.verdict == "ignored"
    bounce = bounce_of(mail, notes.seen.key, NOW)
    assert notes.bounce == bounce
    assert bounce is None or mail.origin == "dsn_failed"
    for kept in (mail, told, notes.entry, notes.seen, *filter(None, (*signals, bounce))):
        stored = kept.model_dump_json()
        assert "\\u0000" not in stored  # PostgreSQL's jsonb refuses it
        assert type(kept).model_validate_json(stored) == kept
    return notes


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_the_mails_that_are_bent_are_what_they_are_called(raw: str):
    notes = through(raw.encode())
    kinds = {"failed": "dsn_failed", "delayed": "dsn_delayed", "absence": "auto_replied"}
    name = next(name for name, each in MAILS.items() if each == raw)
    assert notes.seen.origin == kinds.get(name, notes.seen.origin)
    assert (notes.seen.origin in QUOTING) == (name in kinds)
    assert (notes.bounce is not None) == (name == "failed")


@pytest.mark.parametrize("swap", SWAPS, ids=[f"{old!r} {new[:12]!r}" for old, new in SWAPS])
def test_each_mail_with_each_swap_goes_the_whole_way(swap: tuple[bytes, bytes]):
    for raw in MAILS.values():
        through(raw.encode().replace(*swap))


@examples(200)
@given(bent())
@example(b"Content-Type: message/rfc822\n\n" * 300 + MAILS["failed"].encode())
def test_a_bent_mail_goes_the_whole_way(raw: bytes):
    through(raw)


@examples(150)
@given(ANY)
def test_so_does_noise(raw: bytes):
    through(raw)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_that_ends_anywhere_goes_the_whole_way(name: str):
    raw = MAILS[name].encode()
    for end in range(0, len(raw), max(1, len(raw) // 25)):
        through(raw[:end])
