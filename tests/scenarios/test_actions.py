"""Automatic steps in the night: what they did is in the logbook, and a failure leads where the procedure says."""

from __future__ import annotations

import pytest

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
HEAD = """---
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

"""
ENDS = """
## Escalate

Call Bruno.

## Close

Write the cause.
"""


def begins(room: ControlRoom, steps: str) -> dict[str, str]:
    """The batch is KO, Anna takes it, and these steps run; the states of their run."""
    (room.site / "include/procedures/nordwind/eod-ko.md").write_text(HEAD + steps + ENDS)
    room.mail_comes("[KO] EOD_POS", **BATCH)
    room.takes_it("anna")
    return states(room)


def states(room: ControlRoom) -> dict[str, str]:
    return room.procedures.runs[f"{room.incident.id}.1"].states


def told(room: ControlRoom, kind: str = "procedure.action") -> list[str]:
    return [f"{entry.kind.rpartition('.')[2]} {entry.text}" for entry in room.entries(kind)]


SEND = """### Tell the client

```send
template: {template}
to: operations
```

### Go on

Go on.
"""


def test_a_message_goes_out_once_and_people_go_on(nordwind: ControlRoom) -> None:
    begins(nordwind, SEND.format(template="mail_ko"))
    assert nordwind.open_steps == ["Go on"]
    (mail,) = nordwind.mailbox_of("ops@nordwind.example").mails
    assert mail.message.subject == "Nordwind Logistik: EOD_POS, message"
    assert told(nordwind) == [
        "action_begun Tell the client: send",
        "action_done Tell the client: 'Nordwind Logistik: EOD_POS, message' to Nordwind operations",
    ]


def test_a_message_that_cannot_be_rendered_is_told_and_people_go_on(nordwind: ControlRoom) -> None:
    template = nordwind.site / "include/templates/mail_ko.md.j2"
    template.write_text(template.read_text().replace("facts.job }}, ", "facts.nothing }}, "))
    begins(nordwind, SEND.format(template="mail_ko"))
    assert nordwind.open_steps == ["Go on"]
    (failed,) = nordwind.slack("nordwind").said("Tell the client: send failed:")
    assert "include/templates/mail_ko.md.j2:" in failed.text
    assert nordwind.mailbox_of("ops@nordwind.example").mails == []


def test_an_action_that_fails_leads_to_escalate_where_nothing_else_is_said(nordwind: ControlRoom) -> None:
    with (nordwind.site / "include/clients/nordwind/client.yaml").open("a") as table:
        table.write("connections:\n  nordwind_db: the shop\n")
    found = begins(
        nordwind, "### Ask\n\n```sql\nconnection: nordwind_db\nquery: SELECT 1\n```\n\n### Go on\n\nGo on.\n"
    )
    assert nordwind.open_steps == ["Escalate"]
    assert found == {"ask": "success", "go-on": "skipped", "escalate": "awaiting_input", "close": "skipped"}
    assert told(nordwind, "procedure.action_failed") == [
        "action_failed Ask: the vault has no connection 'nordwind_db', or does not show it to us; put it there"
    ]


FOUR = """### What is wrong?

- [A lock](#relaunch)
- [Else](#escalate)

### Relaunch

> **Four eyes**

```send
template: mail_ko
to: operations
on_failure: #by-hand
```

### Check

Check.

- [Well](#close)
- [Not well](#by-hand)

### By hand

Do it by hand.
"""


def test_a_second_person_lets_an_action_begin(nordwind: ControlRoom) -> None:
    begins(nordwind, FOUR)
    nordwind.answers("anna", "A lock")
    own = nordwind.answers("anna", "Begin")
    assert (own.result, own.text) == (
        "refused",
        "You did the step before this one; a second, different person must confirm it.",
    )
    assert nordwind.mailbox_of("ops@nordwind.example").mails == []
    assert nordwind.answers("bruno", "Begin").result == "done"
    assert len(nordwind.mailbox_of("ops@nordwind.example").mails) == 1
    assert nordwind.open_steps == ["Check"]


def test_whoever_doubts_may_keep_it_from_beginning(nordwind: ControlRoom) -> None:
    begins(nordwind, FOUR)
    nordwind.answers("anna", "A lock")
    nordwind.answers("anna", "Do not begin")
    assert nordwind.mailbox_of("ops@nordwind.example").mails == []
    assert nordwind.open_steps == ["By hand"]


