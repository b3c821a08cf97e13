"""Ten thousand lives of incidents, each another one: none ever is without a next action, and somebody hears of each."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.scenarios.lives import DEEDS, PEOPLE, WORLD, Deed, Terse, night

from vigie.logbook.migrations import migrate

LIVES, NIGHTS, TICKS = 500, 10, 15
HALVES = ("first", "second")
"""So that two processes share them."""


def test_there_are_ten_thousand() -> None:
    assert LIVES * NIGHTS * len(HALVES) >= 10_000


def life(chance: Random) -> list[Deed]:
    """Each begins with a KO; one without any deed more is met with silence."""
    deeds = (
        Deed(chance.randint(0, 4), chance.choice(DEEDS), chance.choice(PEOPLE)) for _ in range(chance.randint(0, 6))
    )
    return [Deed(0, "KO"), *deeds]


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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("half", HALVES)
@settings(
    examples(NIGHTS), phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
)  # to explain is to trace
@given(seed=st.integers(0, 2**63))
def test_no_life_leads_into_silence(prepared: Path, half: str, seed: int) -> None:
    """A night of five hundred lives, all of one seed: a night that fails is lived again by its number."""
    chance = Random(f"{half} {seed}")
    plan: dict[int, list[tuple[int, Deed]]] = {tick: [] for tick in range(TICKS)}
    for number in range(LIVES):
        tick = number % 4
        for deed in life(chance):
            tick += deed.after
            if tick < TICKS:
                plan[tick].append((number, deed))
    events = [(chance.randrange(TICKS), chance.choice(WORLD)) for _ in range(chance.randint(0, 12))]
    with tempfile.TemporaryDirectory() as folder, night(Path(folder), prepared) as it:
        for tick, deeds in plan.items():
            it.happens(deeds, [what for at, what in events if at == tick])
            assert it.silent() == []
            it.passes()
            assert it.silent() == []
