"""Airflow's simple accounts, and what only the administrator of the control room may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
    from airflow.api_fastapi.auth.managers.models.resource_details import (
        ConnectionDetails,
        DagAccessEntity,
        DagDetails,
        PoolDetails,
    )
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

OWN_DAGS = "duty."


class SiteAccounts(SimpleAuthManager):
    """As Airflow's, but an *op* can neither silence the control room nor see or change a credential.

    Only an *admin* pauses, starts, clears or marks a DAG of ``duty.``, changes a pool (the desk has one of its own), or
    comes near a connection: one that is written in Airflow is used where the vault has none of that name.
    """

    def is_authorized_connection(
        self, *, method: ResourceMethod, user: SimpleAuthManagerUser, details: ConnectionDetails | None = None
    ) -> bool:
        """Only an admin."""
        allowed = super().is_authorized_connection(method=method, user=user, details=details)
        return bool(allowed and self._is_admin(user))

    def is_authorized_pool(
        self, *, method: ResourceMethod, user: SimpleAuthManagerUser, details: PoolDetails | None = None
    ) -> bool:
        """Everybody reads, only an admin writes."""
        allowed = super().is_authorized_pool(method=method, user=user, details=details)
        return bool(allowed and (method == "GET" or self._is_admin(user)))

    def is_authorized_dag(
        self,
        *,
        method: ResourceMethod,
        user: SimpleAuthManagerUser,
        access_entity: DagAccessEntity | None = None,
        details: DagDetails | None = None,
    ) -> bool:
        """As Airflow's roles say; what is ours only an admin changes."""
        allowed: Any = super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
        ours = details is not None and (details.id or "").startswith(OWN_DAGS)
        return bool(allowed and (method == "GET" or not ours or self._is_admin(user)))
