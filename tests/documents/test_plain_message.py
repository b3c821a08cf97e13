from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.documents.plain_message import plain_message

Z = "\u200b"


def test_the_facts_are_a_list():
    message = plain_message(
        "3 of 12 files <missing>",
        {
            "client": "A & B",
            "job": "EOD",
            "missing": [{"site": "X", "path": "a.csv"}, {"site": "Y"}],
            "watches": ["a", "b"],
            "who": None,
        },
        "include/templates/mail_ko.md.j2:19: 'seen_at' is undefined.",
    )
    assert message.subject == "3 of 12 files <missing>"
    assert message.text == (
        "3 of 12 files <missing>\n\n- client: A & B\n- missing 1: X, a.csv\n- missing 2: Y\n- watches: a, b\n- facts.job: EOD\n\n"
        "This is the built-in plain message: include/templates/mail_ko.md.j2:19: 'seen_at' is undefined."
    )
    assert "<li>client: A &amp; B</li>" in message.html
    assert message.slack.startswith("3 of 12 files &lt;missing&gt;\n• client: A &amp; B\n")


def test_a_thousand_facts_are_cut():
    message = plain_message("t", {"facts": {f"f{n}": n for n in range(1000)}}, "x")
    assert "- … and 940 more" in message.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@examples(200)
@given(
    st.text(),
    st.dictionaries(st.text(max_size=8) | st.sampled_from(["missing", "facts", "mail"]), JSON, max_size=5),
    st.text(),
)
def test_it_never_fails(title: str, facts: dict[str, object], failure: str):
    message = plain_message(title, facts, failure)
    assert message.subject
    assert "\n" not in message.subject
    assert message.text
