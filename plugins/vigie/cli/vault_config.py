"""The configuration with which OpenBao initialises and unseals itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vigie.cli.keys import Keys

MOUNT = "airflow"
ROLE = "airflow"

_READ_CONNECTIONS = f'path "{MOUNT}/data/connections/*" {{ capabilities = ["read"] }}'
_WRITE_CONNECTIONS = (
    f'path "{MOUNT}/*" {{ capabilities = ["create", "read", "update", "delete", "list", "patch"] }}\n'
    f'path "auth/approle/role/{ROLE}/*" {{ capabilities = ["create", "read", "update"] }}'
)


def openbao_config(*, data: Path, keys: Keys, address: str, cluster_address: str) -> str:
    """OpenBao's configuration (HCL). The ``initialize`` blocks run once, at the first start on empty ``data``.

    One raft node with ``performance_multiplier`` 1 is up in about a second instead of nine. Tokens are of the batch
    kind: they are not stored, so a sign-in by each task process writes nothing. They live 20 minutes; Airflow's
    client signs in again when one is refused.
    """
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("mount", f"sys/mounts/{MOUNT}", {"type": "kv", "options": {"version": "2"}}),
        ("read-policy", "sys/policies/acl/airflow-read", {"policy": _READ_CONNECTIONS}),
        ("write-policy", "sys/policies/acl/connections-write", {"policy": _WRITE_CONNECTIONS}),
        ("userpass", "sys/auth/userpass", {"type": "userpass"}),
        (
            "admin",
            "auth/userpass/users/admin",
            {"password": keys.vault_admin, "token_policies": ["connections-write"], "token_ttl": "10m"},
        ),
        ("approle", "sys/auth/approle", {"type": "approle"}),
        (
            "role",
            f"auth/approle/role/{ROLE}",
            {"token_policies": ["airflow-read"], "token_type": "batch", "token_ttl": "20m", "token_max_ttl": "20m"},
        ),
    ]
    steps = "\n".join(
        f'  request "{name}" {{\n    operation = "update"\n    path = {json.dumps(path)}\n    data = {_hcl(body)}\n  }}'
        for name, path, body in requests
    )
    return f"""\
storage "raft" {{
  path = {json.dumps(str(data))}
  node_id = "vigie"
  performance_multiplier = 1
}}
listener "tcp" {{
  address = {json.dumps(address)}
  tls_disable = true
}}
api_addr = {json.dumps(f"http://{address}")}
cluster_addr = {json.dumps(f"http://{cluster_address}")}
log_level = "info"
seal "static" {{
  current_key_id = "vigie"
  current_key = {json.dumps(keys.vault_seal)}
}}
initialize "vigie" {{
{steps}
}}
"""


def _hcl(body: dict[str, Any]) -> str:
    pairs = ", ".join(
        f"{name} = {_hcl(value) if isinstance(value, dict) else json.dumps(value)}" for name, value in body.items()
    )
    return f"{{ {pairs} }}"
