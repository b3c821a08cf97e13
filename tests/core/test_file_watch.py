from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError
from tests.core.files import watch

from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond


def told(rule: FileWatch) -> list[tuple[str, str, str]]:
    return [(each.slot, str(each.opens), str(each.due)) for each in rule.times]


SLOTS = {"path": "{business_date}_{slot}", "slots": {"18": "18:30", "06": "06:30", "night": "02:00"}}


def test_one_time_a_day():
    assert told(watch(opens="22:00")) == [("", "22:00", "06:00")]
    assert told(watch(opens="20:00", due="26:00")) == [("", "20:00", "26:00")]


def test_each_slot_opens_when_the_one_before_is_due():
    assert told(watch(**SLOTS, opens="20:00")) == [
        ("night", "20:00", "02:00"),
        ("06", "02:00", "06:30"),
        ("18", "06:30", "18:30"),
    ]


@pytest.mark.parametrize(
    ("opens", "slots", "times"),
    [
        ("20:00", {"22": "22:30", "02": "02:30"}, ["20:00-22:30", "22:30-26:30"]),
        ("20:00", {"02": "02:30", "22": "22:30"}, ["20:00-22:30", "22:30-26:30"]),
        ("20:00", {"22": "22:30", "02": "26:30"}, ["20:00-22:30", "22:30-26:30"]),
        (
            "06:00",
            {"a": "12:00", "b": "18:00", "c": "00:00", "d": "06:00"},
            ["06:00-12:00", "12:00-18:00", "18:00-24:00", "24:00-30:00"],
        ),
        ("22:00", {"a": "06:00", "b": "21:00"}, ["22:00-06:00", "06:00-21:00"]),  # the window of the evening before
        ("22:00", {"a": "06:00", "b": "26:00"}, ["22:00-06:00", "06:00-26:00"]),
        ("24:30", {"a": "25:00", "b": "26:00"}, ["24:30-25:00", "25:00-26:00"]),
    ],
)
def test_slots_over_midnight_keep_one_business_date(opens: str, slots: dict[str, str], times: list[str]):
    rule = watch(path="{business_date}_{slot}", slots=slots, opens=opens)
    assert [f"{start}-{end}" for _, start, end in told(rule)] == times


def test_a_slot_due_when_the_first_window_opens_is_the_last_of_the_day():
    rule = watch(path="{business_date}_{slot}", slots={"a": "00:00", "b": "12:00"}, opens="00:00")
    assert told(rule) == [("b", "00:00", "12:00"), ("a", "12:00", "24:00")]


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
        (
            {**SLOTS, "slots": {"a": "48:00"}},
            "write a time of day as '06:00' (found '48:00')",
        ),
        ({"due": 600}, "write a time of day as '06:00' (found 600)"),
        ({"due": "6:00"}, "(found '6:00')"),
        ({"due": "02:60"}, "(found '02:60')"),
        ({"opens": "25:00"}, "opens='25:00' is on the day after, and '06:00' is not; write opens='01:00'"),
        ({"opens": "26:00", "due": "26:00"}, "opens and due are the same time"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(wrong: dict[str, object], text: str):
    with pytest.raises(ValidationError) as refused:
        watch(**wrong)
    assert text in str(refused.value)
