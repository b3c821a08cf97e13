"""Server-rendered pages: Jinja files of ``pages/``, everything escaped, one nonce for our own script and style."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel

from vigie.core.doubtful import doubts_in, junk_in
from vigie.documents.markdown import page_html
from vigie.web.control_room import ControlRoom
from vigie.web.csrf import FormTokens
from vigie.web.headers import NONCE
from vigie.web.lexicon import relative, watch_name
from vigie.web.place import airflow_root, mount

_FIRST = ("site", "code", "name")
_COLUMNS = 8


def columns_of(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The columns of a table of facts: what names a row first, then the others by the first row's order."""
    names = list(rows[0])
    return [*(name for name in _FIRST if name in names), *(name for name in names if name not in _FIRST)][:_COLUMNS]


def step_html(text: str) -> Markup:
    """The text of a step."""
    return Markup(page_html(text))  # noqa: S704 (made by our renderer, which escapes HTML)


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals |= {"relative": relative, "watch_name": watch_name, "columns_of": columns_of, "step_html": step_html}
_PAGES.globals |= {"doubts_in": doubts_in, "junk_in": junk_in}


class Live(BaseModel):
    """What a page's script asks for every few seconds. ``html`` is null where nothing has changed."""

    version: str
    html: str | None
    title: str
    csrf_token: str


def _common(request: Request, now: datetime) -> dict[str, Any]:
    return {"root": mount(request), "airflow": airflow_root(request), "nonce": request.scope[NONCE], "now": now}


class Page:
    """One page for one user: its whole, and the part of it that keeps itself up to date.

    ``name`` is the Jinja file; its living part is ``_<name>``. ``values`` is what the two are made of; ``shown`` is
    what they show, but the time of day: while it stays the same the browser keeps what it has.
    """

    def __init__(
        self, request: Request, room: ControlRoom, user: BaseUser, name: str, shown: object, /, **values: Any
    ) -> None:
        now = room.now()
        self._name = name
        # An hour is part of it because a time of another day is told with its day.
        self._version = hashlib.sha256(f"{now:%Y%m%d%H}{shown!r}".encode()).hexdigest()[:16]
        self._token = FormTokens(room.secret_key()).issue(user.get_id(), now)
        self._values = values | _common(request, now) | {"user": user.get_name(), "csrf_token": self._token}

    def whole(self) -> HTMLResponse:
        """The page."""
        return HTMLResponse(_PAGES.get_template(self._name).render(self._values, version=self._version))

    def live(self, title: str, known: str) -> Live:
        """The living part, where it is not the version that the browser has already."""
        html = None
        if known != self._version:
            html = _PAGES.get_template(f"_{self._name}").render(self._values)
        return Live(version=self._version, html=html, title=title, csrf_token=self._token)


def notice(request: Request, status: int, title: str, text: str, now: datetime) -> HTMLResponse:
    """A page that only says something, for whoever asks."""
    html = _PAGES.get_template("notice.html").render(_common(request, now), title=title, text=text, user="")
    return HTMLResponse(html, status_code=status)
