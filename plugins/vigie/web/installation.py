"""The control room of this installation: its connections, its site, Airflow's own secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from airflow.api_fastapi.auth.tokens import get_signing_key
from airflow.configuration import conf

from vigie.tasks import connections, site
from vigie.web.airflow_answer import answer_in_airflow
from vigie.web.control_room import ControlRoom

Read = TypeVar("Read")

KEPT = 60.0
"""Seconds for which what was read from the vault is kept: not each press of a button may cost a round to the vault."""


def installed_control_room() -> ControlRoom:
    """What the API server's pages work with."""
    forms = kept(connections.slack_forms)
    return ControlRoom(
        logbook=connections.logbook,
        library=site.library,
        signing_secret=kept(connections.slack_signing_secret),
        slack_host=kept(connections.slack_host),
        secret_key=lambda: get_signing_key("api", "secret_key"),
        answer_in_airflow=answer_in_airflow,
        open_in_slack=lambda trigger, view: forms().open(trigger, view),
        public_url=lambda: conf.get("api", "base_url", fallback=""),
    )


def kept(
    read: Callable[[], Read], seconds: float = KEPT, clock: Callable[[], float] = time.monotonic
) -> Callable[[], Read]:
    """``read``, whose answer is kept for some seconds. A failure is not kept."""
    answers: list[tuple[float, Read]] = []

    def answer() -> Read:
        if answers and clock() - answers[-1][0] < seconds:
            return answers[-1][1]
        answers[:] = [(clock(), read())]
        return answers[-1][1]

    return answer
