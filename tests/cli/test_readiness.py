"""When it may be said that all is healthy: a mail that arrives now is called now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vigie.cli.readiness import (
    Loaded,
    Readiness,
    ailing,
    not_acting,
    not_callable,
    not_loaded,
    not_looking,
)
from vigie.core.incident import Incident
from vigie.core.look import WatchState
from vigie.tasks.airflow_api import LoadedDag

BEGAN = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(seconds=40)
BEFORE = BEGAN - timedelta(hours=8)

FILES = {"dags/nordwind/end_of_day.py": "nordwind.end_of_day", "dags/nordwind/stocks.py": "nordwind.stocks"}
OWN = ("duty.desk", "duty.mail_desk", "duty.rounds")
WATCH = "nordwind.end_of_day.batch_ko"


def dag(parsed_at: datetime | None = NOW, *, paused: bool = False) -> LoadedDag:
    return LoadedDag(paused, "dags-folder", "", True, parsed_at)


def loaded(**changes: object) -> Loaded:
    usual: dict[str, object] = {
        "dags": {name: dag() for name in (*OWN, *FILES.values())},
        "broken": {},
        "watched": {WATCH: {"nordwind.end_of_day"}},
    }
    return Loaded(**{**usual, **changes})  # type: ignore[arg-type]


def state(**changes: object) -> WatchState:
    fields: dict[str, object] = {
        "watch": WATCH,
        "client": "nordwind",
        "flux": "end_of_day",
        "kind": "KoMail",
        "source": "nordwind_ops",
        "looked_at": NOW,
        "look_by": NOW + timedelta(minutes=2),
    }
    return WatchState.model_validate(fields | changes)


def test_all_is_there() -> None:
    assert not_acting({"desk": NOW}, BEGAN) == Readiness()
    assert not_loaded(FILES, loaded(), BEGAN) == Readiness()
    assert not_looking(loaded(), [state()], BEGAN) == Readiness()
    assert not_callable({"vigie_slack": False, "vigie_smtp": True}) == Readiness()
    assert Readiness().is_healthy


@pytest.mark.parametrize("beats", [{}, {"desk": BEFORE}, {"rounds": NOW}])
def test_a_desk_that_has_not_acted_since_the_start_is_awaited(beats: dict[str, datetime]) -> None:
    assert not_acting(beats, BEGAN) == Readiness(("duty.desk has not acted yet",))


@pytest.mark.parametrize("known", [None, dag(None), dag(BEFORE)])
def test_a_file_that_airflow_has_not_read_since_the_start_is_awaited(known: LoadedDag | None) -> None:
    dags = {**loaded().dags, "nordwind.stocks": known}
    found = not_loaded(FILES, loaded(dags={name: each for name, each in dags.items() if each}), BEGAN)
    assert found == Readiness(("dags/nordwind/stocks.py has not been loaded yet",))


def test_many_files_are_counted() -> None:
    files = {f"dags/nordwind/f{number}.py": f"nordwind.f{number}" for number in range(7)}
    (said,) = not_loaded(files, loaded(), BEGAN).awaited
    assert said == (
        "7 files have not been loaded yet: dags/nordwind/f0.py, dags/nordwind/f1.py, dags/nordwind/f2.py, "
        "dags/nordwind/f3.py, dags/nordwind/f4.py, ..."
    )


@pytest.mark.parametrize("name", OWN)
def test_vigies_own_dags_are_awaited_too_and_must_not_be_paused(name: str) -> None:
    without = {each: known for each, known in loaded().dags.items() if each != name}
    assert not_loaded(FILES, loaded(dags=without), BEGAN).awaited == (f"{name} has not been loaded yet",)
    (said,) = not_loaded(FILES, loaded(dags={**without, name: dag(paused=True)}), BEGAN).troubles
    assert said.startswith(f"{name} is paused in Airflow: ")


def test_a_file_that_does_not_load_is_a_trouble_and_not_awaited() -> None:
    dags = {name: each for name, each in loaded().dags.items() if name != "nordwind.stocks"}
    found = not_loaded(FILES, loaded(dags=dags, broken={"dags/nordwind/stocks.py": "NameError: x"}), BEGAN)
    assert found == Readiness((), ("dags/nordwind/stocks.py does not load: NameError: x",))
    assert not found.is_healthy


@pytest.mark.parametrize(
    "states", [[], [state(looked_at=None)], [state(looked_at=BEFORE)], [state(sight="gone")], [state(sight="broken")]]
)
def test_a_watch_that_has_not_looked_since_the_start_is_awaited(states: list[WatchState]) -> None:
    assert not_looking(loaded(), states, BEGAN) == Readiness((f"{WATCH} has not looked yet",))


def test_a_paused_flux_is_not_awaited() -> None:
    dags = {**loaded().dags, "nordwind.end_of_day": dag(paused=True)}
    assert not_looking(loaded(dags=dags), [], BEGAN) == Readiness()


def test_blind_watches_are_a_trouble_with_one_line_for_each_reason() -> None:
    watched = {WATCH: {"nordwind.end_of_day"}, "nordwind.stocks.ko": {"nordwind.stocks"}}
    blind = [
        state(sight="blind", detail="the vault has no connection 'nordwind_ops'", looked_at=None),
        state(watch="nordwind.stocks.ko", sight="blind", detail="the vault has no connection 'nordwind_ops'"),
    ]
    found = not_looking(loaded(watched=watched), blind, BEGAN)
    assert found == Readiness(
        (), (f"2 watches: {WATCH}, nordwind.stocks.ko: blind, the vault has no connection 'nordwind_ops'",)
    )
    assert not_looking(loaded(), blind[:1], BEGAN).troubles == (
        f"{WATCH}: blind, the vault has no connection 'nordwind_ops'",
    )


def test_who_has_no_messenger_can_call_nobody() -> None:
    assert not_callable({"vigie_slack": False, "vigie_smtp": False}) == Readiness(
        (), ("nobody can be called: the vault has no vigie_slack and no vigie_smtp",)
    )


def test_later_it_is_what_the_platform_was_told_of_a_desk_that_is_silent_and_watches_that_are_late() -> None:
    told = [
        Incident(
            id=f"INC-{number}",
            client="platform",
            flux=flux,
            watch="dags/nordwind/stocks.py",
            dedup_key=key,
            status="open",
            severity="critical",
            title="Blind: it does not load",
            facts={"reason": "SyntaxError"},
            opened_at=NOW,
        )
        for number, (flux, key) in enumerate([("rounds", "broken"), ("messages", "refused")])
    ]
    late = state(look_by=NOW - timedelta(seconds=1))
    assert ailing(told, [late], desk_is_well=False, now=NOW).troubles == (
        "duty.desk does not act: nobody is called and no message leaves",
        "Blind: it does not load (SyntaxError)",
        f"{WATCH} should have looked",
    )
    assert ailing([], [state()], desk_is_well=True, now=NOW).is_healthy
