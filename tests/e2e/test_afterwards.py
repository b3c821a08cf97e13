"""After all the stories: what must hold whatever happened."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE, NORDWIND

CHANNELS = (LUMIERE, NORDWIND, "platform")
ALLOWED = {"state/accounts.json", "state/keys.json", "state/vault"}
"""The files of passwords, and what the vault itself keeps."""


def test_every_incident_was_told_once(airflow: Room):
    airflow.control.supervisor.wait_healthy(90)
    every = airflow.logbook.incidents(statuses=("open", "acknowledged", "resolved"), limit=5000)

    def settled() -> bool:
        waiting = airflow.logbook.outbox(statuses=("queued", "claimed"), limit=5000)
        return not waiting and all(_paged(airflow, each.id) for each in every)

    until(settled, LONG, "every incident is paged, and nothing waits in the outbox")
    posted = sum((airflow.posted(channel) for channel in CHANNELS), start=airflow.posted(LUMIERE).__class__())
    assert {key: times for key, times in posted.items() if times != 1} == {}
    told = {each.id for each in every if posted[f"{each.id}/page/1/slack"]}
    assert told == {each.id for each in every if airflow.logbook.incident(each.id).pages}
    for key in airflow.in_doubt:
        incident = key.partition("/")[0]
        said = [entry.text for entry in airflow.logbook.entries(incident=incident, kind_prefix="page.sent")]
        assert "page to maison-lumiere by slack: it had arrived" in said
    assert airflow.logbook.outbox(statuses=("failed", "maybe_sent"), limit=5000) == []


def _paged(airflow: Room, incident_id: str) -> bool:
    incident = airflow.logbook.incident(incident_id)
    return incident is not None and (incident.pages > 0 or incident.status == "resolved")


def test_the_logbook_is_whole(airflow: Room):
    assert airflow.logbook.verify() == []


def test_no_secret_is_anywhere_but_in_the_vault(airflow: Room):
    secrets = {name: word.encode() for name, word in airflow.secrets().items()}
    found, read = [], set()
    for path in airflow.folder.rglob("*"):
        place = path.relative_to(airflow.folder).as_posix()
        if path.is_file() and not any(place == each or place.startswith(f"{each}/") for each in ALLOWED):
            content = path.read_bytes()
            read.add(place)
            found += [f"{name} in {place}" for name, word in secrets.items() if word in content]

    assert len(secrets) > 12
    assert {"state/logbook.db", "state/airflow/airflow.db", "state/logs/scheduler.log"} <= read
    assert found == []
    assert _readable_by_others(airflow.state) == []


def _readable_by_others(state: Path) -> list[str]:
    assert state.stat().st_mode & 0o077 == 0, "the state folder is open to other users of the machine"
    private = [state / "accounts.json", state / "keys.json"]
    return [path.name for path in private if path.stat().st_mode & 0o077]
