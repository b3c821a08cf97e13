from __future__ import annotations

import html
import json
import re
import shlex
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vigie.core.action import Http, Move, Sql, Ssh
from vigie.core.errors import InvalidDocument
from vigie.core.procedure import Action
from vigie.documents.procedure_text import Form, filled, parameters_of

HOSTILE = "[x](javascript:alert(1)) <b>*y*</b> `z` | # &amp;\n\n- <@U1>"
FACTS = {"client": "Nordwind", "facts": {"job": HOSTILE}, "mail": {"subject": "EOD_POS"}, "answers": {"run": "17"}}


def parameters(name: str, **written: str) -> object:
    return parameters_of(Action(name=name, parameters=written, line=7), FACTS, "p.md")


def told(name: str, **written: str) -> str:
    with pytest.raises(InvalidDocument) as refused:
        parameters(name, **written)
    return str(refused.value)


def test_a_text_without_facts_is_as_it_was_written():
    assert filled("**a** `b`", {}, "markdown") == "**a** `b`"


def test_facts_and_answers_stand_in_a_text():
    text = "**{{ client }}**: run {{ answers.run }} of `{{ mail.subject }}`"
    assert filled(text, FACTS, "html") == "<p><strong>Nordwind</strong>: run 17 of <code>EOD_POS</code></p>\n"
    assert filled(text, FACTS, "slack") == "*Nordwind*: run 17 of `EOD_POS`"
    assert filled(text, FACTS, "markdown") == "**Nordwind**: run 17 of `EOD_POS`"


def test_a_fact_that_is_not_known_is_shown_as_such():
    assert filled("{{ facts.step }}, {{ who }}, {{ mail.body.x }}", FACTS, "html") == (
        "<p>‹step ?›, ‹who ?›, ‹body ?›</p>\n"
    )


def test_a_text_that_cannot_be_filled_is_shown_as_it_is():
    for text in ("{{ facts.job", "{% if client %}x{% endif %}", "{{ client.upper() }}"):
        assert filled(text, FACTS, "slack").startswith(text[:2])


def _words(markdown: str) -> str:
    """What a reader sees of inline Markdown, as another parser than ours reads it."""
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "code_inline"}
    return "".join(child.content for child in children)


@given(st.text(max_size=60))
def test_no_fact_is_read_as_markdown(fact: str):
    shown = filled("a {{ facts.job }} b `c {{ facts.job }} d`", {"facts": {"job": fact}}, "markdown")
    words = _words(shown)
    assert words.startswith("a ")
    assert " b c " in words


@given(
    st.text(alphabet=st.sampled_from("{}%#`*_~[]()<>|-\n\t \\&;:!.ab1"), max_size=60), st.sampled_from(get_args(Form))
)
def test_any_text_can_be_shown(text: str, form: Form):
    assert isinstance(filled(text + "{{ facts.job }}", FACTS, form), str)


@pytest.mark.parametrize(
    "text",
    ["x {{ facts.job }}", "`{{ facts.job }}`", "```\n{{ facts.job }}\n```", "> {{ facts.job }}", "- {{ facts.job }}"],
)
def test_a_hostile_fact_is_text_everywhere(text: str):
    for page in (filled(text, FACTS, "html"), MarkdownIt("commonmark").render(filled(text, FACTS, "markdown"))):
        assert not {"<b>", "<a ", "<em>"} & set(re.findall(r"<\w+[ >]", page))
    assert not re.search(r"<[@!#hb]", filled(text, FACTS, "slack"))


def test_a_command_gets_its_facts_quoted():
    ran = parameters("ssh", connection="c", command="rerun {{ facts.job }} --now")
    assert isinstance(ran, Ssh)
    assert shlex.split(ran.command) == ["rerun", HOSTILE, "--now"]


def test_a_query_gets_its_facts_as_values():
    ran = parameters("sql", connection="c", query="select 1 where job = :job", job="{{ facts.job }}")
    assert ran == Sql(connection="c", query="select 1 where job = :job", values={"job": HOSTILE})
    assert (
        told("sql", connection="c", query="select '{{ facts.job }}'") == "p.md:7: sql: query: no fact may stand here."
    )


def test_an_address_and_a_body_keep_their_shape():
    ran = parameters("http", connection="c", path="/jobs/{{ facts.job }}", body='{"job": "{{ facts.job }}"}')
    assert isinstance(ran, Http)
    assert ran.path.startswith("/jobs/%5Bx%5D%28javascript%3A")
    assert json.loads(ran.body or "") == {"job": HOSTILE}


@pytest.mark.parametrize("fact", ["", ".", ".."])
def test_a_fact_does_not_lead_out_of_an_address(fact: str):
    action = Action(name="http", parameters={"connection": "c", "path": "/jobs/{{ facts.job }}/stop"}, line=7)
    with pytest.raises(InvalidDocument, match="is no part of an address"):
        parameters_of(action, {"facts": {"job": fact}}, "p.md")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "a\nb", ".."])
def test_a_file_stays_below_its_folder(name: str):
    action = Action(name="move", parameters={"connection": "c", "file": "in/{{ facts.file }}", "to": "b"}, line=7)
    with pytest.raises(InvalidDocument, match="is not a file below the folder"):
        parameters_of(action, {"facts": {"file": name}}, "p.md")
    ran = parameters_of(action, {"facts": {"file": "a b/ü.csv"}}, "p.md")
    assert ran == Move(connection="c", file="in/a b/ü.csv", to="b")


def test_an_action_does_not_run_with_a_guess():
    assert told("ssh", connection="c", command="rerun {{ facts.step }}") == (
        "p.md:7: ssh: command: nothing here is called 'step' (known: job)."
    )
    assert told("wait", at_most="soon").startswith("p.md:7: wait: at_most: write a duration as")


@pytest.mark.parametrize(
    "fact", ["https://evil.example/x", "HTTP://evil.example", "www.evil.example", "a@evil.example"]
)
def test_a_bare_address_in_a_fact_is_no_link_in_airflow(fact: str):
    """remark-gfm, with which Airflow's pages render, looks for addresses in the text that the references give."""
    shown = filled("see {{ facts.job }}", {"facts": {"job": fact}}, "markdown")
    text = html.unescape(shown)
    assert not re.search(r"https?://|www\.|\w@\w", text, re.IGNORECASE)
    assert text.replace("\u2060", "") == f"see {fact}"
