"""`./vigie test`: everything that this machine can test, and a table of what it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from vigie.cli.settings import CHECKOUT

_USAGE = """\
usage: ./vigie test [--all] [--deep] [PYTEST ARGUMENT ...]

Without arguments: ruff, mypy, lint-imports, then all tests. With arguments for pytest: only pytest, with these.
--deep: only the property tests, each with ten times as many examples.
At the end stands what was not run and which package would change that; --all fails on any such line."""

_BIN = Path(sys.executable).parent
_CHECKS = {
    "ruff": ["ruff", "check", "."],
    "mypy": ["mypy", "--strict", "plugins/vigie"],
    "floors": ["lint-imports"],
}

DEEP = ["-m", "hypothesis", "--hypothesis-profile", "deep", "--timeout", "3600"]
"""The property tests, in the profile of tests/examples.py."""

_WHOLE = ["-n", "3", "--dist", "loadscope", "--no-loadscope-reorder"]
"""The whole suite on three processes: what waits for a whole Airflow, or for the night of the demo, needs little of two
cores."""


def main(argv: list[str]) -> int:
    """Run it; the exit code is 0 if all passed (with --all: and nothing was left out)."""
    if argv[:1] in (["-h"], ["--help"]):
        print(_USAGE)
        return 0
    insists, deep = "--all" in argv, "--deep" in argv
    arguments = [argument for argument in argv if argument not in {"--all", "--deep"}]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    environment["PYTHONPATH"] = str(CHECKOUT / "plugins")
    results = {}
    for name, command in ({} if arguments or deep else _CHECKS).items():
        results[name] = _run(name, [str(_BIN / command[0]), *command[1:]], environment)
    with tempfile.TemporaryDirectory() as folder:
        left_out = Path(folder) / "not-run.json"
        environment["VIGIE_NOT_RUN"] = str(left_out)
        what = [*(DEEP if deep else ()), *(arguments or _WHOLE)]
        results["tests"] = _run("tests", [sys.executable, "-m", "pytest", *what], environment)
        not_run = json.loads(left_out.read_text("utf-8")) if left_out.exists() else []
    return conclude(results, not_run, insists=insists)


def conclude(results: dict[str, bool], not_run: list[dict[str, Any]], *, insists: bool) -> int:
    """Print the table of what was not run, and the verdict; return the exit code."""
    console = Console()
    if not_run:
        table = Table("not run", "tests", "what would change that", title="Not run on this machine", box=box.SIMPLE)
        for line in not_run:
            table.add_row(line["what"], str(line["tests"]), line["remedy"])
        console.print(table)
    failed = [name for name, passed in results.items() if not passed]
    missing = [line["what"] for line in not_run if line["counts"]]
    if failed:
        console.print(f"Failed: {', '.join(failed)}.")
    elif insists and missing:
        console.print(f"All that was run passed, but --all allows nothing to be left out: {', '.join(missing)}.")
    elif not_run:
        console.print(f"All that was run passed. Not run: {', '.join(line['what'] for line in not_run)}.")
    else:
        console.print("All passed, and nothing was left out." if insists else "All passed.")
    return 1 if failed or (insists and missing) else 0


def _run(name: str, command: list[str], environment: dict[str, str]) -> bool:
    print(f"== {name}", flush=True)
    begun = time.monotonic()
    passed = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode == 0
    print(f"== {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s\n", flush=True)
    return passed
