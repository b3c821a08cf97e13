"""A flux is changed, paused, saved anew while its mails go on arriving."""

from __future__ import annotations

import itertools
import threading
import time

from tests.e2e.room import A_WHILE, Room, until
from tests.e2e.small_site import LUMIERE, NORDWIND, ko_flux


def test_a_changed_rule_counts_within_a_minute_and_nothing_is_lost_or_repeated(airflow: Room):
    path = f"dags/{LUMIERE}/prices.py"
    message_ids = {}
    number = itertools.count()

    def one_more() -> str:
        subject = f"[PRICE KO] P{next(number):03}"
        message_ids[subject] = airflow.mail(airflow.boxes[LUMIERE], subject)
        return subject

    assert airflow.incident(one_more()).severity == "low"
    airflow.write(path, ko_flux(LUMIERE, "prices", "maison_lumiere_ops", "PRICE KO", severity="critical"))
    changed_at, pace = time.monotonic(), threading.Event()
    while not any(incident.severity == "critical" for incident in airflow.incidents("[PRICE KO]")):
        assert time.monotonic() < changed_at + 60, "the new rule does not count within a minute"
        one_more()
        pace.wait(0.5)

    until(lambda: all(airflow.mail_entries(each) for each in message_ids.values()))
    assert [len(airflow.mail_entries(each)) for each in message_ids.values()] == [1] * len(message_ids)
    incidents = {subject: airflow.incidents(subject) for subject in message_ids}
    assert [[each.count for each in found] for found in incidents.values()] == [[1]] * len(message_ids)
    severities = [incidents[subject][0].severity for subject in sorted(message_ids)]
    assert severities == sorted(severities, key=["low", "critical"].index), "the old rule came back"


def test_a_paused_flux_is_not_watched_is_shown_so_and_looks_again(airflow: Room):
    watch, dag_id, box = f"{NORDWIND}.stock.ko", f"{NORDWIND}.stock", airflow.boxes[NORDWIND]

    airflow.pause(dag_id, paused=True)
    missed = _first_unclaimed(airflow, "[STOCK KO] PAUSED")
    airflow.run("duty.rounds")
    until(lambda: airflow.sight(watch) == "paused", 90, "the board says that it is paused")
    assert "paused" in airflow.api.get("/vigie/board").raise_for_status().text
    assert airflow.incidents(missed) == []

    airflow.pause(dag_id, paused=False)
    incident = airflow.incident(missed, within=90)
    until(lambda: airflow.sight(watch) == "watching", 90, "it looks again")
    airflow.mail(box, "[STOCK KO] AFTERWARDS")
    airflow.incident("[STOCK KO] AFTERWARDS")

    assert (incident.watch, incident.count) == (watch, 1)


def test_a_new_procedure_is_a_dag_within_a_minute(airflow: Room):
    """Its file is no DAG file: the bundle asks for a pass over what reads it."""
    airflow.write(
        f"include/procedures/{LUMIERE}/late-addition.md",
        (airflow.site / f"include/procedures/{LUMIERE}/relaunch.md").read_text("utf-8"),
    )
    dag = f"/api/v2/dags/procedure.{LUMIERE}.late-addition"
    until(lambda: airflow.api.get(dag).status_code == 200, 60, "the new procedure is a DAG")


def _first_unclaimed(airflow: Room, subject: str) -> str:
    """Mail until the watch has let go of one: its subject."""
    for number in itertools.count():
        tried = f"{subject}_{number:02}"
        message_id = airflow.mail(airflow.boxes[NORDWIND], tried)
        (entry, *_) = until(lambda sent=message_id: airflow.mail_entries(sent), A_WHILE)
        if entry.kind == "mail.unclassified":
            return tried
        assert number < 90, "the paused flux is still watched"
        threading.Event().wait(1)
    raise AssertionError
