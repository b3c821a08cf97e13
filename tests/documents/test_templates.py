from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.errors import InvalidDocument
from vigie.core.message import Message
from vigie.documents.facts import FACTS, prepare
from vigie.documents.library import Library
from vigie.documents.templates import TemplateFailed

Write = Callable[[str, str | bytes], Path]
Render = Callable[..., Message]

HEAD = """\
---
purpose: A test.
example: {}
---
{% extends "_incident.md.j2" %}
"""

Z = "\u200b"
HOSTILE = "{{ 7*7 }} {% raw %} *b* _i_ `c` <b>&amp;</b> [x](javascript:alert(1)) # <@U1> | \\*\n- line\n> two\n```\n"


@pytest.fixture
def render(site: Library, write: Write):
    def rendered(text: str, facts: dict[str, Any] | None = None, *, subject: str = "s", more: str = "") -> Message:
        block = f"{{% block subject %}}{subject}{{% endblock %}}\n{{% block text %}}\n{text}\n{{% endblock %}}\n{more}"
        write("include/templates/t.md.j2", HEAD + block)
        return site.render("t", "nordwind", "en", facts or {})

    return rendered


def failed(render: Render, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(InvalidDocument) as refused:
        render(*args, **kwargs)
    return str(refused.value)


def test_a_text_is_said_once(render: Render):
    message = render(
        "**{{ client }}**\nsays [so]({{ links.incident }}).",
        {"client": "A & B", "links": {"incident": "https://v.example/1?a&b"}},
    )
    assert message.text == "**A & B**\nsays [so](https://v.example/1?a&b)."
    assert message.html == '<p><strong>A &amp; B</strong><br />\nsays <a href="https://v.example/1?a&amp;b">so</a>.</p>'
    assert message.slack == "*A &amp; B*\nsays <https://v.example/1?a&amp;b|so>."


def test_each_output_may_have_its_own_words(render: Render):
    own = '{% block html %}<a href="{{ links.incident }}" title="{{ title }}">{{ title }}</a>{% endblock %}\n{% block slack %}*{{ title }}*{% endblock %}'
    message = render("text", {"title": '"<x>" *', "links": {"incident": "https://v.example/"}}, more=own)
    assert message.html == '<a href="https://v.example/" title="&quot;&lt;x&gt;&quot; *">&quot;&lt;x&gt;&quot; *</a>'
    assert message.slack == f'*"&lt;x&gt;" *{Z}*'


@pytest.mark.parametrize(
    "markdown", ["{{ title }}", "**{{ title }}**", "> {{ title }}", "- {{ title }}", "`{{ title }}`", "# {{ title }}"]
)
def test_a_hostile_fact_comes_out_literally(render: Render, markdown: str):
    message = render(markdown, {"title": HOSTILE}, subject="{{ title }}")
    assert message.subject == " ".join(HOSTILE.split())
    assert HOSTILE.strip() in message.text
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert escaped.replace("\n", "<br>\n") in message.html
    assert "<a" not in message.html
    assert "javascript:" in message.html  # as words, not as a link
    plain = message.slack.replace(Z, "").replace("\n> ", "\n").replace("\n    ", "\n").rstrip()
    assert escaped.rstrip() in plain
    assert "<@" not in message.slack
    assert "*b*" not in message.slack


@settings(examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text("*_`~<>&[]()#-+.!|\\{}%\n\ue000\ue001a0 ", max_size=40))
def test_no_fact_changes_the_shape_of_a_message(site: Library, write: Write, fact: str):
    if "t.md.j2" not in site.template_files():
        text = "{% block subject %}A {{ title }} B{% endblock %}{% block text %}> **{{ title }}**, _{{ title }}_\n\n- `{{ title }}`\n{% endblock %}"
        write("include/templates/t.md.j2", HEAD + text)
    message = site.render("t", "nordwind", "en", {"title": fact})
    assert "\n" not in message.subject
    shape = message.html
    for tag in ("blockquote", "strong", "em", "ul", "li", "code"):
        assert shape.count(f"<{tag}>") == 1, tag
        assert shape.count(f"</{tag}>") == 1, tag
    for tag in ("<a", "<h", "<pre", "<ol", "<script", "<img"):
        assert tag not in shape
    for sign in ("<@", "<!", "<http", "<javascript"):
        assert sign not in message.slack


def test_a_fact_in_a_links_target_is_safe_or_no_link(render: Render):
    facts = {"facts": {"url": "javascript:alert(1)", "good": "https://a.example/x y|z>"}}
    message = render("[a]({{ facts.url }}) [b]({{ facts.good }})", facts)
    assert message.html == '<p>[a](javascript:alert(1)) <a href="https://a.example/x%20y%7Cz%3E">b</a></p>'
    assert message.slack == "[a](javascript:alert(1)) <https://a.example/x%20y%7Cz%3E|b>"


def test_the_characters_that_nobody_sees_are_taken_out(render: Render):
    message = render("{{ title }}", {"title": "a\x00b\u202e\u061cc\ud800d\ue000e"}, subject="{{ title }}")
    assert message.subject == message.text == message.slack == "a\ufffdb\ufffd\ufffdc\ufffdd\ufffde"


def test_a_subject_is_one_line_and_not_endless(render: Render):
    message = render("x", {"title": "a\r\nBcc: b@c.example\n" + "y" * 500}, subject="{{ title }}")
    assert message.subject.startswith("a Bcc: b@c.example yyy")
    assert len(message.subject) == 200


def test_a_long_fact_is_cut(render: Render):
    assert len(render("{{ title }}", {"title": "y" * 50_000}).text) == 2_000


def test_a_word_that_is_no_fact_goes_into_facts():
    assert prepare({"job": "EOD", "client": "A", "who": None, "facts": {"job": "own", "other": 1}}) == {
        "client": "A",
        "facts": {"job": "own", "other": 1},
    }
    assert prepare({"facts": "not a table"}) == {"facts": {}}


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("a{% if who %} by {{ who }}{% endif %}\nb", {"who": "C"}, "a by C\nb"),
        ("a{% if who %} by {{ who }}{% endif %}\nb", {}, "a\nb"),
        ("{% if who %}\nx\n{% endif %}\nb", {"who": "C"}, "x\nb"),
        (
            "{% for m in missing %}\n- {{ m.site }}{% if m.name %} ({{ m.name }}){% endif %}\n{% endfor %}\nb",
            {"missing": [{"site": "A", "name": "B"}, {"site": "C"}]},
            "- A (B)\n- C\nb",
        ),
        ("a\n{% if who %}x{% endif %}\n\n{% if who %}y{% endif %}\n\nb", {}, "a\n\nb"),
        ("{% macro f(x) %}**{{ x }}**{% endmacro %}{{ f(title) }}", {"title": "*"}, "*****"),
        (
            "{% set x = title ~ '!' %}{{ x }} {{ missing | map(attribute='site') | join(', ') }}",
            {"title": "<", "missing": [{"site": "A"}, {"site": "B"}]},
            "<! A, B",
        ),
        ("{{ group.items }} {{ group | length }}", {"group": {"items": "x"}}, "x 1"),
        ("{{ 's' if count > 1 else '' }}{{ count + 1 }}", {"count": 2}, "s3"),
        ("{% if purpose == 'page' %}a{% else %}b{% endif %}", {}, "b"),
    ],
)
def test_what_authors_write(render: Render, text: str, facts: dict[str, Any], expected: str):
    assert render(text, facts).text == expected


