"""What a bench found: a table for people, JSON for machines, with date, machine and command."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from bench_site import CHECKOUT


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the two neighbours; ``share`` from 0 to 1."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> dict[str, float]:
    """n, p50, p90, max."""
    if not values:
        return {"n": 0}
    return {
        "n": len(values),
        "p50": round(percentile(values, 0.5), 6),
        "p90": round(percentile(values, 0.9), 6),
        "max": round(max(values), 6),
    }


class Report:
    """Of one run. ``figures`` is what the JSON holds beside date, machine and command."""

    def __init__(self, name: str, path: Path | None) -> None:
        now = datetime.now(UTC)
        self.name = name
        self.path = path or CHECKOUT / ".vigie" / "benchmarks" / f"{name}-{now:%Y%m%dT%H%M%S}.json"
        self.figures: dict[str, Any] = {}
        self._tables: list[str] = []
        self._goals: list[tuple[str, str, float, bool]] = []
        self._no_goal = ""
        self._begun = time.monotonic()
        self._about = {
            "date": now.isoformat(timespec="seconds"),
            "command": " ".join(["benchmarks/" + Path(sys.argv[0]).name, *sys.argv[1:]]),
            "machine": _machine(),
            "revision": _git("rev-parse", "--short", "HEAD"),
            "changed_files": len(_git("status", "--porcelain", "--", "plugins", "dags", "include").splitlines()),
            "load_before": [round(load, 2) for load in os.getloadavg()],
        }

    def table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table of the report, in Markdown."""
        cells = [list(headings), ["---"] * len(headings), *([_shown(cell) for cell in row] for row in rows)]
        lines = "\n".join("| " + " | ".join(row) + " |" for row in cells)
        self._tables.append(f"**{title}**\n\n{lines}\n")

    def goal(self, what: str, at_most: float, found: float | None, unit: str = "") -> bool:
        """State a goal beside what was found, met or missed; the goals are the last table. A figure not there misses."""
        met = found is not None and found <= at_most
        self._goals.append((what, f"{at_most:g}{unit}", float("nan") if found is None else found, met))
        return met

    def no_goal(self, why: str) -> None:
        """Say in a sentence why no figure of this bench has a goal."""
        self._no_goal = why

    def finish(self) -> None:
        """Write the JSON, print the tables."""
        if self._goals:
            rows = [
                [what, most, f"{found:.3g}", "met" if met else "**missed**"] for what, most, found, met in self._goals
            ]
            self.table("Goals", ["", "at most", "found", ""], rows)
            self.figures["goals"] = [[what, most, found, met] for what, most, found, met in self._goals]
        else:
            self._tables.append(f"No goal: {self._no_goal}\n")
        self._about["seconds"] = round(time.monotonic() - self._begun, 1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = {"name": self.name, **self._about, "figures": self.figures}
        self.path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")
        changed = self._about["changed_files"]
        print(f"\n### {self.name}, {self._about['date']}\n")
        print(f"`{self._about['command']}` ({self._about['seconds']} s)  ")
        print(f"{self._about['machine']}; load before: {self._about['load_before'][0]}  ")
        print(f"revision {self._about['revision']}{f' with {changed} changed files' if changed else ''}\n")
        print("\n".join(self._tables))
        print(f"Written to {self.path}", flush=True)


def _shown(cell: object) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Airflow {version('apache-airflow')}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
