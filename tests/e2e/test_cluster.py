"""The compose file's own commands and settings, run: the night's first KO mail goes through Celery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.room import LONG, until
from tests.e2e.small_site import SENDER
from tests.servers.ports import free_port_base
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from vigie.core.client import PLATFORM

pytestmark = [pytest.mark.timeout(600), pytest.mark.needs("postgres"), pytest.mark.needs("redis")]


@pytest.fixture
def cluster(tmp_path: Path, postgres: Postgres, redis_server: Redis) -> Iterator[Cluster]:
    made = Cluster(tmp_path, free_port_base(), postgres, redis_server)
    try:
        made.open(LONG)
        yield made
    finally:
        made.close()


def test_the_nights_first_ko_mail_is_called_through_celery(cluster: Cluster):
    def watching() -> bool:
        return [each.sight for each in cluster.logbook.watch_states()] == ["watching", "watching"]

    until(watching, LONG, "both mailboxes are looked at")
    cluster.world.mail_comes("nordwind", SENDER, "[KO] EOD_POS", "The job stopped.\n")

    (page,) = cluster.world.slack.wait_for("nordwind", "EOD_POS", within=LONG)
    mail = cluster.world.mail.wait_for(lambda mail: "EOD_POS" in mail.subject, within=60)
    assert mail.recipients == ["camille@vigie.example"]

    assert cluster.world.slack.press(page, "acknowledge", "camille")["status"] == 200
    (incident,) = until(lambda: cluster.logbook.incidents(statuses=("acknowledged",)), what="Camille has it")
    assert (incident.client, incident.dedup_key, incident.acknowledged_by) == ("nordwind", "EOD_POS", "camille")

    # The desk and the rounds ran on workers of Celery, each taken from the queue that is its own.
    until(lambda: "rounds" in cluster.logbook.beats(), LONG, "the rounds are walked")
    queues = dict(cluster.airflow_rows("SELECT DISTINCT dag_id, queue FROM task_instance"))
    assert {name: queues[name] for name in ("duty.desk", "duty.rounds")} == {
        "duty.desk": "desk",
        "duty.rounds": "default",
    }
    ((tasks,),) = cluster.celery_rows("SELECT count(*) FROM celery_taskmeta")
    assert tasks >= 2
    # Vigie's own account may ask Airflow, under the sign-in of the cluster: nothing is blind.
    assert cluster.logbook.incidents(client=PLATFORM) == []

    for service in ("desk-worker", "triggerer"):
        cluster.run(service, cluster.health_check(service))  # as Compose asks
