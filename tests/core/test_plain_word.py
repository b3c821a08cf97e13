"""A plain word in a text: the first place that means it, and why others do not."""

from __future__ import annotations

import time

import pytest

from vigie.core.pattern import Found
from vigie.core.plain_word import Says, TakenBack, look_for


def look(pattern: str, text: str, says: Says, *, ignore_case: bool = True) -> str | None:
    found = look_for(pattern, text, says, ignore_case=ignore_case)
    if found is None:
        return None
    return found.text if isinstance(found, Found) else f"not {found.why}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sauvegarde SRV1 OK (512 Ko)", "not 'SRV1 OK (512 Ko)': a size in octets"),
        ("EOD_POS : KO -> OK", "not 'EOD_POS : KO -> OK': a state that is over"),
        ("Bilan de la nuit du 23 : KO: 0, OK: 12", "not 'de la nuit du 23 : KO: 0, OK: 12': a count of none"),
        ("Bilan : 512 Ko, 1 KO", "KO"),
        ("KO: 0, then KO", "KO"),
        ("KO -> OK -> KO", "KO"),
        ("512 Ko\n0 KO\nEOD_STK KO", "KO"),
        ("BANGKOK", None),
    ],
)
def test_of_a_failure_one_place_that_means_it_is_enough(text: str, told: str | None):
    assert look("KO", text, "failure") == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Backup SRV1 NOT OK", "not 'Backup SRV1 NOT OK': denied"),
        ("Job 1 OK\nJob 2 NOT OK\nJob 3 OK", "not 'Job 2 NOT OK': denied"),
        ("ok 1 - a\nnot ok 2 - b", "not 'not ok 2 - b': denied"),
        ("All stores OK\nOK sauf LYON", "not 'OK sauf LYON': true in part"),
        ("OK? Press OK to go on", "not 'OK? Press OK to go on': a question"),
        ("Press OK to go on.\nEOD_POS OK", "OK"),
        ("waiting for OK", "not 'waiting for OK': not there yet"),
        ("12 jobs OK, 0 not OK", "OK"),
        ("Errors: no\nOK", "OK"),
        ("the backup of the warehouse server SRV1 is today not\nOK", "not 'SRV1 is today not OK': denied"),
        ("EOD_POS OK", "OK"),
        ("BROOKLYN", None),
    ],
)
def test_a_success_is_none_where_any_place_denies_it(text: str, told: str | None):
    assert look("OK", text, "success") == told


def test_a_regular_expression_means_what_its_author_wrote():
    assert look(r"\bKO\b", "KO: 0", "failure") == "KO"
    assert look(r"O.K", "NOT O.K", "success") == "O.K"


def test_a_word_of_neither_kind_is_only_found():
    assert look("heartbeat", "no heartbeat", "failure") == "heartbeat"
    assert look("backup", "0 backup", "failure") == "backup"


def test_what_neither_fails_nor_succeeds_is_not_read():
    assert look("OK", "NOT OK", "anything") == "OK"


def test_a_success_that_is_a_word_of_failure_is_the_good_news_itself():
    assert look("errors", "0 errors", "success") == "errors"


@pytest.mark.parametrize(
    ("pattern", "text", "says", "told"),
    [
        ("job failed", "no job failed", "failure", "not 'no job failed': a count of none"),
        ("job failed", "job failed", "failure", "job failed"),
        ("backup OK", "backup OK?", "success", "not 'backup OK?': a question"),
        ("backup OK", "no backup OK", "success", "not 'no backup OK': denied"),
    ],
)
def test_several_words_are_read_by_their_last(pattern: str, text: str, says: Says, told: str):
    assert look(pattern, text, says) == told


def test_the_case_matters_where_the_author_says_so():
    assert look("KO", "512 Ko", "failure", ignore_case=False) is None


@pytest.mark.parametrize("says", ["failure", "success"])
@pytest.mark.parametrize("text", ["OK " * 33_000, "512 Ko " * 14_000, "not\n" * 25_000, "KO -> OK\n" * 11_000])
def test_a_text_full_of_them_costs_little(text: str, says: Says):
    before = time.process_time()
    for pattern in ("OK", "KO"):
        look(pattern, text, says)
    assert time.process_time() - before < 2


def test_a_long_report_is_denied_by_its_end_too():
    assert look("OK", "job OK\n" * 900, "success") == "OK"
    assert look("OK", "job OK\n" * 900 + "job NOT OK\n", "success") == "not 'NOT OK': denied"
    assert isinstance(look_for("KO", "512 Ko\n" * 300, "failure", ignore_case=True), TakenBack)
