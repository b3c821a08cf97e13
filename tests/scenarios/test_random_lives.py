"""Ten thousand lives of incidents, each another one: none ever is without a next action, and somebody hears of each."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.scenarios.lives import DEEDS, LONGEST, PEOPLE, WORLD, Deed, Terse, drawn_lives, mails, night, plan_of

from vigie.logbook.migrations import migrate

JOBS, NIGHTS, TICKS = 520, 20, 6
LIVES = sum(not mails(number) for number in range(JOBS))
"""Each job that sends no mails opens an incident, whatever the night brings; the others only while their mails are read."""

FEW, FEW_NIGHTS = 6, 15
MOST_EVENTS = 12

DEED = st.builds(Deed, st.integers(0, 3), st.sampled_from(DEEDS), st.sampled_from(PEOPLE))
EVENTS = st.lists(st.tuples(st.integers(0, TICKS - 1), st.sampled_from(WORLD)), max_size=MOST_EVENTS)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logbook in which nothing stands yet."""
    path = tmp_path_factory.mktemp("prepared") / "logbook.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(autouse=True, scope="module")
def _terse() -> Iterator[None]:
    """Ten thousand incidents write a hundred thousand lines of logs, too."""
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vigie.tasks.desk.Wording", Terse)
        yield
    logging.disable(logging.NOTSET)


def passes(prepared: Path, lives: Sequence[Sequence[Deed]], events: Sequence[tuple[int, str]]) -> int:
    """The night of these lives, in which nothing falls silent; how many incidents there were."""
    with tempfile.TemporaryDirectory() as folder, night(Path(folder), prepared) as it:
        for tick, deeds in enumerate(plan_of(lives, TICKS)):
            it.happens(deeds, [what for at, what in events if at == tick])
            assert it.silent() == []
            it.passes()
            assert it.silent() == []
        return it.lives


@pytest.mark.timeout(900)  # Hypothesis takes five minutes to make a night that fails smaller
@examples(FEW_NIGHTS)
@given(lives=st.lists(st.lists(DEED, max_size=LONGEST), min_size=1, max_size=FEW), events=EVENTS)
def test_no_life_leads_into_silence(prepared: Path, lives: list[list[Deed]], events: list[tuple[int, str]]) -> None:
    # The job of number 0 mails, and opens nothing in a night in which its mails are not read.
    assert passes(prepared, lives, events) >= len(lives) - 1


@settings(examples(NIGHTS), phases=[phase for phase in Phase if phase is not Phase.shrink])
@given(seed=st.integers(0, 2**64))
def test_ten_thousand_lives_do_not(prepared: Path, seed: int) -> None:
    # No less than 10,000 in each run, and ten times as many in a deep one. A night is too long to be made smaller.
    assert LIVES * NIGHTS >= 10_000
    random = Random(seed)
    lives = drawn_lives(random, JOBS)
    events = [(random.randrange(TICKS), random.choice(WORLD)) for _ in range(random.randint(0, MOST_EVENTS))]
    note(f"what happens in the world: {events}")
    assert passes(prepared, lives, events) >= LIVES
