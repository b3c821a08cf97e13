"""Clients kept apart: no run of a procedure touches another client's incident, whoever starts it."""

from __future__ import annotations

import pytest

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
PROCEDURE = "include/procedures/nordwind/eod-ko.md"


@pytest.fixture
def apart(nordwind: ControlRoom) -> ControlRoom:
    """An incident of Nordwind, and the same procedure also as one of Maison Lumière and as a shared one."""
    text = (nordwind.site / PROCEDURE).read_text()
    for folder in ("maison-lumiere", "_shared"):
        path = nordwind.site / f"include/procedures/{folder}/eod-ko.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("client: nordwind", f"client: {folder}"))
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    return nordwind


def _what_nordwind_has(room: ControlRoom) -> tuple[object, ...]:
    (incident,) = room.incidents
    return (
        [entry.seq for entry in room.logbook.entries(client="nordwind")],
        [message.key for message in room.logbook.outbox(limit=1000)],
        incident.revision,
    )


@pytest.mark.parametrize(
    "named", ["INC-1", "INC-2", "INC-999", "inc-1", ["INC-1"], {"a": "INC-1"}, 1, True, "x" * 5000]
)
def test_a_run_about_anothers_incident_is_refused_and_entered(apart: ControlRoom, named: object) -> None:
    before = _what_nordwind_has(apart)
    run = apart.procedures.start("procedure.maison-lumiere.eod-ko", "by-hand", {"incident": named})
    assert run.waiting == []
    assert "failed" in run.states.values()
    (entry,) = apart.entries("procedure.refused")
    assert entry.client == "maison-lumiere"
    assert entry.incident is None
    assert entry.text == f"{str(named)[:60]!r} is no incident of maison-lumiere; the run was refused."
    assert "ordwind" not in entry.text
    assert _what_nordwind_has(apart) == before
    assert apart.open_steps == []


def test_a_shared_procedure_takes_no_incident_from_a_run_that_somebody_starts(apart: ControlRoom) -> None:
    before = _what_nordwind_has(apart)
    run = apart.procedures.start("procedure._shared.eod-ko", "INC-1.1", {"incident": "INC-1"})
    assert run.waiting == []
    (entry,) = apart.entries("procedure.refused")
    assert (entry.client, entry.text) == (
        "platform",
        "Only the desk or another procedure opens a shared procedure for an incident; 'INC-1.1' was refused.",
    )
    assert _what_nordwind_has(apart) == before


def test_a_shared_procedure_that_another_one_opens_is_about_its_incident(apart: ControlRoom) -> None:
    path = apart.site / PROCEDURE
    shared = apart.site / "include/procedures/_shared/eod-ko.md"
    shared.rename(shared.with_name("locked-table.md"))
    path.write_text(path.read_text().replace("](#escalate)", "](locked-table.md)"))
    apart.takes_it("anna")
    apart.answers("anna", "Something else")
    assert apart.procedures.runs["INC-1.locked-table"].waiting == ["what-does-the-mail-say"]
    assert apart.entries("procedure.refused") == []
    (opened,) = apart.entries("procedure.opened")
    assert (opened.client, opened.incident) == ("nordwind", "INC-1")


def test_a_clients_own_procedure_may_be_started_by_hand_for_its_own_incident(apart: ControlRoom) -> None:
    run = apart.procedures.start("procedure.nordwind.eod-ko", "by-hand", {"incident": "INC-1"})
    assert run.waiting == ["what-does-the-mail-say"]


def test_a_run_without_an_incident_is_about_none(apart: ControlRoom) -> None:
    for number, conf in enumerate(({}, {"incident": ""}, {"incident": None})):
        run = apart.procedures.start("procedure.maison-lumiere.eod-ko", f"by-hand-{number}", conf)
        assert run.waiting == ["what-does-the-mail-say"]
    assert apart.entries("procedure.refused") == []
