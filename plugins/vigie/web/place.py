"""Where the app is mounted, so that links work behind any prefix."""

from __future__ import annotations

from fastapi import Request

PREFIX = "/vigie"


def mount(request: Request) -> str:
    """The path under which the pages lie, such as ``/vigie`` or ``/airflow/vigie``."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def airflow_root(request: Request) -> str:
    """The path under which Airflow lies; empty where it is the root of its host."""
    return mount(request).removesuffix(PREFIX)
