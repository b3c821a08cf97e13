from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigie.documents.findings import Findings
from vigie.documents.parameters import read_parameters


def read(text: str) -> dict[str, str] | None:
    findings = Findings("p.md")
    values = read_parameters(text, 10, findings)
    assert (values is None) == bool(findings.problems)
    return values


def test_every_value_is_text_that_says_what_it_says():
    assert read("on_failure: #relaunch\njob: {{ facts.job }}\nquery: select 'a: b' -- c\nquoted: \"x\"\n") == {
        "on_failure": "#relaunch",
        "job": "{{ facts.job }}",
        "query": "select 'a: b' -- c",
        "quoted": "x",
    }


def test_what_is_indented_continues_a_value():
    text = 'query: select n\n  from t\n    where a = :a\n\n  limit 1\nbody: |\n  {\n    "a": 1\n  }\na: x'
    assert read(text) == {"query": "select n\nfrom t\n  where a = :a\n\nlimit 1", "body": '{\n  "a": 1\n}', "a": "x"}


@given(st.text(max_size=200))
def test_any_text_gives_values_or_problems(text: str):
    values = read(text)
    assert values is None or all(values.values())
