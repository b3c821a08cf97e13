"""Mails and templates that were made to cost much: what each costs, read or rendered in a process of its own.

`PYTHONPATH=plugins:. .vigie/env/bin/python benchmarks/bombs.py [--all]`

The bombs are those of the tests. The table names the ten that take longest and the ten that take most; with `--all` every one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench_site import CHECKOUT
from report import Report

SECONDS, MEGABYTES = 2.0, 200.0
_SHOWN = 10


def costs(module: str) -> list[dict[str, Any]]:
    """What the bombs of a module of the tests cost."""
    environment = os.environ | {"PYTHONPATH": f"{CHECKOUT / 'plugins'}{os.pathsep}{CHECKOUT}"}
    command = [sys.executable, "-m", module]
    told = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [
        {"seconds": float("inf"), "wall": float("inf"), "megabytes": float("inf"), "bytes": 0} | json.loads(line)
        for line in told.splitlines()
    ]


def verdict(row: dict[str, Any]) -> str:
    """Whether the goal is met."""
    return "met" if row["seconds"] <= SECONDS and row["megabytes"] <= MEGABYTES else "MISSED"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("bombs", options.json)
    missed = False
    for title, module in (("Mails", "tests.core.bomb_costs"), ("Templates", "tests.documents.bomb_costs")):
        rows = costs(module)
        report.figures[title.lower()] = rows
        missed = missed or any(verdict(row) != "met" for row in rows)
        slowest = sorted(rows, key=lambda row: -row["seconds"])[: None if options.all else _SHOWN]
        largest = [] if options.all else sorted(rows, key=lambda row: -row["megabytes"])[:_SHOWN]
        shown = {row["name"]: row for row in [*slowest, *largest]}
        cells = [
            [
                row["name"],
                row["bytes"] // 1000,
                f"{row['seconds']:.2f}",
                f"{row['wall']:.2f}",
                f"{row['megabytes']:.0f}",
                verdict(row),
            ]
            for row in shown.values()
        ]
        headings = ["bomb", "kB", "s, processor", "s, clock", "MB, most", f"goal: {SECONDS:g} s, {MEGABYTES:.0f} MB"]
        report.goal(f"{title}: seconds of the processor, at most", SECONDS, max(row["seconds"] for row in rows), " s")
        report.goal(
            f"{title}: megabytes of the process, at most", MEGABYTES, max(row["megabytes"] for row in rows), " MB"
        )
        report.table(f"{title}: {len(rows)} bombs", headings, cells)
    report.finish()
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
