"""Who may sign in to the pages of one machine: Airflow's simple accounts, with generated passwords."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vigie.cli.keys import write_private


@dataclass(frozen=True)
class Account:
    """One person or program that signs in. ``role`` is one of Airflow's four: viewer, user, op, admin."""

    name: str
    role: str
    password: str | None = field(default=None, repr=False)
    """None: one is generated at the first start and kept."""


ADMIN = Account("admin", "admin")
TECHNICIAN = Account("technician", "op")
MACHINE = Account("vigie_airflow", "op")
"""Vigie's own account, with which it asks Airflow's REST API."""

STANDARD = (ADMIN, TECHNICIAN, MACHINE)


class Accounts:
    """The accounts of one state folder, and the file from which Airflow's SimpleAuthManager reads their passwords."""

    def __init__(self, path: Path, accounts: Iterable[Account] = STANDARD) -> None:
        self.path = path
        self._accounts = tuple({account.name: account for account in accounts}.values())

    @property
    def setting(self) -> str:
        """The value of ``[core] simple_auth_manager_users``."""
        return ",".join(f"{account.name}:{account.role}" for account in self._accounts)

    def write(self) -> Mapping[str, str]:
        """Write the passwords file (0600), keeping the passwords that it holds already; return name -> password.

        It is written before Airflow starts, because Airflow prints the passwords that it generates itself.
        """
        kept: dict[str, str] = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}
        passwords = {
            account.name: account.password or kept.get(account.name) or secrets.token_urlsafe(12)
            for account in self._accounts
        }
        if passwords != kept:
            write_private(self.path, json.dumps(passwords) + "\n")
        return passwords
