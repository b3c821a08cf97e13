"""A procedure in Markdown is a DAG; a broken one is a DAG of one page."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from vigie.authoring.procedure_dags import JOIN, procedure_dag, procedure_dags
from vigie.tasks.action_step import ActionStep
from vigie.tasks.procedure_steps import CloseStep, EscalateStep, OpenProcedureStep, QuestionStep, ReadStep

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


def _write(site: Path, steps: str, name: str = "eod-ko", client: str = "nordwind") -> Path:
    path = site / f"include/procedures/{client}/{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.replace("nordwind", client) + steps + ENDS)
    return path


def _shape(dag: DAG) -> dict[str, set[str]]:
    return {task.task_id: set(task.downstream_task_ids) for task in dag.tasks}


def test_a_question_branches_and_the_branches_join(site: Path) -> None:
    path = _write(
        site,
        """### What does the mail say?

Read its subject.

- [A table is locked](#free-the-table)
- [No reason](#relaunch)
- [Something else](#escalate)

### Free the table

End the oldest session.

### Relaunch

Choose **Rerun**.

### Tell the client

```send
template: mail_ko
to: operations
```
""",
    )
    dag = procedure_dag(path)
    assert (dag.dag_id, dag.dag_display_name) == ("procedure.nordwind.eod-ko", "EOD_POS is KO")
    assert _shape(dag) == {
        "what-does-the-mail-say": {"free-the-table", "relaunch", "escalate"},
        "free-the-table": {"relaunch"},
        "relaunch": {"tell-the-client"},
        "tell-the-client": {"close"},
        "escalate": set(),
        "close": set(),
    }
    assert {task.task_id: type(task) for task in dag.tasks} == {
        "what-does-the-mail-say": QuestionStep,
        "free-the-table": ReadStep,
        "relaunch": ReadStep,
        "tell-the-client": ActionStep,
        "escalate": EscalateStep,
        "close": CloseStep,
    }
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}
    assert rules.pop("what-does-the-mail-say") == "all_success"
    assert set(rules.values()) == {JOIN}
    assert {task.retries for task in dag.tasks} == {3}
    question = dag.get_task("what-does-the-mail-say")
    assert question.options == ["A table is locked", "No reason", "Something else"]
    assert question.targets["Something else"] == "escalate"
    assert "Read its subject." in question.body
    send = dag.get_task("tell-the-client")
    assert send.step.action.parameters == {"template": "mail_ko", "to": "operations"}
    assert (send.goes_on, send.on_failure) == ("close", "close")  # people go on where a message cannot be sent
    labels = {edge: info["label"] for edge, info in dag.edge_info["what-does-the-mail-say"].items()}
    assert labels == {
        "free-the-table": "A table is locked",
        "relaunch": "No reason",
        "escalate": "Something else",
    }
    assert dag.schedule is None
    assert {"procedure", "client:nordwind"} <= set(dag.tags)


@pytest.mark.parametrize(
    ("steps", "shape"),
    [
        ("### Read the log\n\nRead it.\n", {"read-the-log": {"close"}, "close": set()}),
        (
            "### Read the log\n\nRead it.\n\n- [Anything](#escalate)\n",
            {"read-the-log": {"escalate"}, "escalate": set()},
        ),
    ],
)
def test_an_end_that_nothing_leads_to_is_not_there(site: Path, steps: str, shape: dict[str, set[str]]) -> None:
    """Airflow would run it at the very start: everybody would be escalated to before the first answer."""
    dag = procedure_dag(_write(site, steps))
    assert _shape(dag) == shape
    assert [task.task_id for task in dag.tasks if not task.upstream_task_ids] == ["read-the-log"]


def test_two_answers_with_one_target_share_their_edge_and_a_failure_has_its_own(site: Path) -> None:
    path = _write(
        site,
        """### Read

Read.

- [A lock](#tell)
- [A timeout](#tell)
- [Else](#escalate)

### Tell

```send
template: mail_ko
to: operations
on_failure: #escalate
```
""",
    )
    dag = procedure_dag(path)
    assert dag.edge_info["read"]["tell"]["label"] == "A lock / A timeout"
    assert dag.edge_info["tell"] == {"escalate": {"label": "if it fails"}}
    assert _shape(dag)["tell"] == {"close", "escalate"}


def test_what_is_filled_in_and_ticked_is_a_form_in_airflow(site: Path) -> None:
    path = _write(
        site,
        """### Relaunch

> **Four eyes**

Choose **Rerun**.

| Fill in | Kind | Name |
|---|---|---|
| The run's number | number | run |
| Why | one of: lock, timeout | why |

- [ ] The log is saved
""",
    )
    step = procedure_dag(path).get_task("relaunch")
    assert step.step.four_eyes
    assert {name: param["schema"]["type"] for name, param in step.serialized_params.items()} == {
        "run": ["null", "number"],
        "why": ["null", "string"],
        "check_1": "boolean",
    }
    assert step.assigned_users is None


def test_an_answer_may_lead_to_another_file_of_the_client_or_of_all(site: Path) -> None:
    _write(site, "### Wait\n\nWait.\n", name="wait")
    shared = site / "include/procedures/_shared/call.md"
    shared.parent.mkdir(parents=True)
    shared.write_text((HEAD + "### Call\n\nCall.\n" + ENDS).replace("client: nordwind\n", "client: _shared\n"))
    dag = procedure_dag(
        _write(site, "### Read\n\nRead.\n\n- [Wait](wait.md)\n- [Call](call.md)\n- [It is over](#close)\n")
    )
    targets = {task.task_id: task.procedure_dag_id for task in dag.tasks if isinstance(task, OpenProcedureStep)}
    assert targets == {"open_wait": "procedure.nordwind.wait", "open_call": "procedure._shared.call"}
    assert dag.get_task("read").targets["Call"] == "open_call"


def test_a_broken_file_is_one_page_with_the_reasons_on_top(site: Path) -> None:
    path = _write(site, "### Read\n\nRead.\n\n- [Go on](#nowhere)\n")
    dag = procedure_dag(path)
    assert _shape(dag) == {"page": {"close", "escalate"}, "close": set(), "escalate": set()}
    page = dag.get_task("page")
    assert page.options == ["Done", "Escalate"]
    assert page.targets == {"Done": "close", "Escalate": "escalate"}
    assert page.body.startswith(
        "**This procedure needs repair; read it as a page.**\n\n"
        "- include/procedures/nordwind/eod-ko.md:23: no step '#nowhere'."
    )
    assert "The batch stopped." in page.body
    assert "needs-repair" in dag.tags
    assert dag.dag_id == "procedure.nordwind.eod-ko"


def test_a_file_that_is_no_text_is_a_page_too(site: Path) -> None:
    path = _write(site, "")
    path.write_bytes(b"\xff\xfe\x00 not a text")
    assert set(_shape(procedure_dag(path))) == {"page", "close", "escalate"}


def test_every_file_is_a_dag_and_one_broken_file_takes_no_other_away(site: Path) -> None:
    _write(site, "### Read\n\nRead.\n\n- [Go on](#nowhere)\n", name="broken")
    assert sorted(dag.dag_id for dag in procedure_dags()) == [
        "procedure.nordwind.broken",
        "procedure.nordwind.eod-ko",
    ]


def test_airflow_keeps_it(site: Path) -> None:
    for path in sorted((site / "include/procedures").glob("*/*.md")):
        dag = procedure_dag(path)
        kept = DagSerialization.to_dict(dag)
        found = DagSerialization.from_dict(kept)
        assert found.task_dict.keys() == dag.task_dict.keys()
        assert DagSerialization.to_dict(procedure_dag(path)) == kept


def test_in_production_a_draft_is_one_page_and_ends_as_its_author_wrote(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_MODE", "")
    path = _write(site, "### Read\n\nRead {{ facts.job }}.\n\n- [Go on](#close)\n")
    dag = procedure_dag(path)
    assert _shape(dag) == {"page": {"close", "escalate"}, "close": set(), "escalate": set()}
    page = dag.get_task("page")
    assert (page.options, page.targets) == (["Done", "Escalate"], {"Done": "close", "Escalate": "escalate"})
    assert page.body.startswith("**Draft: nobody has approved this procedure yet.**")
    assert "### Read\n\nRead {{ facts.job }}." in page.body
    assert "title: EOD_POS" not in page.body
    assert (dag.get_task("escalate").step.text, dag.get_task("close").step.text) == ("Call Bruno.", "Write the cause.")
    assert (dag.dag_display_name, "draft" in dag.tags) == ("EOD_POS is KO (draft)", True)
    assert dag.dag_id == "procedure.nordwind.eod-ko"
    assert DagSerialization.from_dict(DagSerialization.to_dict(dag)).dag_id == dag.dag_id
