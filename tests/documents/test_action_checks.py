from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.errors import InvalidDocument
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


@pytest.mark.parametrize(
    "command",
    ["rerun \\{{ facts.job }}", "rerun ${{ facts.job }}", "rerun --job={{ facts.job }}", "rerun {{ facts.job }}.csv",
     "rerun {{ facts.a }}{{ facts.b }}", "rerun 'a'{{ facts.job }}", "rerun ~{{ facts.job }}"],
)  # fmt: skip
def test_a_fact_that_is_part_of_a_word_is_refused(command: str):
    assert told(command) == "ssh: a fact is part of a word."


@pytest.mark.parametrize(
    "command",
    ["ls | rerun {{ facts.job }}", "rerun {{ facts.job }} | sh", "rerun {{ facts.job }}|sh", "a; rerun {{ facts.job }}",
     "a && rerun {{ facts.job }}", "rerun {{ facts.job }} &", "rerun < {{ facts.job }}", "rerun > {{ facts.job }}",
     "echo $(rerun {{ facts.job }})", "echo `rerun {{ facts.job }} `", "cat <<X\n{{ facts.job }}\nX",
     "rerun\n{{ facts.job }}", "rerun $X {{ facts.job }}", 'rerun "$X" {{ facts.job }}', "rerun \\| {{ facts.job }}",
     "(rerun {{ facts.job }} )", "rerun # {{ facts.job }}", "rerun ! {{ facts.job }}", "rerun *.csv {{ facts.job }}",
     "{ rerun {{ facts.job }} ; }", "rerun \u00a0 {{ facts.job }}", "rerun {{ facts.job }} 'open"],
)  # fmt: skip
def test_a_fact_stands_in_one_simple_command(command: str):
    assert told(command) == "ssh: a fact stands in more than one simple command."


@pytest.mark.parametrize(
    "command",
    ["eval rerun {{ facts.job }}", "sh -c {{ facts.job }}", "bash -xc {{ facts.job }}", "ssh other {{ facts.job }}",
     "xargs rm {{ facts.job }}", "sudo -u batch /bin/sh -c {{ facts.job }}", "'eval' {{ facts.job }}",
     "python3 -c {{ facts.job }}", "awk {{ facts.job }} /etc/passwd", "find /data -exec {{ facts.job }}",
     "env -S {{ facts.job }}", "nohup zsh -c {{ facts.job }}", "psql -c {{ facts.job }}", "e'v'al {{ facts.job }}"],
)  # fmt: skip
def test_no_program_reads_a_fact_as_a_command(command: str):
    assert told(command) == "ssh: a program would read the fact as a command."


def test_a_fact_is_no_program():
    assert told("{{ facts.job }} --now") == "ssh: a fact is the program."


@pytest.mark.parametrize(
    "command",
    ["rerun {{ facts.job }}", "rerun --job {{ facts.job }} 'a b' \"c\"", "ls 'a' {{ facts.job | upper }}",
     "sudo /opt/x/bin/aside -- {{ facts.queue }}  {{ answers.message }}", "grep -c '|;&$' {{ facts.file }}",
     "sh run.sh {{ facts.job }}", "A=1 rerun {{ facts.job }}", "eval x | y > z", "printf '%s|' {{ facts.job }}"],
)  # fmt: skip
def test_a_fact_that_is_a_whole_word_is_taken(command: str):
    assert told(command) == ""


def test_the_refusal_has_its_line_and_what_to_write():
    findings = Findings("include/procedures/nordwind/p.md")
    written = Action(name="ssh", parameters={"connection": "c", "command": "ls | rerun {{ facts.job }}"}, line=7)
    check_action(written, AROUND, findings)
    (problem,) = findings.problems
    assert str(problem) == (
        "include/procedures/nordwind/p.md:7: ssh: a fact stands in more than one simple command. Give it to one program, as "
        "'rerun {{ facts.job }}'; what needs '|', ';', '&', '<', '$' or a second line belongs into a script on the server."
    )


@pytest.mark.parametrize("command", ["ls | rerun {{ facts.job }}", "rerun x{{ facts.job }}", "sh -c {{ facts.job }}"])
def test_a_run_refuses_what_the_check_refuses(command: str):
    written = Action(name="ssh", parameters={"connection": "c", "command": command}, line=7)
    with pytest.raises(InvalidDocument) as refused:
        parameters_of(written, {"facts": {"job": "x"}}, "p.md")
    assert told(command) in str(refused.value)
    assert "p.md:7: " in str(refused.value)


@examples(40)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Co")), max_size=30))
def test_a_real_shell_gets_the_fact_as_one_argument(fact: str):
    action = Action(name="ssh", parameters={"connection": "c", "command": "printf %s {{ facts.job }}"}, line=7)
    command = parameters_of(action, {"facts": {"job": fact}}, "p.md").model_dump()["command"]
    expected = shlex.split(command)[2:]
    shown = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode()
    assert [shown] == expected
