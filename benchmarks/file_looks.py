"""One look over many expected files: Vigie's file round against one stock Airflow SFTPSensor for each file.

A real sshd, over a wire that counts round trips. Not in the last minutes before midnight UTC.
`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/file_looks.py`
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from bench_site import CHECKOUT
from report import Report
from turns import CountingWire

sys.path.insert(0, str(CHECKOUT))

from tests.servers.sshd import Sshd

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.file_round import FileRound


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--folders", type=int, default=50)
    parser.add_argument("--sensors", type=int, default=200, help="so many are poked; the whole is computed from them")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("file_looks", options.json)
    logging.disable(logging.INFO)
    now = datetime.now(UTC)
    sites = [
        Site(code=f"S{n:05d}", zone="UTC", country="FR", attributes={"depot": f"d{n % options.folders:02d}"})
        for n in range(options.files)
    ]
    with Sshd() as sshd, CountingWire(sshd.port) as wire, tempfile.TemporaryDirectory() as folder:
        paths = [_put(sshd, site, now) for site in sites]
        looks = _vigie(sshd, wire, sites, now, Path(folder))
        pokes = _sensors(sshd, wire, random.Random(1).sample(paths, min(options.sensors, len(paths))))
    report.figures = {"looks": looks, "poke": pokes, "files": options.files, "folders": options.folders}
    share = options.files / pokes["files"]
    whole = {name: pokes[name] * share for name in ("turns", "seconds", "cpu", "connections")}
    report.figures["sensors"] = whole
    rows: list[list[object]] = [[name, *_row(found)] for name, found in looks.items()]
    rows.append([f"{pokes['files']} pokes of a stock SFTPSensor, one by one", *_row(pokes)])
    rows.append([f"{options.files} pokes, computed from these", *_row(whole)])
    headings = ["", "connections", "round trips", "seconds", "CPU s of the client"]
    report.table(f"{options.files} expected files in {options.folders} folders", headings, rows)
    second = looks["a further look"]
    ratios = [[name, round(whole[name] / max(second[name], 1e-9))] for name in ("turns", "seconds", "cpu")]
    report.table("The sensors, as many times a further look", ["", "times"], ratios)
    report.goal("logins of a further look", 0, second["connections"])
    report.goal("round trips of a further look, for each folder", 6, second["turns"] / options.folders)
    report.goal("seconds of a further look, as before", 1.94, second["seconds"])
    report.finish()
    return 0


def _row(found: dict[str, float]) -> list[object]:
    return [round(found["connections"]), round(found["turns"]), float(found["seconds"]), float(found["cpu"])]


def _put(sshd: Sshd, site: Site, now: datetime) -> str:
    path = f"{site.attributes['depot']}/REPL_{site.code}_{now:%Y%m%d}.csv"
    file = sshd.files / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x")
    early = (now - timedelta(minutes=10)).timestamp()
    os.utime(file, (early, early))
    return path


def _measured(wire: CountingWire, work: Callable[[], object]) -> dict[str, float]:
    wire.reset()
    own = psutil.Process()
    before, begun = own.cpu_times(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - begun, own.cpu_times()
    cpu = (after.user + after.system) - (before.user + before.system)
    return {"turns": wire.turns, "connections": wire.connections, "seconds": seconds, "cpu": cpu}


def _vigie(
    sshd: Sshd, wire: CountingWire, sites: list[Site], now: datetime, folder: Path
) -> dict[str, dict[str, float]]:
    url = f"sqlite:///{folder}/logbook.db"
    migrate(url)
    book = Logbook(url)
    watch = FileWatch(
        client="c01",
        flux="files",
        task_id="store_files",
        respond=Respond(severity="high", template="file_missing", group_by=("depot",)),
        where="c01_wms",
        path="{site.depot}/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        sites="stores",
        opens="00:00",
        due="23:59",
    )
    clock = [now]
    file_round = FileRound(
        "c01_wms",
        lambda: SftpDropZone(
            "127.0.0.1", wire.port, sshd.user, host_key=sshd.host_key, private_key=sshd.private_key_text
        ),
        book,
        lambda _client, _table: tuple(sites),
        clock=lambda: clock[0],
    )
    file_round.join(watch)
    statuses: list[str] = []

    def look(at: datetime) -> None:
        seen, _ = file_round.look(at)
        book.record(seen)
        file_round.recorded(seen)
        statuses[:] = [each.status for each in seen.occurrences]

    found = {
        f"the first look: login, {len(sites)} occurrences are new": _measured(wire, lambda: look(now)),
        f"the second: {len(sites)} files are whole, each an entry": _measured(
            wire, lambda: look(now + timedelta(minutes=1))
        ),
    }
    if statuses.count("on_time") != len(sites):
        raise AssertionError(f"{statuses.count('on_time')} of {len(sites)} files are on time")
    found["a further look"] = _measured(wire, lambda: look(now + timedelta(minutes=2)))
    file_round.close()
    book.close()
    return found


def _sensors(sshd: Sshd, wire: CountingWire, paths: list[str]) -> dict[str, float]:
    """A poke for each, one after the other, in one process: without the worker's start, which a real one needs too."""
    extra = {"private_key": sshd.private_key_text, "no_host_key_check": True, "disabled_algorithms": {}}
    connection = {"conn_type": "sftp", "host": "127.0.0.1", "port": wire.port, "login": sshd.user, "extra": extra}
    os.environ["AIRFLOW_CONN_BENCH_SFTP"] = json.dumps(connection)
    from airflow.providers.sftp.sensors.sftp import SFTPSensor

    sensors = [SFTPSensor(task_id=f"s{n}", path=path, sftp_conn_id="bench_sftp") for n, path in enumerate(paths)]

    def poke(sensor: Any) -> None:
        if not sensor.poke({}):
            raise AssertionError(f"{sensor.path} is not there")

    poke(sensors[0])  # whatever is lazy has been loaded
    found = _measured(wire, lambda: [poke(sensor) for sensor in sensors])
    return found | {"files": len(sensors)}


if __name__ == "__main__":
    raise SystemExit(main())
