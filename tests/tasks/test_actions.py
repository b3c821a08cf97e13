"""Each action against a real server: it does its deed once, binds what it is given, and keeps secrets to itself."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from airflow.sdk import Context
from tests.servers.fixtures import SftpFolder
from tests.servers.postgres import Postgres
from tests.servers.shell_server import ShellServer
from tests.servers.sshd import Sshd

from vigie.core.action import ACTIONS, Copy, Http, Move, Resend, Resolve, Sql, Ssh, Trigger
from vigie.core.errors import Refused, TransportError
from vigie.core.procedure import Action, Procedure, Step
from vigie.documents.procedure_text import parameters_of
from vigie.logbook.book import Logbook
from vigie.tasks import connections, file_actions, own_actions, remote_actions
from vigie.tasks.action_step import DOERS
from vigie.tasks.connections import with_logbook
from vigie.tasks.deed import Deed
from vigie.tasks.step_place import StepPlace

SECRET = "a-secret-of-the-tests"
EVIL = "x'; touch /tmp/vigie-was-here; echo '$(id)`id`"

Give = Callable[..., None]


@pytest.fixture
def give(site: Path, monkeypatch: pytest.MonkeyPatch) -> Give:
    """Put a connection of Nordwind into the vault, and into its table."""
    table = site / "include/clients/nordwind/client.yaml"

    def put(name: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))
        text = table.read_text()
        table.write_text(text if "connections:" in text else f"{text}connections:\n")
        with table.open("a") as written:
            written.write(f"  {name}: what it is\n")

    return put


@pytest.fixture
def deed(book: Logbook, site: Path) -> Iterator[Callable[..., Deed]]:
    """An action's place in a run of Nordwind."""
    steps = (Step(anchor="do", title="Do", text="", line=1),)
    written: dict[str, Any] = {
        "severity": "high",
        "owner": "anna",
        "reviewed": "2026-01-01",
        "meaning": "",
        "impact": "",
    }
    procedure = Procedure(
        name="p", path="include/procedures/nordwind/p.md", digest="d", title="P", client="nordwind", steps=steps,
        escalate="", close="", source="", **written,
    )  # fmt: skip
    run = SimpleNamespace(dag_id="procedure.nordwind.p", run_id="by-hand", conf={})
    context = cast(Context, {"dag_run": run, "ti": SimpleNamespace(task_id="do", try_number=1)})
    with with_logbook(book):
        yield lambda again=False: Deed(StepPlace(context, procedure), "by-hand/do", again)


def test_every_registered_action_has_its_doer() -> None:
    assert DOERS.keys() == ACTIONS.keys()


# A database.


@pytest.fixture
def shop(tmp_path: Path, give: Give) -> Path:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE job (name TEXT, state TEXT)")
        database.execute("INSERT INTO job VALUES ('EOD', 'KO'), ('CASH', 'OK')")
    database.close()
    give("nordwind_db", conn_type="sqlite", host=str(file))
    return file


def test_a_query_binds_its_values_and_saves_the_first(shop: Path, deed: Callable[..., Deed]) -> None:
    query = "SELECT state FROM job WHERE name = :job"
    found = remote_actions.sql(Sql(connection="nordwind_db", query=query, values={"job": "EOD"}), deed())
    assert found == (True, "1 row; the first: state: KO", "KO")
    none = remote_actions.sql(Sql(connection="nordwind_db", query=query, values={"job": EVIL}), deed())
    assert none == (True, "0 rows", "")


@pytest.mark.parametrize(("expect", "job", "ok"), [("rows", "EOD", True), ("rows", "X", False), ("no rows", "X", True)])
def test_what_is_expected_decides(shop: Path, deed: Callable[..., Deed], expect: Any, job: str, ok: bool) -> None:
    query = "SELECT state FROM job WHERE name = :job"
    found = remote_actions.sql(Sql(connection="nordwind_db", query=query, values={"job": job}, expect=expect), deed())
    assert found.ok is ok


