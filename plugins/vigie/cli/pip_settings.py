"""The user's pip settings, in the words of uv, which does not read them itself."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

_SINGLE = {
    "index-url": "UV_INDEX_URL",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
_SEVERAL = {"extra-index-url": ("UV_EXTRA_INDEX_URL", " "), "trusted-host": ("UV_INSECURE_HOST", " ")}


def uv_environment(python: Path) -> tuple[dict[str, str], list[str]]:
    """Environment variables (so that a password in an address is not seen in the process list) and flags for uv.

    What the user set for uv itself stays. uv's own rule, to take a package only from the first index that knows its
    name, is lifted: every file is pinned by its digest, so it does not matter where it comes from.
    """
    listed = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    return translate(listed, dict(os.environ))


def translate(listed: str, own: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """What `pip config list` printed, for uv; ``own`` is the environment, whose variables win."""
    settings: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # the later one wins, as in pip
        for line in listed.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(f"{section}."):
                settings[name.removeprefix(f"{section}.")] = _text(value)
    variables = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    for name, variable in _SINGLE.items():
        if settings.get(name):
            variables[variable] = settings[name]
    for name, (variable, separator) in _SEVERAL.items():
        if settings.get(name):
            variables[variable] = separator.join(settings[name].split())
    if "UV_HTTP_TIMEOUT" in variables and not variables["UV_HTTP_TIMEOUT"].isdigit():
        del variables["UV_HTTP_TIMEOUT"]  # uv takes whole seconds only
    flags = [flag for place in settings.get("find-links", "").split() for flag in ("--find-links", place)]
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        flags.append("--no-index")
    return {name: value for name, value in variables.items() if name not in own}, flags


def _text(value: str) -> str:
    try:
        return str(ast.literal_eval(value.strip()))
    except (ValueError, SyntaxError):
        return value.strip()
