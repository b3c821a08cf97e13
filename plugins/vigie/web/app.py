"""The app that Airflow mounts at ``/vigie``: pages for people, JSON for programs, a door for Slack."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from vigie.core.errors import TransportError
from vigie.web import api, board, expected, incidents, mails, procedures, release, slack_actions, steps
from vigie.web.body_limit import BodyLimit
from vigie.web.control_room import ControlRoom
from vigie.web.direction import OneDirection
from vigie.web.headers import SecurityHeaders
from vigie.web.page import notice
from vigie.web.place import mount
from vigie.web.sign_in import SignInNeeded, to_sign_in

log = logging.getLogger("vigie.web")

BODY_LIMIT = 1024 * 1024
"""Bytes of a request. Slack sends the whole message along with each press of its button."""

_TITLES = {403: "Not allowed", 404: "Not found", 422: "Not understood"}


def create_app(room: ControlRoom) -> FastAPI:
    """The app. Airflow's auth manager must be there before it answers its first request.

    Airflow's own pages of documentation know nothing of a mounted app's rights, so this one has none.
    """
    app = FastAPI(title="Vigie", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.control_room = room
    app.add_middleware(OneDirection)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
    app.add_middleware(SecurityHeaders)
    for part in (release, steps, incidents, expected, board, mails, procedures, api, slack_actions):
        app.include_router(part.router)
    app.add_api_route("/", _to_incidents, include_in_schema=False)
    app.add_exception_handler(SignInNeeded, to_sign_in)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(TransportError, _away)
    return app


def _to_incidents(request: Request) -> RedirectResponse:
    return RedirectResponse(f"{mount(request)}/incidents", status_code=303)


def _answer(request: Request, status: int, text: str) -> Response:
    path = request.url.path.removeprefix(mount(request))
    if path.startswith(("/api/", "/live/", "/slack/")):
        return JSONResponse({"detail": text}, status_code=status)
    now = request.app.state.control_room.now()
    return notice(request, status, _TITLES.get(status, "That did not work"), text, now)


async def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)  # noqa: S101 (the handler's signature is wider than its use)
    return _answer(request, refused.status_code, str(refused.detail))


async def _not_understood(request: Request, _wrong: Exception) -> Response:
    return _answer(request, 422, "The address or the form has a part that Vigie does not understand.")


async def _away(request: Request, away: Exception) -> Response:
    log.error("a page cannot be shown: %s", away)
    return _answer(request, 503, f"Vigie cannot read its record just now: {away}. Try again in a moment.")
