"""What a rule asks of a field, and the sentence on it."""

from __future__ import annotations

import pytest

from vigie.core.condition import Condition, address, asked


@pytest.mark.parametrize(
    ("condition", "groups", "said"),
    [
        (Condition("subject", "KO", ("EOD KO",), "failure"), {}, "subject 'KO' found 'KO'"),
        (Condition("subject", "KO", ("EOD",), "failure"), None, "subject 'KO' found nothing in 'EOD'"),
        (Condition("body", "KO", ("EOD",), "failure"), None, "body 'KO' found nothing"),
        (
            Condition("subject", "KO", ("512 Ko",), "failure"),
            None,
            "subject 'KO' found only '512 Ko': a size in octets",
        ),
        (Condition("subject", "KO", ("512 Ko",)), {}, "subject 'KO' found 'Ko'"),
        (Condition("header X", "OK", ("NOT OK", "OK"), "success"), {}, "header X 'OK' found 'OK'"),
        (
            Condition("subject", r"(?P<job>\w+) KO", ("EOD KO",)),
            {"job": "EOD"},
            r"subject '(?P<job>\w+) KO' found 'EOD KO'",
        ),
        (Condition("subject", None, ("EOD",)), {}, ""),
        (address("sender", "A@b.example", ("a@b.example",)), {}, ""),
        (address("sender", "@b.example", ("a@b.example",)), {}, ""),
        (address("sender", "@b.example", ()), None, "its sender is nobody, not @b.example"),
        (address("recipient", "a@b.example", ("c@b.example",)), None, "its recipient is c@b.example, not a@b.example"),
    ],
)
def test_one_field(condition: Condition, groups: dict[str, str] | None, said: str):
    assert asked([condition], ignore_case=True) == (groups, said)


def test_the_first_that_finds_nothing_ends_it():
    conditions = [Condition("subject", "KO", ("KO",)), Condition("body", "x", ("y",)), Condition("body", "z", ("z",))]
    assert asked(conditions, ignore_case=True) == (None, "body 'x' found nothing")