def test_a_change_is_committed_and_never_repeated_blindly(shop: Path, deed: Callable[..., Deed]) -> None:
    change = Sql(connection="nordwind_db", query="UPDATE job SET state = 'OK' WHERE name = :job", values={"job": "EOD"})
    assert remote_actions.sql(change, deed()).text == "1 row changed"
    with sqlite3.connect(shop) as database:
        assert database.execute("SELECT count(*) FROM job WHERE state = 'OK'").fetchone() == (2,)
    database.close()
    with pytest.raises(TransportError, match="Vigie was interrupted while it did this"):
        remote_actions.sql(change, deed(again=True))


def test_a_query_that_fails_says_why(shop: Path, deed: Callable[..., Deed]) -> None:
    with pytest.raises(TransportError, match="sql: no such table: gone"):
        remote_actions.sql(Sql(connection="nordwind_db", query="SELECT 1 FROM gone"), deed())


@pytest.mark.needs("postgres")
def test_postgres_through_airflows_own_hook(postgres: Postgres, give: Give, deed: Callable[..., Deed]) -> None:
    name = postgres.create_database()
    address = postgres.url(name, "psycopg").replace("+psycopg", "")
    with psycopg.connect(address) as database:
        database.execute("CREATE TABLE job AS SELECT 'EOD' AS name, 7 AS run")
        parts = database.info
        where = {"host": parts.host, "port": parts.port, "login": parts.user, "password": parts.password or SECRET}
    give("nordwind_pg", conn_type="postgres", schema=name, **where)
    asked = Sql(connection="nordwind_pg", query="SELECT run FROM job WHERE name = :job", values={"job": "EOD"})
    assert remote_actions.sql(asked, deed()).value == "7"


# A web service.


