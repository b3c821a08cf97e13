from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.procedure import Action
from vigie.documents.action_checks import check_action
from vigie.documents.findings import Findings
from vigie.documents.procedure_checks import Surroundings
from vigie.documents.procedure_text import parameters_of

AROUND = Surroundings("nordwind", connections=frozenset({"c"}))


def told(command: str) -> str:
    findings = Findings("p.md")
    check_action(Action(name="ssh", parameters={"connection": "c", "command": command}, line=7), AROUND, findings)
    return " ".join(problem.message for problem in findings.problems)


@pytest.mark.parametrize(
    "command",
    [
        'rerun "{{ facts.job }}"',
        "rerun '{{ facts.job }}'",
        "rerun 'a\\' '{{ facts.job }}'",  # in single quotes a backslash is a backslash
        'rerun "a\\" {{ facts.job }}"',
        'rerun "it\'s {{ facts.job }}"',
    ],
)
def test_a_fact_in_quotes_is_refused(command: str):
    assert told(command) == "ssh: a fact stands in quotes."


@pytest.mark.parametrize("command", ["rerun \\{{ facts.job }}", "rerun ${{ facts.job }}"])
def test_what_stands_before_a_fact_must_not_change_its_quotes(command: str):
    assert told(command) == "ssh: a fact stands right after '\\' or '$'."


@pytest.mark.parametrize(
    "command",
    ["eval rerun {{ facts.job }}", "sh -c {{ facts.job }}", "bash -xc {{ facts.job }}", "cat <<X\n{{ facts.job }}\nX",
     "ssh other {{ facts.job }}", "echo `rerun {{ facts.job }}`", "ls | xargs rm {{ facts.job }}"],
)  # fmt: skip
def test_a_shell_reads_a_fact_once(command: str):
    assert told(command) == "ssh: a shell would read the fact a second time."


@pytest.mark.parametrize(
    "command",
    ["rerun {{ facts.job }}", "rerun --job={{ facts.job }} 'a b' \"c\"", "ls 'a\\' {{ facts.job }}", "eval x"],
)
def test_a_fact_of_its_own_is_taken(command: str):
    assert told(command) == ""


@examples(40)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Co")), max_size=30))
def test_a_real_shell_gets_the_fact_as_one_argument(fact: str):
    action = Action(name="ssh", parameters={"connection": "c", "command": "printf %s {{ facts.job }}"}, line=7)
    command = parameters_of(action, {"facts": {"job": fact}}, "p.md").model_dump()["command"]
    expected = shlex.split(command)[2:]
    shown = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode()
    assert [shown] == expected
