"""What a rule asks of a field, and the sentence on it."""

from __future__ import annotations

import pytest

from vigie.core.condition import Condition, address, asked


@pytest.mark.parametrize(
    ("condition", "groups", "said"),
    [
        (("subject", "KO", ("EOD KO",), "failure"), {}, "subject 'KO' found 'KO'"),
        (("subject", "KO", ("EOD",), "failure"), None, "subject 'KO' found nothing in 'EOD'"),
        (("body", "KO", ("EOD",), "failure"), None, "body 'KO' found nothing"),
        (
            ("subject", "KO", ("512 Ko",), "failure"),
            None,
            "subject 'KO' found only '512 Ko': a size in octets",
        ),
        (("subject", "KO", ("512 Ko",), "anything"), {}, "subject 'KO' found 'Ko'"),
        (("header X", "OK", ("NOT OK", "OK"), "success"), {}, "header X 'OK' found 'OK'"),
        (
            ("subject", r"(?P<job>\w+) KO", ("EOD KO",), "anything"),
            {"job": "EOD"},
            r"subject '(?P<job>\w+) KO' found 'EOD KO'",
        ),
        (address("sender", "A@b.example", ("a@b.example",)), {}, ""),
        (address("sender", "@b.example", ("a@b.example",)), {}, ""),
        (address("sender", "@b.example", ()), None, "its sender is nobody, not @b.example"),
        (address("recipient", "a@b.example", ("c@b.example",)), None, "its recipient is c@b.example, not a@b.example"),
    ],
)
def test_one_field(condition: Condition, groups: dict[str, str] | None, said: str):
    assert asked([condition], ignore_case=True) == (groups, said)


def test_the_first_that_finds_nothing_ends_it():
    conditions = [
        ("subject", "KO", ("KO",), "anything"),
        ("body", "x", ("y",), "anything"),
        ("body", "z", ("z",), "anything"),
    ]
    assert asked(conditions, ignore_case=True) == (None, "body 'x' found nothing")
