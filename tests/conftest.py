"""What holds for every test: an Airflow of the tests' own, and the programs that not every machine has.

`@pytest.mark.needs("dovecot")` skips a test where Dovecot is missing. What was skipped, and which package would change
that, is collected for the table with which `./vigie test` ends.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import Pool
from tests.grouping import Grouping, rank
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.sshd import Sshd
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.examples", "tests.servers.fixtures"]

CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Need:
    """Something that requirements.txt does not bring."""

    is_there: Callable[[], bool]
    remedy: str
    is_package: bool = True
    """Whether installing a package brings it: `./vigie test --all` insists on packages only."""


CORPUS = ("mail/bounces/*.eml", "mail/notices/*.eml", "mail/cases/*.eml", "arrivals/national-daily-file.csv")
"""The parts of the corpus that tests read: a test over a part that is not there would pass without a look."""


def _corpus() -> bool:
    folder = Path(os.environ.get("VIGIE_CORPUS") or CHECKOUT.parent / "shared" / "corpus")
    return all(any(folder.glob(part)) for part in CORPUS)


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


NEEDS = {
    "dovecot": Need(lambda: not Dovecot.missing(), "apt-get install dovecot-imapd dovecot-lmtpd"),
    "sshd": Need(lambda: not Sshd.missing(), "apt-get install openssh-server"),
    "postgres": Need(lambda: not Postgres.missing(), "apt-get install postgresql"),
    "redis": Need(lambda: not Redis.missing(), "apt-get install redis-server"),
    "chromium": Need(_chromium, "apt-get install chromium"),
    "corpus": Need(
        _corpus, "no package: put the corpus of mails at ../shared/corpus, or name its folder in VIGIE_CORPUS", False
    ),
}


@event.listens_for(Pool, "checkout")
def _no_power_cuts(connection: DBAPIConnection, *_: object) -> None:
    """The logbook waits for the disk at each commit. Tests kill processes, not the machine: theirs need not.

    Processes that a test starts have their own settings, which are those of everybody.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def _own_airflow() -> None:
    """Airflow reads its settings when it is first imported: before any test does, give it a home that goes away."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
        del os.environ[name]
    home = tempfile.mkdtemp(prefix="vigie-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["AIRFLOW_HOME"] = home
    os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"] = f"{home}/logs"
    for line in (CHECKOUT / "airflow.env").read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#") and not name.startswith("AIRFLOW__SECRETS__"):
            os.environ[name] = value


_own_airflow()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Whole groups go to a process: tests.grouping says which."""
    return Grouping(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under xdist, what takes long begins first; alone, what is quick."""
    items.sort(key=lambda item: rank(item.nodeid), reverse=not hasattr(config, "workerinput"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip before any fixture is made: a server that is not installed cannot be started either."""
    for marker in item.iter_markers("needs"):
        (name,) = marker.args
        if name not in NEEDS:
            pytest.fail(f"nobody knows what {name!r} is; tests/conftest.py knows {', '.join(NEEDS)}")
        if not NEEDS[name].is_there():
            item.user_properties.append(("needs", name))
            pytest.skip(f"{name} is not here ({NEEDS[name].remedy})")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leave what was not run for `./vigie test`. Runs once, in the process that has all reports, also under xdist."""
    path = os.environ.get("VIGIE_NOT_RUN")
    if not path:
        return
    lines: Counter[tuple[str, str, bool]] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        name = dict(report.user_properties).get("needs") if isinstance(report, pytest.TestReport) else None
        if name:
            lines[name, NEEDS[name].remedy, NEEDS[name].is_package] += 1
        else:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            lines[report.nodeid, reason.removeprefix("Skipped: "), True] += 1
    table = [
        {"what": what, "tests": tests, "remedy": remedy, "counts": counts}
        for (what, remedy, counts), tests in sorted(lines.items())
    ]
    Path(path).write_text(json.dumps(table), "utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test printed may hold half of a character pair, which one process cannot send to another: xdist would end."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
