"""The actions on other people's systems: ask a database, call a web service, run a command on a server."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import paramiko
from airflow.providers.ssh.hooks.ssh import SSHHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException
from pydantic import JsonValue
from sqlalchemy import Engine, create_engine, exc, text

from vigie.core.action import Http, Sql, Ssh
from vigie.core.errors import TransportError
from vigie.tasks.connections import refuse_changing_keys
from vigie.tasks.deed import SAVED, Deed, Result, shown, without_secrets

PATIENCE = 120
"""Seconds that a query, a call or a command may take."""

BODY_LIMIT = 1_000_000
ROWS = 50
FAR_AWAY = (paramiko.SSHException, AirflowException, OSError, EOFError, ValueError)
"""What the SSH and SFTP hooks raise when a server is away, refuses us, or its connection is wrong."""


def sql(wanted: Sql, deed: Deed) -> Result:
    """Ask a database. The values are bound by the driver; a query that changes something is committed whole."""
    connection = deed.connection(wanted.connection)
    reads = wanted.query.lstrip().lower().startswith(("select", "with"))
    if not reads:
        deed.must_not_repeat("a query that may change something")
    engine = _engine(connection)
    try:
        with engine.begin() as database:
            answer = database.execute(text(wanted.query), wanted.values)
            rows = [dict(row) for row in answer.mappings().fetchmany(ROWS)] if answer.returns_rows else None
            count = answer.rowcount
    except exc.SQLAlchemyError as failed:
        cause = getattr(failed, "orig", None) or failed
        raise TransportError(f"sql: {shown(without_secrets(str(cause), connection))}") from None
    finally:
        engine.dispose()
    return _told(rows, count, wanted)


def _told(rows: list[dict[str, Any]] | None, count: int, wanted: Sql) -> Result:
    if rows is None:
        return Result(True, f"{count} row{'' if count == 1 else 's'} changed", count)
    more = "at least " if len(rows) == ROWS else ""
    first = ", ".join(f"{name}: {value}" for name, value in rows[0].items()) if rows else ""
    said = f"{more}{len(rows)} row{'' if len(rows) == 1 else 's'}" + (f"; the first: {shown(first)}" if first else "")
    value: JsonValue = str(next(iter(rows[0].values())))[:SAVED] if rows else ""
    if wanted.expect is not None and (wanted.expect == "rows") != bool(rows):
        return Result(False, f"{wanted.expect} expected; found {said}", value)
    return Result(True, said, value)


def _engine(connection: Connection) -> Engine:
    if connection.conn_type == "sqlite":
        return create_engine(f"sqlite:///{connection.host}", connect_args={"timeout": PATIENCE})
    try:
        engine: Engine = connection.get_hook().get_sqlalchemy_engine()
    except (AirflowException, AttributeError, ValueError, ImportError) as failed:
        told = without_secrets(str(failed), connection)
        raise TransportError(f"'{connection.conn_id}' is no database that Vigie can ask: {told}") from None
    return engine


def http(wanted: Http, deed: Deed) -> Result:
    """Call a web service, below the connection's own address and nowhere else; a redirection is not followed."""
    connection = deed.connection(wanted.connection)
    if wanted.method != "GET":
        deed.must_not_repeat(f"{wanted.method} {wanted.path}")
    address = f"{_base(connection)}/{wanted.path.lstrip('/')}"
    login = (connection.login, connection.password or "") if connection.login else None
    headers = {str(name): str(value) for name, value in connection.extra_dejson.items()} if connection.extra else {}
    if wanted.body is not None:
        headers["Content-Type"] = "application/json"
    try:
        with (
            httpx.Client(timeout=PATIENCE, auth=login, follow_redirects=False, trust_env=False) as client,
            client.stream(wanted.method, address, content=wanted.body, headers=headers) as answer,
        ):
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > BODY_LIMIT:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        raise TransportError(f"http: {wanted.method} {wanted.path}: {type(failed).__name__}") from None
    said = without_secrets(body[:BODY_LIMIT].decode(answer.encoding or "utf-8", "replace"), connection)
    expected = answer.is_success if wanted.expect is None else answer.status_code == wanted.expect
    return Result(expected, f"{wanted.method} {wanted.path}: {answer.status_code} {shown(said)}".strip(), said[:SAVED])


def _base(connection: Connection) -> str:
    host = connection.host or ""
    if "://" not in host:
        port = f":{connection.port}" if connection.port else ""
        host = f"{connection.schema or 'https'}://{host}{port}"
    return host.rstrip("/")


def ssh(wanted: Ssh, deed: Deed) -> Result:
    """Run one command. It stands in the procedure; the facts in it are quoted already."""
    connection = deed.connection(wanted.connection)
    refuse_changing_keys(connection)
    deed.must_not_repeat("a command")
    try:
        hook = SSHHook(ssh_conn_id=wanted.connection, cmd_timeout=PATIENCE)
        with closing(hook.get_conn()) as client:
            code, out, err = hook.exec_ssh_client_command(
                client, wanted.command, get_pty=False, environment=None, timeout=PATIENCE
            )
    except FAR_AWAY as failed:
        told = without_secrets(str(failed), connection)
        raise TransportError(f"ssh: {connection.host}: {type(failed).__name__}: {shown(told)}") from None
    said = without_secrets((out + (err if code else b"")).decode("utf-8", "replace"), connection)
    return Result(
        code == 0, f"exit code {code}: {shown(said)}" if said.strip() else f"exit code {code}", said.strip()[:SAVED]
    )
