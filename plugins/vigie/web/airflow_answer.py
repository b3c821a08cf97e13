"""An answer, given to Airflow within its own API server: what its page *Required actions* does, for whom we name.

The route is called as a function: no token is needed, and Airflow's record says who answered. That is not public API;
a test pins it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
from airflow.utils.session import create_session
from fastapi import HTTPException

from vigie.core.open_step import OpenStep


class AirflowAnswer(Protocol):
    """Gives an answer to Airflow. A sentence where Airflow did not take it, else an empty text."""

    def __call__(self, step: OpenStep, option: str, given: Mapping[str, object], user: BaseUser) -> str:
        """Give it."""


class Answerer(BaseUser):
    """A person of the rota who answers in Slack."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_id(self) -> str:
        """The person's id in the rota, which is the name of the account."""
        return self._name

    def get_name(self) -> str:
        """The same."""
        return self._name


_REFUSALS = {
    404: "'{}' is not asked in Airflow: it was ended there, or is only just being asked. Look again in a moment.",
    409: "Somebody has just answered '{}'.",
}


def answer_in_airflow(step: OpenStep, option: str, given: Mapping[str, object], user: BaseUser) -> str:
    """Give an answer to Airflow; the first one wins there too."""
    payload = UpdateHITLDetailPayload(chosen_options=[option], params_input=dict(given))
    try:
        with create_session() as session:
            update_hitl_detail(
                dag_id=step.dag_id,
                dag_run_id=step.run_id,
                task_id=step.task_id,
                update_hitl_detail_payload=payload,
                user=user,
                session=session,
                map_index=-1,
            )
    except HTTPException as refused:
        return _REFUSALS.get(refused.status_code, f"Airflow refuses the answer to '{{}}': {refused.detail}").format(
            step.title
        )
    return ""
