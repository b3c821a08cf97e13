from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.errors import InvalidDocument
from vigie.core.procedure import CLOSE, ESCALATE, Procedure
from vigie.core.walk import walks
from vigie.core.way import ways
from vigie.documents.outline import anchor_of
from vigie.documents.procedure_checks import Surroundings
from vigie.documents.procedure_graph import graph_svg
from vigie.documents.procedures import read_procedure

AROUND = Surroundings(
    "nordwind",
    procedures=frozenset({"broken", "other"}),
    templates=frozenset({("inform_client", ""), ("ask_depot", "fr")}),
    contacts=frozenset({("operations", "en"), ("depot", "fr")}),
    connections=frozenset({"nordwind_batch"}),
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


RICH = ENGLISH.replace(
    "### Free the table\n\nCall first.\n",
    """### Free the table

Stop it in **Batch desk**.

- [ ] The batch `EOD_POS` is stopped
- [ ] Nobody is in its table

> **Four eyes.** A colleague reads the list before you go on.

| Fill in | Kind | Name |
|---|---|---|
| Number of the run | number | run |
| Which table | one of: POSITIONS, PARCELS | table |
| Remark | text, optional | remark |

The number stands in the log of {{ facts.job }}.

### Ask the depot

[Ask the depot](../_shared/other.md)

### Is it locked?

```sql
connection: nordwind_batch
query: select count(*) from locks
  where run = :run
run: {{ answers.run }}
expect: no rows
save: locks
on_failure: #did-it-end
```
""",
)


def test_a_step_has_boxes_inputs_and_a_second_person():
    free = read(RICH).steps[1]
    assert free.checklist == ("The batch `EOD_POS` is stopped", "Nobody is in its table")
    assert [(each.name, each.kind, each.options, each.required) for each in free.inputs] == [
        ("run", "number", (), True),
        ("table", "one_of", ("POSITIONS", "PARCELS"), True),
        ("remark", "text", (), False),
    ]
    assert free.inputs[0].label == "Number of the run"
    assert free.inputs[0].line == 46
    assert free.four_eyes
    assert free.text == (
        "Stop it in **Batch desk**.\n\n> **Four eyes.** A colleague reads the list before you go on.\n\n"
        "The number stands in the log of {{ facts.job }}."
    )


def test_boxes_may_stand_right_above_the_answers():
    boxes = "- [ ] The books are closed\n- [ ] Nobody waits\n\n"
    step = read(RICH.replace("1. [Yes](#close)\n2. [No]", f"{boxes}- [Yes](#close)\n- [No]")).steps[-1]
    assert step.checklist == ("The books are closed", "Nobody waits")  # one list, says Markdown
    assert [choice.label for choice in step.choices] == ["Yes", "No"]


def test_a_step_names_a_piece_or_an_action_with_a_way_out():
    _, _, ask, locked, tell, _ = read(RICH).steps
    assert ask.piece == "other"
    assert locked.action is not None
    assert (locked.action.name, locked.action.on_failure) == ("sql", "did-it-end")
    assert locked.action.parameters == {
        "connection": "nordwind_batch",
        "query": "select count(*) from locks\nwhere run = :run",
        "run": "{{ answers.run }}",
        "expect": "no rows",
        "save": "locks",
    }
    assert tell.action is not None
    assert tell.action.on_failure == "did-it-end"  # a message that cannot be sent holds nobody up


def test_an_action_that_fails_leads_to_escalate_where_nothing_else_is_said():
    text = RICH.replace("on_failure: #did-it-end\n", "")
    action = read(text).steps[3].action
    assert action is not None
    assert action.on_failure == ESCALATE


def test_the_words_of_a_form_in_french():
    french = """### Arrivés ?

> **Quatre yeux** : un collègue relit.

| À remplir | Type | Nom |
|---|---|---|
| Heure d'arrivée | heure, facultatif | arrivee |
| Transporteur | au choix : A, B | transporteur |
"""
    step = read(FRENCH.replace("### Arrivés ?\n", french)).steps[1]
    assert step.four_eyes
    assert [(each.kind, each.options, each.required) for each in step.inputs] == [
        ("time", (), False),
        ("one_of", ("A", "B"), True),
    ]


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


@examples(300)
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
        "- [ ] tick\n",
        "- [x] ticked\n",
        "| Fill in | Kind | Name |\n|---|---|---|\n| Run | one of: a, b | run |\n",
        "\n| Fill in |\n|---|\n",
        "> **Four eyes**\n",
        "{{ answers.run }}\n",
        "{{ facts.job | uper }}\n",
        "{% raw %}\n",
        "\n```sql\nconnection: nordwind_batch\nquery: select :run\nrun: {{ answers.run }}\n```\n",
        "\n```resolve\n```\n",
        "on_failure: #close\n",
        "[x](../_shared/other.md)\n",
        "- [](#close)\n",
        "- [`a`](#close)\n",
        "### Close\n",
        "<b>\n",
        "- ![a](#close)\n",
        "## Steps\n",
    ),
]


@examples(300)
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
    assert len(list(ways(procedure))) >= len(procedure.steps)
    assert graph_svg(procedure).endswith("</svg>")
    assert {way for walk in walks(procedure) for way in walk} == set(ways(procedure))
    for step in procedure.steps:
        assert step.text or step.choices or step.action or step.inputs or step.checklist
        assert step.action is None or step.action.on_failure in anchors or step.action.on_failure.endswith(".md")
        assert all(choice.target in anchors or choice.target.endswith(".md") for choice in step.choices)


def test_a_procedure_of_deep_lists_ends():
    text = ENGLISH.replace("Call first.", "\n".join("> " * depth + "- a" for depth in range(1, 200)))
    assert read(text).steps[1].title == "Free the table"


def test_the_file_is_no_longer_than_people_read(tmp_path: Path):
    assert told(ENGLISH + "x" * 100_000).endswith("bytes. Write no more than 100,000.")
