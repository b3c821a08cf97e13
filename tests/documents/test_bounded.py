"""The filters and tests of templates do what Jinja's do, where that is bounded."""

from __future__ import annotations

import time
from typing import Any

import pytest
from jinja2 import DictLoader
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError

from vigie.documents.budget import LENGTH, STEPS, WORK, check_length, rendering, spend, spend_step, start_counting
from vigie.documents.sandbox import Sandbox
from vigie.documents.sealed_fact import reveal

FACTS: dict[str, Any] = {
    "title": "Straße", "count": 3, "none": None, "sites": [{"code": "B", "n": 2}, {"code": "a", "n": 2}, {"code": "C", "n": 1}],
    "list": ["b", "a", "b"], "dict": {"k": "v"}, "text": "aaa",
}  # fmt: skip


def written(text: str) -> str:
    with rendering():
        start_counting()
        return reveal(Sandbox(DictLoader({})).from_string(text).render(FACTS))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{ title | upper }} {{ title | lower }} {{ 'a b' | title }} {{ 'ab' | capitalize }} {{ ' a ' | trim }}", "STRASSE straße A B Ab a"),
        ("{{ 'abcdefghijkl' | truncate(5, True) }} {{ 'abcdef' | truncate(5, True, '…', 0) }}", "ab... abcd…"),
        ("{{ text | replace('a', 'bc') }} {{ text | replace('a', 'b', 2) }} {{ text | replace('', '-') }} {{ count | replace(3, 4) }}", "bcbcbc bba -a-a-a- 4"),
        ("{{ list | join(', ') }} {{ sites | join('', 'code') }} {{ [1, 2.5, true] | join('/') }}", "b, a, b BaC 1/2.5/True"),
        ("{{ 'a' ~ 1 ~ title }} {{ 'a' + 'b' }} {{ 1 + 2 * 3 }}", "a1Straße ab 7"),
        ("{{ list | sort | join }} {{ list | sort(reverse=true) | join }} {{ sites | sort(attribute='n,code') | map(attribute='code') | join }}", "abb bba CaB"),
        ("{{ list | unique | join }} {{ sites | unique(attribute='n') | list | length }} {{ list | max }} {{ sites | min(attribute='n') | length }}", "ba 2 b 2"),
        ("{% for n, of in sites | groupby('n') %}{{ n }}:{{ of | length }} {% endfor %}", "1:1 2:2 "),
        ("{{ sites | sum(attribute='n') }} {{ [1, 2] | sum(start=1) }} {{ [] | sum }}", "5 4 0"),
        ("{{ 2.345 | round(1) }} {{ 2.5 | round(0, 'floor') }} {{ 17 | round(-1) }} {{ '12' | int }} {{ 'x' | int(7) }} {{ '0x1f' | int(0, 16) }}", "2.3 2.0 20 12 7 31"),
        ("{{ list | reverse | join }} {{ 'abc' | reverse }} {{ list | first }}{{ list | last }}{{ list | count }}", "bab cba bb3"),
        ("{{ list | map('upper') | join }} {{ list | reject('eq', 'b') | join }} {{ sites | selectattr('n', 'gt', 1) | list | length }}", "BAB a 2"),
        ("{{ title[1:3] }} {{ list[::-1] | join }} {{ list[5:] | length }} {{ title[0] }}", "tr bab 0 S"),
        ("{{ 1 if list == ['b', 'a', 'b'] }} {{ 1 if dict == {'k': 'v'} }} {{ 1 if 1 < count <= 3 }} {{ 1 if 'a' in list }} {{ 1 if 'a' not in text }}{{ 0 if true }}",
         "1 1 1 1 0"),
        ("{{ 1 if count is odd }} {{ 1 if 4 is even }} {{ 1 if 9 is divisibleby(3) }} {{ 1 if 'A' is upper }} {{ 1 if count is eq(3) }} {{ 1 if 'a' is in(list) }}", "1 1 1 1 1 1"),
        ("{{ 1 if nothing is undefined }} {{ 1 if none is none }} {{ 1 if title is string }} {{ nothing | default('d') }} {{ dict | items | list | length }}", "1 1 1 d 1"),
        ("{% for a in (1, 2) %}{{ a }}{{ loop.changed(a) }}{{ loop.cycle('x', 'y') }}{% endfor %}", "1Truex2Truey"),
        ("{% set a, b = 1, 2 %}{{ a }}{{ b }}{{ {'x': (1, 2)}.x | length }}", "122"),
        ("{{ dict['k'] }} {{ dict.k }} {{ sites[0].code }}", "v v B"),
    ],
)  # fmt: skip
def test_what_authors_write_means_what_it_meant(text: str, result: str):
    assert written(text) == result


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ 'x' | replace('x', 'y' ~ title) | replace(sites, 'x') }}", "'replace' works on one value, not on a list"),
        ("{{ list | upper }}", "'upper' works on one value, not on a list"),
        ("{{ [list] | join }}", "'join' works on one value, not on a list"),
        ("{{ list ~ 'x' }}", "'join' works on one value, not on a list"),
        ("{{ list is upper }}", "'upper' works on one value, not on a list"),
        ("{{ '%9d' is even }}", "'even' works on a number"),
        ("{{ ['a'] | sum }}", "'sum' works on a number"),
        ("{{ [[1]] | sum(start=[]) }}", "'sum' works on a number"),
        ("{{ 1 | round(-16) }}", "'round' is for at most 15 digits"),
        ("{{ sites | sort }}", "'sort' compares texts and numbers, not lists; give it an attribute"),
        ("{{ ('1' | replace('1', '1111111111') | replace('1', '1111111111') | replace('1', '1111111111')) | int }}", "a number of more than 300 digits"),
        ("{{ range(2000) | list == [] }}", "a list of more than 1,000 things cannot be compared"),
    ],
)  # fmt: skip
def test_what_would_be_endless_is_told(text: str, told: str):
    with pytest.raises((SecurityError, TemplateRuntimeError)) as raised:
        written(text)
    assert str(raised.value) == told


