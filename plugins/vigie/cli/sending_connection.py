"""The connection that sends our mail, as far as this machine can read it; and what is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import hvac

from vigie.cli.record import RunRecord
from vigie.cli.settings import Settings
from vigie.cli.vault import EmbeddedVault, OwnVault
from vigie.core.errors import Problem, TransportError
from vigie.core.password_end import REMEDY, ends_passwords, password_warning

SMTP = "vigie_smtp"
_TOKENS = ("token_url", "access_token", "tenant_id")


def password_notes(settings: Settings) -> list[Problem]:
    """A note where the connection signs in by password to a server that ends that, or where its vault cannot be read.

    Looked for in Airflow's own settings of this shell, in the Vault of your own that it names, and in the embedded vault
    of the installation that runs on ``settings``; where there is none of them, nothing is said.
    """
    path = f"connection {SMTP}"
    try:
        fields = _fields(settings)
    except TransportError as unread:
        remedy = "Make the vault reachable, and run it again."
        return [Problem(path=path, line=None, message=f"it was not looked at: {unread}.", remedy=remedy)]
    host = str((fields or {}).get("host") or "")
    if not fields or not fields.get("password") or not ends_passwords(host) or _has_token(fields.get("extra")):
        return []
    return [Problem(path=path, line=None, message=password_warning(SMTP, host), remedy=REMEDY)]


def _has_token(extra: object) -> bool:
    if isinstance(extra, str):
        try:
            extra = json.loads(extra or "{}")
        except ValueError:
            return False  # told where mail is sent
    return isinstance(extra, Mapping) and any(extra.get(name) for name in _TOKENS)


def _fields(settings: Settings) -> Mapping[str, Any] | None:
    """The connection's fields; None where no vault is known or it has none. Raises TransportError."""
    if f"AIRFLOW_CONN_{SMTP.upper()}" in os.environ or "AIRFLOW__SECRETS__BACKEND" in os.environ:
        return _of_airflow()
    try:
        if own := OwnVault.from_environment():
            return own.connection(SMTP)
        status = RunRecord(settings.state).read()
        address = str(status["addresses"].get("vault") or "") if status else ""
        if not address or not (settings.state / "vault" / "initialised").exists():
            return None
        port = urlsplit(address).port or settings.vault_port
        return EmbeddedVault(replace(settings, port_base=port - 1)).connection(SMTP)
    except (hvac.exceptions.VaultError, httpx.HTTPError, OSError) as failed:
        raise TransportError(f"the vault cannot be read ({type(failed).__name__})") from failed


def _of_airflow() -> Mapping[str, Any] | None:
    from vigie.core.errors import Refused
    from vigie.tasks.connections import find

    try:
        connection = find(SMTP)
    except Refused:
        return None
    return {"host": connection.host, "password": connection.password, "extra": connection.extra}
