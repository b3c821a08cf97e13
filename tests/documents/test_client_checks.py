"""What two clients share and must not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.documents.client_checks import client_notes
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]
OTHER = """\
name: Maison Lumière
zone: Europe/Paris
languages: [fr]
slack_channel: {channel}
policy: client_duty
"""
KEEP = "Give each its own: a message of one client must not reach another, and would be held back."


def told(site: Library) -> list[str]:
    return [str(problem) for problem in site.problems()]


@pytest.mark.parametrize(
    ("one", "other"),
    [("nordwind", "nordwind"), ("nordwind", "'#nordwind'"), ("'#nordwind'", "nordwind"), ("C0123ABCD", "C0123ABCD")],
)
def test_one_slack_channel_of_two_clients(site: Library, write: Write, one: str, other: str) -> None:
    path = "include/clients/nordwind/client.yaml"
    write(path, (site.root / path).read_text("utf-8").replace("slack_channel: nordwind", f"slack_channel: {one}"))
    write("include/clients/lumiere/client.yaml", OTHER.format(channel=other))
    assert told(site) == [
        f"include/clients/lumiere/client.yaml:4: slack_channel: '{other.strip(chr(39))}' is the channel of 'nordwind' too. {KEEP}",
        f"{path}:4: slack_channel: '{one.strip(chr(39))}' is the channel of 'lumiere' too. {KEEP}",
    ]


def test_three_clients_and_the_platform(site: Library, write: Write) -> None:
    for name in ("a", "b"):
        write(f"include/clients/{name}/client.yaml", OTHER.format(channel="platform").replace("Maison", name))
    assert told(site) == [
        f"include/clients/a/client.yaml:4: slack_channel: 'platform' is the channel of 'b' and the platform too. {KEEP}",
        f"include/clients/b/client.yaml:4: slack_channel: 'platform' is the channel of 'a' and the platform too. {KEEP}",
    ]


@pytest.mark.parametrize("channel", ["Night Acme", "'@camille'", "night.acme", "x" + "y" * 90])
def test_a_channel_that_cannot_be(site: Library, write: Write, channel: str) -> None:
    write("include/clients/lumiere/client.yaml", OTHER.format(channel=channel))
    wrong = f"slack_channel: '{channel.strip(chr(39))}' cannot be the name of a channel."
    remedy = "Write it as Slack shows it ('night-acme'), or its ID."
    assert told(site) == [f"include/clients/lumiere/client.yaml:4: {wrong} {remedy}"]


def test_one_name_of_two_clients(site: Library, write: Write) -> None:
    text = OTHER.format(channel="lumiere").replace("Maison Lumière", "NORDWIND Logistik")
    write("include/clients/lumiere/client.yaml", text)
    remedy = "Give each its own name: Vigie tells by it whose message it is."
    assert told(site) == [
        f"include/clients/lumiere/client.yaml:1: name: 'nordwind' is called 'NORDWIND Logistik' too. {remedy}",
        f"include/clients/nordwind/client.yaml:1: name: 'lumiere' is called 'Nordwind Logistik' too. {remedy}",
    ]


def test_one_address_of_two_clients_is_noted(site: Library, write: Write) -> None:
    text = OTHER.format(channel="lumiere") + "contacts:\n  host: {name: Host, email: Operations@Nordwind.example}\n"
    write("include/clients/lumiere/client.yaml", text)
    assert told(site) == []
    both = "too: it gets the messages of each. Nothing to do where that is meant."
    assert {str(note) for note in client_notes(site.root, site.clients())} == {
        f"include/clients/nordwind/client.yaml:9: contacts: operations@nordwind.example is a contact of 'lumiere' {both}",
        f"include/clients/lumiere/client.yaml:7: contacts: Operations@Nordwind.example is a contact of 'nordwind' {both}",
    }


TEMPLATE = """\
---
purpose: A test.
example: {client: Nordwind Logistik}
---
{% extends "_incident.md.j2" %}
{# as for Maison Lumière #}
{% block subject %}{{ client }}{% endblock %}
{% block text %}
Hello,
as at maison LUMIÈRE.
{% endblock %}
"""


def test_a_template_that_names_another_client(site: Library, write: Write) -> None:
    write("include/templates/t.md.j2", TEMPLATE)
    assert told(site) == []
    write("include/clients/lumiere/client.yaml", OTHER.format(channel="lumiere"))
    held = "it names the client 'Maison Lumière': others would read '[another client]' there."
    remedy = "Write {{ client }}, or put it into the client's own folder of templates."
    assert told(site) == [f"include/templates/t.md.j2:10: {held} {remedy}"]
    (site.root / "include/templates/t.md.j2").unlink()
    write("include/templates/lumiere/t.md.j2", TEMPLATE)
    assert told(site) == []
    write("include/templates/nordwind/t.md.j2", TEMPLATE)
    assert told(site) == [f"include/templates/nordwind/t.md.j2:10: {held} {remedy}"]


def test_a_procedure_that_names_another_client(site: Library, write: Write) -> None:
    write("include/clients/lumiere/client.yaml", OTHER.format(channel="lumiere"))
    path = "include/procedures/nordwind/other.md"
    text = (site.root / path).read_text("utf-8")
    write(path, text.replace("## Close", "## Close\n\nCall Maison Lumière."))
    (problem,) = told(site)
    assert problem == (
        f"{path}: it names the client 'Maison Lumière': others would read '[another client]' there. "
        "Leave the name out, or write {{ client }}."
    )
