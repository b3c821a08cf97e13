"""From a fresh clone to the first page: `git clone`, then `./vigie demo --once`, with a cold or a warm package cache.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/first_page.py --cold`
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

import httpx
from bench_room import free_ports
from bench_site import CHECKOUT
from report import Report

from vigie.cli.up import Told, end_by_signals, ignore_signals

_PORTS = 22
_SLACK = 14  # the stand-in's port, counted from the demo's first one


class Run(NamedTuple):
    """Seconds after the beginning of the clone; None: not seen."""

    cloned: float
    installed: float | None
    healthy: float | None
    first_page: float | None
    whole: float
    exit_code: int
    checks: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--cold", dest="warm", action="store_false", help="with an empty package cache (default)")
    which.add_argument("--warm", action="store_true", help="with a cache that an untimed installation has filled")
    parser.add_argument("--cache", type=Path, help="the folder of the cache; for --warm one that is filled already")
    parser.add_argument("--repository", default=CHECKOUT.as_uri(), help="(default: the last commit of this one)")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the clones")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("first_page", options.json)
    folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    end_by_signals()
    try:
        runs = _measure(folder, options)
    except Told:
        return 130
    finally:
        ignore_signals()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    cache = "warm" if options.warm else "cold"
    report.figures = {
        "cache": cache,
        "wheels_on_disk": bool(os.environ.get("PIP_FIND_LINKS") or os.environ.get("UV_FIND_LINKS")),
        "runs": [run._asdict() for run in runs],
    }
    report.goal("exit code of the demo", 0, max(run.exit_code for run in runs))
    report.goal("checks of the night that failed", 0, sum(_failed(run.checks) for run in runs))
    report.table(
        f"Seconds after the beginning of `git clone`, {cache} package cache",
        ["cloned", "installed", "all is healthy", "first page in Slack", "the whole night", "exit code", "checks"],
        [["not seen" if each is None else each for each in run] for run in runs],
    )
    report.finish()
    return max(run.exit_code for run in runs)


def _measure(folder: Path, options: argparse.Namespace) -> list[Run]:
    cache = options.cache.resolve() if options.cache else folder / "cache"
    if options.warm and not options.cache:
        clone = folder / "filling"
        _clone(options.repository, clone)
        print("filling the cache", flush=True)
        subprocess.run([sys.executable, "vigie", "status"], cwd=clone, env=_environment(cache), check=False)
        shutil.rmtree(clone)
    runs = []
    for number in range(options.times):
        if not options.warm and cache.exists():
            shutil.rmtree(cache)
        runs.append(_run(folder / f"clone{number}", cache, options.repository))
        if not options.keep:
            shutil.rmtree(folder / f"clone{number}", ignore_errors=True)
    return runs


def _clone(repository: str, clone: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", repository, str(clone)], check=True)


def _environment(cache: Path) -> dict[str, str]:
    """That of a person at a shell: nothing of the bench's own Python; how to reach the package index stays."""
    ours = ("VIGIE_", "AIRFLOW_", "PYTHON", "VIRTUAL_ENV", "COVERAGE")
    found = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return found | {"UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip")}


def _run(clone: Path, cache: Path, repository: str) -> Run:
    base = free_ports(_PORTS)
    begun = time.time()
    _clone(repository, clone)
    cloned = time.time()
    seen: dict[str, float] = {}
    stopped = threading.Event()
    process = subprocess.Popen(
        [sys._base_executable, "vigie", "demo", "--once", "--json", "night.json", "--port-base", str(base)],
        cwd=clone,
        env=_environment(cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    pages = threading.Thread(target=_see_first_page, args=(base + _SLACK, seen, stopped), daemon=True)
    pages.start()
    try:
        _read(process.stdout, seen)
        code = process.wait()
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        raise
    finally:
        stopped.set()
        pages.join()
    whole = time.time()

    def after(name: str) -> float | None:
        return seen[name] - begun if name in seen else None

    return Run(
        cloned - begun,
        after("installed"),
        after("healthy"),
        after("page"),
        whole - begun,
        code,
        _checks(clone / "night.json"),
    )


def _read(output: IO[str], seen: dict[str, float]) -> None:
    for line in output:
        print(f"  {line}", end="", flush=True)
        if line.startswith("Installed in "):
            seen["installed"] = time.time()
        if "All is healthy" in line:
            seen["healthy"] = time.time()


def _see_first_page(port: int, seen: dict[str, float], stopped: threading.Event) -> None:
    """Ask the stand-in until it has accepted a page; it says itself when that was."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as slack:
        while not stopped.wait(0.5):
            with contextlib.suppress(httpx.HTTPError):
                for call in slack.get("/control/calls").raise_for_status().json():
                    if call["method"] == "chat.postMessage" and (call["answer"] or {}).get("ok"):
                        seen["page"] = datetime.fromisoformat(call["at"]).timestamp()
                        return


def _checks(file: Path) -> str:
    if not file.exists():
        return "none"
    checks = json.loads(file.read_text("utf-8"))["checks"]
    return f"{sum(check['ok'] for check in checks)} of {len(checks)}"


def _failed(checks: str) -> float:
    """Of *20 of 21* the one that is missing; endless where there are no checks."""
    good, _, every = checks.partition(" of ")
    return float(every) - float(good) if every else float("inf")


if __name__ == "__main__":
    raise SystemExit(main())
