from __future__ import annotations

from datetime import time, timedelta

import pytest
from pydantic import ValidationError
from tests.core.files import watch

from vigie.core.file_watch import ExpectedTime, FileWatch
from vigie.core.respond import Respond

SLOTS = {"path": "{business_date}_{slot}", "slots": {"18": "18:30", "06": "06:30", "night": "02:00"}}


def test_one_time_a_day():
    assert watch(opens="22:00").times == (ExpectedTime("", time(22), time(6)),)


def test_each_slot_opens_when_the_one_before_is_due():
    assert watch(**SLOTS, opens="20:00").times == (
        ExpectedTime("night", time(20), time(2)),
        ExpectedTime("06", time(2), time(6, 30)),
        ExpectedTime("18", time(6, 30), time(18, 30)),
    )


def test_a_slot_due_when_the_first_window_opens_is_the_last_of_the_day():
    rule = watch(path="{business_date}_{slot}", slots={"a": "00:00", "b": "12:00"}, opens="00:00")
    assert [each.slot for each in rule.times] == ["b", "a"]


def test_it_travels_to_the_triggerer_as_plain_data():
    rule = watch(
        **SLOTS,
        opens="20:00",
        jeopardy="30 min",
        jeopardy_below="80 %",
        jeopardy_respond=Respond(severity="low", template="t", page=False),
        max_age="2 h",
    )
    assert FileWatch.model_validate_json(rule.model_dump_json()) == rule
    assert FileWatch.model_validate(rule.model_dump(mode="json")) == rule
    assert rule.model_dump(mode="json")["jeopardy_below"] == "80 %"


def test_what_an_author_does_not_say():
    rule = watch()
    assert (rule.at_least, rule.max_age, rule.jeopardy, rule.jeopardy_below) == (1, None, None, 1.0)
    assert (rule.stable_for, rule.min_size, rule.slots) == (timedelta(seconds=30), 1, {})


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"jeopardy": "30 min", "jeopardy_below": "0 %"}, "write a share as '80 %', from 1 % to 100 % (found '0 %')"),
        ({"jeopardy": "30 min", "jeopardy_below": 80}, "write a share as '80 %', from 1 % to 100 % (found 80)"),
        ({"jeopardy": "30 min", "jeopardy_below": "101 %"}, "(found '101 %')"),
        ({"at_least": 0, "path": "*{business_date}"}, "greater than or equal to 1"),
        (
            {**SLOTS, "slots": {"a": "00:00", "b": "00:00"}, "opens": "20:00"},
            "slot 'b': opens and due are the same time, so no file could be on time",
        ),
        ({**SLOTS, "slots": {"a": "24:00"}}, "write a time of day as '06:00' (found '24:00')"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(wrong: dict[str, object], text: str):
    with pytest.raises(ValidationError) as refused:
        watch(**wrong)
    assert text in str(refused.value)
