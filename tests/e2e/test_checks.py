"""The second pair of eyes, in Airflow's grid: green with a verdict, or red where nobody can look."""

from __future__ import annotations

from tests.e2e.room import Room, until
from tests.e2e.small_site import NORDWIND

FLUX = "nordwind.end_of_day"


def test_a_check_is_green_when_the_watch_looked_and_red_when_nobody_can(airflow: Room):
    for subject in [incident.title for incident in airflow.logbook.incidents(client=NORDWIND)]:
        airflow.mail(airflow.boxes[NORDWIND], subject.replace("KO]", "OK]"))
    until(lambda: not [each for each in airflow.logbook.incidents(client=NORDWIND) if each.flux == "end_of_day"])

    run = airflow.run(FLUX)
    assert airflow.ended(FLUX, run) == "success"
    verdict = airflow.result(FLUX, run, "ko")
    assert (verdict["outcome"], verdict["looked_by"]) == ("quiet", "watch")
    assert airflow.tasks(FLUX, run)["ko_anomaly"]["state"] == "skipped"

    airflow.mail(airflow.boxes[NORDWIND], "[KO] CHECKED")
    incident = airflow.incident("[KO] CHECKED")
    run = airflow.run(FLUX)
    assert airflow.ended(FLUX, run) == "success"
    assert airflow.result(FLUX, run, "ko")["incidents"] == [incident.id]
    assert airflow.tasks(FLUX, run)["ko_anomaly"]["state"] == "success"
    assert f"/vigie/incidents/{incident.id}" in airflow.log(FLUX, run, "ko_anomaly")

    airflow.world.gates[NORDWIND].close()
    try:
        until(lambda: airflow.sight(f"{FLUX}.ko") == "blind", what="the watch is blind")
        run = airflow.run(FLUX)
        assert airflow.ended(FLUX, run) == "failed"
        assert airflow.tasks(FLUX, run)["ko"]["state"] == "failed"
        missed = airflow.mail(airflow.boxes[NORDWIND], "[KO] MEANWHILE")
    finally:
        airflow.world.gates[NORDWIND].open()
    until(lambda: airflow.sight(f"{FLUX}.ko") == "watching", what="sight again")

    airflow.incident("[KO] MEANWHILE")
    assert len(airflow.mail_entries(missed)) == 1
    blind = airflow.incidents("Blind: nordwind_ops/INBOX")
    until(lambda: airflow.logbook.incident(blind[0].id).status == "resolved", what="the blind incident ends")
    assert len(blind) == 1, "the session and the check told the same twice"
