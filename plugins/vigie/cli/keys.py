"""The secrets that one installation makes for itself, once, and keeps in its state folder."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vigie.cli.remedy import RemedyError


def _token() -> str:
    return secrets.token_urlsafe(32)


def _base64_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, repr=False)
class Keys:
    """Keys of one state folder. They outlive a restart: sessions, stored secrets and the vault depend on them."""

    fernet: str = field(default_factory=_base64_key)
    """Encrypts what Airflow stores in its database (32 bytes, URL-safe base64)."""
    jwt: str = field(default_factory=_token)
    """Signs the tokens between Airflow's components."""
    api: str = field(default_factory=_token)
    """Signs the requests for logs, and cookies."""
    vault_seal: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    """Opens the embedded vault at each start (32 bytes, base64)."""
    vault_admin: str = field(default_factory=_token)
    """Password of the embedded vault's account `admin`, which writes the connections."""

    @classmethod
    def of(cls, state: Path) -> Keys:
        """The keys kept in ``state``, made on the first call.

        Raises RemedyError if the file is there and cannot be read as keys: new ones would lock the vault for good.
        """
        path = state / "keys.json"
        if path.exists():
            try:
                return cls(**json.loads(path.read_text("utf-8")))
            except (ValueError, TypeError) as wrong:
                raise RemedyError(
                    f"The keys in {path} cannot be read.",
                    f"Restore that file from a copy, or, to begin anew, delete the folder {state}.",
                ) from wrong
        keys = cls()
        write_private(path, json.dumps(asdict(keys), indent=1) + "\n")
        return keys


def write_private(path: Path, text: str) -> None:
    """Write ``text`` so that only this user can read it and no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
