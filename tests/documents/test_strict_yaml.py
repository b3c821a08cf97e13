from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.errors import InvalidDocument
from vigie.documents.findings import Findings
from vigie.documents.strict_yaml import read_yaml
from vigie.documents.text_file import read_text


def read(text: str) -> Any:
    findings = Findings("a.yaml")
    written = read_yaml(text, findings)
    findings.raise_any()
    assert written is not None
    return written.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16:30", "16:30"),  # YAML 1.1: 990
        ("no", "no"),  # YAML 1.1: False
        ("on", "on"),
        ("0123", "0123"),  # YAML 1.1: 83
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("~", "~"),
        ("null", "null"),
        ("True", "True"),
        ("1.5", "1.5"),
        ("true", True),
        ("false", False),
        ("12", 12),
        ("-3", -3),
        ("9" * 30, "9" * 30),  # no number of ours is that long
        ("2026-11-23", date(2026, 11, 23)),
        ("2026-02-30", "2026-02-30"),
        ('"12"', "12"),
        ("'true'", "true"),
        ("<<", "<<"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(text: str, value: object):
    found = read(f"field: {text}\n")
    assert found == {"field": value}
    assert type(found["field"]) is type(value)


def test_a_key_is_always_text():
    assert read("on: 1\n12: 2\n2026-11-23: 3\n") == {"on": 1, "12": 2, "2026-11-23": 3}


def test_lines_are_known_for_each_place():
    findings = Findings("a.yaml")
    written = read_yaml("a: 1\nb:\n  - c: 2\n  - {d: 3,\n     e: 4}\n", findings, first_line=10)
    assert written is not None
    assert written.lines["a",] == 10
    assert written.lines["b", 0, "c"] == 12
    assert written.lines["b", 1] == 13
    assert written.lines["b", 1, "e"] == 14


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\na: 2", "a.yaml:2: 'a' stands twice (first on line 1). Keep one."),
        ("a: &x 1", "a.yaml:1: an anchor (&x) is not allowed. Put the text in quotes."),
        ("a: *x", "a.yaml:1: an alias (*x) is not allowed. Write the value again."),
        ("a: !!int 1", "a.yaml:1: a tag (tag:yaml.org,2002:int) is not allowed. Put the text in quotes."),
        ("? [a]\n: 1", "a.yaml:1: a field's name must be plain text."),
        ("a:", "a.yaml:1: 'a' has no value. Write one, or delete the line."),
        (
            "a: [1,\n  ,]",
            "a.yaml:2: not valid YAML: did not find expected node content. Put a text that holds ': ', '#' or brackets in quotes.",
        ),
        ("a: 1\n---\nb: 2", "a.yaml:2: a second document begins here. Delete the line '---'."),
        ("[" * 5000, "a.yaml:1: more than 12 lists or fields in one another."),
        ("a: [" + "[" * 20 + "]" * 20 + "]", "a.yaml:1: more than 12 lists or fields in one another."),
        (
            "a: 1\n\tb: 2",
            "a.yaml:2: not valid YAML: found a tab character that violates indentation. Indent with spaces.",
        ),
    ],
)
def test_what_is_refused_is_told_with_its_line(text: str, told: str):
    with pytest.raises(InvalidDocument) as refused:
        read(text)
    assert str(refused.value) == told


def test_every_problem_is_told_at_once():
    with pytest.raises(InvalidDocument) as refused:
        read("a: 1\na: 2\nb: &x 3\nc:\n")
    assert [problem.line for problem in refused.value.problems] == [2, 3, 4]


def test_an_empty_document_is_an_empty_table():
    assert read("") == {}
    assert read("# only a comment\n") == {}


@examples(300)
@given(st.binary(max_size=400) | st.text("{}[]:-&*!?|>#'\" \n\ta1,%@`", max_size=200).map(str.encode))
def test_any_bytes_give_values_or_problems(data: bytes):
    findings = Findings("a.yaml")
    try:
        written = read_yaml(read_text(data, findings), findings)
    except InvalidDocument:
        return
    assert (written is None) == bool(findings.problems)
