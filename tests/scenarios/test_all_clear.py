"""Who was told of an incident is told of its end: once, in their thread and language, when it has not come back."""

from __future__ import annotations

import pytest

from vigie.core.message import Outbound
from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
OPS = "ops@nordwind.example"
DEPOT = "depot@nordwind.example"
PROCEDURE = """---
title: EOD_POS is KO
client: nordwind
severity: critical
owner: anna
reviewed: 2026-10-01
---

## Meaning

The batch stopped.

## Impact

No positions.

## Steps

### Tell the client

```send
template: inform
to: operations
```

### Tell the depot

```send
template: inform
to: depot
```

### Watch

Watch it.
{more}
## Escalate

Call Bruno.

## Close

Write the cause.
"""
INFORM = """---
purpose: To the client.
example: {title: x}
---
{% extends "_incident.md.j2" %}
{% block subject %}We are handling {{ title }}{% endblock %}
{% block text %}We write again when it is over.{% endblock %}
"""


@pytest.fixture
def informed(nordwind: ControlRoom) -> ControlRoom:
    """The batch is KO, Anna has it, and its procedure has written to two contacts, one of them in French."""
    table = nordwind.site / "include/clients/nordwind/client.yaml"
    text = table.read_text("utf-8").replace("languages: [en]", "languages: [en, fr]").rstrip("\n")
    table.write_text(f"{text}\n  depot: {{name: Depot, email: {DEPOT}, language: fr}}\n", "utf-8")
    _procedure(nordwind)
    (nordwind.site / "include/templates/inform.md.j2").write_text(INFORM, "utf-8")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    assert [len(nordwind.mailbox_of(each).mails) for each in (OPS, DEPOT)] == [1, 1]
    return nordwind


def _procedure(room: ControlRoom, more: str = "") -> None:
    path = room.site / "include/procedures/nordwind/eod-ko.md"
    path.write_text(PROCEDURE.replace("{more}", more), "utf-8")


def letters(room: ControlRoom, address: str) -> list[Outbound]:
    """What an address got beyond the first letter."""
    return room.mailbox_of(address).mails[1:]


def test_each_contact_is_told_after_hold_in_its_thread_and_language(informed: ControlRoom) -> None:
    informed.clock.advances("5 min")
    informed.mail_comes("[OK] EOD_POS", **BATCH)
    informed.clock.advances("9 min")
    assert letters(informed, OPS) == letters(informed, DEPOT) == []

    informed.clock.advances("2 min")
    (english,), (french,) = letters(informed, OPS), letters(informed, DEPOT)
    assert english.message.subject == "[RESOLVED] Nordwind Logistik: end_of_day is back to normal (INC-1)"
    assert english.message.text == (
        "Hello,\n\nThe incident that we wrote to you about is over: **end_of_day** is back to normal at 02:05. It was:\n\n"
        "> [KO] EOD_POS\n\nThe watch (INC-1)"
    )
    assert french.message.subject == "[RÉSOLU] Nordwind Logistik : end_of_day, retour à la normale (INC-1)"
    assert french.message.text.startswith("Bonjour,\n\nL'incident dont nous vous avons parlé est terminé")
    assert "vigie/incidents" not in f"{english.message.html}{french.message.html}"
    for sent in informed.mail_messenger.sent:
        if sent.outbound in (english, french):
            first = next(each for each in informed.mail_messenger.sent if each.outbound.key == sent.outbound.reply_to)
            assert (sent.reply_ref, first.outbound.recipient) == (first.ref, sent.outbound.recipient)

    informed.clock.advances("3 h")
    assert (len(letters(informed, OPS)), len(letters(informed, DEPOT))) == (1, 1)


def test_one_that_comes_back_within_hold_is_not_cleared(informed: ControlRoom) -> None:
    informed.mail_comes("[OK] EOD_POS", **BATCH)
    informed.clock.advances("6 min")
    informed.mail_comes("[KO] EOD_POS", **BATCH)
    informed.clock.advances("1 h")
    assert letters(informed, OPS) == []

    informed.mail_comes("[OK] EOD_POS", **BATCH)
    informed.clock.advances("11 min")
    assert len(letters(informed, OPS)) == 1


def test_an_end_by_hand_that_is_undone_is_not_told_until_it_ends(informed: ControlRoom) -> None:
    informed.resolves_it("anna")
    informed.clock.advances("3 min")
    informed.reopens_it("anna", "INC-1")
    informed.clock.advances("30 min")
    assert letters(informed, OPS) == []
    informed.resolves_it("anna", "INC-1")
    informed.clock.advances("11 min")
    (letter,) = letters(informed, OPS)
    assert "02:33" in letter.message.text