def test_a_command_that_an_earlier_try_had_begun_is_not_repeated(
    nordwind: ControlRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NORDWIND_HOST", '{"conn_type": "ssh", "host": "127.0.0.1", "port": 9}')
    with (nordwind.site / "include/clients/nordwind/client.yaml").open("a") as table:
        table.write("connections:\n  nordwind_host: the batch server\n")
    block = "```ssh\nconnection: nordwind_host\ncommand: rerun\non_failure: #by-hand\n```"
    begins(nordwind, f"### Read\n\nRead.\n\n### Rerun\n\n{block}\n\n### Go on\n\nGo on.\n\n- [Yes](#close)\n"
           "- [No](#by-hand)\n\n### By hand\n\nBy hand.\n")  # fmt: skip
    (read,) = nordwind.logbook.steps(status="open")
    begun = read.model_copy(update={"task_id": "rerun", "title": "Rerun", "status": "doing", "next_action_at": None})
    nordwind.logbook.open_step(begun, nordwind.entries()[-1].model_copy(update={"seq": None}))
    nordwind.procedures.runs[read.run_id].tries["rerun"] = 1  # its worker died while the command ran
    nordwind.answers("anna", "Done")
    assert nordwind.open_steps == ["By hand"]
    (failed,) = nordwind.entries("procedure.action_failed")
    assert failed.text == "Rerun: Vigie was interrupted while it did this (a command); look whether it was done"


WAIT = """### Wait

```wait
at_most: 20 min
on_failure: #by-hand
```

### It is well

- [Yes](#close)
- [No](#by-hand)

### By hand

By hand.
"""


@pytest.mark.parametrize(("ok", "step"), [(True, "It is well"), (False, "By hand")])
def test_waiting_holds_no_worker_and_ends_either_way(nordwind: ControlRoom, ok: bool, step: str) -> None:
    found = begins(nordwind, WAIT)
    assert found["wait"] == "deferred"
    run_id = f"{nordwind.incident.id}.1"
    trigger = nordwind.procedures.runs[run_id].triggers["wait"].trigger
    assert (trigger.incident, trigger.until) == (nordwind.incident.id, "2026-11-24T01:20:00+00:00")
    nordwind.procedures.fires(run_id, "wait", {"ok": ok, "text": "because"})
    assert nordwind.open_steps == [step]


def test_the_procedure_resolves_the_incident_and_its_last_words_are_asked_and_page_nobody(
    nordwind: ControlRoom,
) -> None:
    begins(nordwind, "### Resolve\n\n```resolve\nnote: the session was ended\n```\n")
    assert (nordwind.incident.status, nordwind.incident.resolved_by) == ("resolved", "procedure")
    assert nordwind.open_steps == ["Close"]
    nordwind.clock.advances("3 h")
    assert nordwind.open_steps == ["Close"]
    told = [entry.text for entry in nordwind.entries("procedure.step_escalated")]
    assert told == ["'Close' is unanswered: reminder to anna"] * 3
    assert nordwind.mailbox_of("bruno").mails == []
    assert nordwind.answers("anna", "Done").result == "done"


def test_another_procedure_is_opened_and_this_one_goes_on(nordwind: ControlRoom) -> None:
    (nordwind.site / "include/procedures/nordwind/call.md").write_text(
        HEAD.replace("EOD_POS is KO", "Call") + "### Call\n\nCall.\n" + ENDS
    )
    begins(nordwind, "### Open\n\n```open\nprocedure: call\n```\n\n### Go on\n\nGo on.\n")
    assert sorted(nordwind.open_steps) == ["Call", "Go on"]
    assert list(nordwind.procedures.runs) == ["INC-1.1", "INC-1.call"]


JOIN = """### First

- [On](#second)
- [Escalate](#escalate)

### Second

- [Third](#third)
- [Do](#do)

### Third

- [Escalate](#escalate)
- [Close](#close)

### Do

Do it.
"""


def test_nobody_is_escalated_to_by_a_way_that_was_not_taken(nordwind: ControlRoom) -> None:
    """The first question succeeded, and *Escalate* comes after it too: Airflow alone would run it."""
    begins(nordwind, JOIN)
    nordwind.answers("anna", "On")
    nordwind.answers("anna", "Do")
    assert nordwind.open_steps == ["Do"]
    nordwind.answers("anna", "Done")
    assert nordwind.open_steps == ["Close"]
    assert states(nordwind)["escalate"] == "skipped"
    assert nordwind.entries("incident.escalated") == []


def test_an_input_that_is_none_is_asked_again_on_airflows_page(nordwind: ControlRoom) -> None:
    table = "| Fill in | Kind | Name |\n|---|---|---|\n| The run's number | number | run |\n"
    begins(nordwind, f"### Relaunch\n\nChoose Rerun.\n\n{table}\n### Check\n\nCheck run {{{{ answers.run }}}}.\n")
    assert nordwind.answers_in_airflow("anna", "Done", run="many")
    assert nordwind.open_steps == ["Relaunch"]
    (said,) = nordwind.slack("nordwind").said("is a number.")
    assert said.text == "Relaunch: 'The run's number' is a number."
    assert nordwind.answers_in_airflow("anna", "Done", run=7)
    (asked,) = nordwind.slack("nordwind").said("Check run 7.")
    assert asked.buttons == ["Done", "Open the step"]


def test_a_dag_of_the_client_is_started_once_with_the_incident(nordwind: ControlRoom) -> None:
    block = "```trigger\ndag: nordwind.end_of_day\nat_most: 10 min\njob: '{{ facts.job }}'\n```"
    found = begins(nordwind, f"### Run it\n\n{block}\n\n### Go on\n\nGo on.\n")
    assert found["run-it"] == "deferred"
    assert nordwind.procedures.started[-1] == "nordwind.end_of_day INC-1.1.run-it"
    run = nordwind.procedures.runs["INC-1.1.run-it"]
    assert run.conf == {"job": "EOD_POS", "incident": "INC-1"}
    trigger = nordwind.procedures.runs["INC-1.1"].triggers["run-it"].trigger
    assert (trigger.dag_id, trigger.run_id) == ("nordwind.end_of_day", "INC-1.1.run-it")
    nordwind.procedures.fires("INC-1.1", "run-it", {"ok": True, "text": "success"})
    assert nordwind.open_steps == ["Go on"]
