"""A folder of 100,000 entries on a server 40 ms away, beside folders that must be seen in time.

A real sshd behind a gate that delays every byte; one session on one connection, as the triggerer runs it.
`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/slow_folder.py`
"""

from __future__ import annotations

import argparse
import logging
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench_site import CHECKOUT
from report import Report, spread

sys.path.insert(0, str(CHECKOUT))

from tests.servers.sshd import Sshd

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.demo.tcp_gate import TcpGate
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.clock import utc_now
from vigie.tasks.file_round import FileRound
from vigie.tasks.session import Session

HERE = (Site(code="HERE", zone="UTC", country="FR"),)
BIG = "big"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--round-trip", type=float, default=0.040, help="seconds")
    parser.add_argument(
        "--others", type=int, default=10, help="so many folders are due beside it, one each five seconds"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("slow_folder", options.json)
    logging.disable(logging.WARNING)
    with Sshd() as sshd, TcpGate(sshd.port) as gate, tempfile.TemporaryDirectory() as folder:
        gate.delay = options.round_trip / 2
        (sshd.files / BIG).mkdir()
        for number in range(options.entries):
            (sshd.files / BIG / f"OLD_{number:06d}_20250101.csv").touch()
        names = [f"other{number:02}" for number in range(options.others)]
        for name in names:
            (sshd.files / name).mkdir()
        url = f"sqlite:///{folder}/logbook.db"
        migrate(url)
        book = Logbook(url)
        begins = utc_now() + timedelta(seconds=15)
        watches = [_rule(name, begins + timedelta(seconds=5 * number)) for number, name in enumerate(names)]
        watches.append(_rule(BIG, begins + timedelta(seconds=20)))
        before = _peak()
        session = Session(
            FileRound(
                "bench",
                lambda: SftpDropZone(
                    "127.0.0.1", gate.port, sshd.user, host_key=sshd.host_key, private_key=sshd.private_key_text
                ),
                book,
                lambda _client, _table: HERE,
            ),
            book,
            book.record,
        )
        for watch in watches:
            session.join_watch(watch)
        session.start()
        details = _wait(book, watches)
        session.end()
        session.join(60)
        late = _lateness(book, watches)
        blind = [each.title for each in book.incidents(statuses=("open", "resolved")) if each.client == "platform"]
        book.close()
    others = [late[watch.id] for watch in watches[:-1]]
    grown = _peak() - before
    report.figures = {"others": others, BIG: late[watches[-1].id], "blind": blind, "said": details, "megabytes": grown}
    found = spread(others)
    rows = [
        [f"{options.others} other folders", found["p50"], found["max"]],
        [f"the folder of {options.entries:,}", late[watches[-1].id], late[watches[-1].id]],
    ]
    report.table("From the deadline to the incident, seconds", ["", "p50", "max"], rows)
    report.table("Said of the folder", ["on the board", "incidents of blindness"], [[details, len(blind)]])
    report.goal("seconds from the deadline to the incident of another folder, max", 3, found["max"])
    report.goal("incidents of blindness", 0, len(blind))
    report.goal("megabytes by which the process grows at most", 250, grown)
    report.finish()
    return 0


def _rule(name: str, due: datetime) -> FileWatch:
    return FileWatch(
        client="bench",
        flux="files",
        task_id=name,
        respond=Respond(severity="high", template="file_missing"),
        where="bench",
        path=f"{name}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv",
        sites="stores",
        opens=f"{due - timedelta(hours=2):%H:%M:%S}",
        due=f"{due:%H:%M:%S}",
    )


def _wait(book: Logbook, watches: list[FileWatch]) -> str:
    """Wait until each watch has called; what the board said of the big one meanwhile."""
    said = ""
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        state = book.watch_state(watches[-1].id)
        said = state.detail if state is not None and state.detail else said
        if {each.watch for each in book.incidents()} >= {watch.id for watch in watches}:
            break
        time.sleep(0.2)
    return said


def _lateness(book: Logbook, watches: list[FileWatch]) -> dict[str, float]:
    opened = {each.watch: each.opened_at for each in book.incidents()}
    since = (utc_now() - timedelta(days=2)).date()
    due = {watch.id: book.occurrences(watch.id, since=since)[-1].deadline for watch in watches}
    return {name: (opened[name] - at).total_seconds() if name in opened else 999.0 for name, at in due.items()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