def test_one_that_is_reopened_after_the_all_clear_is_cleared_once_more(informed: ControlRoom) -> None:
    informed.resolves_it("anna")
    informed.clock.advances("11 min")
    informed.reopens_it("anna", "INC-1")
    informed.clock.advances("1 min")
    informed.resolves_it("anna", "INC-1")
    informed.clock.advances("11 min")
    assert len(letters(informed, OPS)) == 2


def test_who_was_told_the_end_by_the_procedure_is_not_told_again(nordwind: ControlRoom) -> None:
    _procedure(
        nordwind, "\n### Resolve\n\n```resolve\n```\n\n### Say it\n\n```send\ntemplate: inform\nto: operations\n```\n"
    )
    table = nordwind.site / "include/clients/nordwind/client.yaml"
    table.write_text(f"{table.read_text('utf-8').rstrip()}\n  depot: {{name: Depot, email: {DEPOT}}}\n", "utf-8")
    (nordwind.site / "include/templates/inform.md.j2").write_text(INFORM, "utf-8")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.answers("anna", "Done")
    assert nordwind.incident.status == "resolved"
    nordwind.clock.advances("11 min")
    assert len(letters(nordwind, DEPOT)) == 1
    assert all("[RESOLVED]" not in each.message.subject for each in nordwind.mailbox_of(OPS).mails)


def test_an_incident_of_which_nobody_outside_was_told_is_not_cleared(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.resolves_it("anna")
    nordwind.clock.advances("1 h")
    assert nordwind.mailbox_of(OPS).mails == []
    assert [each.text for each in nordwind.entries("desk.decided")][-1] == "resolved"


def test_who_did_not_get_the_letter_gets_no_all_clear(nordwind: ControlRoom) -> None:
    _procedure(nordwind)
    (nordwind.site / "include/templates/inform.md.j2").write_text(INFORM, "utf-8")
    table = nordwind.site / "include/clients/nordwind/client.yaml"
    table.write_text(f"{table.read_text('utf-8').rstrip()}\n  depot: {{name: Depot, email: {DEPOT}}}\n", "utf-8")
    nordwind.mail_messenger.refuse(OPS)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.mail_messenger.accept(OPS)
    nordwind.resolves_it("anna", "INC-1")
    nordwind.clock.advances("11 min")
    assert nordwind.mailbox_of(OPS).mails == []
    assert len(letters(nordwind, DEPOT)) == 1


def test_the_all_clear_waits_with_the_letter_that_waits(nordwind: ControlRoom) -> None:
    _procedure(nordwind)
    (nordwind.site / "include/templates/inform.md.j2").write_text(INFORM, "utf-8")
    table = nordwind.site / "include/clients/nordwind/client.yaml"
    table.write_text(f"{table.read_text('utf-8').rstrip()}\n  depot: {{name: Depot, email: {DEPOT}}}\n", "utf-8")
    nordwind.mail_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna", "INC-1")
    nordwind.resolves_it("anna", "INC-1")
    nordwind.clock.advances("20 min")
    nordwind.mail_messenger.come_back()
    nordwind.clock.advances("5 min")
    first, second = nordwind.mailbox_of(OPS).mails
    assert first.message.subject.startswith("We are handling")
    assert second.message.subject.startswith("[RESOLVED]")


def test_an_all_clear_that_is_not_delivered_is_told_in_the_thread_and_to_the_platform(informed: ControlRoom) -> None:
    informed.mail_messenger.refuse(OPS)
    informed.resolves_it("anna")
    informed.clock.advances("11 min")
    assert len(letters(informed, DEPOT)) == 1
    (said,) = informed.slack("nordwind").said(f"The mail to {OPS} was not delivered")
    assert said.outbound.reply_to == "INC-1/page/1/slack"
    assert [each.title for each in informed.incidents if each.flux == "messages"] == [
        f"Mail: messages to {OPS} are refused"
    ]


def test_the_site_says_it_in_its_own_words(informed: ControlRoom) -> None:
    head = '---\npurpose: The end.\nexample: {client: N}\n---\n{% extends "_incident.md.j2" %}\n'
    own = "{% block subject %}{{ client }}: over{% endblock %}{% block text %}{{ flux }} is well.{% endblock %}"
    (informed.site / "include/templates/all_clear.md.j2").write_text(head + own, "utf-8")
    broken = own.replace("{{ flux }}", "{{ nobody }}")
    (informed.site / "include/templates/all_clear.fr.md.j2").write_text(head + broken, "utf-8")
    informed.resolves_it("anna")
    informed.clock.advances("11 min")
    assert [each.message.subject for each in letters(informed, OPS)] == ["Nordwind Logistik: over"]
    assert [each.message.subject[:8] for each in letters(informed, DEPOT)] == ["[RÉSOLU]"]
    (failed,) = informed.entries("template.failed")
    assert failed.text.startswith("include/templates/all_clear.fr.md.j2:6: 'nobody' is undefined.")
