from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vigie.core.procedure import CLOSE, ESCALATE, Action, Choice, Procedure, Step
from vigie.core.walk import walks
from vigie.core.way import ways


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """Procedures as they are read: forward only, each step reached."""
    count = draw(st.integers(1, 12))
    steps = []
    for number in range(count):
        ahead = [f"s{later}" for later in range(number + 1, count)] + [CLOSE, ESCALATE, "other.md"]
        kind = draw(st.sampled_from(["read", "ask", "act"]))
        targets = draw(st.lists(st.sampled_from(ahead), min_size=1, max_size=5)) + ahead[:1]
        choices = [Choice(label=f"{n}", target=target, line=n) for n, target in enumerate(targets)]
        steps.append(
            Step(
                anchor=f"s{number}",
                title=f"Step {number}",
                text="t",
                line=number,
                choices=tuple(choices) if kind == "ask" else (),
                action=Action(name="resolve", parameters={}, line=number, on_failure=targets[0])
                if kind == "act"
                else None,
            )
        )
    return Procedure(
        name="p", path="p.md", digest="0" * 64, title="P", client="nordwind", severity="low", owner="o",
        reviewed=date(2026, 11, 1), meaning="m", impact="i", steps=tuple(steps), escalate="e", close="c", source="s",
    )  # fmt: skip


@given(procedures())
def test_the_walks_together_go_every_way(procedure: Procedure):
    anchors = {step.anchor for step in procedure.steps}
    found = list(walks(procedure))
    assert {way for walk in found for way in walk} == set(ways(procedure))
    assert len(found) <= len(list(ways(procedure)))
    for walk in found:
        assert walk[0].step == "s0"
        assert walk[-1].target not in anchors
        assert all(before.target == after.step for before, after in pairwise(walk))
