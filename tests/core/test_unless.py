"""Exceptions: how they are written, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vigie.core.respond import Respond
from vigie.core.unless import Unless, wrong_exceptions
from vigie.core.watch import MailWatch


def watch(**rule: object) -> MailWatch:
    respond = Respond(severity="high", template="t")
    return MailWatch(client="acme", flux="jobs", task_id="ko", mailbox="m", respond=respond, **rule)  # type: ignore[arg-type]


def test_a_pattern_alone_and_patterns_by_their_fields():
    found = watch(unless=["KO: 0", {"subject": "test", "body": "dry run"}, {"headers": {"X-Env": "test"}}]).unless
    assert found == (
        Unless(anywhere="KO: 0"),
        Unless(subject="test", body="dry run"),
        Unless(headers={"X-Env": "test"}),
    )
    assert found[1].patterns == {"unless subject": "test", "unless body": "dry run"}
    assert found[2].patterns == {"unless header X-Env": "test"}


def test_it_travels_as_plain_data():
    there = watch(unless=["KO: 0", {"headers": {"X-Env": "test"}}], resolves="OK", resolves_unless=[{"body": "rejets"}])
    assert MailWatch.model_validate(there.model_dump(mode="json")) == there
    assert MailWatch.model_validate_json(there.model_dump_json()) == there


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("KO: 0", "write a list, also of one: ['KO: 0']"),
        ({"subject": "KO: 0"}, "write a list, also of one: [{'subject': 'KO: 0'}]"),
        ([{"subjet": "KO: 0"}], "'subjet' is no field; write subject, body, headers: {'subject': 'KO: 0'}"),
        ([{"sender": "a@b.example"}], "'sender' is no field; write subject, body, headers: {'subject': 'KO: 0'}"),
        ([{}], "an exception without a pattern; write one, as 'KO: 0' or {'body': 'KO: 0'}"),
        ([{"subject": None}], "an exception without a pattern; write one, as 'KO: 0' or {'body': 'KO: 0'}"),
        (["(a"], r"the pattern '(a' is not a regular expression of RE2: missing ): (a"),
        ([{"headers": {"X-Env": "(a"}}], r"the pattern '(a' is not a regular expression of RE2: missing ): (a"),
    ],
)
@pytest.mark.parametrize("word", ["unless", "resolves_unless"])
def test_what_is_refused(word: str, written: object, says: str):
    with pytest.raises(ValidationError) as refused:
        watch(**{word: written})
    assert refused.value.errors()[0]["msg"] == f"Value error, {says}"


def test_an_exception_that_takes_everything_back_is_told():
    rule = watch(unless=[".*", "KO", {"subject": "KO"}, {"subject": "KO", "body": "test"}], subject="KO")
    assert wrong_exceptions("ko", "unless", rule.unless, rule.patterns) == [
        "ko: the pattern '.*' of unless matches an empty text, and so every mail.",
        "ko: unless has the pattern of subject itself, 'KO', and takes every match back.",
        "ko: unless has the pattern of subject itself, 'KO', and takes every match back.",
    ]
