"""Vigie in Airflow: its pages in the menu, its timetable in the scheduler. The only file that Airflow loads as a plugin.

Every Airflow process loads it, also each task's: so nothing of the pages is imported but in the API server.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from vigie.tasks import warm_start
from vigie.tasks.timetable import ChecksTimetable


class Pages:
    """The app of ``vigie.web``, made when the API server gets the first request for it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request (ASGI)."""
        await _app()(scope, receive, send)


@cache
def _app() -> Any:
    from vigie.web.app import create_app  # noqa: PLC0415 (see the module's docstring)
    from vigie.web.installation import installed_control_room  # noqa: PLC0415

    return create_app(installed_control_room())


_ROOT = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
"""The path under which Airflow lies, where it is not the root of its host."""


def _icon(path: str) -> str:
    """An icon in a colour that shows on Airflow's light, dark and chosen entries alike."""
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' "
        f"stroke='%23c8811a' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E{path}%3C/svg%3E"
    )


_BELL = "%3Cpath d='M6 9a6 6 0 0 1 12 0c0 6 2.5 8 2.5 8h-17S6 15 6 9M10 21h4'/%3E"
_EYE = "%3Cpath d='M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7S2 12 2 12z'/%3E%3Ccircle cx='12' cy='12' r='3'/%3E"
_CALENDAR = "%3Crect x='3' y='5' width='18' height='16' rx='2'/%3E%3Cpath d='M3 10h18M8 3v4M16 3v4'/%3E"
_LETTER = "%3Crect x='3' y='5' width='18' height='14' rx='2'/%3E%3Cpath d='M3 7l9 6 9-6'/%3E"


def _view(name: str, path: str, icon: str) -> dict[str, Any]:
    return {
        "name": name,
        "href": f"{_ROOT}/vigie/{path}",
        "destination": "nav",
        "url_route": f"vigie-{path}",
        "nav_top_level": True,
        "icon": _icon(icon),
    }


class VigiePlugin(AirflowPlugin):
    """What Vigie adds to Airflow."""

    name = "vigie"
    fastapi_apps = [{"name": "vigie", "app": Pages(), "url_prefix": "/vigie"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        _view("Incidents", "incidents", _BELL),
        _view("Expected", "expected", _CALENDAR),
        _view("Board", "board", _EYE),
        _view("Mail", "mail", _LETTER),
    ]
    timetables = [ChecksTimetable]  # noqa: RUF012
    listeners = [warm_start]  # noqa: RUF012

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Make the pages now if this is the API server: who presses Slack's button first must not wait for imports."""
        if "airflow.api_fastapi.main" in sys.modules:
            _app()
