from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vigie.core.procedure import CLOSE, ESCALATE
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]

CALL = """\
---
title: Call the duty desk
client: _shared
severity: high
owner: petra
reviewed: 2026-10-19
---

## Meaning

Somebody must be told.

## Impact

They do not know yet.

## Steps

### Ring

- [They answered](#tell-them)
- [Nobody](#escalate)

### Tell them

```send
template: inform_client
to: channel
```

## Escalate

Ring again.

## Close

They know.
"""


def host(write: Write) -> None:
    own = "include/procedures/nordwind/other.md"
    text = (write(own, "").parents[3] / own).read_text("utf-8")
    text = CALL.replace("_shared", "nordwind").replace("title: Call the duty desk", "title: The host")
    steps = """### Look

- [Call](#call-the-desk)
- [Wait](#wait)

### Call the desk

[Call the duty desk](../_shared/call.md)

### Wait

Ten minutes.

"""
    write(own, text[: text.index("### Ring")] + steps + text[text.index("## Escalate") :])


def test_the_steps_of_a_piece_stand_in_the_place_of_its_link(site: Library, write: Write):
    write("include/procedures/_shared/call.md", CALL)
    host(write)
    assert site.problems() == []
    look, ring, tell, wait = site.procedure("nordwind", "other").steps
    assert [choice.target for choice in look.choices] == ["call-the-desk", "wait"]
    assert (ring.anchor, ring.title, ring.piece) == ("call-the-desk", "Call the desk: Ring", "call")
    assert [choice.target for choice in ring.choices] == ["call-the-desk--tell-them", ESCALATE]
    assert (tell.anchor, tell.title) == ("call-the-desk--tell-them", "Call the desk: Tell them")
    assert tell.action is not None
    assert tell.action.on_failure == "wait"  # what was the piece's end is the page's next step
    assert wait.piece == ""


def test_a_piece_is_still_a_procedure_of_its_own(site: Library, write: Write):
    write("include/procedures/_shared/call.md", CALL)
    shared = site.procedure("nordwind", "call")
    assert (shared.dag_id, [step.anchor for step in shared.steps]) == ("procedure._shared.call", ["ring", "tell-them"])
    assert shared.steps[1].action is not None
    assert shared.steps[1].action.on_failure == CLOSE


def test_a_broken_piece_is_a_step_with_a_link(site: Library, write: Write):
    write("include/procedures/_shared/call.md", CALL.replace("## Impact", "## Impcat"))
    host(write)
    steps = site.procedure("nordwind", "other").steps
    assert [step.anchor for step in steps] == ["look", "call-the-desk", "wait"]
    assert steps[1].text == "[Call the duty desk](../_shared/call.md)"
    assert {problem.path for problem in site.problems()} == {"include/procedures/_shared/call.md"}


def test_a_piece_that_changes_changes_the_page(site: Library, write: Write):
    write("include/procedures/_shared/call.md", CALL)
    host(write)
    assert len(site.procedure("nordwind", "other").steps) == 4
    write("include/procedures/_shared/call.md", CALL.replace("Tell them", "Tell all").replace("tell-them", "tell-all"))
    assert site.procedure("nordwind", "other").steps[2].title == "Call the desk: Tell all"


def test_a_piece_stands_on_no_other_piece(site: Library, write: Write):
    write(
        "include/procedures/_shared/call.md",
        CALL.replace("### Ring\n", "### Look\n\n[Wake](../_shared/wake.md)\n\n### Ring\n"),
    )
    assert [str(problem) for problem in site.problems()] == [
        "include/procedures/_shared/call.md:19: a shared procedure cannot stand on another one. Write the steps here."
    ]


def test_a_shared_procedure_belongs_to_no_client(site: Library, write: Write):
    block = "```ssh\nconnection: nordwind_batch\ncommand: ls\n```"
    write(
        "include/procedures/_shared/call.md", CALL.replace("```send\ntemplate: inform_client\nto: channel\n```", block)
    )
    assert "\n".join(str(problem) for problem in site.problems()) == (
        "include/procedures/_shared/call.md:26: ssh: 'connection' belongs to one client, and every client may use this "
        "procedure. Write it into a procedure of the client."
    )
