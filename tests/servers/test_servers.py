from __future__ import annotations

import asyncio
import base64
import io
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import asyncssh
import paramiko
import psycopg
import pytest
import redis
from imapclient import IMAPClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import create_engine, text
from tests.servers.child import greeting
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.sshd import Sshd

from vigie.demo.post_box import PostBox

MAIL = b"From: wms@maison.example\r\nSubject: [KO] EOD_POS\r\n\r\nbody\r\n"


@pytest.mark.needs("dovecot")
def test_dovecot_takes_mail_by_append_and_lmtp_and_pushes_it(dovecot: Dovecot, dovecot_box: PostBox):
    with dovecot_box.connect() as client:
        client.select_folder("INBOX")
        client.idle()
        uid = dovecot_box.deliver(MAIL)
        pushed = client.idle_check(timeout=5)
        client.idle_done()
        dovecot.deliver(dovecot_box.user, MAIL)
        client.noop()
        found = client.search()

    assert (uid, found) == (1, [1, 2])
    assert any(b"EXISTS" in each for each in pushed)


@pytest.mark.needs("dovecot")
def test_dovecot_speaks_tls(dovecot: Dovecot, dovecot_box: PostBox):
    trusted = ssl.create_default_context(cadata=dovecot.authority.pem)
    with IMAPClient("127.0.0.1", dovecot.tls_port, ssl_context=trusted, timeout=5) as client:
        client.login(dovecot_box.user, dovecot_box.password)
        assert client.folder_exists("INBOX")


@pytest.mark.needs("dovecot")
def test_dovecot_keeps_mail_over_a_restart():
    with Dovecot() as server:
        box = server.add_user("ops")
        box.deliver(MAIL)
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            box.connect()
        server.start()
        with box.connect() as client:
            assert client.select_folder("INBOX")[b"EXISTS"] == 1


@pytest.mark.needs("sshd")
def test_sshd_serves_files_to_its_key(sshd: Sshd, sshd_folder: str):
    sshd.put(f"{Path(sshd_folder).name}/REPL_TYO01.csv", b"12345", modified=1_700_000_000)
    with paramiko.SSHClient() as client:
        client.get_host_keys().add(
            f"[127.0.0.1]:{sshd.port}",
            "ssh-ed25519",
            paramiko.Ed25519Key(data=base64.b64decode(sshd.host_key.split()[1])),
        )
        client.connect(
            "127.0.0.1",
            sshd.port,
            sshd.user,
            pkey=paramiko.Ed25519Key.from_private_key(io.StringIO(sshd.private_key_text)),
            allow_agent=False,
            look_for_keys=False,
        )
        with client.open_sftp() as sftp:
            found = sftp.listdir_attr(sshd_folder)
            beside = sftp.listdir(".")

    assert [(each.filename, each.st_size, each.st_mtime) for each in found] == [("REPL_TYO01.csv", 5, 1_700_000_000)]
    assert Path(sshd_folder).name in beside


async def _refused(sshd: Sshd) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.connect(
        "127.0.0.1", sshd.port, username=sshd.user, client_keys=[stranger], known_hosts=None, agent_path=None
    )


@pytest.mark.needs("sshd")
def test_sshd_refuses_another_key(sshd: Sshd):
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(_refused(sshd))


@pytest.mark.needs("postgres")
def test_each_test_has_a_database(postgres: Postgres, postgres_url: str):
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE entries (id int)"))
    engine.dispose()
    copy = postgres.create_database(template=postgres_url.rsplit("/", 1)[1])
    with psycopg.connect(postgres.url(copy, "psycopg").replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)
    postgres.drop_database(copy)


@pytest.mark.needs("redis")
def test_redis_wants_its_password(redis_server: Redis):
    with redis.Redis.from_url(redis_server.url()) as client:
        assert client.ping()
    once = Retry(NoBackoff(), 0)  # redis-py otherwise tries a refused password ten times
    with redis.Redis("127.0.0.1", redis_server.port, retry=once) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


@pytest.mark.needs("redis")
@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux only")
def test_servers_end_with_a_parent_that_is_killed(tmp_path: Path):
    program = """
import os, signal
from tests.servers.redis import Redis
server = Redis().start()
print(server.port, server._child.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=60
    )
    port, folder = done.stdout.split()
    shutil.rmtree(folder)

    assert done.returncode == -signal.SIGKILL
    until_refused(int(port), within=10)


def until_refused(port: int, within: float) -> None:
    """Connect until nobody listens any more."""
    end = time.monotonic() + within
    while True:
        try:
            greeting(port, within=0.1)
        except ConnectionError:
            return
        except TimeoutError:
            assert time.monotonic() < end, f"somebody still listens on {port}"
