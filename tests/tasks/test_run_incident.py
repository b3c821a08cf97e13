"""A run's conf of any shape, and clients whose names contain each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from vigie.core.look import Look
from vigie.core.signal import Signal
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.run_incident import RunRefused, incident_of_run, owner_of, refusal_entry

NIGHT = datetime(2026, 11, 23, 21, 14, tzinfo=UTC)
CLIENTS = ("nord", "nordwind", "nord-wind", "wind")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logbook]:
    url = f"sqlite:///{tmp_path_factory.mktemp('book') / 'logbook.db'}"
    migrate(url)
    found = Logbook(url)
    for client in CLIENTS:
        signal = Signal(
            event="trigger", client=client, flux="f", watch=f"{client}.f.w", dedup_key="k", key=client, seen_at=NIGHT,
            title="t", severity="high",
        )  # fmt: skip
        found.record(Look(source="s", at=NIGHT, signals=(signal,)))
    yield found
    found.close()


@pytest.mark.parametrize(
    "conf", [None, "", "INC-2", ["INC-2"], 2, True, [["incident", "INC-2"]], {}, {"Incident": "INC-2"}]
)
def test_a_conf_that_names_none_is_about_none(book: Logbook, conf: object) -> None:
    assert incident_of_run(book, "procedure.nord.p", "r", conf) is None


@pytest.mark.parametrize(
    "named",
    [2, 2.0, True, False, 0, ["INC-1"], {"INC-1": 1}, "INC-2", "INC-9", "INC-1 ", "INC-\uff11", "INC-1\x00", "\ud800", "x" * 10**5, b"INC-1"],
)  # fmt: skip
def test_what_is_no_incident_of_the_client_is_refused(book: Logbook, named: Any) -> None:
    with pytest.raises(RunRefused) as refused:
        incident_of_run(book, "procedure.nord.p", "r", {"incident": named})
    told = str(refused.value)
    assert told.endswith("is no incident of nord; the run was refused.")
    assert len(told) < 400
    entry = refusal_entry("procedure.nord.p", f"r{named!r:.20}", {"incident": named}, told, None, NIGHT)
    assert book.append(entry) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_no_client_is_another_because_a_name_holds_its_name(book: Logbook, client: str) -> None:
    for number, owner in enumerate(CLIENTS, 1):
        asked = ("procedure." + client + ".p", "r", {"incident": f"INC-{number}"})
        if owner == client:
            found = incident_of_run(book, *asked)
            assert found is not None
            assert found.client == client
        else:
            with pytest.raises(RunRefused):
                incident_of_run(book, *asked)


@pytest.mark.parametrize(
    ("dag_id", "owner"),
    [
        ("procedure.nord.wind.p", "nord"),
        ("procedure.p", "_shared"),
        ("procedure._shared.p", "_shared"),
        ("", "_shared"),
    ],
)
def test_whose_a_dag_is(dag_id: str, owner: str) -> None:
    assert owner_of(dag_id) == owner
