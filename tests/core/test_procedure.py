from __future__ import annotations

from datetime import date, timedelta

from vigie.core.procedure import CLOSE, ESCALATE, Action, Choice, Procedure, Step

PROCEDURE = Procedure(
    name="relaunch-job",
    path="include/procedures/nordwind/relaunch-job.md",
    digest="0" * 64,
    title="Relaunch the job",
    client="nordwind",
    severity="critical",
    owner="amina",
    reviewed=date(2026, 11, 1),
    meaning="m",
    impact="i",
    steps=(
        Step(anchor="look", title="Look", text="t", line=9, choices=(Choice(label="It ran", target=CLOSE, line=11),)),
        Step(anchor="tell", title="Tell", text="t", line=14, action=Action(name="SendMessage", parameters={}, line=16)),
    ),
    escalate="e",
    close="c",
    source="s",
)


def test_the_name_of_its_dag():
    assert PROCEDURE.dag_id == "procedure.nordwind.relaunch-job"
    assert PROCEDURE.model_copy(update={"client": "_shared"}).dag_id == "procedure._shared.relaunch-job"


def test_its_two_ends_and_how_long_it_may_stand():
    assert (ESCALATE, CLOSE) == ("escalate", "close")
    assert PROCEDURE.escalate_after == timedelta(minutes=15)


def test_it_is_the_same_after_the_store():
    assert Procedure.model_validate_json(PROCEDURE.model_dump_json()) == PROCEDURE
