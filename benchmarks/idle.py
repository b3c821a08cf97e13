"""What the room costs when nothing happens: CPU seconds and memory (PSS) of each process over a minute.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/idle.py --fluxes 300`
"""

from __future__ import annotations

import argparse
import time
from typing import Any, NamedTuple

import psutil
from bench_room import BenchRoom, add_options
from report import Report

from vigie.cli import family


class Reading(NamedTuple):
    """One process: whose it is, its title, the CPU seconds of it and of its ended children, its PSS in MB."""

    component: str
    title: str
    cpu: float
    pss: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is measured")
    parser.add_argument("--settle", type=float, default=90.0, help="seconds of rest before it")
    parser.add_argument("--beside", type=float, metavar="PERCENT", help="of one core without a flux, in this revision")
    add_options(parser, fluxes=0)
    options = parser.parse_args()
    report = Report("idle", options.json)
    with BenchRoom(options) as room:
        if options.fluxes:
            room.warm_up()
        time.sleep(options.settle)
        before = _read(room, memory=False)
        begun = time.monotonic()
        time.sleep(options.seconds)
        lasted = time.monotonic() - begun
        after = _read(room, memory=True)
    _tell(before, after, lasted, options, report)
    report.figures["began"] = room.began
    report.finish()
    return 0


def _read(room: BenchRoom, *, memory: bool) -> dict[int, Reading]:
    found: dict[int, Reading] = {}
    prefix = family.mark(room.settings.state)
    for process in family.members(room.settings.state):
        try:
            component = process.environ()[family.MARK].removeprefix(prefix)
            times = process.cpu_times()
            cpu = times.user + times.system + times.children_user + times.children_system
            pss = process.memory_full_info().pss / 2**20 if memory else 0.0
            found[process.pid] = Reading(component, " ".join(process.cmdline())[:100], cpu, pss)
        except psutil.Error:
            continue
    return found


def _tell(
    before: dict[int, Reading],
    after: dict[int, Reading],
    lasted: float,
    options: argparse.Namespace,
    report: Report,
) -> None:
    """A process that ended meanwhile is in its parent's children; so the sums of a component are compared."""
    components: dict[str, dict[str, Any]] = {}
    for readings, sign in ((before, -1), (after, 1)):
        for reading in readings.values():
            sums = components.setdefault(reading.component, {"processes": 0, "cpu": 0.0, "pss": 0.0})
            sums["cpu"] += sign * reading.cpu
            sums["pss"] += reading.pss
            sums["processes"] += sign > 0
    processes = [
        {
            "component": reading.component,
            "pid": pid,
            "title": reading.title,
            "cpu": round(reading.cpu - before[pid].cpu, 2) if pid in before else round(reading.cpu, 2),
            "pss": round(reading.pss, 1),
        }
        for pid, reading in after.items()
    ]
    report.figures = {"seconds": lasted, "fluxes": options.fluxes, "components": components, "processes": processes}
    rows: list[list[object]] = [
        [name, sums["processes"], round(sums["cpu"], 2), f"{100 * sums['cpu'] / lasted:.1f} %", round(sums["pss"])]
        for name, sums in sorted(components.items(), key=lambda each: -each[1]["cpu"])
    ]
    cpu, pss = (sum(sums[name] for sums in components.values()) for name in ("cpu", "pss"))
    number = sum(sums["processes"] for sums in components.values())
    rows.append(["**all**", number, round(cpu, 2), f"{100 * cpu / lasted:.1f} %", round(pss)])
    report.table(
        f"{options.fluxes} fluxes, {lasted:.0f} s of idleness",
        ["component", "processes", "CPU s", "of one core", "PSS MB"],
        rows,
    )
    report.figures["share"] = cpu / lasted
    if options.beside is not None:
        report.goal("above no flux, of one core", 25, 100 * cpu / lasted - options.beside, " %")
    else:
        report.no_goal("--beside names what no flux costs, and many are compared with it.")
    own = sorted(processes, key=lambda each: -each["pss"])[:15]
    report.table(
        "The largest processes",
        ["component", "process", "CPU s", "PSS MB"],
        [[each["component"], f"`{each['title'][:60]}`", round(each["cpu"], 2), each["pss"]] for each in own],
    )


if __name__ == "__main__":
    raise SystemExit(main())
