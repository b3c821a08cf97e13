from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from vigie.core.approval import Approval, Change
from vigie.core.procedure import CLOSE, ESCALATE, Action, Choice, Procedure, Step, review_due

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


def approval(at: datetime, change: Change) -> Approval:
    return Approval(procedure="nordwind/relaunch-job", digest="0" * 64, by="amina", at=at, change=change)


def test_a_text_is_a_draft_until_somebody_approves_it():
    assert PROCEDURE.status == "draft"
    assert PROCEDURE.revision == "00000000"
    approved = PROCEDURE.model_copy(update={"approval": approval(datetime(2026, 11, 2, tzinfo=UTC), "editorial")})
    assert approved.status == "approved"
    assert Procedure.model_validate_json(approved.model_dump_json()) == approved


@pytest.mark.parametrize(
    ("every", "approved", "due"),
    [
        (None, None, None),
        (timedelta(days=90), None, date(2027, 1, 30)),  # 90 days after the day in its head
        (timedelta(days=90), "editorial", date(2027, 1, 30)),  # other words are no review
        (timedelta(days=90), "substantial", date(2027, 2, 8)),
    ],
)
def test_a_review_is_due_so_long_after_the_last_one(every: timedelta | None, approved: Change | None, due: date | None):
    stamp = approval(datetime(2026, 11, 10, 23, 59, tzinfo=UTC), approved) if approved else None
    procedure = PROCEDURE.model_copy(update={"review_every": every, "approval": stamp})
    assert procedure.review_due_on == due
    assert not review_due(procedure, datetime(2027, 1, 29, 23, 59, tzinfo=UTC))
    assert review_due(procedure, datetime(2027, 2, 8, tzinfo=UTC)) == (due is not None)
