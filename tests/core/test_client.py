from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from vigie.core.client import PLATFORM, Client, EscalationPolicy, EscalationStep

STEP = EscalationStep(page=("amina",), delay="10 min")


def test_the_name_of_our_own_troubles():
    assert PLATFORM == "platform"


def test_a_policy_is_repeated_three_times_unless_the_author_says_otherwise():
    assert EscalationPolicy(id="night", steps=(STEP,)).repeat == 3
    assert STEP.delay == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("what", "fields", "wrong"),
    [
        (EscalationPolicy, {"id": "night", "steps": ()}, "steps"),
        (EscalationPolicy, {"id": "night", "steps": (STEP,), "repeat": -1}, "repeat"),
        (EscalationPolicy, {"id": "night", "steps": (STEP,), "repeat": 101}, "repeat"),
        (EscalationStep, {"page": (), "delay": "10 min"}, "page"),
        (EscalationStep, {"page": ("amina",), "delay": "soon"}, "delay"),
        (
            Client,
            {"id": "a", "name": "A", "zone": "UTC", "languages": (), "slack_channel": "#a", "policy": "night"},
            "languages",
        ),
    ],
)
def test_a_policy_that_would_page_nobody_is_refused(what: type[BaseModel], fields: dict[str, object], wrong: str):
    with pytest.raises(ValidationError) as refused:
        what(**fields)
    assert [error["loc"] for error in refused.value.errors()] == [(wrong,)]
