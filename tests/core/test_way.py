from __future__ import annotations

from datetime import date

from vigie.core.procedure import CLOSE, ESCALATE, Action, Choice, Procedure, Step
from vigie.core.way import Way, ways

PROCEDURE = Procedure(
    name="relaunch",
    path="include/procedures/nordwind/relaunch.md",
    digest="0" * 64,
    title="Relaunch",
    client="nordwind",
    severity="high",
    owner="amina",
    reviewed=date(2026, 11, 1),
    meaning="m",
    impact="i",
    steps=(
        Step(
            anchor="look",
            title="Look",
            text="t",
            line=9,
            choices=(
                Choice(label="It ran", target=CLOSE, line=11),
                Choice(label="Other", target="other.md", line=12),
                Choice(label="It did not", target="tell", line=13),
            ),
        ),
        Step(
            anchor="tell",
            title="Tell",
            text="t",
            line=14,
            action=Action(name="send", parameters={}, line=16, on_failure=ESCALATE),
        ),
    ),
    escalate="e",
    close="c",
    source="s",
)


def test_a_question_has_a_way_for_each_answer_and_an_action_one_for_its_failure():
    assert list(ways(PROCEDURE)) == [
        Way("look", CLOSE, "answer", "It ran", 11),
        Way("look", "other.md", "answer", "Other", 12),
        Way("look", "tell", "answer", "It did not", 13),
        Way("tell", CLOSE, "next", "", 14),
        Way("tell", ESCALATE, "failure", "", 16),
    ]
