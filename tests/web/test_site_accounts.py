"""What an op may not do under Airflow's simple accounts: silence the control room, or touch a credential."""

from __future__ import annotations

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import (
    ConnectionDetails,
    DagAccessEntity,
    DagDetails,
    PoolDetails,
)
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

from vigie.web.site_accounts import SiteAccounts

ACCOUNTS = SiteAccounts()
VIEWER, USER, OP, ADMIN = (
    SimpleAuthManagerUser(username=role, role=role.upper()) for role in ("viewer", "user", "op", "admin")
)
DESK, FLUX, PROCEDURE = DagDetails(id="duty.desk"), DagDetails(id="acme.eod"), DagDetails(id="procedure.acme.relaunch")


@pytest.mark.parametrize("entity", [None, DagAccessEntity.RUN, DagAccessEntity.TASK_INSTANCE])
def test_only_an_admin_changes_what_is_ours(entity: DagAccessEntity | None) -> None:
    for method in ("PUT", "POST", "DELETE"):
        may = {
            user.username
            for user in (VIEWER, USER, OP, ADMIN)
            if ACCOUNTS.is_authorized_dag(method=method, user=user, access_entity=entity, details=DESK)
        }
        assert may == {"admin"}
    for user in (VIEWER, USER, OP, ADMIN):
        assert ACCOUNTS.is_authorized_dag(method="GET", user=user, access_entity=entity, details=DESK)


def test_fluxes_and_procedures_are_as_airflow_says() -> None:
    for details in (FLUX, PROCEDURE):
        may = {
            user.username
            for user in (VIEWER, USER, OP, ADMIN)
            if ACCOUNTS.is_authorized_dag(method="PUT", user=user, details=details)
        }
        assert may == {"user", "op", "admin"}


def test_only_an_admin_comes_near_a_connection_or_changes_a_pool() -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        may = {
            user.username
            for user in (VIEWER, USER, OP, ADMIN)
            if ACCOUNTS.is_authorized_connection(method=method, user=user, details=ConnectionDetails(conn_id="x"))
        }
        assert may == {"admin"}
    for user in (VIEWER, OP, ADMIN):
        pool = PoolDetails(name="desk")
        assert ACCOUNTS.is_authorized_pool(method="GET", user=user, details=pool)
        assert ACCOUNTS.is_authorized_pool(method="PUT", user=user, details=pool) == (user is ADMIN)
