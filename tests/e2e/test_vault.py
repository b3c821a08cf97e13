"""The vault is down: it is said as such, who looks goes on looking, and it mends itself."""

from __future__ import annotations

from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE

FLUX = "maison-lumiere.prices"


def test_a_vault_that_is_down(airflow: Room):
    supervisor, vault = airflow.control.supervisor, airflow.control.vault
    supervisor.remove("vault")
    try:
        message_id = airflow.mail(airflow.boxes[LUMIERE], "[KO] WITHOUT_VAULT")
        incident = airflow.incident("[KO] WITHOUT_VAULT")

        check, rounds = airflow.run(FLUX), airflow.run("duty.rounds")
        said = f"the vault at {vault.address} does not answer"
        assert airflow.ended(FLUX, check) == "failed"
        assert said in airflow.log(FLUX, check, "ko")
        assert airflow.ended("duty.rounds", rounds) == "failed"
        assert said in airflow.log("duty.rounds", rounds, "rounds")
    finally:
        supervisor.add(vault.component())
    supervisor.wait_healthy(60, ["vault"])

    airflow.page(incident, LUMIERE, within=LONG)
    rounds = airflow.run("duty.rounds")
    assert airflow.ended("duty.rounds", rounds) == "success"
    check = airflow.run(FLUX)
    assert airflow.ended(FLUX, check) == "success"
    assert len(airflow.mail_entries(message_id)) == 1
    until(lambda: {state.sight for state in airflow.logbook.watch_states()} == {"watching"}, 90, "all watches look")