@pytest.mark.parametrize(
    "name",
    ["center", "indent", "format", "wordwrap", "batch", "slice", "tojson", "xmlattr", "urlize", "pprint", "string"],
)
def test_filters_that_no_message_needs_are_not_there(name: str):
    with pytest.raises(TemplateSyntaxError, match=f"No filter named '{name}'"):
        written(f"{{{{ title | {name} }}}}")


def test_a_budget_is_that_of_a_block_and_its_clock_that_of_a_message():
    with rendering(0.0):
        start_counting()
        with pytest.raises(SecurityError, match="more than 0 seconds"):
            spend(1)
        with pytest.raises(SecurityError, match="more than 0 seconds"):
            spend_step()
    with rendering():
        start_counting()
        for _ in range(STEPS):
            spend_step()
        with pytest.raises(SecurityError, match="more than 10,000 turns of loops and macros"):
            spend_step()
        spend(WORK)
        with pytest.raises(SecurityError, match="more than 5,000,000 characters were worked on"):
            spend(1)
        start_counting()
        spend_step()
        spend(1)
    check_length(LENGTH)
    with pytest.raises(SecurityError, match="more than 200,000 characters"):
        check_length(LENGTH + 1)


def test_a_number_without_end_is_a_mistake_of_its_line():
    with pytest.raises(TemplateSyntaxError, match="a number has more than 4,300 digits") as raised:
        written("x\n\n{{ " + "9" * 5_000 + " }}")
    assert raised.value.lineno == 3


def test_a_busy_machine_breaks_no_message_and_no_message_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now, worked = [100.0], [5.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "thread_time", lambda: worked[0])
    with rendering(1.5):
        start_counting()
        now[0] += 14.0
        worked[0] += 1.4
        spend(1)
        worked[0] += 0.2
        with pytest.raises(SecurityError, match=r"more than 1\.5 seconds"):
            spend_step()
        worked[0] = 5.0
        now[0] += 1.1
        with pytest.raises(SecurityError, match=r"more than 1\.5 seconds"):
            spend(1)
