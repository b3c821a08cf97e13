"""The same procedures three times: in Markdown for Vigie, as plain DAG files, as dag-factory's YAML.

Six steps each: a question with three answers, two steps to do, a message, a question with two answers, and two ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_TEXT = "Open **Batch desk**, choose the job, and read the last twenty lines of its log.\n\n" * 4
_STEPS = [
    ("what-does-it-say", "What does it say", {"A lock": "free-the-table", "A timeout": "relaunch", "Else": "escalate"}),
    ("free-the-table", "Free the table", "relaunch"),
    ("relaunch", "Relaunch", "tell-the-client"),
    ("tell-the-client", "Tell the client", "did-it-end-well"),
    ("did-it-end-well", "Did it end well", {"It did": "close", "No": "escalate"}),
    ("escalate", "Escalate", ""),
    ("close", "Close", ""),
]
_HEAD = """\
---
title: Procedure {number}
client: {client}
severity: high
owner: petra
reviewed: 2026-11-02
---

## Meaning

A job stopped.

## Impact

No file is made.

## Steps

"""


def write_markdown(folder: Path, client: str, number: int) -> None:
    """The procedures of a site that has the client already."""
    place = folder / "include" / "procedures" / client
    place.mkdir(parents=True, exist_ok=True)
    for each in range(number):
        (place / f"p{each:03}.md").write_text("".join(_page(client, each)), "utf-8")


def _page(client: str, number: int) -> Iterator[str]:
    yield _HEAD.format(client=client, number=number)
    for anchor, title, after in _STEPS[:-2]:
        yield f"### {title}\n\n"
        if anchor == "tell-the-client":
            yield "```send\ntemplate: mail_ko\nto: operations\n```\n\n"
            continue
        yield f"{_TEXT}\n"
        if isinstance(after, dict):
            yield "".join(f"- [{label}](#{target})\n" for label, target in after.items())
        yield "\n"
    yield "## Escalate\n\nCall Petra.\n\n## Close\n\nWrite the cause.\n"


def write_plain(folder: Path, number: int) -> None:
    """One plain DAG file for each procedure."""
    (folder / "dags").mkdir(parents=True, exist_ok=True)
    for each in range(number):
        (folder / "dags" / f"p{each:03}.py").write_text("\n".join(_plain(each)) + "\n", "utf-8")


def _plain(number: int) -> Iterator[str]:
    yield "from airflow.providers.standard.operators.empty import EmptyOperator"
    yield "from airflow.providers.standard.operators.hitl import HITLBranchOperator, HITLOperator"
    yield "from airflow.sdk import DAG, Label"
    yield f"TEXT = {_TEXT!r}"
    yield f"with DAG('plain.p{number:03}', schedule=None, tags=['procedure'], doc_md=TEXT) as dag:"
    for name, title, after in _STEPS:
        rule = "" if name == "what-does-it-say" else ", trigger_rule='none_failed_min_one_success'"
        common = f"task_id={name!r}, task_display_name={title!r}, doc_md=TEXT{rule}"
        asked = f"{common}, subject={title!r}, body=TEXT"
        if isinstance(after, dict):
            yield f"    HITLBranchOperator({asked}, options={list(after)!r}, options_mapping={after!r})"
        elif name == "tell-the-client":
            yield f"    EmptyOperator({common})"
        else:
            yield f"    HITLOperator({asked}, options=['Done'])"
    for name, _, after in _STEPS:
        if isinstance(after, dict):
            for label, target in after.items():
                yield f"    dag.get_task({name!r}) >> Label({label!r}) >> dag.get_task({target!r})"
        elif after:
            yield f"    dag.get_task({name!r}) >> dag.get_task({after!r})"


def write_factory(folder: Path, number: int) -> None:
    """dag-factory: one YAML for each procedure, and its loader (edges have no labels there)."""
    (folder / "dags").mkdir(parents=True, exist_ok=True)
    (folder / "yaml").mkdir(parents=True, exist_ok=True)
    for each in range(number):
        (folder / "yaml" / f"p{each:03}.yml").write_text("\n".join(_factory(each)) + "\n", "utf-8")
    (folder / "dags" / "load.py").write_text(
        "from airflow.sdk import DAG  # dag-factory's own loader looks for the word\n"
        "from dagfactory import load_yaml_dags\n"
        f"load_yaml_dags(globals_dict=globals(), dags_folder={str(folder / 'yaml')!r}, suffix=['.yml'])\n",
        "utf-8",
    )


def _factory(number: int) -> Iterator[str]:
    before: dict[str, list[str]] = {name: [] for name, _, _ in _STEPS}
    for name, _, after in _STEPS:
        for target in after.values() if isinstance(after, dict) else filter(None, [after]):
            before[target].append(name)
    hitl = "airflow.providers.standard.operators.hitl"
    yield f"factory.p{number:03}:"
    yield "  schedule: null"
    yield "  start_date: 2026-01-01"
    yield "  tags: [procedure]"
    yield f"  doc_md: {_TEXT!r}".replace("\\n", " ")
    yield "  tasks:"
    for name, title, after in _STEPS:
        text = _TEXT.replace("\n", " ")
        yield f"    - task_id: {name}"
        yield f"      task_display_name: {title}"
        if before[name]:
            yield f"      dependencies: [{', '.join(before[name])}]"
            yield "      trigger_rule: none_failed_min_one_success"
        if name == "tell-the-client":
            yield "      operator: airflow.providers.standard.operators.empty.EmptyOperator"
            continue
        yield f"      subject: {title}"
        yield f"      body: {text!r}"
        if isinstance(after, dict):
            yield f"      operator: {hitl}.HITLBranchOperator"
            yield f"      options: {list(after)}"
            yield f"      options_mapping: {after}"
        else:
            yield f"      operator: {hitl}.HITLOperator"
            yield "      options: [Done]"
