"""Servers for tests: each starts once a session, and gives each test something of its own.

A conftest takes them with `pytest_plugins = ["tests.servers.fixtures"]` (the root conftest only, as pytest demands).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.servers.dovecot import JUNK_AND_QUOTA, Dovecot
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.sshd import Sshd

from vigie.demo.imap_server import ImapServer
from vigie.demo.post_box import PostBox
from vigie.demo.sftp_server import SftpServer
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import SlackConfig, User, UserGroup
from vigie.demo.smtp_capture import SmtpCapture
from vigie.demo.tcp_gate import TcpGate

_numbers = itertools.count(1)


def skip_without(missing: Callable[[], str | None]) -> None:
    """Skip the test when this machine lacks a package, and say which."""
    lacking = missing()
    if lacking:
        pytest.skip(f"needs {lacking}")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot; `dovecot.add_user()` gives a new mailbox."""
    skip_without(Dovecot.missing)
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_with_junk() -> Iterator[Dovecot]:
    """A Dovecot whose mailboxes have a junk folder and a limit."""
    skip_without(Dovecot.missing)
    with Dovecot(JUNK_AND_QUOTA) as server:
        yield server


@pytest.fixture
def dovecot_box(dovecot: Dovecot) -> PostBox:
    """A new mailbox on Dovecot."""
    return dovecot.add_user()


@pytest.fixture
def imap_server() -> Iterator[ImapServer]:
    """A mailbox on pymap; it starts in milliseconds, so each test has its own."""
    with ImapServer() as server:
        yield server


@pytest.fixture
def gate() -> Iterator[Callable[[int], TcpGate]]:
    """Makes gates: `gate(port)` forwards to that port until the test ends."""
    made: list[TcpGate] = []

    def make(upstream: int) -> TcpGate:
        made.append(TcpGate(upstream).start())
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    """An OpenSSH server."""
    skip_without(Sshd.missing)
    with Sshd() as server:
        yield server


@pytest.fixture
def sshd_folder(sshd: Sshd) -> str:
    """A new folder on sshd, as an absolute path for clients; `sshd.put` takes its last part."""
    folder = sshd.files / f"folder{next(_numbers)}"
    folder.mkdir()
    folder.chmod(0o777)
    return str(folder)


@pytest.fixture(scope="session")
def _sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@dataclass(frozen=True)
class SftpFolder:
    """A folder on an SFTP server that belongs to one test."""

    server: SftpServer
    path: str

    def put(self, name: str, content: bytes = b"", *, modified: float | None = None) -> None:
        """Bring a file into it."""
        self.server.put(f"{self.path}/{name}", content, modified=modified)

    @property
    def local(self) -> Path:
        """The same folder on the disk."""
        return self.server.files / self.path.lstrip("/")


@pytest.fixture
def sftp_folder(_sftp: SftpServer) -> SftpFolder:
    """A new folder on the embedded SFTP server (`sftp_folder.server` has port, user, password, host_key)."""
    folder = SftpFolder(_sftp, f"/folder{next(_numbers)}")
    folder.local.mkdir(parents=True)
    return folder


@pytest.fixture
def smtp() -> Iterator[SmtpCapture]:
    """An SMTP capture that wants a login."""
    with SmtpCapture(user="vigie", password="smtp-secret") as capture:
        yield capture


@pytest.fixture(scope="session")
def _slack_session() -> Iterator[SlackStandIn]:
    config = SlackConfig(
        users=[
            User(name="alice", real_name="Alice Martin", email="alice@vigie.example"),
            User(name="bruno", real_name="Bruno Keller", email="bruno@vigie.example"),
        ],
        usergroups=[UserGroup(handle="platform", name="Platform on call", users=["bruno"])],
    )
    with SlackStandIn(config) as stand_in:
        yield stand_in


@pytest.fixture
def slack(_slack_session: SlackStandIn) -> SlackStandIn:
    """A Slack stand-in with alice and bruno; no message, call, fault, scope or callback address is left of other tests."""
    _slack_session.forget()
    _slack_session.limit_rate(on=True)
    _slack_session.grant(None)
    _slack_session.send_presses_to(None)
    return _slack_session


@pytest.fixture
def slack_channel(slack: SlackStandIn) -> str:
    """The name of a new channel on the stand-in."""
    name = f"channel-{next(_numbers)}"
    slack.add_channel(name)
    return name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    skip_without(Postgres.missing)
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The SQLAlchemy address (psycopg2) of a new, empty database."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis server."""
    skip_without(Redis.missing)
    with Redis() as server:
        yield server
