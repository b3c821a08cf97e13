from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vigie.documents.last_words import all_clear, last_words, note_of, without_last_words
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]
Template = Callable[..., str]

FACTS: dict[str, Any] = {
    "client": "Acme & Sons",
    "flux": "end_of_day",
    "title": "[KO] EOD_POS",
    "severity": "critical",
    "incident": "INC-7",
    "status": "resolved",
    "purpose": "resolved",
    "who": "Camille Moreau",
    "acknowledged_at": "02:10",
    "resolved_at": "02:41",
    "ended_by_hand": False,
    "links": {"incident": "https://vigie.example/vigie/incidents/INC-7"},
    "job": "EOD_POS",
}
BY_HAND = {**FACTS, "ended_by_hand": True}

KO = "{{ facts.job }} is KO"
GUIDE = '{% if purpose == "resolved" %}{{ facts.job }} is OK again{% else %}{{ facts.job }} is KO{% endif %}'


@pytest.fixture
def template(site: Library, write: Write) -> Template:
    """Write a template, by its blocks; its file."""

    def written(subject: str = KO, text: str = KO, more: str = "", example: str = "facts: {job: EOD_POS}") -> str:
        write(
            "include/templates/t.md.j2",
            f"---\npurpose: A test.\nexample: {{{example}}}\n---\n"
            '{% extends "_incident.md.j2" %}\n'
            f"{{% block subject %}}{subject}{{% endblock %}}\n{{% block text %}}\n{text}\n{{% endblock %}}\n{more}",
        )
        return "t.md.j2"

    return written


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        # never looks at the status
        (KO, False),
        ("{{ title }} since {{ acknowledged_at }}, {{ who }}", False),
        # looks at it, and has no words for the end
        ('X is KO{% if status == "acknowledged" and who %}, {{ who }} is on it{% endif %}', False),
        ('{% if status == "open" %}New: {% elif status == "acknowledged" %}Taken: {% endif %}X is KO', False),
        ('{% if status != "resolved" %}[{{ severity }}] {% endif %}X is KO', False),
        ('X is KO{% if purpose == "page" %}: please act.{% endif %}', False),
        ('{% if purpose == "page" %}Act:{% else %}Update:{% endif %} X is KO', False),
        ("X is KO{% if not resolved_at %} still{% endif %}", False),
        ('X is KO{% if status == "resolved" %}.{% endif %}', False),
        ('{# {% if purpose == "resolved" %} #}X is KO', False),
        ("{% set state = status %}X is KO", False),
        # has them
        (GUIDE, True),
        ('{% if status == "resolved" %}X is OK{% else %}X is KO{% endif %}', True),
        ('{% if status == "open" %}X is KO{% elif status == "acknowledged" %}On it{% else %}X is OK{% endif %}', True),
        ("{{ 'OK' if status == 'resolved' else 'KO' }}: X", True),
        ("X: {{ status }}", True),
        ("X: {{ purpose | upper }}", True),
        ("X{% if resolved_at %}, over since {{ resolved_at }}{% endif %}", True),
        ("{% if resolved_at %}The files are there{% else %}The files are not there{% endif %}", True),
        ('{% if purpose == "resolved" %}✅ {% endif %}X', True),
        ("{% macro state() %}{{ 'back' if resolved_at else 'KO' }}{% endmacro %}X: {{ state() }}", True),
    ],
)
def test_whether_a_text_has_words_for_the_end(site: Library, template: Template, text: str, speaks: bool) -> None:
    file = template(subject=GUIDE, text=text)
    assert without_last_words(site.templates, file, FACTS) == (() if speaks else ("text",))


def test_words_that_are_only_for_an_end_by_hand(site: Library, template: Template) -> None:
    file = template(subject=GUIDE, text="X is KO{% if ended_by_hand %}; {{ who }} closed it{% endif %}")
    assert without_last_words(site.templates, file, FACTS) == ("text",)
    assert without_last_words(site.templates, file, BY_HAND) == ()


def test_a_template_for_the_page_alone_sends_the_built_in_end(site: Library, template: Template) -> None:
    template()
    said = last_words(site, "t", "nordwind", "en", FACTS).message
    assert said.subject == "[RESOLVED] Acme & Sons: end_of_day is back to normal (INC-7)"
    assert said.text == (
        "**Acme & Sons, end_of_day** is back to normal at 02:41.\n\nReported as:\n\n> [KO] EOD_POS\n\n"
        "[INC-7](https://vigie.example/vigie/incidents/INC-7)"
    )
    assert "<strong>Acme &amp; Sons, end_of_day</strong> is back to normal at 02:41." in said.html
    assert '<a href="https://vigie.example/vigie/incidents/INC-7">INC-7</a>' in said.html
    assert said.slack.startswith("*Acme &amp; Sons, end_of_day* is back to normal at 02:41.")
    assert "is KO" not in f"{said.subject}{said.text}{said.html}{said.slack}"


def test_the_built_in_end_in_french_and_by_hand(site: Library, template: Template) -> None:
    template()
    french = last_words(site, "t", "nordwind", "fr", BY_HAND).message
    assert french.subject == "[RÉSOLU] Acme & Sons : end_of_day, clos par Camille Moreau (INC-7)"
    assert french.text.startswith(
        "**Acme & Sons, end_of_day** : Camille Moreau a clos INC-7 à 02:41.\n\nSignalé ainsi :"
    )
    assert last_words(site, "t", "nordwind", "fr", FACTS).message.subject == (
        "[RÉSOLU] Acme & Sons : end_of_day, retour à la normale (INC-7)"
    )
    english = last_words(site, "t", "nordwind", "de", BY_HAND).message
    assert english.subject == "[RESOLVED] Acme & Sons: end_of_day, closed by Camille Moreau (INC-7)"


