"""Who asks: Airflow's own users. A mounted app has no authentication by default, so each route asks for one of these."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPAuthorizationCredentials

from vigie.web.place import airflow_root, mount

BearerDep = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)]


class SignInNeeded(Exception):
    """A person is not signed in, or no longer; the browser is sent to Airflow's sign-in."""


def has_bearer(bearer: HTTPAuthorizationCredentials | None) -> bool:
    """Whether Airflow takes the user from the Authorization header, as its ``get_user`` decides it."""
    return bool(bearer and bearer.scheme.lower() == "bearer")


async def api_user(request: Request, bearer: BearerDep) -> BaseUser:
    """The user of a program's request. Raises HTTPException 401 or 403, answered as JSON."""
    return await get_user(request, None, bearer)


async def page_user(request: Request, bearer: BearerDep) -> BaseUser:
    """The user of a page. Raises SignInNeeded where a browser shows no valid session."""
    try:
        return await get_user(request, None, bearer)
    except HTTPException:
        if has_bearer(bearer):
            raise
        raise SignInNeeded from None


ApiUserDep = Annotated[BaseUser, Depends(api_user)]
PageUserDep = Annotated[BaseUser, Depends(page_user)]


async def to_sign_in(request: Request, _needed: Exception) -> RedirectResponse:
    """Airflow's sign-in page, which comes back to the page asked for (after a form: to the list of incidents)."""
    if request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        back = f"{mount(request)}/incidents"
    return RedirectResponse(f"{airflow_root(request)}/api/v2/auth/login?{urlencode({'next': back})}", status_code=303)
