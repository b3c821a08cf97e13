"""The key of an incident where nobody wrote one: the words that tell a KO from its OK are no part of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.mail_cases import ko_mail, read_mail

from vigie.core.explanation import explain
from vigie.core.ko_mail import judge
from vigie.core.mail_key import subject_key

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
PLAIN = {"subject": "KO", "resolves": "OK"}


def mail(subject: str, text: str = "x") -> Any:
    return read_mail(f"From: batch@acme.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}")


@pytest.mark.parametrize(
    ("rule", "ko", "ok", "key"),
    [
        (PLAIN, "EOD_POS KO", "EOD_POS OK", "eod_pos"),
        (PLAIN, "Batch KO", "Batch OK", "batch"),
        (PLAIN, "[KO] EOD_POS", "[OK] EOD_POS", "eod_pos"),
        (PLAIN, "[KO] EOD_POS 2026-11-23 02:10", "[OK] EOD_POS 2026-11-23 03:40", "eod_pos #"),
        (PLAIN, "KO: EOD_POS", "OK: EOD_POS", "eod_pos"),
        (PLAIN, "EOD_POS - KO", "EOD_POS - OK", "eod_pos"),
        (PLAIN, "[EXTERNAL] EOD_POS (KO)", "EOD_POS (OK)", "eod_pos"),
        (PLAIN, "EOD_POS : KO", "EOD_POS : KO -> OK", "eod_pos"),
        (PLAIN, "[KO] EOD_POS", "[KO] => [OK] EOD_POS", "eod_pos"),
        (PLAIN, "Sauvegarde SRV1 KO", "Sauvegarde SRV1 OK (512 Ko)", "sauvegarde srv1"),
        (PLAIN, "Sauvegarde SRV1 : KO (3/12)", "Sauvegarde SRV1 : OK [1 024 Mo/s]", "sauvegarde srv1"),
        (PLAIN, "BANGKOK KO", "BANGKOK OK", "bangkok"),
        (PLAIN, "KO", "OK", "ok"),
        (PLAIN, "EOD_POS ko", "EOD_POS Ok", "eod_pos"),
        ({"subject": r"\[KO\]", "resolves": r"\[OK\]"}, "[KO] EOD_POS", "[OK] EOD_POS", "eod_pos"),
        ({"subject": "障害", "resolves": "復旧"}, "【障害】受注連携", "【復旧】受注連携", "受注連携"),
        ({"subject": "échec", "resolves": "succès"}, "Sauvegarde : échec", "Sauvegarde : succès", "sauvegarde"),
        ({"subject": "job failed", "resolves": "job done"}, "EOD job failed", "EOD job done", "eod"),
        ({"subject": "KO", "resolves_body": "all is well"}, "EOD KO", "EOD", "eod"),
        ({"body": "KO", "resolves_body": "all is well"}, "EOD", "EOD", "eod"),
        ({"body": "failed", "resolves": "OK"}, "EOD", "EOD OK", "eod"),
        ({"subject": "errors", "resolves": "0 errors"}, "EOD: errors", "EOD: 0 errors", "eod"),
    ],
)
def test_a_ko_and_its_ok_have_one_key(rule: dict[str, Any], ko: str, ok: str, key: str):
    watch = ko_mail(**rule)
    opened, ended = (
        explain([watch], mail(subject, text)) for subject, text in ((ko, "failed, KO"), (ok, "all is well"))
    )
    assert (opened.verdict, ended.verdict) == ("ko", "ok")
    assert (opened.dedup_key, ended.dedup_key) == (key, key)


@pytest.mark.parametrize(
    ("rule", "subject", "key"),
    [
        ({"subject": "KO"}, "[KO] EOD_POS", "[ko] eod_pos"),  # nothing ends it: the subject is the key
        (
            {"subject": "EOD_(POS|STK) KO", "resolves": "OK"},
            "EOD_STK KO",
            "eod_stk ko",
        ),  # what it finds tells jobs apart
        ({"subject": r"\[KO\] (?P<job>\w+)", "resolves": "OK"}, "[KO] EOD_POS", "[ko] eod_pos"),
    ],
)
def test_what_tells_two_jobs_apart_stays_in_the_key(rule: dict[str, Any], subject: str, key: str):
    assert subject_key(ko_mail(**rule), subject) == key


def test_two_jobs_stay_two_incidents():
    watch = ko_mail(**PLAIN)
    keys = {judge(watch, mail(subject), NOW).dedup_key for subject in ("web1 KO", "web2 KO", "TOKYO KO", "OSAKA KO")}  # type: ignore[union-attr]
    assert len(keys) == 4