def test_markdown_and_macros_work_together(render: Render):
    message = render("{% macro f(x) %}**{{ x }}**{% endmacro %}{{ f(title) }} {{ 'a' ~ f('*') }}", {"title": "<*>"})
    assert message.html == "<p><strong>&lt;*&gt;</strong> a<strong>*</strong></p>"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "x\n{{ seen_at }}",
            "t.md.j2:9: 'seen_at' is undefined. Write {% if … %} around it where a message may lack it.",
        ),
        (
            "{{ mail.subject }}",
            "t.md.j2:8: 'mail' is undefined. Write {% if … %} around it where a message may lack it.",
        ),
        ("{{ 1 / 0 }}", "t.md.j2:8: division by zero."),
        ("{{ title | round }}", "t.md.j2:8: 'round' works on a number."),
        ("{{ self.text() }}", "t.md.j2:8: a block or a macro that calls itself without end."),
        ("{% macro a() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}", None),
        ("{% for a in range(999) %}{{ 'x' * 9 }}{% endfor %}", "t.md.j2:8: '*' is for numbers below 1,000,000,000."),
        ("{{ 9 ** 9 }}", "t.md.j2:8: '**' is for numbers below 1,000,000,000."),
        ("{{ '%99999999d' % 1 }}", "t.md.j2:8: '%' is for numbers below 1,000,000,000."),
        (
            "{{ title.replace('a', 'b') }}",
            "t.md.j2:8: nothing here can be called but macros and blocks; use a filter, as {{ client | upper }}.",
        ),
        (
            "{% macro a() %}x{% endmacro %}{{ (a() ~ title) | upper }}",
            "t.md.j2:8: 'upper' works on a fact, not on a block or a macro.",
        ),
        ("{% for a in range(9999) %}{{ title }}{% endfor %}", "t.md.j2: more than 200,000 characters."),
        (
            "{% include 'nothing.md.j2' %}",
            "t.md.j2:8: no template 'nothing.md.j2' to extend or include. Is its name right?",
        ),
    ],
)
def test_a_failure_says_file_and_line(render: Render, text: str, told: str | None):
    begun = time.monotonic()
    said = failed(render, text, {"title": "a" * 100})
    assert time.monotonic() - begun < 5
    assert told is None or said == f"include/templates/{told}"


