from __future__ import annotations

import pytest
from pydantic import JsonValue

from vigie.core.doubtful import doubts_in, no_less_certain

DOUBTFUL: dict[str, JsonValue] = {"job": "A", "mail": {"subject": "KO", "doubts": ["its sender is postmaster"]}}
CERTAIN: dict[str, JsonValue] = {"job": "A", "mail": {"subject": "KO"}}


@pytest.mark.parametrize(
    ("facts", "doubts"),
    [(DOUBTFUL, ["its sender is postmaster"]), (CERTAIN, []), ({}, []), ({"mail": "x"}, []), ({"mail": {"doubts": "x"}}, [])],
)  # fmt: skip
def test_an_incident_is_doubtful_by_what_its_mail_is(facts: dict[str, JsonValue], doubts: list[str]):
    assert doubts_in(facts) == doubts


def test_one_that_was_certain_stays_so_and_one_that_becomes_certain_is():
    assert no_less_certain(CERTAIN, DOUBTFUL) == CERTAIN
    assert no_less_certain(DOUBTFUL, CERTAIN) == CERTAIN
    assert no_less_certain(DOUBTFUL, DOUBTFUL) == DOUBTFUL
    assert no_less_certain({}, {"job": "A"}) == {"job": "A"}
