"""Many procedures: what reading, checking and trying them costs.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/procedures_check.py [--procedures 250]`

The procedures are copies of the demo's own, under other names. Ends with 1 where one of them has a problem.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from bench_site import CHECKOUT
from report import Report

from vigie.core.procedure import SHARED
from vigie.documents.library import Library
from vigie.testing.rehearsal import rehearse


def write_site(folder: Path, count: int, templates: int) -> None:
    """The demo's authored files, with copies of its procedures and templates until there are so many of each."""
    for part in ("dags", "include"):
        shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".approved"))
    (folder / "include/procedures/approvals.yaml").unlink(missing_ok=True)
    own = sorted(path for path in (folder / "include/procedures").glob("*/*.md") if path.parent.name != SHARED)
    there = len(list((folder / "include/procedures").glob("*/*.md")))
    for number in range(count - there):
        path = own[number % len(own)]
        copy = path.with_name(f"{path.stem}-{number // len(own) + 2}.md")
        copy.write_text(path.read_text("utf-8").replace("\ntitle: ", f"\ntitle: {number} · ", 1), "utf-8")
    patterns = sorted(path for path in (folder / "include/templates").rglob("*.j2") if not path.name.startswith("_"))
    for number in range(templates - len(patterns)):
        path = patterns[number % len(patterns)]
        name, _, endings = path.name.partition(".")
        copy = path.with_name(f"{name}_{number // len(patterns) + 2}.{endings}")
        copy.write_text(path.read_text("utf-8"), "utf-8")


def timed(times: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of so many runs."""
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def read_all(library: Library) -> int:
    """Read every procedure; how many steps they have."""
    found = [library.procedure_at(path) for path in library.procedure_paths()]
    return sum(len(procedure.steps) for procedure in found if procedure)


def try_all(library: Library) -> None:
    """Go every way through every procedure."""
    for path in library.procedure_paths():
        procedure = library.procedure_at(path)
        assert procedure is not None
        rehearse(library, procedure)


def memory(site: Path) -> tuple[float, float]:
    """Megabytes that stay after reading all, and the most that was needed meanwhile."""
    tracemalloc.start()
    library = Library(site)
    read_all(library)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / 1e6, peak / 1e6


def check(site: Path) -> tuple[float, float, int]:
    """`./vigie check` as a process of its own: seconds, megabytes at most, exit code."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "check", "--site", str(site)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "plugins")},
        stdout=subprocess.PIPE,
        check=False,
    )
    seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedures", type=int, default=250)
    parser.add_argument("--templates", type=int, default=400)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = Report("procedures-check", arguments.json)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        write_site(site, arguments.procedures, arguments.templates)
        steps = read_all(Library(site))
        kept, peak = memory(site)
        reading = timed(3, lambda: read_all(Library(site)))
        library = Library(site)
        read_all(library)
        again = timed(3, lambda: read_all(library))
        problems = timed(1, lambda: Library(site).problems())
        trying = timed(1, lambda: try_all(library))
        checked, most, code = check(site)
    rows = [
        ("read them all", reading, f"{kept:.1f} MB kept, {peak:.1f} MB at most"),
        ("ask for them all again, unchanged", again, ""),
        ("everything that is wrong under include/", problems, ""),
        ("go every way through each", trying, ""),
        ("./vigie check, a process of its own", checked, f"{most:.0f} MB"),
    ]
    report.figures |= {"procedures": arguments.procedures, "steps": steps, "rows": rows}
    report.table(
        f"{arguments.procedures} procedures, {steps} steps",
        ["", "seconds", "ms a procedure", "memory"],
        [[what, round(took, 3), round(took / arguments.procedures * 1000, 2), told] for what, took, told in rows],
    )
    what = f"./vigie check of {arguments.procedures} procedures and {arguments.templates} templates"
    report.goal(what, 5, checked, " s")
    report.finish()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
