from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.core.errors import InvalidDocument
from vigie.core.procedure import CLOSE, ESCALATE, Procedure
from vigie.documents.outline import anchor_of
from vigie.documents.procedure_checks import Surroundings
from vigie.documents.procedures import read_procedure

AROUND = Surroundings(
    "nordwind",
    procedures=frozenset({"broken", "other"}),
    templates=frozenset({("inform_client", ""), ("ask_depot", "fr")}),
    contacts=frozenset({("operations", "en"), ("depot", "fr")}),
    language="en",
)

ENGLISH = """\
---
title: EOD_POS is KO
client: nordwind
severity: critical
owner: bruno
reviewed: 2026-10-19
---

## Meaning

The batch `EOD_POS` *stopped*.

```
a plain block
```

## Impact

None before 05:00.

## Steps

### Read the mail

See [the log](https://log.example/), or [the end](#close).

- not a question: [a page](https://a.example/)

The subject ends with the reason.

- [A table is locked](#free-the-table)
- [Another *one*](../_shared/other.md)
- [No reason](#escalate)

### Free the table

Call first.

### Tell them

```send
template: inform_client
to: channel
```

### Did it end?

1. [Yes](#close)
2. [No](#escalate)

## Escalate

Call Bruno.

## Close

Write the cause.
"""

FRENCH = """\
---
title: Fichiers manquants
client: nordwind
severity: high
owner: camille
reviewed: 2026-11-02
escalate_after: 2 h
---

## Signification

Rien.

## Impact

Aucun.

## Etapes

### Écrire à l'entrepôt

```send
template: ask_depot
to: depot
```

### Arrivés ?

- [Oui](#clôture)
- [Non](#escalade)

## Escalade

Appelez.

## Clôture

Notez.
"""


def read(text: str | bytes) -> Procedure:
    data = text.encode() if isinstance(text, str) else text
    return read_procedure("include/procedures/nordwind/broken.md", "broken", data, AROUND)


def told(text: str) -> str:
    with pytest.raises(InvalidDocument) as refused:
        read(text)
    return str(refused.value).replace("include/procedures/nordwind/", "")


def test_the_head_and_the_sections():
    procedure = read(ENGLISH)
    assert procedure.title == "EOD_POS is KO"
    assert procedure.reviewed == date(2026, 10, 19)
    assert procedure.escalate_after == timedelta(minutes=15)
    assert procedure.meaning == "The batch `EOD_POS` *stopped*.\n\n```\na plain block\n```"
    assert procedure.escalate == "Call Bruno."
    assert procedure.close == "Write the cause."
    assert procedure.source == ENGLISH
    assert procedure.dag_id == "procedure.nordwind.broken"
    assert len(procedure.digest) == 64


def test_a_step_is_text_then_a_question_or_an_action():
    read_mail, free, tell, end = read(ENGLISH).steps
    assert (read_mail.title, read_mail.anchor, read_mail.line) == ("Read the mail", "read-the-mail", 23)
    assert read_mail.text.startswith("See [the log](https://log.example/)")
    assert read_mail.text.endswith("The subject ends with the reason.")
    assert [(choice.label, choice.target, choice.line) for choice in read_mail.choices] == [
        ("A table is locked", "free-the-table", 31),
        ("Another one", "other.md", 32),
        ("No reason", ESCALATE, 33),
    ]
    assert (free.text, free.choices, free.action) == ("Call first.", (), None)
    assert tell.action is not None
    assert (tell.action.name, tell.action.parameters, tell.action.line) == (
        "send",
        {"template": "inform_client", "to": "channel"},
        41,
    )
    assert [choice.target for choice in end.choices] == [CLOSE, ESCALATE]


def test_a_procedure_in_french():
    procedure = read(FRENCH)
    assert procedure.meaning == "Rien."
    assert [step.anchor for step in procedure.steps] == ["écrire-à-lentrepôt", "arrivés-"]
    assert [choice.target for choice in procedure.steps[1].choices] == [CLOSE, ESCALATE]
    assert procedure.escalate_after == timedelta(hours=2)


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing():
    data = b"\xef\xbb\xbf" + ENGLISH.replace("\n", "\r\n").encode()
    assert read(data).steps == read(ENGLISH).steps


def test_a_message_to_a_contact_needs_the_template_in_its_language():
    assert told(FRENCH.replace("to: depot", "to: operations")) == (
        "broken.md:22: send: the template 'ask_depot' is not there in 'en' for 'operations'. "
        "Write 'ask_depot.en.md.j2' beside it."
    )


def test_an_answer_leads_to_a_step_and_not_to_a_section():
    assert told(ENGLISH.replace("[Yes](#close)", "[Yes](#impact)")) == (
        "broken.md:48: '#impact' is not a step. Known: #close, #did-it-end, #escalate, #free-the-table, "
        "#read-the-mail, #tell-them."
    )


def test_a_link_to_a_script_is_no_link_at_all():
    assert told(ENGLISH.replace("(#escalate)", "(javascript:alert(1))", 1)) == (
        "broken.md:33: an answer is one link to a step or a procedure, and nothing else. "
        "Write '- [The answer](#the-step)'; text about it stands before the list."
    )


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("Read the log", "read-the-log"),
        ("Écrire à l'entrepôt", "écrire-à-lentrepôt"),
        ("E\u0301crire", "écrire"),  # decomposed, as macOS writes it
        ("Is it there?", "is-it-there"),
        ("A_b - c", "a_b---c"),
    ],
)
def test_anchors_are_those_of_github(title: str, anchor: str):
    assert anchor_of(title) == anchor


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_give_a_procedure_or_problems(data: bytes):
    try:
        read(data)
    except InvalidDocument as invalid:
        assert invalid.problems  # noqa: PT017


PIECES = [line + "\n" for line in ENGLISH.split("\n")] + [
    *(
        "- [x](#read-the-mail)\n",
        "- \n",
        "-\n\n  - [x](#close)\n",
        "```\n",
        "````send\n",
        "> ```send\n",
        "1. [x](<#close>)\n",
    ),
    *(
        "###\n",
        "### \u200b\n",
        "===\n",
        "---\n",
        "[x]: #close\n",
        "- [x]\n",
        "- [x][x] [x](#close)\n",
        "\t- [y](#close)\n",
    ),
    *(
        "template: &a x\n",
        "- [](#close)\n",
        "- [`a`](#close)\n",
        "### Close\n",
        "<b>\n",
        "- ![a](#close)\n",
        "## Steps\n",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_shuffled_page_gives_a_procedure_or_problems(pieces: list[str], start: int, end: int):
    lines = ENGLISH.split("\n")
    text = "\n".join(lines[:start]) + "".join(pieces) + "\n".join(lines[end:])
    try:
        procedure = read(text)
    except InvalidDocument as invalid:
        assert invalid.problems  # noqa: PT017
        return
    anchors = {step.anchor for step in procedure.steps} | {ESCALATE, CLOSE}
    assert procedure.steps
    for step in procedure.steps:
        assert step.text or step.choices or step.action
        assert all(choice.target in anchors or choice.target.endswith(".md") for choice in step.choices)


def test_a_procedure_of_deep_lists_ends():
    text = ENGLISH.replace("Call first.", "\n".join("> " * depth + "- a" for depth in range(1, 200)))
    assert read(text).steps[1].title == "Free the table"


def test_the_file_is_no_longer_than_people_read(tmp_path: Path):
    assert told(ENGLISH + "x" * 100_000).endswith("bytes. Write no more than 100,000.")
