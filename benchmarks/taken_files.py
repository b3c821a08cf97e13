"""A consumer that takes its files at once: how many of 1,000 are seen, by the time that they lie.

A real sshd; one session on one connection, as the triggerer runs it. Half of the files are taken away from a folder that
is watched with `taken=True`; the other half is moved to an archive, which is watched as a second place.
`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/taken_files.py`
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from bench_site import CHECKOUT
from report import Report, spread

sys.path.insert(0, str(CHECKOUT))

from tests.servers.sshd import Sshd

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.occurrence import ARRIVED
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.clock import utc_now
from vigie.tasks.file_round import FileRound
from vigie.tasks.session import Session

LIE = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Seconds."""

WAYS = {"taken": "gone/", "moved": "inbox/"}


class Consumer(threading.Thread):
    """Brings each file at its time, and takes it as long after that as it lies; on a clock that only goes forward."""

    def __init__(self, root: Path, acts: list[tuple[float, str, str]]) -> None:
        super().__init__(daemon=True)
        self.root, self.acts, self.behind = root, sorted(acts), 0.0

    def run(self) -> None:
        begun = time.monotonic()
        for at, act, name in self.acts:
            time.sleep(max(0.0, begun + at - time.monotonic()))
            self.behind = max(self.behind, time.monotonic() - begun - at)
            if act == "comes":
                (self.root / name).write_bytes(b"store;quantity\n")
            elif act == "taken":
                (self.root / name).unlink()
            else:
                (self.root / name).rename(self.root / "archive" / Path(name).name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--over", type=float, default=240, help="so many seconds pass from the first file to the last")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("taken_files", options.json)
    logging.disable(logging.WARNING)
    each = options.files // 2
    lies = {f"N{number:04}": LIE[number % len(LIE)] for number in range(each)}
    sites = tuple(Site(code=code, zone="UTC", country="FR") for code in lies)
    due = utc_now() + timedelta(seconds=options.over + max(LIE) + 40)
    if due.date() != (utc_now() - timedelta(seconds=60)).date():
        parser.error("midnight (UTC) is too near; wait until it is over")
    watches = {
        "taken": _rule("taken", ["gone/"], due, taken=True),
        "moved": _rule("moved", ["inbox/", "archive/"], due),
    }
    with Sshd() as sshd, tempfile.TemporaryDirectory() as folder:
        for name in ("gone", "inbox", "archive"):
            (sshd.files / name).mkdir()
        url = f"sqlite:///{folder}/logbook.db"
        migrate(url)
        book = Logbook(url)
        looks: list[datetime] = []

        def record(look: Look) -> object:
            looks.append(look.at)
            return book.record(look)

        round_ = FileRound("bench", lambda: _connected(sshd), book, lambda _client, _table: sites)
        session = Session(round_, book, record)
        for watch in watches.values():
            session.join_watch(watch)
        session.start()
        while not looks:
            time.sleep(0.1)
        used = time.process_time()
        consumer = Consumer(sshd.files, _acts(lies, options.over, f"{due:%Y%m%d}"))
        consumer.start()
        consumer.join()
        used = time.process_time() - used
        while utc_now() < due + timedelta(seconds=10) and _pending(book, watches, due):
            time.sleep(0.5)
        session.end()
        session.join(60)
        seen = {way: _seen(book, watch, due) for way, watch in watches.items()}
        book.close()
    of = Counter(lies.values())
    counts = {way: Counter(lies[code] for code in codes) for way, codes in seen.items()}
    rows = [[f"{lie:g}", *(f"{counts[way][lie]} of {of[lie]}" for way in WAYS)] for lie in LIE]
    report.table(
        "Seen, by the seconds that they lie", ["seconds", "taken away, `taken=True`", "moved to the archive"], rows
    )
    between = spread([(after - before).total_seconds() for before, after in itertools.pairwise(looks)])
    report.table(
        "Looks",
        ["number", "seconds between two, p50", "max", "cores used"],
        [[len(looks), between["p50"], between["max"], round(used / (options.over + max(LIE)), 3)]],
    )
    report.figures = {"seen": {way: dict(found) for way, found in counts.items()}, "of": dict(of), "between": between}
    report.figures["consumer_behind"] = consumer.behind
    long = sum(number for lie, number in of.items() if lie >= 2)
    report.goal(
        "files that lie 2 s or longer, not seen", 0, long - sum(counts["taken"][lie] for lie in LIE if lie >= 2)
    )
    report.goal("files that end in the archive, not seen", 0, each - len(seen["moved"]))
    report.finish()
    return 0


def _connected(sshd: Sshd) -> SftpDropZone:
    return SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=sshd.private_key_text)


def _rule(name: str, folders: list[str], due: datetime, *, taken: bool = False) -> FileWatch:
    return FileWatch.model_validate(
        {
            "client": "bench",
            "flux": "files",
            "task_id": name,
            "respond": Respond(severity="high", template="file_missing"),
            "where": "bench",
            "path": [folder + "REPL_{site.code}_{business_date:%Y%m%d}.csv" for folder in folders],
            "taken": taken,
            "sites": "stores",
            "opens": "00:00",
            "due": f"{due:%H:%M:%S}",
        }
    )


def _acts(lies: dict[str, float], over: float, day: str) -> list[tuple[float, str, str]]:
    """When each file comes, and when it is taken: at any time, the same in each run."""
    chance, acts = random.Random(11), []
    for code, lie in lies.items():
        for act, folder in WAYS.items():
            at, name = chance.uniform(0, over), f"{folder}REPL_{code}_{day}.csv"
            acts += [(at, "comes", name), (at + lie, act, name)]
    return acts


def _pending(book: Logbook, watches: dict[str, FileWatch], due: datetime) -> bool:
    return any(
        each.status == "pending" for watch in watches.values() for each in book.occurrences(watch.id, since=due.date())
    )


def _seen(book: Logbook, watch: FileWatch, due: datetime) -> list[str]:
    return [each.site for each in book.occurrences(watch.id, since=due.date()) if each.status in ARRIVED]


if __name__ == "__main__":
    sys.exit(main())
