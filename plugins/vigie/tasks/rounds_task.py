"""The rounds as an Airflow task: each minute, on a worker, with nothing of the desk in its way."""

from __future__ import annotations

import os
from datetime import datetime

import httpx
from airflow.sdk import BaseOperator, Context

from vigie.core.errors import TransportError
from vigie.tasks import connections
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.channel_rounds import ChannelRounds
from vigie.tasks.clock import utc_now
from vigie.tasks.direct_word import tell_platform
from vigie.tasks.drafts import ask_for_approvals
from vigie.tasks.life_rounds import LifeRounds
from vigie.tasks.record_head import send_head
from vigie.tasks.reviews import ask_for_reviews
from vigie.tasks.rounds import Rounds
from vigie.tasks.site import library, site_root
from vigie.tasks.step_rounds import StepRounds
from vigie.tasks.wording import Wording


class RoundsOperator(BaseOperator):
    """Walks one round. Red when the logbook or the vault is away, and then says so by mail."""

    def execute(self, context: Context) -> list[str]:
        """Walk, and send the external heartbeat (``VIGIE_HEARTBEAT_URL``) only where the desk is well."""
        now = utc_now()
        try:
            failed = _life(now)
            api = AirflowApi(connections.find(connections.AIRFLOW))
            procedures = [f"procedure.{path.parent.name}.{path.stem}" for path in library().procedure_paths()]
            rounds = Rounds(connections.logbook(), api, site_root() / "dags", tell_platform, procedures)
            found = rounds.walk(now)
            for incident in rounds.unstarted(now):
                reason = "it has not begun within a minute; is its DAG paused?"
                connections.logbook().queue(Wording(library(), now).procedure_refused(incident, reason))
            if not any(trouble.source == "airflow" for trouble in found):
                StepRounds(connections.logbook(), library(), api).walk(now)
            api.close()
            send_head(connections.logbook(), now, os.environ.get("VIGIE_HEARTBEAT_URL"), tell_platform)
            ChannelRounds(connections.logbook(), connections.channels()).walk(now)
            if now.minute == 0:  # once an hour is often enough to read every procedure
                ask_for_reviews(library(), connections.logbook(), now)
                ask_for_approvals(library(), connections.logbook(), now)
        except TransportError as away:
            tell_platform("Vigie: the rounds cannot be walked", str(away))
            raise
        for trouble in found:
            self.log.warning("%s: %s", trouble.title, trouble.facts.get("reason"))
        url = os.environ.get("VIGIE_HEARTBEAT_URL")
        if url and rounds.desk_is_well(now):
            httpx.get(url, timeout=10).raise_for_status()
        if failed is not None:
            raise failed
        return [trouble.title for trouble in found]


def _life(now: datetime) -> Exception | None:
    """Walk the rounds of incidents, steps and calls; the error at which they fail, which ends no other round."""
    try:
        LifeRounds(connections.logbook(), library(), tell_platform).walk(now)
    except TransportError:
        raise
    except Exception as error:  # noqa: BLE001 (it was told; the task is red in the end)
        return error
    return None
