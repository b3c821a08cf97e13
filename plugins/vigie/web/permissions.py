"""What a user may see and do: Airflow's rights on the flux's DAG are the rights on its incidents.

So a user whom ``access_control`` shows the DAGs of one client only sees that client's incidents only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails


class OfFlux(Protocol):
    """Anything that belongs to a flux of a client."""

    @property
    def client(self) -> str:
        """The client's id."""

    @property
    def flux(self) -> str:
        """The flux's name."""


T = TypeVar("T", bound=OfFlux)


def may_read_dag(user: BaseUser, dag_id: str) -> bool:
    """Whether the user may see this DAG."""
    return bool(get_auth_manager().is_authorized_dag(method="GET", details=DagDetails(id=dag_id), user=user))


def may_read(user: BaseUser, thing: OfFlux) -> bool:
    """Whether the user may see what belongs to this flux."""
    return may_read_dag(user, f"{thing.client}.{thing.flux}")


def may_act(user: BaseUser, thing: OfFlux) -> bool:
    """Whether the user may acknowledge, resolve and note: the right to change the flux's DAG."""
    details = DagDetails(id=f"{thing.client}.{thing.flux}")
    return bool(get_auth_manager().is_authorized_dag(method="PUT", details=details, user=user))


def may_answer(user: BaseUser, dag_id: str) -> bool:
    """Whether the user may answer the steps of this procedure: the right that Airflow's own page asks for."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="PUT", access_entity=DagAccessEntity.HITL_DETAIL, details=DagDetails(id=dag_id), user=user
        )
    )


def readable(user: BaseUser, things: Iterable[T]) -> Sequence[T]:
    """Those that the user may see; each flux is asked for once."""
    known: dict[tuple[str, str], bool] = {}
    seen: list[T] = []
    for thing in things:
        flux = (thing.client, thing.flux)
        if flux not in known:
            known[flux] = may_read(user, thing)
        if known[flux]:
            seen.append(thing)
    return seen