def test_a_loop_in_the_head_of_the_template_ends_too(site: Library, write: Write):
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = a %}{% endfor %}{% endfor %}"
    write(
        "include/templates/t.md.j2", HEAD + loop + "{% block subject %}s{% endblock %}{% block text %}t{% endblock %}"
    )
    with pytest.raises(TemplateFailed):
        site.render("t", "nordwind", "en", {})


def test_the_line_is_that_of_the_base_where_the_base_is_wrong(site: Library, write: Write):
    write(
        "include/templates/_incident.md.j2",
        "{% block subject required %}{% endblock %}\n{% block text required %}{% endblock %}\n{% block html %}\n{{ who }}\n{% endblock %}{% block slack %}{% endblock %}",
    )
    with pytest.raises(TemplateFailed) as failure:
        site.render("inform_client", "nordwind", "en", {"client": "A", "title": "B"})
    assert str(failure.value).startswith("include/templates/_incident.md.j2:4: 'who' is undefined.")


LADDER = ["nordwind/t.fr.md.j2", "nordwind/t.md.j2", "t.fr.md.j2", "t.md.j2"]


@pytest.mark.parametrize("missing", range(4))
def test_client_and_language_then_client_then_language_then_default(site: Library, write: Write, missing: int):
    for file in LADDER[missing:]:
        write(
            f"include/templates/{file}",
            HEAD + f"{{% block subject %}}{file}{{% endblock %}}{{% block text %}}t{{% endblock %}}",
        )
    assert site.render("t", "nordwind", "fr", {}).subject == LADDER[missing]


def test_nothing_found_is_told(site: Library):
    with pytest.raises(InvalidDocument) as refused:
        site.render("inform_cleint", "nordwind", "fr", {})
    assert str(refused.value) == (
        "include/templates: no template 'inform_cleint' for nordwind in 'fr'. Did you mean 'inform_client'?"
    )


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "_incident", "a/b", "", "T", "a\x00b"])
def test_a_name_never_leaves_the_folder(site: Library, name: str):
    with pytest.raises(InvalidDocument):
        site.render(name, "nordwind", "en", {})
    with pytest.raises(InvalidDocument):
        site.render(
            "inform_client", "nordwind", f"../{name}", {"client": "a", "title": "b"}
        ) if name == "../x" else site.render(name, "../nordwind", "en", {})


def test_a_clients_own_base_is_used_by_its_own_templates(site: Library, write: Write):
    write(
        "include/templates/nordwind/_incident.md.j2",
        "{% block subject required %}{% endblock %}{% block text required %}{% endblock %}{% block html %}own{% endblock %}{% block slack %}own{% endblock %}",
    )
    assert site.render("ask_depot", "nordwind", "fr", {"client": "N"}).html == "own"
    assert site.render("inform_client", "nordwind", "en", {"client": "N", "title": "t"}).html != "own"


def test_a_changed_template_or_base_counts_at_once(site: Library, write: Write):
    facts = {"client": "N", "title": "t"}
    assert site.render("inform_client", "nordwind", "en", facts).slack == "*N*: t"
    write(
        "include/templates/_incident.md.j2",
        "{% block subject required %}{% endblock %}{% block text required %}{% endblock %}{% block html %}h{% endblock %}{% block slack %}changed{% endblock %}",
    )
    assert site.render("inform_client", "nordwind", "en", facts).slack == "changed"


def test_every_fact_is_explained():
    assert all(fact.meaning for fact in FACTS.values())
