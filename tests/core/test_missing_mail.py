from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.core.ok_mails import RESPOND, backups

from vigie.core.missing_mail import problems_of

DATED = {"subject": r"\[OK\] (?P<vm>\w+) of (?P<business_date>\S+)", "date_format": "%Y-%m-%d"}


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"expect_count": None, "distinct_by": None},
        {"expect_count": 3, "distinct_by": None},
        {"expect": ["vm1", "vm2"], "expect_count": None},
        {"expect": ["vm1", "vm2"], "expect_count": 2},
        {"subject": None, "body": r"backup of (?P<vm>\w+) done"},
        {"subject": None, "headers": {"X-Backup": r"(?P<vm>\w+) ok"}},
        {"distinct_by": "vm", "attachment": r"(?P<vm>\w+)\.log", "subject": "OK"},
        DATED,
        DATED | {"date_format": "%d.%m.%y"},
        DATED | {"date_format": "%d %b %Y"},
        {"opens": "06:10", "due": "06:00"},
    ],
)
def test_a_rule_that_is_well_has_no_problems(rule: dict[str, Any]):
    assert problems_of(backups(**rule)) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"subject": None, "distinct_by": None},
            ["a MissingMail needs subject= or body=, a pattern that tells the OK from other mail."],
        ),
        (
            {"opens": "06:00", "due": "06:00"},
            ["opens and due are the same time, so no mail could be on time; open the window earlier."],
        ),
        (
            {"opens": "06:05"},
            [
                (
                    "the grace lasts into the next window, which opens at 06:05: a mail between would be of two days; "
                    "shorten the grace, or open the window later."
                )
            ],
        ),
        ({"distinct_by": "host"}, ["distinct_by names 'host', which no (?P<host>…) of its patterns fills."]),
        (
            DATED | {"distinct_by": "business_date"},
            ["distinct_by is 'business_date', the same for all mails of a day; name what tells them apart."],
        ),
        (
            {"expect": ["vm1", "vm2", "vm3"]},
            ["expect lists 3 mails and expect_count says 5; leave expect_count out."],
        ),
        (
            {"expect": ["vm1"], "expect_count": None, "distinct_by": None},
            ["expect lists values, and nothing says of which group; write distinct_by= with the name of the group."],
        ),
        ({"expect": ["vm1", "vm2", "vm1"], "expect_count": 3}, ["expect lists 'vm1' 2 times."]),
        ({"expect": ["vm1", "VM1"], "expect_count": None}, ["expect lists 'VM1' 2 times."]),
        ({"expect": ["vm1", " "], "expect_count": None}, ["expect lists an empty name."]),
        (
            {"subject": DATED["subject"]},
            ["the group 'business_date' needs date_format=, which says how the date is written: '%Y-%m-%d'."],
        ),
        (
            {"date_format": "%Y-%m-%d"},
            ["date_format says how a date is written, and no pattern has the group (?P<business_date>…)."],
        ),
        (
            DATED | {"date_format": "%d/%m"},
            ["date_format '%d/%m' does not tell day, month and year; write one such as '%Y-%m-%d'."],
        ),
        (
            DATED | {"date_format": "yyyy-mm-dd"},
            ["date_format 'yyyy-mm-dd' does not tell day, month and year; write one such as '%Y-%m-%d'."],
        ),
        (
            {"body": ".*"},
            ["the pattern '.*' of body matches an empty text, and so every mail."],
        ),
        (
            {"respond": RESPOND.model_copy(update={"group_by": ("warehouse",)})},
            ["group_by is for the files of several sites; a MissingMail has one incident per business date."],
        ),
        (
            {"distinct_by": "host", "date_format": "%d", "opens": "06:00"},
            [
                "opens and due are the same time, so no mail could be on time; open the window earlier.",
                "distinct_by names 'host', which no (?P<host>…) of its patterns fills.",
                "date_format says how a date is written, and no pattern has the group (?P<business_date>…).",
                "date_format '%d' does not tell day, month and year; write one such as '%Y-%m-%d'.",
            ],
        ),
    ],
)
def test_each_problem_is_a_sentence_and_all_are_told_at_once(rule: dict[str, Any], said: list[str]):
    assert problems_of(backups(**rule)) == [f"backups_ok: {each}" for each in said]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"zone": "Europe/Berln"}, "'Europe/Berln' is not a time zone; write an IANA name such as 'Asia/Tokyo'"),
        ({"zone": "../etc/passwd"}, "'../etc/passwd' is not a time zone; write an IANA name such as 'Asia/Tokyo'"),
        ({"due": "6h"}, "write a time of day as '06:00' (found '6h')"),
        ({"grace": "ten"}, "write a duration as '30 s', '10 min', '2 h' or '1 d' (found 'ten')"),
        ({"expect": "vm1"}, "write the names as a list: ['vm1', 'vm2'] (found 'vm1')"),
        ({"expect": []}, "Tuple should have at least 1 item after validation, not 0"),
        ({"expect_count": 0}, "Input should be greater than or equal to 1"),
        ({"subject": "("}, "the pattern '(' is not a regular expression of RE2: missing ): ("),
    ],
)
def test_a_field_that_cannot_be_read_is_refused(rule: dict[str, Any], said: str):
    with pytest.raises(ValidationError) as refused:
        backups(**rule)
    assert [error["msg"].removeprefix("Value error, ") for error in refused.value.errors()] == [said]


def test_how_many_are_needed():
    assert backups().needed == 5
    assert backups(expect_count=None).needed == 1
    assert backups(expect=["vm1", "vm2"], expect_count=None).needed == 2


def test_a_value_is_counted_in_the_spelling_of_the_author():
    named = backups(expect=["VM1", "vm2"], expect_count=None)
    assert [named.spelt(each) for each in ("vm1", " VM1\n", "VM2", "vm9")] == ["VM1", "VM1", "vm2", "vm9"]
    assert backups().spelt("VM1") == "vm1"
    assert backups(ignore_case=False).spelt("VM1") == "VM1"
    assert len(backups().spelt("x" * 5000)) == 100


def test_the_digest_of_the_rule_changes_with_what_counts_and_not_with_what_is_done_about_it():
    rule = backups().rule
    for same in ({"respond": RESPOND.model_copy(update={"severity": "low"})}, {"blind_after": "9 min"}):
        assert backups(**same).rule == rule
    for other in ({"subject": r"\[OK\] save (?P<vm>\w+)"}, {"expect_count": 4}, {"opens": "21:00"}, {"folder": "ok"}):
        assert backups(**other).rule != rule


def test_a_rule_travels_as_plain_data():
    rule = backups(expect=["vm1"], expect_count=None, **DATED)
    assert type(rule).model_validate(rule.model_dump(mode="json")) == rule