@contextmanager
def service() -> Iterator[tuple[str, list[tuple[str, str, str, str]]]]:
    """An HTTP server: its address, and what it was asked."""
    asked: list[tuple[str, str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            asked.append((self.command, self.path, self.headers.get("Authorization", ""), body))
            status = 302 if self.path.endswith("away") else 404 if self.path.endswith("gone") else 200
            said = f"run 7 {SECRET}".encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api", asked
        server.shutdown()
        thread.join(10)


def test_a_call_stays_below_its_address_and_tells_no_secret(give: Give, deed: Callable[..., Deed]) -> None:
    with service() as (address, asked):
        give("nordwind_api", conn_type="http", host=address, login="vigie", password=SECRET)
        written = Action(
            name="http",
            parameters={
                "connection": "nordwind_api", "method": "POST", "path": "jobs/{{ facts.job }}/run",
                "body": '{"job": "{{ facts.job }}"}',
            },
            line=1,
        )  # fmt: skip
        evil = '../../admin?x="}'
        called = remote_actions.http(cast(Http, parameters_of(written, {"job": evil}, "p.md")), deed())
        escaped = remote_actions.http(Http(connection="nordwind_api", path="//evil.example/x"), deed())
    assert called.ok
    assert called.text.endswith("200 run 7 ***")
    assert called.value == "run 7 ***"
    (method, path, authorization, body), (_, other, _, _) = asked
    assert (method, path) == ("POST", "/api/jobs/..%2F..%2Fadmin%3Fx%3D%22%7D/run")
    assert authorization.startswith("Basic ")
    assert json.loads(body) == {"job": evil}
    assert (escaped.ok, other) == (True, "/api/evil.example/x")


def test_a_status_is_success_or_not_and_a_redirection_is_not_followed(give: Give, deed: Callable[..., Deed]) -> None:
    with service() as (address, _):
        give("nordwind_api", conn_type="http", host=address)
        gone = remote_actions.http(Http(connection="nordwind_api", path="gone"), deed())
        expected = remote_actions.http(Http(connection="nordwind_api", path="gone", expect=404), deed())
        away = remote_actions.http(Http(connection="nordwind_api", path="away"), deed())
    assert (gone.ok, expected.ok, away.ok) == (False, True, False)
    with pytest.raises(TransportError, match="http: GET x: ConnectError"):
        remote_actions.http(Http(connection="nordwind_api", path="x"), deed())


# A server.


def _sshd(give: Give, sshd: Sshd) -> None:
    extra = {"private_key": sshd.private_key_text, "host_key": sshd.host_key}
    for name, kind in (("nordwind_host", "ssh"), ("nordwind_files", "sftp")):
        give(name, conn_type=kind, host="127.0.0.1", port=sshd.port, login=sshd.user, extra=extra)


def test_a_fact_in_a_command_is_one_word(give: Give, deed: Callable[..., Deed]) -> None:
    with ShellServer() as server:
        give(
            "nordwind_host", conn_type="ssh", host="127.0.0.1", port=server.port, login=server.user,
            password=server.password, extra={"host_key": server.host_key},
        )  # fmt: skip
        _commands(server, deed)


def _commands(server: ShellServer, deed: Callable[..., Deed]) -> None:
    written = Action(
        name="ssh", parameters={"connection": "nordwind_host", "command": "printf '%s|' run {{ facts.job }}"}, line=1
    )
    command = cast(Ssh, parameters_of(written, {"job": EVIL}, "p.md"))
    done = remote_actions.ssh(command, deed())
    assert (done.ok, done.value) == (True, f"run|{EVIL}|")
    assert not Path("/tmp/vigie-was-here").exists()
    failed = remote_actions.ssh(Ssh(connection="nordwind_host", command="echo no >&2; exit 3"), deed())
    assert failed == (False, "exit code 3: no", "no")
    with pytest.raises(TransportError, match="look whether it was done"):
        remote_actions.ssh(command, deed(again=True))
    told = remote_actions.ssh(Ssh(connection="nordwind_host", command=f"echo {server.password}"), deed())
    assert (told.text, told.value) == ("exit code 0: ***", "***")


@pytest.mark.parametrize("kind", ["ssh", "sftp"])
@pytest.mark.parametrize("said", [True, "true", "1"])
def test_a_connection_that_believes_a_new_key_is_refused(
    give: Give, deed: Callable[..., Deed], kind: str, said: object
) -> None:
    give("nordwind_host", conn_type=kind, host="127.0.0.1", port=1, extra={"allow_host_key_change": said})
    command = Ssh(connection="nordwind_host", command="true")
    with pytest.raises(TransportError) as refused:
        remote_actions.ssh(command, deed()) if kind == "ssh" else connections.drop_zone(
            connections.find("nordwind_host")
        )
    assert str(refused.value) == (
        "the extra of the connection 'nordwind_host' says allow_host_key_change: whoever shows a new key is believed; "
        "delete it, and give host_key"
    )


@pytest.mark.needs("sshd")
def test_a_server_whose_key_is_another_is_not_spoken_to(sshd: Sshd, give: Give, deed: Callable[..., Deed]) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJUHRqJvCVoBEHcYUX2FcYeZBVAl7jrKmDgNPXh0QKhF"
    give(
        "nordwind_host", conn_type="ssh", host="127.0.0.1", port=sshd.port, login=sshd.user,
        extra={"private_key": sshd.private_key_text, "host_key": other},
    )  # fmt: skip
    with pytest.raises(TransportError, match=r"ssh: 127\.0\.0\.1: BadHostKeyException"):
        remote_actions.ssh(Ssh(connection="nordwind_host", command="true"), deed())


@pytest.mark.needs("sshd")
def test_files_are_moved_copied_and_dropped_again_on_sshd(
    sshd: Sshd, sshd_folder: str, give: Give, deed: Callable[..., Deed]
) -> None:
    _sshd(give, sshd)
    _files(Path(sshd_folder), sshd_folder, deed)


def test_files_are_moved_copied_and_dropped_again_on_asyncssh(
    sftp_folder: SftpFolder, give: Give, deed: Callable[..., Deed]
) -> None:
    server = sftp_folder.server
    give(
        "nordwind_files", conn_type="sftp", host="127.0.0.1", port=server.port, login=server.user,
        password=server.password, extra={"host_key": server.host_key},
    )  # fmt: skip
    _files(sftp_folder.local, sftp_folder.path, deed)


def _files(local: Path, there: str, deed: Callable[..., Deed]) -> None:
    (local / "in").mkdir()
    (local / "in").chmod(0o777)
    (local / "a.csv").write_bytes(b"1;2\n" * 1000)
    conn = "nordwind_files"
    copied = file_actions.copy(Copy(connection=conn, file=f"{there}/a.csv", to=f"{there}/b.csv"), deed())
    assert copied.text == f"{there}/a.csv copied to {there}/b.csv, 4000 bytes"
    moved = file_actions.move(Move(connection=conn, file=f"{there}/b.csv", to=f"{there}/c.csv"), deed())
    assert moved.ok
    resent = file_actions.resend(Resend(connection=conn, file=f"{there}/c.csv", to=f"{there}/in"), deed())
    assert resent.ok
    assert (local / "in/c.csv").read_bytes() == (local / "a.csv").read_bytes()
    assert sorted(path.name for path in (local / "in").iterdir()) == ["c.csv"]
    for again in (
        lambda: file_actions.move(Move(connection=conn, file=f"{there}/b.csv", to=f"{there}/c.csv"), deed(again=True)),
        lambda: file_actions.resend(Resend(connection=conn, file=f"{there}/c.csv", to=f"{there}/in"), deed(again=True)),
    ):
        assert again().ok  # an earlier try had done it
    for wrong, why in (
        (Move(connection=conn, file=f"{there}/a.csv", to=f"{there}/c.csv"), "is there already; it is not overwritten"),
        (Move(connection=conn, file=f"{there}/none", to=f"{there}/d"), "there is no file"),
        (Move(connection=conn, file=f"{there}/in", to=f"{there}/d"), "is no file"),
    ):
        with pytest.raises(TransportError, match=why):
            file_actions.move(wrong, deed())


# Whose connection it is.


def test_a_connection_of_another_client_is_refused(site: Path, deed: Callable[..., Deed]) -> None:
    other = site / "include/clients/maison-lumiere/client.yaml"
    other.write_text(other.read_text() + "connections:\n  lumiere_db: the shop\n")
    with pytest.raises(Refused) as refused:
        remote_actions.sql(Sql(connection="lumiere_db", query="SELECT 1"), deed())
    assert str(refused.value) == (
        "'lumiere_db' is not a connection of nordwind; write it under 'connections:' of its client.yaml"
    )


def test_a_connection_that_two_clients_name_is_nobodys(site: Path, shop: Path, deed: Callable[..., Deed]) -> None:
    other = site / "include/clients/maison-lumiere/client.yaml"
    other.write_text(other.read_text() + "connections:\n  nordwind_db: stolen\n")
    with pytest.raises(Refused) as refused:
        remote_actions.sql(Sql(connection="nordwind_db", query="SELECT 1"), deed())
    assert str(refused.value) == "'nordwind_db' is a connection of maison-lumiere too; each client has its own"


def test_a_dag_of_another_client_is_refused(deed: Callable[..., Deed]) -> None:
    with pytest.raises(Refused, match=r"'maison-lumiere\.stores' is not a DAG of nordwind"):
        own_actions.trigger(Trigger(dag="maison-lumiere.stores"), deed())


def test_what_needs_an_incident_says_so_in_a_run_that_has_none(deed: Callable[..., Deed]) -> None:
    with pytest.raises(TransportError, match="This run belongs to no incident"):
        own_actions.resolve(Resolve(), deed())