def test_the_sites_own_resolved_is_sent_where_it_has_one(site: Library, template: Template, write: Write) -> None:
    template()
    head = '---\npurpose: The end.\nexample: {client: A}\n---\n{% extends "_incident.md.j2" %}\n'
    body = "{% block subject %}Fini : {{ client }}{% endblock %}{% block text %}Tout va bien.{% endblock %}"
    write("include/templates/resolved.fr.md.j2", head + body)
    assert last_words(site, "t", "nordwind", "fr", FACTS).message.subject == "Fini : Acme & Sons"
    assert last_words(site, "t", "nordwind", "en", FACTS).message.subject.startswith("[RESOLVED] Acme & Sons")
    write("include/templates/resolved.fr.md.j2", head + body.replace("client", "nobody"))
    assert last_words(site, "t", "nordwind", "fr", FACTS).message.subject.startswith("[RÉSOLU] Acme & Sons")


def test_each_block_is_taken_where_it_has_no_words(site: Library, template: Template) -> None:
    template(text=GUIDE)
    said = last_words(site, "t", "nordwind", "en", FACTS).message
    assert said.subject == "[RESOLVED] Acme & Sons: end_of_day is back to normal (INC-7)"
    assert said.text == said.slack.replace("\u200b", "") == "EOD_POS is OK again"

    template(subject=GUIDE)
    said = last_words(site, "t", "nordwind", "en", FACTS).message
    assert said.subject == "EOD_POS is OK again"
    assert "back to normal" in said.text
    assert "back to normal" in said.html
    assert "back to normal" in said.slack

    template(GUIDE, GUIDE, "{% block slack %}:fire: {{ facts.job }} KO{% endblock %}")
    said = last_words(site, "t", "nordwind", "en", FACTS).message
    assert (said.subject, said.text) == ("EOD_POS is OK again", "EOD_POS is OK again")
    assert "KO" not in said.slack.replace("[KO] EOD_POS", "").replace("\u200b", "")
    assert "back to normal" in said.slack
    assert "OK again" in said.html

    template(GUIDE, GUIDE, "{% block html %}<p>{{ facts.job }} KO</p>{% endblock %}")
    assert "back to normal" in last_words(site, "t", "nordwind", "en", FACTS).message.html


def test_a_template_that_fails_at_the_end_says_why(site: Library, template: Template) -> None:
    template(GUIDE, '{% if purpose == "resolved" %}{{ nobody }}{% else %}KO{% endif %}')
    message, failure = last_words(site, "t", "nordwind", "en", FACTS)
    assert message.subject.startswith("[RESOLVED] Acme & Sons")
    assert failure.startswith("include/templates/t.md.j2:8: 'nobody' is undefined.")
    message, failure = last_words(site, "not_there", "nordwind", "en", FACTS)
    assert message.subject.startswith("[RESOLVED] Acme & Sons")
    assert "not_there" in failure


@pytest.mark.parametrize("facts", [{}, {"ended_by_hand": True}, {"links": "x"}, {"title": "x" * 5000, "flux": "<b>*"}])
def test_it_never_fails(site: Library, facts: dict[str, Any]) -> None:
    assert last_words(site, "not_there", "nordwind", "en", facts).message.subject.startswith("[RESOLVED]")


def test_the_letter_to_a_clients_contact(site: Library, write: Write) -> None:
    said, failure = all_clear(site, "nordwind", "en", FACTS)
    assert failure == ""
    assert said.subject == "[RESOLVED] Acme & Sons: end_of_day is back to normal (INC-7)"
    assert "<strong>end_of_day</strong> is back to normal at 02:41" in said.html
    assert "vigie.example" not in f"{said.text}{said.html}{said.slack}"
    for facts in ({}, {"title": "<b>*x*</b>"}):
        assert all_clear(site, "nordwind", "fr", facts).message.text.startswith("Bonjour,")


def _note(site: Library, file: str) -> str:
    template = site.template(file)
    assert template is not None
    return str(note_of(site.templates, file, template) or "")


def test_the_author_is_told_what_will_be_sent_instead(site: Library, template: Template) -> None:
    remedy = "Write '{% if purpose == \"resolved\" %} … {% else %} … {% endif %}' where the message says what is wrong."
    instead = "no words for the end of an incident; the built-in 'resolved' is sent in place."
    assert _note(site, template()) == f"include/templates/t.md.j2:6: 'subject' and 'text' have {instead} {remedy}"
    assert _note(site, template(GUIDE, KO)) == f"include/templates/t.md.j2:7: 'text' has {instead} {remedy}"
    slack = "{% block slack %}KO{% endblock %}"
    assert _note(site, template(GUIDE, GUIDE, slack)) == f"include/templates/t.md.j2:10: 'slack' has {instead} {remedy}"
    assert _note(site, template(GUIDE, GUIDE)) == ""
    by_hand = "X{% if ended_by_hand %} closed{% elif purpose == 'resolved' %} over{% endif %}"
    assert _note(site, template(by_hand, by_hand)) == ""


def test_the_author_is_told_of_a_template_that_fails_at_the_end(site: Library, template: Template) -> None:
    file = template(GUIDE, '{% if status == "resolved" %}{{ mail.subject }}{% else %}KO{% endif %}')
    assert _note(site, file) == (
        "include/templates/t.md.j2:8: when the incident has ended the template fails, and the built-in 'resolved' is "
        "sent: 'mail' is undefined. Write {% if … %} around it where a message may lack it."
    )
